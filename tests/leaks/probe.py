"""Probes: the same instant asked in worlds with one past and several futures, by the engine's own SQL.

Whatever answers otherwise in another future has read it. The clock of the run is the world's: `NOW()` in a spec or
model stands for the instant at which the data was taken.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
from sqlglot import exp
from tests.differential.case import instant
from tests.leaks.world import START, STEP, Future, Row, World, event_rows, happen, person_rows
from tests.leaks.zoo import Specimen, Table

from fpc.model import Model, analyse
from fpc.model.nodes import DbtModelLocation, FileLocation, Source, TableLocation
from fpc.spec import load
from fpc.sql.snapshot import lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render

#: Midnights and other ends of steps, at which something is still under way.
INSTANTS = tuple(START + step * STEP for step in (13, 20, 26))
#: What came: the world itself; nothing more; other events and outcomes; everything that is under way comes at once;
#: nothing that is under way ever comes.
FUTURES = (
    Future("as it was"),
    Future("cut off", stops=True),
    Future("another", seed=1),
    Future("all at once", seed=2, arrival=1.0),
    Future("delayed", seed=3, arrival=0.0),
)
_CLOCK = re.compile(r"\bnow\(\)|\bcurrent_date\b|\bcurrent_timestamp\b", re.IGNORECASE)
_ARROW = {
    "id": pa.int64(), "user": pa.int64(), "item": pa.int64(), "number": pa.int64(), "growing": pa.int64(),
    "score": pa.int64(), "flag": pa.bool_(), "is_current": pa.bool_(), "kind": pa.string(), "state": pa.string(),
    "plan": pa.string(),
}  # fmt: skip
_INSTANT = pa.timestamp("us", tz="UTC")

Answer = dict[tuple[Any, ...], Row]


@dataclass(frozen=True)
class Leak:
    """Two futures that one instant's values tell apart."""

    at: int
    future: str
    expected: Answer
    found: Answer


def leaks(specimen: Specimen, root: Path, *, shuffled: bool = False) -> Iterator[Leak]:
    """Every instant and future in which a value differs from that in the world itself; `shuffled`: other orders too."""
    futures = [*FUTURES, *([Future("shuffled")] if shuffled else [])]
    for at in INSTANTS:
        first: Answer | None = None
        for future in futures:
            found = answer(specimen, root, at, future)
            if first is None:
                first = found
            elif found != first:
                yield Leak(at, future.name, first, found)


def answer(specimen: Specimen, root: Path, at: int, future: Future) -> Answer:
    """The values of every view's entities at an instant, from the data as it lies after that future."""
    worlds = [happen(at, future, table.stream) for table in specimen.raw.values()]
    now = max(world.now for world in worlds)
    literal = f"CAST('{instant(now).isoformat()}' AS TIMESTAMPTZ)"
    text = _CLOCK.sub(literal, specimen.spec)
    model = _model(replace(specimen, spec=text), root)
    with _ENGINE.cursor() as connection:
        connection.execute("SET TimeZone = 'UTC'; DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop")
        for (name, table), world in zip(specimen.raw.items(), worlds, strict=True):
            rows = rows_of(table, world)
            if future.name == "shuffled":
                random.Random(7).shuffle(rows)
            connection.register("arriving", arrow(table, rows))
            connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arriving")
        for name, sql in reversed(list(specimen.models.items())):
            connection.execute(f"CREATE OR REPLACE TABLE {name} AS {_rendered(sql, literal)}")
        found: Answer = {}
        for view in model.views.values():
            relation = exp.to_table(_relation(view.source))
            staging = render(lower_staging(view.source, relation))
            connection.execute(f"CREATE OR REPLACE TABLE staged AS {staging}")
            as_of = exp.cast(exp.Literal.string(instant(at).isoformat()), "timestamptz")
            result = connection.execute(render(lower_snapshot(view, exp.to_table("staged"), as_of)))
            names = [column[0] for column in result.description]
            for row in result.fetchall():
                values = dict(zip(names, row, strict=True))
                keys = tuple(values.pop(key.name) for key in view.entity.keys)
                found[(view.name, *keys)] = values
        return found


def rows_of(table: Table, world: World) -> list[Row]:
    """The rows that a raw table holds in a world."""
    make = event_rows if table.kind == "events" else person_rows
    return make(world, table.how, table.columns)


def arrow(table: Table, rows: list[Row]) -> pa.Table:
    """Rows as Arrow, of the roles' types."""
    return pa.table(
        {
            name: pa.array([row[name] for row in rows], _ARROW.get(role, _INSTANT))
            for name, role in table.columns.items()
        }
    )


_ENGINE = duckdb.connect(config={"threads": 1})
_MODELS: dict[str, Model] = {}


def _model(specimen: Specimen, root: Path) -> Model:
    """The specimen's model, its clock set."""
    if specimen.spec not in _MODELS:
        folder = root / f"model_{len(_MODELS)}"
        specimen.write(folder)
        loaded = load(folder)
        analysed = analyse(loaded.value)
        errors = [one for one in (*loaded.diagnostics, *analysed.diagnostics) if one.severity.value == "error"]
        assert not errors, errors
        _MODELS[specimen.spec] = analysed.value
    return _MODELS[specimen.spec]


def _relation(source: Source) -> str:
    match source.location:
        case FileLocation(path):
            return Path(path).stem
        case TableLocation(_, table):
            return table
        case DbtModelLocation(model):
            return model


def _rendered(sql: str, now: str) -> str:
    """A dbt model as dbt would run it once, at that clock; one that replaces rows by a key keeps each key's last."""
    config: dict[str, Any] = {}

    def remember(**given: Any) -> str:
        config.update(given)
        return ""

    text = (
        jinja2.Environment(autoescape=False)
        .from_string(sql)
        .render(
            ref=lambda name: f"main.{name}",
            source=lambda schema, name: f"{schema}.{name}",
            config=remember,
            is_incremental=lambda: False,
            run_started_at=now.split("'")[1],
        )
    )
    text = _CLOCK.sub(now, text)
    if "unique_key" not in config:
        return text
    numbered = f"SELECT *, ROW_NUMBER() OVER () AS came FROM ({text}\n)"
    newest = f"QUALIFY ROW_NUMBER() OVER (PARTITION BY {config['unique_key']} ORDER BY came DESC) = 1"
    return f"SELECT * EXCLUDE (came) FROM ({numbered}) {newest}"
