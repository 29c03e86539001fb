"""Following the expressions of a query: what stands in the way of the values that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from fpc.leaks.obstacle import Obstacle
from fpc.leaks.upstream.accuser import Accuser
from fpc.leaks.upstream.as_of import is_settled
from fpc.leaks.upstream.bounds import Bounds, Names
from fpc.leaks.upstream.relation import Relation
from fpc.leaks.upstream.scope import Scope
from fpc.model.vocabulary import CLOCK_FUNCTIONS, CLOCK_TEXTS, FUNCTION_NODES, FUNCTIONS, NODES

_CLOCKS: Final = (
    exp.CurrentDate, exp.CurrentDatetime, exp.CurrentTime, exp.CurrentTimestamp, exp.Localtime, exp.Localtimestamp,
)  # fmt: skip
#: Nodes of queries whose meaning the proof knows, beside those that features may use.
_KNOWN: Final[frozenset[type[exp.Expr]]] = NODES | FUNCTION_NODES | frozenset(
    (
        exp.Alias, exp.Anonymous, exp.DateAdd, exp.DateTrunc, exp.Distinct, exp.Exists, exp.Filter, exp.From,
        exp.IgnoreNulls, exp.Order, exp.Ordered, exp.PropertyEQ, exp.RespectNulls, exp.RowNumber, exp.Select, exp.Star,
        exp.Struct, exp.Subquery, exp.Union, exp.Where, exp.Window, exp.WindowSpec,
    )
)  # fmt: skip
_WHOLE_PARTITION: Final = (exp.CumeDist, exp.Lead, exp.Ntile, exp.PercentRank)
_RANKS: Final = (exp.DenseRank, exp.Rank, exp.RowNumber)


@dataclass(frozen=True, slots=True)
class Context:
    """What an expression of a query is read in.

    `latest` are the columns along which rows become known, and `time` the expression that says when; `settled`, if all
    rows of the query are known by the instant of the one that it is made for. `froms` are the relations that a query
    in the expression sees, with their columns.
    """

    names: Names
    relations: Mapping[str, Relation]
    bounds: Bounds
    latest: Bounds
    time: exp.Expr | None
    settled: bool
    scope: Scope
    aliases: Mapping[str, exp.Expr]
    windows: Mapping[str, exp.Window]
    froms: Mapping[str, frozenset[str] | None]


#: Reads a query within an expression: by what it sees of the query around it.
ReadInner = Callable[[exp.Query, Context], Relation]


class ExpressionReader:
    """Reads the expressions of one file's queries."""

    def __init__(self, accuser: Accuser, read_inner: ReadInner) -> None:
        """Take who says what is found, and who reads the queries inside."""
        self._accuse = accuser
        self._read_inner = read_inner

    def read(self, node: exp.Expr, context: Context, *, decides_rows: bool) -> Iterator[Obstacle]:
        """What stands in the way of a value, or of a condition, which decides which rows there are."""
        if isinstance(node, exp.Column):
            yield from self._column(node, context, decides_rows=decides_rows)
            return
        if isinstance(node, exp.DataType):
            return
        if isinstance(node, exp.Query):
            inner = self._read_inner(node, context)
            yield from (*inner.rows, *inner.all_columns())
            return
        if isinstance(node, exp.Window):
            node = _with_its_name(node, context)
            yield from self._window(node, context)
        elif _is_clock(node):
            yield self._accuse.clock(node)
            return
        elif isinstance(node, exp.Anonymous) and node.name.upper() not in FUNCTIONS:
            yield self._accuse.unproven(node, f"the function `{node.name}`")
        elif not isinstance(node, exp.AggFunc) and type(node) not in _KNOWN:
            yield self._accuse.unproven(node, "this syntax")
        if decides_rows and is_settled(node, context.bounds, context.names):
            return
        for child in node.iter_expressions():
            yield from self.read(child, context, decides_rows=decides_rows)

    def _column(self, node: exp.Column, context: Context, *, decides_rows: bool) -> Iterator[Obstacle]:
        name = node.name.casefold()
        alias = None if node.table else context.aliases.get(name)
        if alias is not None:
            aliases = {key: value for key, value in context.aliases.items() if key != name}
            yield from self.read(alias, replace(context, aliases=aliases), decides_rows=decides_rows)
        found = context.names.of(node)
        if found is None:
            if alias is None and len(context.froms) > 1:
                yield self._accuse.unproven(node, f"`{node.name}` may be of more than one table;")
            return
        relation, name = context.relations.get(found[0]), found[1]
        if relation is None:
            return
        yield from relation.column(name)
        if alias is None and relation.open and name not in relation.columns:
            evidence = self._accuse.evidence(node)
            if evidence is not None:
                yield evidence

    def _window(self, node: exp.Window, context: Context) -> Iterator[Obstacle]:
        """A window function sees later rows, unless it runs along the known time and ends at its own row."""
        if context.settled:
            return
        function = node.this
        while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            function = function.this
        order = node.args.get("order")
        first = None if order is None else order.expressions[0]
        spec = node.args.get("spec")
        end = "" if spec is None else f"{spec.args.get('end') or ''} {spec.args.get('end_side') or ''}".upper()
        descending = first is not None and bool(first.args.get("desc"))
        if descending and isinstance(function, _RANKS):
            yield self._accuse.newest(node)
        elif first is None:
            yield self._accuse.whole(node, "over all rows, those that come later included")
        elif descending or isinstance(function, _WHOLE_PARTITION) or "FOLLOWING" in end or _looks_ahead(function):
            yield self._accuse.whole(node, "looks at rows that come later")
        elif not _runs_along(first.this, context):
            yield self._accuse.whole(node, "not ordered by the time at which rows are known")


def _with_its_name(node: exp.Window, context: Context) -> exp.Window:
    """The window with what the one that it names says: `OVER w ... WINDOW w AS (ORDER BY at)`."""
    base = context.windows.get(node.alias.casefold())
    if base is None:
        return node
    full = _with_its_name(base, replace(context, windows={})).copy()
    full.set("this", node.this.copy())
    full.set("alias", None)
    for key in ("partition_by", "order", "spec"):
        if node.args.get(key):
            own = node.args[key]
            full.set(key, [one.copy() for one in own] if isinstance(own, list) else own.copy())
    return full


def _runs_along(order: exp.Expr, context: Context) -> bool:
    """Whether what is ordered by never goes down as rows become known."""
    if isinstance(order, exp.Column):
        alias = None if order.table else context.aliases.get(order.name.casefold())
        if alias is None:
            return context.names.of(order) in context.latest
        order = alias
    time = context.time
    while time is not None:
        if order == time:
            return True
        is_shifted = isinstance(time, exp.Add) and time.expression.find(exp.Column) is None
        time = time.this if isinstance(time, exp.Paren) or is_shifted else None
    return False


def _is_clock(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        # AGE of one time is its distance from today.
        return node.name.upper() in CLOCK_FUNCTIONS or (node.name.upper() == "AGE" and len(node.expressions) == 1)
    if isinstance(node, exp.Cast | exp.TryCast) and isinstance(node.this, exp.Literal) and node.this.is_string:
        return node.this.name.casefold() in CLOCK_TEXTS and node.to.is_type(*exp.DataType.TEMPORAL_TYPES)
    return isinstance(node, _CLOCKS)


def _looks_ahead(function: exp.Expr) -> bool:
    """Whether a LAG goes back by anything but a plain number: by a negative one it goes ahead."""
    offset = function.args.get("offset") if isinstance(function, exp.Lag) else None
    return offset is not None and not (isinstance(offset, exp.Literal) and not offset.is_string)
