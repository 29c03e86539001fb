"""What is said of deprecated views wherever they are served."""

from __future__ import annotations

from collections.abc import Iterable

from fpc.cli.console import warn
from fpc.contract.registry import Registry
from fpc.registry.card import deprecation_text


def tell_deprecated(registry: Registry, views: Iterable[str]) -> None:
    """A warning for each of these views that is deprecated."""
    for name in dict.fromkeys(views):
        view = registry.views.get(name)
        if view is not None and view.deprecation is not None:
            warn(f"view `{name}` is deprecated {deprecation_text(view)}")


def deprecation_json(registry: Registry, view: str) -> dict[str, str | None] | None:
    """A view's deprecation as JSON; None where it has none."""
    known = registry.views.get(view)
    found = None if known is None else known.deprecation
    if found is None:
        return None
    return {"since": found.since, "remove_after": found.remove_after, "use": found.use, "reason": found.reason}
