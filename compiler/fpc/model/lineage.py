"""Lineage by column: from a source's column through features to the services, training sets and models that read them.

    orders.amount --value--> user_orders.spent_7d --input--> user_orders.spent_per_order --member--> churn --> a model

One edge says that what its lower end is depends on its upper end, and in which role. It stands for a dependence of
meaning, not of computation: the column of a view's `where` is above each of its features, that of one feature's
`FILTER` above this one alone. Two roles of one column are two edges.

Lineage ends where fpc does not see: what a table or a user's own dbt model is made of is not in it. A source that reads
the table of another view is joined to it, column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from sqlglot import exp

from fpc.model.nodes import (
    AggregateCall,
    DbtModelLocation,
    FeatureView,
    Model,
    Source,
    TableLocation,
)

#: Where dbt puts the tables of views.
_SCHEMA: Final = "main"


class What(Enum):
    """The kinds of things that lineage joins, from the data to those who read it."""

    COLUMN = "column"
    FEATURE = "feature"
    SERVICE = "service"
    TRAINING_SET = "training_set"
    MODEL = "model"


class Role(Enum):
    """What the upper end of an edge is to the lower one."""

    VALUE = "value"  # column -> feature: an argument of an aggregate
    FILTER = "filter"  # column -> feature: in the FILTER of an aggregate
    WHERE = "where"  # column -> feature: in the view's row filter
    KEY = "key"  # column -> feature: says which entity a row belongs to
    EVENT_TIME = "event_time"  # column -> feature: says when a row happened
    KNOWN_TIME = "known_time"  # column -> feature: says when a row could first be known
    UNIQUE_KEY = "unique_key"  # column -> feature: says which rows are versions of one event
    INPUT = "input"  # feature -> derived feature
    COPY = "copy"  # feature -> column of a source that reads the view's own table
    MEMBER = "member"  # feature -> service
    LABELLED = "labelled"  # service -> training set
    EXPOSURE = "exposure"  # service -> the model that it declares


@dataclass(frozen=True, slots=True)
class Node:
    """One thing: a column of the source `parent`, a feature of the view `parent`, or a service and the like without."""

    what: What
    parent: str
    name: str

    def __str__(self) -> str:
        """As it is written in specs: `orders.amount`, `user_orders.spent_7d`, `churn`."""
        return f"{self.parent}.{self.name}" if self.parent else self.name


@dataclass(frozen=True, slots=True)
class Edge:
    """`lower` depends on `upper`, which is its `role`."""

    upper: Node
    lower: Node
    role: Role


@dataclass(frozen=True, slots=True)
class Lineage:
    """All nodes and edges of a repository, in the model's order: sources, views, services, training sets.

    Every column of every source and every feature is a node, whether or not an edge touches it.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    _above: Mapping[Node, tuple[Edge, ...]] = field(repr=False, compare=False)
    _below: Mapping[Node, tuple[Edge, ...]] = field(repr=False, compare=False)

    def above(self, node: Node) -> tuple[Edge, ...]:
        """The edges into a node: what it depends on at first hand; none for a node that is not there."""
        return self._above.get(node, ())

    def below(self, node: Node) -> tuple[Edge, ...]:
        """The edges out of a node: what depends on it at first hand; none for a node that is not there."""
        return self._below.get(node, ())

    def upstream(self, *nodes: Node) -> tuple[Edge, ...]:
        """Every edge on a way that leads to one of the nodes, the nearest first, each once."""
        return tuple(_walk(nodes, self._above, lambda edge: edge.upper))

    def downstream(self, *nodes: Node) -> tuple[Edge, ...]:
        """Every edge on a way that leads away from one of the nodes, the nearest first, each once."""
        return tuple(_walk(nodes, self._below, lambda edge: edge.lower))


def column(source: str, name: str) -> Node:
    """The node of a source's column, by its declared name."""
    return Node(What.COLUMN, source, name)


def feature(view: str, name: str) -> Node:
    """The node of a view's feature, derived or not."""
    return Node(What.FEATURE, view, name)


def lineage(model: Model) -> Lineage:
    """The lineage of a repository; pure, and linear in its features' expressions."""
    nodes = tuple(_nodes(model))
    edges = tuple(dict.fromkeys(_edges(model)))
    above: dict[Node, list[Edge]] = {}
    below: dict[Node, list[Edge]] = {}
    for edge in edges:
        above.setdefault(edge.lower, []).append(edge)
        below.setdefault(edge.upper, []).append(edge)
    return Lineage(nodes, edges, _frozen(above), _frozen(below))


