"""The rules: one file each, whose docstring is the page that `fpc explain CODE` prints."""

from __future__ import annotations

from fpc.rules.all import ALL
from fpc.rules.checks import check

__all__ = ["ALL", "check"]
