"""Sums by difference: exact whatever came before the window, at the limits of types, and streamed."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from tests.unit.sql.builder import Call, feature, source, view
from tests.unit.training.random_case import EPOCH, computed, model_of

from fpc.model.nodes import FeatureReference, Mode
from fpc.runtime.errors import FpcRuntimeError
from fpc.sql.training.program import lower_training

HOUR = timedelta(hours=1)


def orders(values: list[tuple[float, dict[str, Any]]]) -> list[dict[str, Any]]:
    """One user's orders, each so many hours after midnight."""
    empty = dict.fromkeys(("city", "status", "amount", "weight"))
    return [
        {
            "order_id": n,
            "user_id": 1,
            "ordered_at": EPOCH + hours * HOUR,
            "loaded_at": EPOCH + hours * HOUR,
            **empty,
            **row,
        }
        for n, (hours, row) in enumerate(values)
    ]


def asked_at(*hours: float) -> pa.Table:
    times = pa.array([EPOCH + hour * HOUR for hour in hours], pa.timestamp("us", "UTC"))
    return pa.table({"user_id": pa.array([1] * len(hours), pa.int64()), "at": times})


def test_a_long_history_of_large_values_leaves_the_digits_of_a_short_window_of_small_ones(tmp_path: Path) -> None:
    large = [(n / 100, {"weight": 1e15 + n}) for n in range(2000)]
    small = [(30 + n / 10, {"weight": 1e-6 * (n + 1)}) for n in range(5)]
    asking = view(
        feature("total", Call("sum", "weight"), window="1h"),
        feature("mean", Call("avg", "weight"), window="1h"),
        feature("spread", Call("stddev", "weight"), window="1h"),
        feature("ever", Call("sum", "weight"), window=None),
    )
    (row,) = computed(asking, orders(large + small), asked_at(30.9), tmp_path).to_pylist()
    assert row["total"] == pytest.approx(15e-6, rel=1e-12)
    assert row["mean"] == pytest.approx(3e-6, rel=1e-12)
    assert row["spread"] == pytest.approx(1e-6 * math.sqrt(2.5), rel=1e-9)
    assert row["ever"] == pytest.approx(math.fsum(1e15 + n for n in range(2000)), rel=1e-12)


def test_what_is_not_finite_stays_in_its_window(tmp_path: Path) -> None:
    rows = orders(
        [
            (0.0, {"weight": math.nan}),
            (2.0, {"weight": math.inf}),
            (4.0, {"weight": -math.inf}),
            (4.5, {"weight": 1.0}),
            (6.0, {"weight": 2.0}),
            (6.5, {"weight": None}),
        ]
    )
    asking = view(
        feature("total", Call("sum", "weight"), window="1h"), feature("wide", Call("sum", "weight"), window="3h")
    )
    table = computed(asking, rows, asked_at(0.5, 2.5, 4.9, 6.9, 4.1, 8.5), tmp_path).to_pydict()
    assert math.isnan(table["total"][0])
    assert table["total"][1:] == [math.inf, -math.inf, 2.0, -math.inf, None]
    assert math.isnan(table["wide"][4])
    assert table["wide"][3] == -math.inf
    assert table["wide"][5] == 2.0


@pytest.mark.parametrize("scale", [1e-300, 1e-310, 1.0, 1e300])
def test_doubles_of_every_size_are_summed(tmp_path: Path, scale: float) -> None:
    rows = orders([(n / 10, {"weight": scale * (n + 1)}) for n in range(10)])
    asking = view(feature("total", Call("sum", "weight"), window="1h"))
    (row,) = computed(asking, rows, asked_at(1), tmp_path).to_pylist()
    assert row["total"] == pytest.approx(55 * scale, rel=1e-9)


def test_a_deviation_of_equal_values_is_nought(tmp_path: Path) -> None:
    rows = orders([(n / 100, {"amount": Decimal("9999999999.99")}) for n in range(500)])
    asking = view(
        feature("spread", Call("stddev", "amount"), window="2h"), feature("total", Call("sum", "amount"), window="2h")
    )
    for row in computed(asking, rows, asked_at(3, 4, 5.01), tmp_path).to_pylist():
        assert row["spread"] in (0.0, None)
        assert row["total"] is None or row["total"] % Decimal("9999999999.99") == 0


def test_a_sum_beyond_its_type_is_an_error_and_never_a_wrong_number(tmp_path: Path) -> None:
    rows = orders([(0.1, {}), (0.2, {})])
    for row in rows:
        row["order_id"] = 2**62
    asking = view(feature("total", Call("sum", "order_id"), window="1h"))
    with pytest.raises(FpcRuntimeError, match="view `user_orders`"):
        computed(asking, rows, asked_at(1), tmp_path)
    assert computed(asking, rows, asked_at(0.15), tmp_path)["total"].to_pylist() == [2**62]


@pytest.mark.parametrize("of", [source(), source(known_time=True, unique_key=("order_id",))], ids=["plain", "versions"])
def test_running_sums_and_maxima_stream_over_sorted_rows(of: Any) -> None:
    """Without ORDER BY of their own they are right only if they stream, and fast only then."""
    calls = [("sum", "amount"), ("sum", "weight"), ("stddev", "amount"), ("count_distinct", "city"), ("max", "city")]
    calls += [("last", "status"), ("first", "amount")]
    asking = view(*(feature(f"{f}_{c}", Call(f, c), window="1d") for f, c in calls), of=of)
    members = [(FeatureReference(asking.name, output.name), output.name) for output in asking.outputs]
    (lowered,) = lower_training(model_of(asking), members, Mode.EXACT).views
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    declared = ", ".join(f'"{column.name}" {column.type}' for column in of.columns)
    connection.execute(f"CREATE TABLE source_orders ({declared})")
    connection.execute("CREATE TABLE instants (_spine_row BIGINT, user_id BIGINT, _at_us BIGINT)")
    for step in (lowered.asked, lowered.events):
        connection.execute(f"CREATE TABLE {step.name} AS {step.sql}")
    streamed = 0
    for part in lowered.parts:
        plan = connection.execute(f"EXPLAIN {part.sql}").fetchall()[0][1].upper()
        streamed += len(re.findall("STREAMING[_ ]WINDOW", plan))
        assert not re.search(r"(?<!STREAMING)[_ │]WINDOW ", plan), part.name
        connection.execute(f"CREATE TABLE {part.name} AS {part.sql}")
    assert streamed >= 5
