"""Which views are made of other views' tables: by dbt's own graph, and by what their sources are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from fpc.contract.registry import Registry
from fpc.runtime.dbt import PROJECT, parents_of


def read_upstream(
    root: Path, registry: Registry, views: Sequence[str], known: Sequence[str]
) -> dict[str, frozenset[str]]:
    """For each of `views`, the names among `known` of all views that it is made of.

    A source that is another view's table is none of dbt's edges, as dbt is told of a table alone; the registry has it.
    """
    by_dbt = _by_dbt(root, views, known)
    return {view: by_dbt[view] | (_by_sources(registry, view) & set(known)) for view in views}


def _by_sources(registry: Registry, view: str) -> frozenset[str]:
    found: set[str] = set()
    above = registry.sources[registry.views[view].source].view
    while above is not None and above in registry.views and above not in found:
        found.add(above)
        above = registry.sources[registry.views[above].source].view
    return frozenset(found - {view})


def _by_dbt(root: Path, views: Sequence[str], known: Sequence[str]) -> dict[str, frozenset[str]]:
    """None where dbt has not run yet."""
    try:
        manifest = json.loads((root / PROJECT / "target" / "manifest.json").read_text())
        parents = {node: tuple(ids) for node, ids in manifest["parent_map"].items()}
        models = {
            str(node["name"]): name for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
        }
    except (OSError, ValueError, KeyError):
        return {view: frozenset() for view in views}
    found = {}
    for view in views:
        above = parents_of(parents, models[view]) if view in models else frozenset()
        found[view] = frozenset(name for name in known if name != view and models.get(name) in above)
    return found
