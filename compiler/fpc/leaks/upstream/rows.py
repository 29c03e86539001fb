"""What decides which rows a query has, and whether a row that comes later changes those that were there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sqlglot import exp

from fpc.leaks.obstacle import Obstacle
from fpc.leaks.upstream.accuser import Accuser
from fpc.leaks.upstream.as_of import From
from fpc.leaks.upstream.bounds import reads_other_zone
from fpc.leaks.upstream.expressions import Context, ExpressionReader
from fpc.leaks.upstream.relation import SETTLED, Times
from fpc.leaks.upstream.selects import aggregates, group_keys, is_pattern

_UNKNOWN_CLAUSES: Final = ("connect", "laterals", "match", "pivots")


class RowReader:
    """Reads what decides about the rows of one file's queries."""

    def __init__(self, accuser: Accuser, expressions: ExpressionReader) -> None:
        """Take who says what is found, and who reads conditions."""
        self._accuse = accuser
        self._expressions = expressions

    def uncovered(
        self,
        select: exp.Select,
        froms: list[From],
        uncovered: list[From],
        dates: Mapping[str, exp.Expr],
        context: Context,
        times: Times,
    ) -> Iterator[Obstacle]:
        """The relations whose rows may come after the row that is made of them."""
        calls = [node for part in select.expressions for node in aggregates(part)]
        grouped = select.args.get("group") is not None or bool(calls)
        for found in uncovered:
            zoned = next((date for date in dates.values() if reads_other_zone(date)), None)
            if zoned is not None:
                yield self._accuse.unproven(zoned, "a time that is moved to another time zone")
            elif grouped:
                label = (
                    "over rows of any time"
                    if context.settled
                    else "its rows go on coming after the instant that the row bears"
                )
                yield self._accuse.whole(calls[0] if calls else select, label)
            elif not context.settled and len(froms) == 1:
                written = (dates[one] for one in sorted(times.latest) if one in dates and _is_written(dates[one]))
                yield self._accuse.stamped(next(written, select))
            else:
                is_left = found.name in {relation for relation, _ in context.bounds}
                label = (
                    "may match a row that comes later"
                    if is_left
                    else "no condition says that its rows are known by then"
                )
                yield self._accuse.join(found.item, label)

    def limits(self, query: exp.Expr, times: Times) -> Iterator[Obstacle]:
        """What picks some of a query's rows. Among those that were known already, LIMIT may."""
        for key, what in (("limit", "LIMIT"), ("offset", "OFFSET"), ("sample", "a sample")):
            node = query.args.get(key)
            if node is not None and (times != SETTLED or key == "sample"):
                yield self._accuse.whole(node, f"{what} picks among all rows, those that come later included")
        distinct = query.args.get("distinct")
        if times != SETTLED and isinstance(distinct, exp.Distinct) and distinct.args.get("on") is not None:
            yield self._accuse.whole(distinct, "DISTINCT ON picks among all rows, those that come later included")
        if any(query.args.get(key) for key in _UNKNOWN_CLAUSES):
            yield self._accuse.unproven(query, "this syntax")

    def conditions(self, select: exp.Select, froms: list[From], context: Context) -> Iterator[Obstacle]:
        """What stands in what decides which rows there are."""
        parts = [node.this for key in ("where", "having", "qualify") if (node := select.args.get(key)) is not None]
        parts += [found.join.args["on"] for found in froms if found.join is not None and found.join.args.get("on")]
        parts += group_keys(select)
        for part in parts:
            yield from self._expressions.read(part, context, decides_rows=True)
        for place, found in enumerate(froms):
            if found.method in ("NATURAL", "POSITIONAL"):
                yield self._accuse.unproven(found.item, f"a {found.method} JOIN")
            for name in found.using:
                for one in froms[: place + 1]:
                    column = exp.column(name, table=one.name, quoted=True)
                    yield from self._expressions.read(column, context, decides_rows=True)
        for part in select.expressions:
            if is_pattern(part):
                yield self._accuse.unproven(part, "an output without a name")


def _is_written(node: exp.Expr) -> bool:
    """Whether some of it has a place in the file: of what a star hands on, none has."""
    return any("start" in part.meta for part in node.walk())
