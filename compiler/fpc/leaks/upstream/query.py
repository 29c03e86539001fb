"""Following a query: by which instant each of its rows and columns was known, or what stands in the way.

A query is read backwards. Its reader says which output columns are the times by which a row must have been known. From
their expressions follows of each relation in FROM a column that such a time is never before; what a join's condition
says to be no later than such a column is bounded by it too. A relation that nothing bounds may bring rows of any time,
unless it is a query that holds all that it reads to be known. Each relation is then read in turn, with its bounding
columns as its times, down to tables, which are taken on trust.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from fpc.leaks.obstacle import Obstacle
from fpc.leaks.upstream.accuser import Accuser
from fpc.leaks.upstream.as_of import Delays, From, closure
from fpc.leaks.upstream.bounds import (
    NOTHING,
    Bounds,
    Names,
    delay,
    moves_with,
    never_before,
)
from fpc.leaks.upstream.expressions import Context, ExpressionReader
from fpc.leaks.upstream.jinja import MODELS
from fpc.leaks.upstream.relation import SETTLED, Relation, Times
from fpc.leaks.upstream.rows import RowReader
from fpc.leaks.upstream.scope import Named, Scope, columns_in_from, columns_of, extended, renamed
from fpc.leaks.upstream.selects import choices, is_starred, outputs_of
from fpc.spec.text_file import TextFile

if TYPE_CHECKING:
    from fpc.leaks.upstream.models import Models

_CONSTANT: Final = (exp.Unnest, exp.Values)


class QueryReader:
    """Reads the query of one file."""

    def __init__(self, file: TextFile, models: Models) -> None:
        """Take the file, for places, and the reader of the models that it names."""
        self._models = models
        self._accuse = Accuser(file, timed=models.timed)
        self._expressions = ExpressionReader(
            self._accuse, lambda query, context: self._query(query, SETTLED, context.scope, context)
        )
        self._rows = RowReader(self._accuse, self._expressions)
        self._named: dict[tuple[int, Times], tuple[exp.Expr, Relation]] = {}

    def read(self, query: exp.Query, times: Times) -> Relation:
        """The query's rows and columns, under these times."""
        return self._query(query, times, {}, None)

    # -- queries -------------------------------------------------------------------------------------------------------

    def _query(self, query: exp.Expr, times: Times, scope: Scope, outer: Context | None) -> Relation:
        if isinstance(query, exp.Values):
            return Relation()
        if not isinstance(query, exp.Query):
            return Relation((self._accuse.unproven(query, "this kind of query"),))
        scope = extended(scope, query)
        match query:
            case exp.Subquery():
                late = self._rows.limits(query, times)
                inner = self._query(query.this, times, scope, outer)
                return replace(inner, rows=(*late, *inner.rows))
            case exp.Union():
                return self._union(query, times, scope, outer)
            case exp.Select():
                return self._select(query, times, scope, outer, {})
            case _:
                return Relation((self._accuse.whole(query, "what the other query brings later takes rows away"),))

    def _union(self, union: exp.Union, times: Times, scope: Scope, outer: Context | None) -> Relation:
        """Both queries, the second by the places of the first one's columns, or by their names."""
        renames = self._places(union, scope)
        if renames is None:
            return Relation((self._accuse.unproven(union, "a union by places of columns that are not listed"),))
        first = self._query(union.left, times, scope, outer)
        inner = Times(
            frozenset(renames.get(time, time) for time in times.all),
            frozenset(renames.get(time, time) for time in times.latest),
            tuple((renames.get(time, time), length) for time, length in times.delays),
        )
        second = self._query(union.right, inner, scope, outer)
        names = {*renames, *first.columns, *(second.columns if not renames else ())}
        columns = {name: (*first.column(name), *second.column(renames.get(name, name))) for name in names}
        rows = [*self._rows.limits(union, times), *first.rows, *second.rows]
        if union.args.get("distinct"):
            rows += _proven_against(one for obstacles in columns.values() for one in obstacles)
        return Relation(tuple(rows), columns, (*first.tables, *second.tables), first.open or second.open)

    def _places(self, union: exp.Union, scope: Scope) -> Mapping[str, str] | None:
        """What the second query calls each column of the first; nothing where they go by the same names."""
        if union.args.get("by_name"):
            return {}
        left, right = columns_of(union.left, scope), columns_of(union.right, scope)
        if left.all and right.all:
            return dict(zip(left.names, right.names, strict=False))
        listed = [[part.alias_or_name.casefold() for part in side.selects] for side in (union.left, union.right)]
        return {} if listed[0] == listed[1] else None

    def _select(
        self,
        select: exp.Select,
        times: Times,
        scope: Scope,
        outer: Context | None,
        chosen: Mapping[str, exp.Expr],
    ) -> Relation:
        """`chosen` are times that are one of several values, row by row, taken to be this one."""
        froms = list(self._froms(select, scope))
        known = {found.name: found.columns for found in froms}
        if len(known) < len(froms):
            return Relation((self._accuse.unproven(select, "two relations of one name"),))
        merged = frozenset(name for found in froms for name in found.using)
        names = Names(known, {} if outer is None else outer.froms, merged)
        outputs = outputs_of(select, {found.name: found.says.names for found in froms})
        for time in sorted(times.all & outputs.keys() - chosen.keys()):
            several = choices(outputs[time])
            if len(several) > 1:
                each = [self._select(select, times, scope, outer, {**chosen, time: one}) for one in several]
                return _all_of(each)
        dates = self._dates(times, {**outputs, **chosen}, select, froms)
        own = frozenset().union(*(never_before(date, names) for date in dates.values()))
        latest = frozenset().union(*(moves_with(dates[time], names) for time in times.latest & dates.keys()))
        # A relation of this query hides one of the same name around it, with all that was known of it.
        around = NOTHING if outer is None else frozenset(one for one in outer.bounds if one[0] not in known)
        bounds, as_of, delays = closure(select, froms, names, own | around)
        delays = {**delays, **dict(later for date in dates.values() if (later := delay(date, names)) is not None)}
        context = Context(
            names, dict(outer.relations) if outer is not None else {}, bounds, latest,
            next((dates[time] for time in times.latest if time in dates), None), times == SETTLED, scope,
            {name: value for name, value in outputs.items() if not isinstance(value, exp.Column)},
            {one.name.casefold(): one for one in select.args.get("windows") or ()},
            {**(outer.froms if outer is not None else {}), **known},
        )  # fmt: skip
        rows = [*self._rows.limits(select, times)]
        tables: list[str] = []
        uncovered: list[From] = []
        relations: dict[str, Relation] = {}
        for place, found in enumerate(froms):
            seen = replace(context, relations={**context.relations, **relations})
            relation, is_known = self._relation(found, seen, delays)
            relations[found.name] = relation
            rows += relation.rows
            tables += relation.tables
            if not (is_known or self._is_bound(place, froms, bounds, as_of)):
                uncovered.append(found)
        context = replace(context, relations={**context.relations, **relations})
        rows += self._rows.uncovered(select, froms, uncovered, dates, context, times)
        rows += self._rows.conditions(select, froms, context)
        columns = {
            name: tuple(dict.fromkeys(self._expressions.read(value, _without(context, name), decides_rows=False)))
            for name, value in outputs.items()
        }
        starred = [relations[found.name] for found in froms if is_starred(select, found.name)]
        for relation in starred:
            columns = {**{name: one for name, one in relation.columns.items() if name not in columns}, **columns}
        for time in sorted(times.all & columns.keys()):
            # One column alone, whatever its name says, is the time that the row is known by.
            is_plain = time in outputs and bool(moves_with(outputs[time], names))
            rows += [one for one in columns[time] if not (is_plain and one.rests_on_a_name)]
            columns[time] = ()
        if select.args.get("distinct") is not None:
            rows += _proven_against(one for obstacles in columns.values() for one in obstacles)
        is_open = any(relation.open for relation in starred)
        return Relation(tuple(dict.fromkeys(rows)), columns, tuple(dict.fromkeys(tables)), is_open)

    # -- relations -----------------------------------------------------------------------------------------------------

    def _froms(self, select: exp.Select, scope: Scope) -> Iterator[From]:
        start = select.args.get("from_")
        items: list[tuple[exp.Expr, exp.Join | None]] = [] if start is None else [(start.this, None)]
        items += [(join.this, join) for join in select.args.get("joins") or ()]
        for place, (item, join) in enumerate(items):
            yield From(item.alias_or_name.casefold() or f"({place})", item, join, columns_in_from(item, scope))

    def _relation(self, found: From, context: Context, delays: Delays) -> tuple[Relation, bool]:
        """One relation of FROM, and whether all its rows are known by the instant of the row that they are read for.

        What nothing bounds is accused; read without a time, everything below it would be accused once more.
        """
        item = found.item
        if item.args.get("pivots"):
            return Relation((self._accuse.unproven(item, "PIVOT"),)), True
        if item.args.get("sample") is not None:
            sample = self._accuse.whole(item, "a sample picks among all rows, those that come later included")
            return Relation((sample,)), True
        if isinstance(item, _CONSTANT):
            rows = [
                one for part in item.expressions for one in self._expressions.read(part, context, decides_rows=True)
            ]
            return Relation(tuple(rows)), True
        own = frozenset(column for relation, column in context.bounds if relation == found.name)
        if own and not isinstance(item, exp.Lateral):
            latest = frozenset(column for relation, column in context.latest if relation == found.name)
            later = tuple((column, length) for (relation, column), length in delays.items() if relation == found.name)
            inner = Times(own, latest or (own if len(own) == 1 else frozenset()), later)
            relation = self._read(found, inner, context)
        else:
            relation = Relation()
        is_query = isinstance(item, exp.Lateral | exp.Subquery) or self._of_with(item, context.scope) is not None
        if is_query and (relation.rows or not own):
            inside = self._read(found, SETTLED, context)
            if not inside.rows or isinstance(item, exp.Lateral):
                return inside, True
        return relation, False

    def _read(self, found: From, times: Times, context: Context) -> Relation:
        item, alias = found.item, found.item.args.get("alias")
        if isinstance(item, exp.Subquery | exp.Lateral):
            inner = item.this.this if isinstance(item.this, exp.Subquery) else item.this
            late = self._rows.limits(item, times) if isinstance(item, exp.Subquery) else ()
            relation = self._query(renamed(inner, alias), times, context.scope, context)
            return replace(relation, rows=(*late, *relation.rows))
        named = self._of_with(item, context.scope)
        if named is not None:
            return self._of_named(item, named, times, alias)
        if not isinstance(item, exp.Table) or not isinstance(item.this, exp.Identifier):
            return Relation((self._accuse.unproven(item, "this relation"),))
        if item.args.get("version") or item.args.get("when"):
            return Relation((self._accuse.unproven(item, "a table as of another time"),))
        if alias is not None and alias.args.get("columns"):
            return Relation((self._accuse.unproven(item, "a table with its columns renamed by their places"),))
        if item.db == MODELS or (item.db.casefold() in ("", "main") and self._models.knows(item.name)):
            return self._models.read(item.name, times, self._accuse.span(item))
        return Relation(tables=(f"{item.db}.{item.name}" if item.db else item.name,), open=True)

    def _of_with(self, item: exp.Expr, scope: Scope) -> Named | None:
        if not isinstance(item, exp.Table) or item.db or not isinstance(item.this, exp.Identifier):
            return None
        return scope.get(item.name.casefold())

    def _of_named(self, item: exp.Expr, named: Named, times: Times, alias: exp.Expr | None) -> Relation:
        if named.assumed is not None:
            # The rows so far are known by their times: what is made of them must be dated by all of these.
            proven = named.assumed <= times.all
            return (
                Relation() if proven else Relation((self._accuse.unproven(item, "a recursion that changes its time"),))
            )
        query = renamed(named.query, alias)
        key = (id(named.query) if query is named.query else id(item), times)
        if key not in self._named:
            # What is kept beside the answer keeps its identity from being taken by another.
            self._named[key] = (query, self._of_query(item, query, named, times))
        return self._named[key][1]

    def _of_query(self, item: exp.Expr, query: exp.Expr, named: Named, times: Times) -> Relation:
        if not named.recursive:
            return self._query(query, times, named.sees, None)
        name = item.name.casefold()
        so_far = Named(query, named.sees, assumed=times.all)
        found = self._query(query, times, {**named.sees, name: so_far}, None)
        # Which column of a round goes into which of the next is not followed: each may carry what any does.
        return replace(found, rows=(*found.rows, *found.all_columns()))

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _dates(
        self, times: Times, outputs: Mapping[str, exp.Expr], select: exp.Select, froms: list[From]
    ) -> dict[str, exp.Expr]:
        """The expression over FROM's columns that each time is, as late as its reader takes it."""
        found: dict[str, exp.Expr] = {}
        delays = dict(times.delays)
        for time in sorted(times.all):
            owners = [f.name for f in froms if is_starred(select, f.name) and time in (f.columns or {time})]
            if time in outputs:
                value = outputs[time]
            elif len(owners) == 1:
                value = exp.column(time, table=owners[0], quoted=True)
            else:
                continue
            found[time] = exp.Add(this=value.copy(), expression=delays[time].copy()) if time in delays else value
        return found

    def _is_bound(self, place: int, froms: list[From], bounds: Bounds, as_of: frozenset[str]) -> bool:
        """Whether no row of a relation comes after the rows that are made of it, nor takes one of them away."""
        found = froms[place]
        if found.name not in {relation for relation, _ in bounds}:
            return False
        optional = found.side in ("LEFT", "FULL") or any(f.side in ("RIGHT", "FULL") for f in froms[place + 1 :])
        return not optional or found.name in as_of or found.kind in ("SEMI", "ANTI")


def _without(context: Context, output: str) -> Context:
    """The context of an output's own expression, in which its name is that of a column of FROM."""
    return replace(context, aliases={name: value for name, value in context.aliases.items() if name != output})


def _all_of(each: list[Relation]) -> Relation:
    """A query whose rows are, each for itself, as in one of these."""
    names = dict.fromkeys(name for one in each for name in one.columns)
    columns = {name: tuple(dict.fromkeys(found for one in each for found in one.column(name))) for name in names}
    rows = tuple(dict.fromkeys(found for one in each for found in one.rows))
    return Relation(rows, columns, each[0].tables, any(one.open for one in each))


def _proven_against(obstacles: Iterator[Obstacle]) -> list[Obstacle]:
    """Those that rest on more than a name."""
    return [one for one in obstacles if not one.rests_on_a_name]
