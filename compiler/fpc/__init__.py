"""fpc, the feature platform compiler: a feature is written once and has one value on every path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpc.repository import Repository

__all__ = ["Repository"]


def __getattr__(name: str) -> object:
    """`fpc.Repository`, loaded when first asked for, so that `import fpc` costs nothing."""
    if name == "Repository":
        from fpc.repository import Repository

        return Repository
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
