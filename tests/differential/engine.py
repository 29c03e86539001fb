"""A case run through the real pipeline, in one process: spec text to model to SQL to values."""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pyarrow as pa
from pyarrow import parquet
from sqlglot import exp
from tests.carried_rows import carry_forward
from tests.differential.case import Case, block, instant

from fpc.emit.dbt.training_sets import training_set
from fpc.model import analyse
from fpc.model.nodes import FeatureReference, FeatureView, Mode
from fpc.plan.advance import carrying
from fpc.runtime import training
from fpc.runtime.raw_rows import Place
from fpc.runtime.scratch import Limits
from fpc.runtime.spine import ArrowSpine, SpineColumns
from fpc.spec import load
from fpc.sql.advance import lower_advance, lower_from_events
from fpc.sql.snapshot import AS_OF, lower_empty, lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render
from fpc.sql.training import strategies
from fpc.sql.training.program import lower_training


class Strategy(Enum):
    """How a training set is computed.

    What the planner chooses; everything by the join; the kernel where it can; as a declared training set's dbt model.
    """

    PLANNED = "planned"
    JOIN = "join"
    KERNEL = "kernel"
    DECLARED = "declared"


Row = dict[str, Any]
Spine = Sequence[tuple[tuple[Any, ...], int]]
UNLIMITED = Limits()

ARROW: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "decimal": pa.decimal128(12, 2),
    "decimal(38,10)": pa.decimal128(38, 10),
    "varchar": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}


def arrow_type(text: str) -> pa.DataType:
    return ARROW.get(text) or ARROW[text.split("(")[0]]


class Repository:
    """The case's files in a temporary folder, loaded and analysed; any error is a fault of the test or of fpc."""

    def __init__(self, case: Case) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fpc-case-")
        self.root = Path(self._folder.name)
        self.case = case
        for folder in ("features", "data"):
            (self.root / folder).mkdir()
        (self.root / "features" / "view.yml").write_text(case.yaml(), encoding="utf-8")
        (self.root / "fpc.yml").write_text(block(case.config), encoding="utf-8")
        parquet.write_table(self.raw(), self.root / "data" / "s.parquet")
        spec = load(self.root)
        analysed = analyse(spec.value)
        for found in (*spec.diagnostics, *analysed.diagnostics):
            assert found.severity.value == "warning", f"{found.code} {found.message}\n{case.yaml()}"
        self.model = analysed.value
        self.view: FeatureView = self.model.views["v"]
        self.outputs = [output.name for output in self.view.outputs]
        assert self.outputs == [*case.features, *case.derived], f"{self.outputs}\n{case.yaml()}"

    def raw(self) -> pa.Table:
        """The source's rows."""
        columns = self.case.columns.items()
        return pa.table(
            {name: pa.array([row[name] for row in self.case.rows], arrow_type(text)) for name, text in columns}
        )

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


class InMemory:
    """In place of a scratch database in a file, which costs tens of milliseconds: the engine's own connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
        self.connection = connection
        self.limits = limits
        self._made = tempfile.TemporaryDirectory()
        self.folder = Path(self._made.name)

    def close(self) -> None:
        """Remove what was put aside; the engine drops the database."""
        self._made.cleanup()


@dataclass(frozen=True)
class Snapshot:
    """A refresh's table by entity, and what an entity that is not in it is answered with."""

    at: int
    table: Mapping[tuple[Any, ...], Row]
    empty: Row

    def answer(self, entity: tuple[Any, ...]) -> Row:
        return self.table.get(entity, self.empty)


@contextmanager
def forced(strategy: Strategy) -> Iterator[None]:
    """Leave the planner one strategy."""
    with ExitStack() as stack:
        if strategy is Strategy.JOIN:
            stack.enter_context(mock.patch.object(strategies, "subtracts", lambda call: False))
            stack.enter_context(mock.patch.object(strategies, "DISTINCT", frozenset()))
        yield


