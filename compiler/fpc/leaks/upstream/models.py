"""The user's dbt models, followed from the one that a source reads down to tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Severity
from fpc.diagnostics.span import Span
from fpc.leaks.obstacle import Hop, Obstacle
from fpc.leaks.upstream.jinja import PlainSql, plain_sql
from fpc.leaks.upstream.query import QueryReader
from fpc.leaks.upstream.relation import Relation, Times
from fpc.spec.text_file import TextFile

_OPAQUE_HELP = "write it as SQL, with `ref`, `source` and `config` alone, or say `immutable: [...]` on the source"


class Models:
    """Reads models by name, each for the times by which its reader wants its rows known.

    `timed` says that the source has a known time: then what its rows hold was true when they were written.
    """

    def __init__(self, texts: Mapping[str, TextFile], views: Collection[str], *, timed: bool) -> None:
        """Hold the models' texts by name, and the names of feature views, whose tables each refresh overwrites."""
        self._texts = texts
        self._views = frozenset(view.casefold() for view in views)
        self.timed = timed
        self._open: list[str] = []
        self._known: dict[tuple[str, Times], Relation] = {}

    def knows(self, name: str) -> bool:
        """Whether a table of this name is made by a model or a feature view that can be read."""
        return name in self._texts or name.casefold() in self._views

    def read(self, name: str, times: Times, named_in: Span) -> Relation:
        """The model under these times; a name that is no model of the user's is a table. `named_in`: who reads it."""
        if name.casefold() in self._views:
            return Relation((_refreshed(name, named_in),))
        if name not in self._texts:
            return Relation(tables=(name,), open=True)
        if name in self._open:
            return Relation((_unproven(named_in, f"the model `{name}` reads itself"),))
        if (name, times) not in self._known:
            self._open.append(name)
            try:
                self._known[name, times] = self._read(name, self._texts[name], times)
            finally:
                self._open.pop()
        return self._known[name, times]

    def _read(self, name: str, file: TextFile, times: Times) -> Relation:
        plain = plain_sql(file.text)
        found = [_opaque(file, plain, start, end) for start, end in plain.opaque]
        if plain.overwrites is not None:
            found.append(_overwrites(name, file.span(*plain.overwrites)))
        query = _parse(plain.sql)
        if query is None:
            whole = file.span(0, len(file.text.rstrip()))
            return Relation((*found, _unproven(whole, f"the model `{name}` is not one query in DuckDB's SQL")))
        try:
            relation = QueryReader(file, self).read(query, times)
        except RecursionError:
            return Relation((*found, _unproven(file.span(0, 1), f"the model `{name}` is nested too deeply")))
        columns = {
            column: tuple(_through(obstacle, name, column) for obstacle in obstacles)
            for column, obstacles in relation.columns.items()
        }
        return replace(relation, rows=(*found, *relation.rows), columns=columns)


def _parse(sql: str) -> exp.Query | None:
    try:
        statements = [statement for statement in parse(sql, dialect="duckdb") if statement is not None]
    except (SqlglotError, AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError):
        return None
    only = statements[0] if len(statements) == 1 else None
    return only if isinstance(only, exp.Query) else None


def _through(obstacle: Obstacle, model: str, column: str) -> Obstacle:
    hop = Hop(f"column `{column}` of the dbt model `{model}`", obstacle.span)
    return replace(obstacle, trail=(*obstacle.trail, hop))


def _opaque(file: TextFile, plain: PlainSql, start: int, end: int) -> Obstacle:
    marker, span = file.text[start:end], file.span(start, end)
    if "run_started_at" in marker or "modules.datetime" in marker:
        return Obstacle(
            codes.UPSTREAM_CLOCK,
            Severity.ERROR,
            "the model reads the clock of dbt's run",
            span,
            "differs from run to run",
            "leave the time to the reader: features take it as AS_OF()",
        )
    return _unproven(span, "this template makes SQL that only dbt knows")


def _unproven(span: Span, message: str) -> Obstacle:
    return Obstacle(
        codes.UNPROVEN_UPSTREAM, Severity.WARNING, message, span, "the proof ends here", _OPAQUE_HELP
    )  # fmt: skip


def _overwrites(name: str, span: Span) -> Obstacle:
    return Obstacle(
        codes.KEEPS_LAST_VERSION,
        Severity.ERROR,
        f"the incremental model `{name}` replaces rows by their key",
        span,
        "what a row was earlier is lost",
        "append each version with the time at which it came, and name the key as `unique_key` of the source",
    )


def _refreshed(name: str, span: Span) -> Obstacle:
    return Obstacle(
        codes.KEEPS_LAST_VERSION,
        Severity.ERROR,
        f"the table of the feature view `{name}` holds its newest values alone",
        span,
        "each refresh overwrites it",
        "read the view's source, or the history that `fpc backfill` keeps",
    )
