"""The page of a diagnostic's code, for `fpc explain`."""

from __future__ import annotations

from fpc.rules import ALL


def page_of(name: str) -> str | None:
    """The page of a rule by its code, in any case, or by its name; None for anything else."""
    for rule in ALL:
        if name.upper() == rule.code.code or name == rule.code.name:
            return rule.page
    return None