class Engine:
    """One DuckDB connection; every case has a database of its own in it, dropped afterwards."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
        self._numbers = itertools.count()

    @contextmanager
    def session(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A session of its own, with temporary tables of its own, in an empty database."""
        name = f"case_{next(self._numbers)}"
        session = self.connection.cursor()
        session.execute(f"SET TimeZone = 'UTC'; ATTACH ':memory:' AS {name}; USE {name}")
        try:
            yield session
        finally:
            session.execute(f"USE memory; DETACH {name}")
            session.close()

    def training(
        self,
        repository: Repository,
        mode: Mode,
        spine: Spine,
        strategy: Strategy = Strategy.PLANNED,
        *,
        limits: Limits = UNLIMITED,
        shards: int = 1,
    ) -> list[Row]:
        """The features of every row of the spine, in its order, by the point-in-time join."""
        found = self.training_table(repository, mode, spine, strategy, limits=limits, shards=shards)
        rows: list[Row] = found.to_pylist()
        return rows

    def training_table(
        self,
        repository: Repository,
        mode: Mode,
        spine: Spine,
        strategy: Strategy = Strategy.PLANNED,
        *,
        limits: Limits = UNLIMITED,
        shards: int = 1,
    ) -> pa.Table:
        """The same as Arrow, for comparisons bit by bit."""
        if strategy is Strategy.DECLARED:
            return self.declared(repository, mode, spine)
        members = [(FeatureReference("v", name), name) for name in repository.outputs]
        with forced(strategy):
            program = lower_training(repository.model, members, mode)
        asked = spine_table(repository.case, spine)
        with self.session() as session, mock.patch.object(training, "Scratch", partial(InMemory, session)):
            result = training.run(
                program,
                ArrowSpine(asked),
                SpineColumns("at"),
                Place(repository.root),
                limits,
                shards=shards,
                kernel=strategy is Strategy.KERNEL,
            )
            found = result.batches().read_all()
        assert found.num_rows == asked.num_rows, "the spine's rows are never dropped or multiplied"
        assert found.select(asked.column_names).equals(asked), "the spine's columns are unchanged and in order"
        return found.select(repository.outputs)

    def declared(self, repository: Repository, mode: Mode, spine: Spine) -> pa.Table:
        """The training set that the spec declares, by the SQL of its dbt model."""
        declared = repository.model.training_sets[f"set_{mode.value}_v"]
        (text,) = (made.text for made in training_set(declared, repository.model) if made.path.endswith(".sql"))
        asked = spine_table(repository.case, spine)
        with self.session() as session:
            session.register("raw_rows", repository.raw())
            staging = render(lower_staging(repository.view.source, exp.to_table("raw_rows")))
            session.execute(f"CREATE TABLE stg_s AS {staging}")
            session.register("labels", asked)
            sql = re.sub(r"\{\{ source\([^}]*__spine'\) \}\}", "labels", text.replace("{{ ref('stg_s') }}", "stg_s"))
            found = _query(session, _rendered(sql))
            # The warehouse has types of its own for times with a zone and for texts.
            held = _query(session, "SELECT * FROM labels")
        assert found.select(asked.column_names).equals(held), "the spine's rows and columns are as they were"
        return found.select(repository.outputs)

    def snapshots(self, repository: Repository, instants: Sequence[int]) -> list[Snapshot]:
        """The refresh of the view at each instant, by the SQL that the dbt models print."""
        view = repository.view
        with self.session() as session:
            session.register("raw_rows", repository.raw())
            staging = render(lower_staging(view.source, exp.to_table("raw_rows")))
            session.execute(f"CREATE TABLE staged AS {staging}")
            as_of = exp.column("__as_of__")
            table = lower_snapshot(view, exp.to_table("staged"), as_of).subquery("refreshed")
            return [_snapshot(session, view, table, at) for at in instants]

    def carried(self, repository: Repository, instants: Sequence[int]) -> list[Snapshot]:
        """The view's table carried forward from each instant to the next, of the rows that have arrived by then."""
        view, as_of, case = repository.view, exp.column("__as_of__"), repository.case
        plan = carrying(view)
        first = render(lower_from_events(plan, exp.to_table("staged"), as_of))
        onward = render(
            lower_advance(plan, exp.to_table("staged"), exp.to_table("carried"), exp.column("__since__"), as_of)
        )
        staging = render(lower_staging(view.source, exp.to_table("raw_rows")))
        found = []
        with self.session() as session:
            for place, at in enumerate(instants):
                arrived = pa.array([event.k is None or event.k <= at for event in case.events], pa.bool_())
                session.register("raw_rows", repository.raw().filter(arrived))
                session.execute(f"CREATE OR REPLACE TABLE staged AS {staging}")
                if place:
                    sql = onward.replace("__since__", _literal(instants[place - 1]))
                    carry_forward(session, plan, "carried", _literal(at), sql.replace("__as_of__", _literal(at)))
                else:
                    session.execute(f"CREATE TABLE carried AS {first.replace('__as_of__', _literal(at))}")
                found.append(_snapshot(session, view, exp.to_table("carried"), at))
        return found


