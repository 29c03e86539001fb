"""What is said of deprecated views and features wherever they are served."""

from __future__ import annotations

from collections.abc import Iterable

from fpc.cli.console import warn
from fpc.contract.registry import DeprecationContract, MemberContract, Registry
from fpc.registry.card import deprecation_text


def tell_deprecated(registry: Registry, views: Iterable[str], members: Iterable[MemberContract] = ()) -> None:
    """A warning for each of these views, and of these features of other views, that is deprecated."""
    for name in dict.fromkeys(views):
        view = registry.views.get(name)
        if view is not None and view.deprecation is not None:
            warn(f"view `{name}` is deprecated {deprecation_text(view.deprecation)}")
    for name, found in deprecated_features(registry, members).items():
        warn(f"feature `{name}` is deprecated {deprecation_text(found)}")


def deprecated_features(registry: Registry, members: Iterable[MemberContract]) -> dict[str, DeprecationContract]:
    """Which of these are deprecated by themselves, as `view.feature`; features of deprecated views are left out."""
    views = {member.view: registry.views[member.view] for member in members if member.view in registry.views}
    wanted = {(member.view, member.feature) for member in members}
    return {
        f"{view.name}.{feature.name}": feature.deprecation
        for view in views.values()
        for feature in view.features
        if view.deprecation is None and feature.deprecation is not None and (view.name, feature.name) in wanted
    }


def view_deprecation(registry: Registry, view: str) -> dict[str, str | None] | None:
    """A view's deprecation as JSON; None where it has none."""
    known = registry.views.get(view)
    return None if known is None or known.deprecation is None else deprecation_json(known.deprecation)


def deprecation_json(found: DeprecationContract) -> dict[str, str | None]:
    """A deprecation as JSON."""
    return {"since": found.since, "remove_after": found.remove_after, "use": found.use, "reason": found.reason}
