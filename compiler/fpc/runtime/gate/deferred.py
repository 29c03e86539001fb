"""Imports that take seconds and are not needed, put off until something is asked of them. Standard library only.

Great Expectations imports SciPy's distributions and a plotting library for expectations that the gate does not use;
half of the time in which its process starts would go there. Such a module becomes Python's own `LazyLoader`'s: it is
there under its name at once, and is read when an attribute of it is looked up. Nothing of any library is changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


class _Deferring(MetaPathFinder):
    """Finds a few modules before anything else does, to load them late."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's own place with a loader that waits; None leaves every other module to the others."""
        if fullname not in self._names:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def defer(*names: str) -> None:
    """From now on, read these modules when something is asked of them; those that are read already stay as they are."""
    sys.meta_path.insert(0, _Deferring(names))
