"""Which views are made of other views' tables, by dbt's own graph."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from fpc.runtime.dbt import PROJECT, parents_of


def read_upstream(root: Path, views: Sequence[str], known: Sequence[str]) -> dict[str, frozenset[str]]:
    """For each of `views`, the names among `known` of all views that it is made of; none where dbt has not run yet."""
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
