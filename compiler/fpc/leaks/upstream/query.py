"""Following a query: by which instant each of its rows and columns was known, or what stands in the way.

A query is read backwards. Its reader says which output columns are the times by which a row must have been known. From
their expressions follows of each relation in FROM a column that such a time is never before; what a join's condition
says to be no later than such a column is bounded by it too. A relation that nothing bounds may bring rows of any time.
Each relation is then read in turn, with its bounding columns as its times, down to tables, which are taken on trust.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.codes import Code
from fpc.diagnostics.diagnostic import Severity
from fpc.diagnostics.span import Span
from fpc.leaks.names import is_outcome, is_state, is_validity
from fpc.leaks.obstacle import Obstacle
from fpc.leaks.upstream.as_of import From, closure, is_settled
from fpc.leaks.upstream.bounds import Bounds, Names, never_before
from fpc.leaks.upstream.relation import Relation, Times
from fpc.leaks.upstream.selects import aggregates, is_starred, outputs_of, plain
from fpc.model.vocabulary import CLOCK_FUNCTIONS, FUNCTION_NODES, FUNCTIONS, NODES
from fpc.spec.text_file import TextFile

if TYPE_CHECKING:
    from fpc.leaks.upstream.models import Models

_CLOCKS: Final = (
    exp.CurrentDate, exp.CurrentDatetime, exp.CurrentTime, exp.CurrentTimestamp, exp.Localtime, exp.Localtimestamp,
)  # fmt: skip
#: Nodes of queries whose meaning the proof knows, beside those that features may use.
_KNOWN: Final[frozenset[type[exp.Expr]]] = NODES | FUNCTION_NODES | frozenset(
    (
        exp.Alias, exp.Anonymous, exp.Distinct, exp.Exists, exp.Filter, exp.Order, exp.Ordered,
        exp.Star, exp.Subquery, exp.Window, exp.WindowSpec, exp.Where, exp.From, exp.Select, exp.Union,
        exp.DateTrunc, exp.IgnoreNulls, exp.RespectNulls, exp.RowNumber,
    )
)  # fmt: skip
_WHOLE_PARTITION: Final = (exp.CumeDist, exp.Lead, exp.Ntile, exp.PercentRank)
_RANKS: Final = (exp.DenseRank, exp.Rank, exp.RowNumber)
_AS_OF_HELP: Final = (
    "join the version that was current then: `ON d.key = o.key AND d.changed_at <= o.ordered_at` (or ASOF JOIN), "
    "or make the table a source of its own"
)
_STATISTIC_HELP: Final = (
    "look back alone: ORDER BY the time at which rows are known, up to the current row; or let a feature aggregate"
)

Queries = Mapping[str, exp.Query]


@dataclass(frozen=True, slots=True)
class _Context:
    """What an expression of a query is read in."""

    names: Names
    relations: Mapping[str, Relation]
    bounds: Bounds
    latest: Bounds
    queries: Queries
    aliases: Mapping[str, exp.Expr]
    outputs: frozenset[str]
    froms: Mapping[str, frozenset[str] | None]


class QueryReader:
    """Reads the query of one file."""

    def __init__(self, file: TextFile, references: frozenset[str], models: Models) -> None:
        """Take the file, for places; the names in it that are dbt models; and the reader of those."""
        self._file = file
        self._references = references
        self._models = models

    def read(self, query: exp.Query, times: Times) -> Relation:
        """The query's rows and columns, under these times."""
        return self._query(query, times, {}, None)

    # -- queries -------------------------------------------------------------------------------------------------------

    def _query(self, query: exp.Query, times: Times, queries: Queries, outer: _Context | None) -> Relation:
        with_ = query.args.get("with_")
        if with_ is not None:
            if with_.args.get("recursive"):
                return Relation((self._unproven(with_, "a recursive query"),))
            queries = {**queries, **{cte.alias.casefold(): cte.this for cte in with_.expressions}}
        match query:
            case exp.Subquery():
                return self._query(query.this, times, queries, outer)
            case exp.Union():
                return self._union(query, times, queries, outer)
            case exp.Select():
                return self._select(query, times, queries, outer)
            case exp.SetOperation():
                late = self._whole(query, "what the other query brings later takes rows away")
                return Relation((late,))
            case _:
                return Relation((self._unproven(query, "this kind of query"),))

    def _union(self, union: exp.Union, times: Times, queries: Queries, outer: _Context | None) -> Relation:
        """Both queries, the second by the places of the first one's columns."""
        left, right = plain(union.left), plain(union.right)
        names = [part.alias_or_name.casefold() for part in left.selects]
        others = [part.alias_or_name.casefold() for part in right.selects]
        first = self._query(left, times, queries, outer)
        if "*" in names or "*" in others:
            if names != others:
                return Relation((self._unproven(union, "a union by places of columns that are not listed"),))
            others = names
        renamed = dict(zip(names, others, strict=False))
        inner = Times(*(frozenset(renamed.get(time, time) for time in group) for group in (times.all, times.latest)))
        second = self._query(right, inner, queries, outer)
        limited = self._limits(union)
        columns = {
            name: (*first.column(name), *second.column(renamed.get(name, name)))
            for name in {*names, *(first.columns or {})}
        }
        return Relation((*limited, *first.rows, *second.rows), columns, (*first.tables, *second.tables))

    def _select(self, select: exp.Select, times: Times, queries: Queries, outer: _Context | None) -> Relation:
        froms = list(self._froms(select, queries))
        known = {found.name: found.columns for found in froms}
        names = Names(known, {} if outer is None else outer.froms)
        outputs = outputs_of(select)
        bounds, latest = self._times(times, outputs, select, froms, names)
        if outer is not None:
            # A relation of this query hides one of the same name around it, with all that was known of it.
            bounds |= {one for one in outer.bounds if one[0] not in known}
            latest |= {one for one in outer.latest if one[0] not in known}
        bounds, latest, as_of = closure(select, froms, names, bounds, latest)
        # Within a query for one row, LIMIT picks among rows that were known with it, or they are accused themselves.
        rows: list[Obstacle] = [*self._limits(select)] if outer is None else []
        rows += [obstacle for found in froms for obstacle in self._samples(found.item)]
        rows += self._uncovered(select, froms, bounds, as_of, outputs, times, outer)
        relations: dict[str, Relation] = dict(outer.relations) if outer is not None else {}
        covered = {relation for relation, _ in bounds}
        for found in froms:
            # What nothing bounds was told of; read without a time, everything below would be told of again.
            is_bound = found.name in covered or isinstance(found.item, exp.Values | exp.Unnest)
            relations[found.name] = self._relation(found, bounds, latest, queries, outer) if is_bound else Relation()
        for found in froms:
            rows += relations[found.name].rows
        context = _Context(
            names, relations, bounds, latest, queries,
            {name: value for name, value in outputs.items() if not isinstance(value, exp.Column)},
            frozenset(outputs),
            {**(outer.froms if outer is not None else {}), **known},
        )  # fmt: skip
        rows += self._conditions(select, froms, context)
        columns = {name: tuple(dict.fromkeys(self._of(value, context, name))) for name, value in outputs.items()}
        for found in froms:
            if is_starred(select, found.name):
                own = relations[found.name].columns or {}
                columns = {**{name: obstacles for name, obstacles in own.items() if name not in columns}, **columns}
        tables = tuple(dict.fromkeys(table for found in froms for table in relations[found.name].tables))
        return Relation(tuple(dict.fromkeys(rows)), columns, tables)

    def _froms(self, select: exp.Select, queries: Queries) -> Iterator[From]:
        start = select.args.get("from_")
        items: list[tuple[exp.Expr, exp.Join | None]] = [] if start is None else [(start.this, None)]
        items += [(join.this, join) for join in select.args.get("joins") or ()]
        for item, join in items:
            yield From(item.alias_or_name.casefold(), item, join, self._columns_of(item, queries))

    def _columns_of(self, item: exp.Expr, queries: Queries) -> frozenset[str] | None:
        """The names of a relation's columns, where its query lists them."""
        query: exp.Expr | None = None
        if isinstance(item, exp.Table) and not item.db:
            query = queries.get(item.name.casefold())
        elif isinstance(item, exp.Subquery):
            query = item.this
        if not isinstance(query, exp.Query):
            return None
        names = [part.alias_or_name.casefold() for part in plain(query).selects]
        return None if "*" in names else frozenset(names)

    def _relation(
        self, found: From, bounds: Bounds, latest: Bounds, queries: Queries, outer: _Context | None
    ) -> Relation:
        own = frozenset(column for relation, column in bounds if relation == found.name)
        times = Times(own, frozenset(column for relation, column in latest if relation == found.name) or own)
        item = found.item
        if isinstance(item, exp.Subquery) and isinstance(item.this, exp.Query):
            return self._query(item.this, times, queries, outer)
        if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
            name = item.name.casefold()
            if not item.db and name in queries:
                inner = queries[name]
                return self._query(inner, times, {key: value for key, value in queries.items() if key != name}, None)
            if not item.db and item.name in self._references:
                return self._models.read(item.name, times, self._span(item))
            return Relation(tables=(f"{item.db}.{item.name}" if item.db else item.name,))
        if isinstance(item, exp.Values | exp.Unnest):
            return Relation()
        return Relation((self._unproven(item, "this relation"),))

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _times(
        self, times: Times, outputs: Mapping[str, exp.Expr], select: exp.Select, froms: list[From], names: Names
    ) -> tuple[Bounds, Bounds]:
        """The columns of FROM that the times are never before; and those that the latest of them is never before."""

        def bound(group: frozenset[str]) -> Bounds:
            found: set[tuple[str, str]] = set()
            for time in group:
                if time in outputs:
                    found |= never_before(outputs[time], names)
                    continue
                owners = [f.name for f in froms if is_starred(select, f.name) and time in (f.columns or {time})]
                found |= {(owners[0], time)} if len(owners) == 1 else set()
            return frozenset(found)

        return bound(times.all), bound(times.latest)

    def _uncovered(
        self,
        select: exp.Select,
        froms: list[From],
        bounds: Bounds,
        as_of: frozenset[str],
        outputs: Mapping[str, exp.Expr],
        times: Times,
        outer: _Context | None,
    ) -> Iterator[Obstacle]:
        """The relations whose rows may come after the row that is made of them."""
        covered = {relation for relation, _ in bounds}
        grouped = select.args.get("group") is not None or any(
            True for part in select.expressions for _ in aggregates(part)
        )
        for place, found in enumerate(froms):
            if isinstance(found.item, exp.Values | exp.Unnest):
                continue
            optional = found.side in ("LEFT", "FULL") or any(f.side in ("RIGHT", "FULL") for f in froms[place + 1 :])
            if found.name in covered and (not optional or found.name in as_of or found.kind in ("SEMI", "ANTI")):
                continue
            if outer is None and grouped:
                agg = next((node for part in select.expressions for node in aggregates(part)), select)
                yield self._whole(agg, "its rows go on coming after the instant that the row bears")
            elif outer is not None and grouped:
                agg = next((node for part in select.expressions for node in aggregates(part)), select)
                yield self._whole(agg, "over rows of any time")
            elif outer is None and len(froms) == 1:
                time = next((outputs[name] for name in sorted(times.latest) if name in outputs), select)
                yield self._obstacle(
                    codes.STAMPED_TOO_EARLY,
                    time,
                    "rows bear an instant that may be before they were known",
                    "not bounded by a time of the row",
                    "give the source a `known_time` that no row is known after, such as the end of the day",
                )
            else:
                label = (
                    "may match a row that comes later"
                    if found.name in covered
                    else "no condition says that its rows are known by then"
                )
                yield self._obstacle(
                    codes.JOIN_WITHOUT_AS_OF, found.item, f"`{_shown(found.item)}` is joined without an as-of",
                    label, _AS_OF_HELP,
                )  # fmt: skip

    def _limits(self, query: exp.Query) -> Iterator[Obstacle]:
        for key, what in (("limit", "LIMIT"), ("offset", "OFFSET"), ("sample", "a sample")):
            node = query.args.get(key)
            if node is not None:
                yield self._whole(node, f"{what} picks among all rows, those that come later included")
        distinct = query.args.get("distinct")
        if isinstance(distinct, exp.Distinct) and distinct.args.get("on") is not None:
            yield self._whole(distinct, "DISTINCT ON picks among all rows, those that come later included")
        if query.args.get("pivots") or query.args.get("laterals") or query.args.get("match"):
            yield self._unproven(query, "this syntax")

    def _samples(self, item: exp.Expr) -> Iterator[Obstacle]:
        if item.args.get("sample") is not None:
            yield self._whole(item, "a sample picks among all rows, those that come later included")
        if item.args.get("pivots"):
            yield self._unproven(item, "PIVOT")

    def _conditions(self, select: exp.Select, froms: list[From], context: _Context) -> Iterator[Obstacle]:
        """What stands in the conditions that decide which rows there are."""
        for key in ("where", "having", "qualify"):
            node = select.args.get(key)
            if node is not None:
                yield from self._of(node.this, context, None)
        for found in froms:
            condition = None if found.join is None else found.join.args.get("on")
            if condition is not None:
                yield from self._of(condition, context, None)
        group = select.args.get("group")
        for part in [] if group is None else group.expressions:
            yield from self._of(part, context, None)

    # -- expressions ---------------------------------------------------------------------------------------------------

    def _of(self, node: exp.Expr, context: _Context, output: str | None) -> Iterator[Obstacle]:
        """What stands in the way of an expression; `output` is the column that it makes, None for a condition."""
        if isinstance(node, exp.Column):
            yield from self._column(node, context, output)
            return
        if isinstance(node, exp.DataType):
            return
        if isinstance(node, exp.Query):
            relation = self._query(node, Times(frozenset(), frozenset()), context.queries, context)
            yield from relation.rows
            for obstacles in (relation.columns or {}).values():
                yield from obstacles
            return
        if isinstance(node, exp.Window):
            yield from self._window(node, context)
        elif isinstance(node, _CLOCKS) or (isinstance(node, exp.Anonymous) and node.name.upper() in CLOCK_FUNCTIONS):
            yield self._obstacle(
                codes.UPSTREAM_CLOCK, node, f"`{node.sql(dialect='duckdb')}` reads the clock",
                "differs from run to run", "leave the time to the reader: features take it as AS_OF()",
            )  # fmt: skip
            return
        elif isinstance(node, exp.Anonymous) and node.name.upper() not in FUNCTIONS:
            yield self._unproven(node, f"the function `{node.name}`")
        elif not isinstance(node, exp.AggFunc) and type(node) not in _KNOWN:
            yield self._unproven(node, "this syntax")
        if output is None and is_settled(node, context.bounds, context.names):
            return
        for child in node.iter_expressions():
            yield from self._of(child, context, output)

    def _column(self, node: exp.Column, context: _Context, output: str | None) -> Iterator[Obstacle]:
        name = node.name.casefold()
        alias = context.aliases.get(name) if not node.table and output != name else None
        if alias is not None:
            inner = _Context(
                context.names, context.relations, context.bounds, context.latest, context.queries,
                {key: value for key, value in context.aliases.items() if key != name}, context.outputs, context.froms,
            )  # fmt: skip
            yield from self._of(alias, inner, output)
            return
        found = context.names.of(node)
        if found is None:
            if isinstance(node.this, exp.Identifier) and len(context.froms) > 1:
                yield self._unproven(node, f"`{node.name}` may be of more than one table;")
            return
        relation = context.relations.get(found[0])
        if relation is None:
            return
        yield from relation.column(name)
        if relation.columns is None and (output is None or output == "" or not self._is_evident(output)):
            yield from self._evidence(node, name)

    def _is_evident(self, name: str) -> bool:
        """Whether the name that a column is handed on under says as much: then the source's declaration is told."""
        return is_validity(name) or is_outcome(name) or is_state(name)

    def _evidence(self, node: exp.Column, name: str) -> Iterator[Obstacle]:
        if is_validity(name) or (is_outcome(name) and not self._models.timed):
            yield Obstacle(
                codes.OUTCOME_COLUMN, Severity.WARNING, f"`{node.name}` is known only after its row",
                self._span(node), "says what happened later", "leave it out, or read it from rows of their own",
            )  # fmt: skip
        elif is_state(name) and not self._models.timed:
            yield Obstacle(
                codes.OVERWRITTEN_COLUMN, Severity.WARNING, f"`{node.name}` says how things stand, which changes",
                self._span(node), "as it is now, not as it was then",
                "keep a row for each change, with `unique_key` and `known_time` on the source",
            )  # fmt: skip

    def _window(self, node: exp.Window, context: _Context) -> Iterator[Obstacle]:
        """A window function sees later rows, unless it runs along the known time and ends at its own row."""
        function = node.this
        while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            function = function.this
        order = node.args.get("order")
        first = None if order is None else order.expressions[0]
        spec = node.args.get("spec")
        end = "" if spec is None else f"{spec.args.get('end') or ''} {spec.args.get('end_side') or ''}".upper()
        descending = first is not None and bool(first.args.get("desc"))
        if descending and isinstance(function, _RANKS):
            yield self._obstacle(
                codes.KEEPS_LAST_VERSION, node, "rows are numbered from the newest on",
                "which is the newest changes with each row that comes",
                "keep all versions: name their key as `unique_key` and their time as `known_time` of the source",
            )  # fmt: skip
        elif first is None:
            yield self._whole(node, "over all rows, those that come later included")
        elif descending or isinstance(function, _WHOLE_PARTITION) or "FOLLOWING" in end or _looks_ahead(function):
            yield self._whole(node, "looks at rows that come later")
        else:
            column = context.names.of(first.this) if isinstance(first.this, exp.Column) else None
            if column is None or column not in context.latest:
                yield self._whole(node, "not ordered by the time at which rows are known")

    # -- what is reported ----------------------------------------------------------------------------------------------

    def _whole(self, node: exp.Expr, label: str) -> Obstacle:
        message = "a value is computed with rows that may come later"
        return self._obstacle(codes.WHOLE_TABLE_STATISTIC, node, message, label, _STATISTIC_HELP)

    def _unproven(self, node: exp.Expr, what: str) -> Obstacle:
        message = f"{what} cannot be followed by the proof"
        help = "write it in another way, or declare what is sure as `immutable: [...]` on the source"
        return Obstacle(
            codes.UNPROVEN_UPSTREAM, Severity.WARNING, message, self._span(node), "the proof ends here", help
        )

    def _obstacle(self, code: Code, node: exp.Expr, message: str, label: str, help: str) -> Obstacle:
        return Obstacle(code, Severity.ERROR, message, self._span(node), label, help)

    def _span(self, node: exp.Expr) -> Span:
        """Where the node stands: from the first to the last of its words that have a mark."""
        marks = [(int(part.meta["start"]), int(part.meta["end"]) + 1) for part in node.walk() if "start" in part.meta]
        if not marks:
            return self._file.span(*self._without_mark(node))
        return self._file.span(min(start for start, _ in marks), max(end for _, end in marks))

    def _without_mark(self, node: exp.Expr) -> tuple[int, int]:
        """Where a word without arguments stands (`CURRENT_DATE`): its first occurrence."""
        text = self._file.text.casefold()
        words = [name.casefold() for name in node.sql_names()] if isinstance(node, exp.Func) else []
        spelled = [*words, node.sql(dialect="duckdb").casefold().split("(")[0], "now", "today", "current_timestamp"]
        for word in spelled:
            at = text.find(word)
            if word and at >= 0:
                return at, at + len(word)
        return 0, 1


def _looks_ahead(function: exp.Expr) -> bool:
    """Whether a LAG goes back by anything but a plain number: by a negative one it goes ahead."""
    offset = function.args.get("offset") if isinstance(function, exp.Lag) else None
    return offset is not None and not (isinstance(offset, exp.Literal) and not offset.is_string)


def _shown(item: exp.Expr) -> str:
    return item.name if isinstance(item, exp.Table) else item.alias_or_name or "a query"
