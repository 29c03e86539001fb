"""What a test needs of the machine and does not find."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Fail in CI, which must have it; skip on a user's machine, which need not."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
