"""Random events and spines in an order book, with everything that is hard: ties, nulls, late rows, versions."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from tests.oracle import oracle
from tests.unit.sql.builder import Call, feature

from fpc.model.nodes import Config, Feature, FeatureReference, FeatureView, Mode, Model, Source
from fpc.runtime.raw_rows import Place
from fpc.runtime.scratch import Limits
from fpc.runtime.spine import ArrowSpine, SpineColumns
from fpc.runtime.training import run
from fpc.sql.training.program import lower_training
from fpc.types.duration import Duration

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = 60_000_000
TWO_THREADS = Limits(threads=2)
START = 19_000 * 86_400_000_000

SCHEMA = pa.schema(
    [
        ("order_id", pa.int64()),
        ("user_id", pa.int64()),
        ("city", pa.string()),
        ("ordered_at", pa.timestamp("us", "UTC")),
        ("loaded_at", pa.timestamp("us", "UTC")),
        ("status", pa.string()),
        ("amount", pa.decimal128(12, 2)),
        ("weight", pa.float64()),
    ]
)


def instant(us: int | None) -> datetime | None:
    return None if us is None else EPOCH + timedelta(microseconds=us)


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def rows_of(
    seed: int, count: int, *, known_time: bool, versions: bool, users: int = 4, span: int = 600
) -> list[dict[str, Any]]:
    """Rows in minutes of ten hours, so that ties and exact edges abound; some microseconds beside them."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        at = START + chance.randrange(span) * MINUTE + chance.choice([0, 0, 0, 1, -1])
        late = chance.choice([0, 0, 1, 7, 90, 700]) * MINUTE if known_time else 0
        rows.append(
            {
                "order_id": chance.randrange(count // 3 + 1) if versions else number,
                "user_id": chance.choice([None, *range(users)]) if chance.random() < 0.2 else chance.randrange(users),
                "city": chance.choice([None, "a", "b", "c", "dd"]),
                "ordered_at": instant(at),
                "loaded_at": instant(at + late),
                "status": chance.choice([None, "placed", "paid", "gone"]),
                "amount": chance.choice([None, *map(Decimal, ("0.01", "-5.00", "12.34", "999999.99", "12.34"))]),
                "weight": chance.choice([None, 0.1, 1e9, -3.5, 1e-3, 2.0]),
            }
        )
    return rows


def spine_of(seed: int, rows: Sequence[dict[str, Any]], count: int, windows: Sequence[int], users: int = 4) -> pa.Table:
    """Spine rows, many of which stand exactly on an event or on the edge of its window; unknown and null users."""
    chance = random.Random(seed + 1)
    keys, times = [], []
    for _ in range(count):
        at = micros(chance.choice(rows)[chance.choice(["ordered_at", "loaded_at"])])
        at += chance.choice([0, *windows]) + chance.choice([0, 0, 0, 1, -1, MINUTE])
        keys.append(chance.choice([None, users + 5]) if chance.random() < 0.05 else chance.randrange(users))
        times.append(instant(at))
    return pa.table(
        {
            "label": pa.array(range(count), pa.int32()),
            "user_id": pa.array(keys, pa.int64()),
            "at": pa.array(times, pa.timestamp("us", "UTC")),
        }
    )


@dataclass(frozen=True)
class Asked:
    """A feature and the Python that the oracle computes it by."""

    feature: Feature
    calls: tuple[oracle.Call, ...]
    finish: Callable[[Sequence[Any], int], Any] = lambda values, t: values[0]
    default: Any = None


def asked(
    name: str,
    function: str,
    argument: str | None = None,
    *,
    when: str | None = None,
    window: str | None = "2h",
    offset: str = "0s",
    parameters: tuple[int | float, ...] = (),
) -> Asked:
    """One aggregate alone; `when` keeps the rows of one status."""
    spec = feature(
        name,
        Call(function, argument, None if when is None else f"status = '{when}'", parameters),
        window=window,
        offset=offset,
    )
    call = oracle.Call(
        function,
        (lambda row: True) if argument is None else (lambda row: row[argument]),
        (lambda row: True) if when is None else (lambda row: row["status"] == when),
        parameters[0] if parameters else 0,
    )
    return Asked(spec, (call,))


def model_of(*views: FeatureView) -> Model:
    """A model of these views over one source."""
    config = Config("test", {}, "dev", Duration(0))
    sources: dict[str, Source] = {view.source.name: view.source for view in views}
    return Model(config, sources, {}, {view.name: view for view in views})


def computed(
    view: FeatureView,
    rows: Sequence[dict[str, Any]],
    spine: pa.Table,
    folder: Path,
    mode: Mode = Mode.EXACT,
    limits: Limits = TWO_THREADS,
    shards: int | None = None,
    kernel: bool | None = None,
) -> pa.Table:
    """The spine with every output of the view."""
    (folder / "data").mkdir(exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(list(rows), SCHEMA), folder / "data" / "orders.parquet")
    members = [(FeatureReference(view.name, output.name), output.name) for output in view.outputs]
    program = lower_training(model_of(view), members, mode)
    result = run(program, ArrowSpine(spine), SpineColumns("at"), Place(folder), limits, shards=shards, kernel=kernel)
    try:
        return result.batches().read_all()
    finally:
        result.close()


def expected(
    view: FeatureView, features: Sequence[Asked], rows: Sequence[dict[str, Any]], spine: pa.Table
) -> list[list[Any]]:
    """What the oracle says, by spine row, in mode exact."""
    known = "loaded_at" if view.source.known_time else "ordered_at"
    events = [oracle.Event(micros(row["ordered_at"]), micros(row[known]), row) for row in rows]
    judged = oracle.View(
        tuple(source for _, source in view.key_columns),
        tuple(column.name for column in view.source.columns),
        view.source.unique_key,
        view.closed.value,
        (lambda row: row["status"] != "gone" if row["status"] is not None else None)
        if view.where
        else (lambda row: True),
    )
    found = []
    for row in spine.to_pylist():
        values = []
        for one in features:
            window = one.feature.window
            length = None if window.length is None else window.length.microseconds
            spec = oracle.Feature(one.calls, one.finish, length, window.offset.microseconds, one.default)
            entity = tuple(row[key] for key, _ in view.key_columns)
            values.append(oracle.value(spec, judged, events, entity, micros(row["at"])))
        found.append(values)
    return found


def close(left: Any, right: Any) -> bool:
    """Equal; floats within 1e-9 relatively."""
    if isinstance(left, float) and isinstance(right, float):
        return (
            left == right or abs(left - right) <= 1e-9 * max(abs(left), abs(right), 1e-12) or abs(left - right) < 1e-9
        )
    return bool(left == right)


def disagreements(table: pa.Table, features: Sequence[Asked], wanted: Sequence[Sequence[Any]]) -> list[str]:
    """Where the result and the oracle differ, in words."""
    found = []
    for place, one in enumerate(features):
        for row, (got, want) in enumerate(zip(table.column(one.feature.name).to_pylist(), wanted, strict=True)):
            if not close(got, want[place]):
                found.append(f"{one.feature.name} row {row}: got {got!r}, want {want[place]!r}")
    return found
