"""What a relation hands on to whoever reads it, as far as the proof is concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fpc.leaks.obstacle import Obstacle


@dataclass(frozen=True, slots=True)
class Times:
    """The output columns, in lower case, at the latest of which a row must have been known.

    `latest` are those that are this latest instant itself: the known time, or without one the event time.
    """

    all: frozenset[str]
    latest: frozenset[str]


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or query under given times.

    `rows` stand in the way of whatever is read from it, `columns` of those who read that column (None: a table of
    which nothing is known). `tables` are those that are taken on trust: their rows are taken to be written once, and
    to be known by the times that are read from them.
    """

    rows: tuple[Obstacle, ...] = ()
    columns: Mapping[str, tuple[Obstacle, ...]] | None = None
    tables: tuple[str, ...] = ()

    def column(self, name: str) -> tuple[Obstacle, ...]:
        """What stands in the way of one column, rows aside; `name` in lower case."""
        return () if self.columns is None else self.columns.get(name, ())
