"""What a relation hands on to whoever reads it, as far as the proof is concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from fpc.leaks.obstacle import Obstacle


@dataclass(frozen=True, slots=True)
class Times:
    """The output columns, in lower case, at the latest of which a row must have been known.

    `latest` is the one that is this latest instant itself: the known time, or without one the event time. It is empty
    where that is now one, now another. `delays` are what the reader adds to a column before that instant comes.
    """

    all: frozenset[str]
    latest: frozenset[str]
    delays: tuple[tuple[str, exp.Expr], ...] = ()


#: The times of a query within an expression: what it reads must be known by the times of the row around it.
SETTLED: Final = Times(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or query under given times.

    `rows` stand in the way of whatever is read from it, `columns` of those who read that column. It is `open` if it
    has columns beside these that come from a table as they are: of them nothing is known but their names. `tables`
    are those that are taken on trust: their rows are taken to be written once, and to be known by the times that are
    read from them.
    """

    rows: tuple[Obstacle, ...] = ()
    columns: Mapping[str, tuple[Obstacle, ...]] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    open: bool = False

    def column(self, name: str) -> tuple[Obstacle, ...]:
        """What stands in the way of one column, rows aside; `name` in lower case."""
        return self.columns.get(name, ())

    def all_columns(self) -> tuple[Obstacle, ...]:
        """What stands in the way of any column."""
        return tuple(dict.fromkeys(one for obstacles in self.columns.values() for one in obstacles))
