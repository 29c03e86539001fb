"""A word about views that were published once, are still in the online store, and are not in the specs any more."""

from __future__ import annotations

from pathlib import Path

from fpc.cli.console import warn
from fpc.cli.report import plural
from fpc.contract.registry import Registry, TargetContract
from fpc.runtime.online.store import OnlineStore
from fpc.runtime.publish import still_recorded
from fpc.runtime.refresh.record import recorded_views


def tell_left_behind(root: Path, registry: Registry, target: TargetContract, store: OnlineStore) -> None:
    """Warn of such views, as far as this checkout has published them: one round trip, and none where there are none."""
    gone = set(recorded_views(root, target)) - set(registry.views)
    held = still_recorded(store, registry, gone) if gone else []
    if held:
        named = ", ".join(f"`{view}`" for view in held)
        warn(f"{plural(len(held), 'view')} in the online store that the specs no longer have: {named}; see `fpc prune`")
