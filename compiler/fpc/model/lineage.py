"""What a model alone knows of lineage: the columns above each feature, and the view whose table a source reads.

The registry says it of each thing, and from there the whole is joined (`fpc.contract.registry_lineage`). With the words
of `fpc.contract.lineage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sqlglot import exp

from fpc.contract.lineage import (
    Edge,
    Node,
    Role,
    What,
    column,
    feature,
    model_node,
    service,
    training_set,
)
from fpc.model.nodes import (
    AggregateCall,
    DbtModelLocation,
    Feature,
    FeatureView,
    Model,
    Source,
    TableLocation,
)

__all__ = (
    "Edge",
    "Node",
    "Role",
    "What",
    "column",
    "copied_view",
    "feature",
    "feature_reads",
    "model_node",
    "service",
    "training_set",
    "view_reads",
)

#: Where dbt puts the tables of views.
_SCHEMA: Final = "main"


def view_reads(view: FeatureView) -> tuple[tuple[str, Role], ...]:
    """The columns of the view's source that are above each of its features: they say which rows count for whom."""
    source = view.source
    found = [(name, Role.KEY) for _, name in view.key_columns]
    found += [(name, Role.WHERE) for name in _columns(view.where)]
    found.append((source.event_time.column, Role.EVENT_TIME))
    if source.known_time is not None:
        found.append((source.known_time.column, Role.KNOWN_TIME))
    found += [(name, Role.UNIQUE_KEY) for name in source.unique_key]
    return _declared(found, source)


def feature_reads(each: Feature, source: Source) -> tuple[tuple[str, Role], ...]:
    """The columns that a feature's own aggregates read, as values and in their filters."""
    return _declared([read for call in each.aggregates for read in _call_reads(call)], source)


def copied_view(source: Source, model: Model) -> FeatureView | None:
    """The view whose table a source reads, if it reads one."""
    match source.location:
        case DbtModelLocation(name):
            return model.views.get(name)
        case TableLocation(schema, table) if schema is None or schema.casefold() == _SCHEMA:
            return model.views.get(table.casefold())
        case _:
            return None


def _declared(found: Iterable[tuple[str, Role]], source: Source) -> tuple[tuple[str, Role], ...]:
    """Each read once, by the column's declared name."""
    names = {each.name.casefold(): each.name for each in source.columns}
    declared = ((names.get(name.casefold()), role) for name, role in found)
    return tuple(dict.fromkeys((name, role) for name, role in declared if name is not None))


def _call_reads(call: AggregateCall) -> Iterator[tuple[str, Role]]:
    for argument in call.arguments:
        yield from ((name, Role.VALUE) for name in _columns(argument))
    yield from ((name, Role.FILTER) for name in _columns(call.filter))


def _columns(tree: exp.Expr | None) -> tuple[str, ...]:
    """The names of a tree's columns, in the order of reading, each once."""
    if tree is None:
        return ()
    if isinstance(tree, exp.Column):
        return (tree.name,)
    return tuple(dict.fromkeys(found.name for found in tree.find_all(exp.Column, bfs=False)))