def _frozen(found: Mapping[Node, list[Edge]]) -> Mapping[Node, tuple[Edge, ...]]:
    return {node: tuple(edges) for node, edges in found.items()}


def _nodes(model: Model) -> Iterator[Node]:
    for source in model.sources.values():
        yield from (column(source.name, each.name) for each in source.columns)
    for view in model.views.values():
        yield from (feature(view.name, output.name) for output in view.outputs)
    for service in model.services.values():
        yield _service(service.name)
    for declared in model.training_sets.values():
        yield _training_set(declared.name)
    models = {service.model: None for service in model.services.values() if service.model}
    yield from (_model(name) for name in models)


def _edges(model: Model) -> Iterator[Edge]:
    for source in model.sources.values():
        yield from _copies(source, model)
    columns = _Columns()
    for view in model.views.values():
        yield from _view_edges(view, columns)
    for service in model.services.values():
        here = _service(service.name)
        for reference in service.features:
            yield Edge(feature(reference.view, reference.feature), here, Role.MEMBER)
        if service.model:
            yield Edge(here, _model(service.model), Role.EXPOSURE)
    for declared in model.training_sets.values():
        yield Edge(_service(declared.service.name), _training_set(declared.name), Role.LABELLED)


def _copies(source: Source, model: Model) -> Iterator[Edge]:
    """The features that a source's columns are, where it reads the table of a view."""
    match source.location:
        case DbtModelLocation(name):
            view = model.views.get(name)
        case TableLocation(schema, table) if schema in (None, _SCHEMA):
            view = model.views.get(table)
        case _:
            return
    if view is None:
        return
    served = {output.name for output in view.outputs}
    for each in source.columns:
        if each.name.casefold() in served:
            yield Edge(feature(view.name, each.name.casefold()), column(source.name, each.name), Role.COPY)


def _view_edges(view: FeatureView, columns: _Columns) -> Iterator[Edge]:
    source = view.source
    declared = {each.name.casefold(): column(source.name, each.name) for each in source.columns}
    shared = [(name, Role.KEY) for _, name in view.key_columns]
    shared += [(name, Role.WHERE) for name in columns.of(view.where)]
    shared.append((source.event_time.column, Role.EVENT_TIME))
    if source.known_time is not None:
        shared.append((source.known_time.column, Role.KNOWN_TIME))
    shared += [(name, Role.UNIQUE_KEY) for name in source.unique_key]
    for each in view.features:
        here = feature(view.name, each.name)
        for name, role in (*columns.of_calls(each.aggregates), *shared):
            upper = declared.get(name.casefold())
            if upper is not None:
                yield Edge(upper, here, role)
    for derived in view.derived:
        here = feature(view.name, derived.name)
        for name in derived.inputs:
            yield Edge(feature(view.name, name), here, Role.INPUT)


class _Columns:
    """The columns of expressions; trees are shared between features, so each is walked once."""

    def __init__(self) -> None:
        self._calls: dict[int, tuple[tuple[str, Role], ...]] = {}

    def of(self, tree: exp.Expr | None) -> tuple[str, ...]:
        """The names in a tree, in the order of reading, each once."""
        if tree is None:
            return ()
        return tuple(dict.fromkeys(found.name for found in tree.find_all(exp.Column, bfs=False)))

    def of_calls(self, calls: Iterable[AggregateCall]) -> Iterator[tuple[str, Role]]:
        """The names that aggregates read, as values and in their filters."""
        for call in calls:
            known = self._calls.get(id(call))
            if known is None:
                found = [(name, Role.VALUE) for argument in call.arguments for name in self.of(argument)]
                found += [(name, Role.FILTER) for name in self.of(call.filter)]
                known = self._calls[id(call)] = tuple(found)
            yield from known


def _walk(start: Iterable[Node], edges: Mapping[Node, tuple[Edge, ...]], end: Callable[[Edge], Node]) -> Iterator[Edge]:
    seen = set(start)
    layer = list(dict.fromkeys(start))
    while layer:
        beyond: list[Node] = []
        for node in layer:
            for edge in edges.get(node, ()):
                yield edge
                reached = end(edge)
                if reached not in seen:
                    seen.add(reached)
                    beyond.append(reached)
        layer = beyond


def _service(name: str) -> Node:
    return Node(What.SERVICE, "", name)


def _training_set(name: str) -> Node:
    return Node(What.TRAINING_SET, "", name)


def _model(name: str) -> Node:
    return Node(What.MODEL, "", name)
