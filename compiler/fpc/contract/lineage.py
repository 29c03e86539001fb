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


def service(name: str) -> Node:
    """The node of a feature service."""
    return Node(What.SERVICE, "", name)


def training_set(name: str) -> Node:
    """The node of a declared training set."""
    return Node(What.TRAINING_SET, "", name)


def model_node(name: str) -> Node:
    """The node of a model that a service says depends on it."""
    return Node(What.MODEL, "", name)


def joined(nodes: Iterable[Node], edges: Iterable[Edge]) -> Lineage:
    """The lineage of these nodes and edges, in their order, each once."""
    every = tuple(dict.fromkeys(edges))
    above: dict[Node, list[Edge]] = {}
    below: dict[Node, list[Edge]] = {}
    for edge in every:
        above.setdefault(edge.lower, []).append(edge)
        below.setdefault(edge.upper, []).append(edge)
    return Lineage(tuple(dict.fromkeys(nodes)), every, _frozen(above), _frozen(below))


def _frozen(found: Mapping[Node, list[Edge]]) -> Mapping[Node, tuple[Edge, ...]]:
    return {node: tuple(edges) for node, edges in found.items()}


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