def _rendered(sql: str) -> str:
    """What dbt makes of text in quotes: a brace that was written inert is a brace again."""
    return sql.replace("{{ '{' }}", "{")


def _literal(at: int) -> str:
    return f"TIMESTAMPTZ '{instant(at).isoformat()}'"


def _snapshot(session: duckdb.DuckDBPyConnection, view: FeatureView, table: exp.Expr, at: int) -> Snapshot:
    """The rows of a view's table as of `at`: features, then where defaults stand in."""
    keys = [key.name for key in view.entity.keys]
    empty = lower_empty(view, exp.column("__as_of__")).subquery("nothing")
    rows, alone = (
        _query(session, render(exp.select(exp.Star()).from_(relation)).replace("__as_of__", _literal(at)))
        for relation in (table, empty)
    )
    marks = [mark for output in view.outputs if (mark := f"__defaulted_{output.name}") in rows.column_names]
    wanted = [*(output.name for output in view.outputs), *marks, AS_OF]
    rows, alone = rows.select([*keys, *wanted]), alone.select(wanted)
    assert rows.drop_columns(keys).schema.equals(alone.schema), "both tables of a view have the same columns"
    (nothing,) = alone.to_pylist()
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows.to_pylist():
        entity = tuple(row.pop(key) for key in keys)
        assert None not in entity, "a null key is refused"
        assert entity not in found, "one row per entity"
        assert row.pop(AS_OF) == instant(at)
        found[entity] = row
    assert nothing.pop(AS_OF) == instant(at)
    return Snapshot(at, found, nothing)


def _query(session: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    return session.sql(sql).to_arrow_table()


#: The types in which spines bring keys and instants, beside their own: those of pandas, polars and Arrow files.
KEYS_AS = {
    "bigint": (pa.int64(), pa.int32(), pa.string(), pa.float64(), pa.decimal128(20, 0)),
    "varchar": (pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string_view()),
}
INSTANTS_AS = (
    pa.timestamp("us", "UTC"),
    pa.timestamp("us"),
    pa.timestamp("us", "America/New_York"),
    pa.timestamp("ns"),
    pa.string(),
)


def spine_table(case: Case, spine: Spine) -> pa.Table:
    """The spine: the entity's keys, a column of no meaning, and the instant."""

    def key(place: int, text: str) -> pa.Array:
        types = KEYS_AS.get(text, (arrow_type(text),))
        return pa.array([entity[place] for entity, _ in spine], arrow_type(text)).cast(
            types[case.variant // 2 % len(types)]
        )

    keys = {name: key(place, text) for place, (name, text) in enumerate(case.keys.items())}
    rows = pa.array(range(len(spine)), pa.int64())
    instants = pa.array([instant(t) for _, t in spine], INSTANTS_AS[0])
    return pa.table({**keys, "Label": rows, "at": instants.cast(INSTANTS_AS[case.spine_type])})
