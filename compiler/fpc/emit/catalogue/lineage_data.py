"""The lineage as data for the graph that one walks: nodes and edges by number."""

from __future__ import annotations

from typing import Final

from fpc.emit.catalogue.pages import node_page
from fpc.emit.catalogue.plain_text import seen
from fpc.emit.catalogue.relations import Relations
from fpc.model.lineage import Node, Role, What

_KINDS: Final = tuple(What)
_ROLES: Final = tuple(Role)


def lineage_data(relations: Relations) -> dict[str, object]:
    """`nodes` as [kind, parent, name, page], `edges` as [upper, lower, roles]: kinds and roles by their number in the
    lists beside them, several roles of one edge as bits. `sources` says which source a view reads, by name.
    """
    numbers: dict[Node, int] = {node: at for at, node in enumerate(relations.lineage.nodes)}
    edges: dict[tuple[int, int], int] = {}
    for edge in relations.lineage.edges:
        ends = numbers[edge.upper], numbers[edge.lower]
        edges[ends] = edges.get(ends, 0) | 1 << _ROLES.index(edge.role)
    return {
        "kinds": [kind.value for kind in _KINDS],
        "roles": [role.value for role in _ROLES],
        "nodes": [_node(node) for node in numbers],
        "edges": [[upper, lower, roles] for (upper, lower), roles in edges.items()],
        "sources": {view.name: view.source.name for view in relations.model.views.values()},
    }


def _node(node: Node) -> list[object]:
    return [_KINDS.index(node.what), node.parent, seen(node.name), node_page(node)]
