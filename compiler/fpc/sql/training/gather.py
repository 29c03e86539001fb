"""Joining a view's parts a few at a time: every hash join of a statement holds memory until the statement ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from fpc.sql.training.calls import Call
from fpc.sql.training.shapes import column, equal, select, table

#: A join takes about 5 MB, however few its rows; more joins in a statement would not fit beside other work in 32 MB.
_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Gathered:
    """`relations` to make, the last of which (`base`) has a row for every ask and the calls that `parts` says.

    Without any relation, `base` is the asks themselves and `parts` all parts.
    """

    relations: tuple[tuple[str, exp.Select], ...]
    base: str
    parts: Mapping[str, tuple[Call, ...]]


def gather(asked: str, parts: Mapping[str, tuple[Call, ...]], prefix: str) -> Gathered:
    """Gather the calls' values of all parts but the last few, which whoever reads them may join at once."""
    relations: list[tuple[str, exp.Select]] = []
    base, known, waiting = asked, tuple[Call, ...](), list(parts.items())
    while len(waiting) > _AT_ONCE:
        joined, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        columns = [column(name, "base") for name in ("ask", "asked_us", *(call.name for call in known))]
        query = select(columns, table(base, "base"))
        for part, calls in joined:
            query = query.select(*(column(call.name, part) for call in calls), copy=False)
            query = query.join(table(part), on=equal(["ask"], "base", part), join_type="LEFT", copy=False)
            known += calls
        base = f"{prefix}gathered_{len(relations)}"
        relations.append((base, query))
    return Gathered(tuple(relations), base, ({base: known} if known else {}) | dict(waiting))
