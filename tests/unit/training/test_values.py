"""Every aggregation over every kind of source, against plain loops."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from cronsim import CronSim
from tests.unit.sql.builder import source, view
from tests.unit.training.random_case import (
    EPOCH,
    Asked,
    asked,
    computed,
    disagreements,
    expected,
    instant,
    micros,
    rows_of,
    spine_of,
)

from fpc.model.nodes import Closed, Grid, Mode, Source
from fpc.runtime.scratch import Limits
from fpc.sql.training import lower
from fpc.sql.training.strategies import lower_joined_parts
from fpc.types.duration import Duration

HOUR = 3_600_000_000

#: name, function, argument, status to filter by, constant
CALLS: tuple[tuple[str, str, str | None, str | None, float | None], ...] = (
    ("rows", "count", None, None, None),
    ("paid", "count", None, "paid", None),
    ("amounts", "count", "amount", None, None),
    ("cities", "count_distinct", "city", None, None),
    ("paid_cities", "count_distinct", "city", "paid", None),
    ("total", "sum", "amount", None, None),
    ("ids", "sum", "order_id", None, None),
    ("weight", "sum", "weight", None, None),
    ("mean", "avg", "amount", None, None),
    ("mean_weight", "avg", "weight", None, None),
    ("spread", "stddev", "amount", None, None),
    ("spread_weight", "variance", "weight", None, None),
    ("spread_ids", "var_pop", "order_id", None, None),
    ("least", "min", "amount", None, None),
    ("least_city", "min", "city", None, None),
    ("greatest", "max", "weight", "paid", None),
    ("oldest", "first", "city", None, None),
    ("newest", "last", "city", None, None),
    ("newest_paid", "last", "amount", "paid", None),
    ("middle", "median", "amount", None, None),
    ("p90", "percentile", "weight", None, 0.9),
    ("commonest", "mode", "city", None, None),
    ("top", "top_k", "city", None, 2),
    ("last_three", "last_k", "city", None, 3),
    ("first_two", "first_k", "amount", None, 2),
)
#: The functions that are computed each in another way; windows beside the first one ask for these alone.
KINDS = frozenset({"rows", "total", "spread", "cities", "least_city", "greatest", "newest", "oldest", "middle"})


def calls(window: str | None, offset: str, label: str, names: Iterable[str] | None = None) -> list[Asked]:
    wanted = None if names is None else set(names)
    return [
        asked(
            f"{name}_{label}", function, argument, when=status, window=window, offset=offset,
            parameters=() if p is None else (p,),
        )
        for name, function, argument, status, p in CALLS
        if wanted is None or name in wanted
    ]  # fmt: skip


def every_window() -> list[Asked]:
    return [
        *calls("2h", "0s", "2h"),
        *calls("30m", "1h", "shifted", KINDS),
        *calls("30m", "0s", "30m", KINDS),
        *calls(None, "0s", "ever", KINDS),
        *calls(None, "1h", "ever_shifted", KINDS),
    ]


SOURCES: dict[str, Source] = {
    "plain": source(),
    "late": source(known_time=True),
    "versions": source(unique_key=("order_id",)),
    "late versions": source(known_time=True, unique_key=("order_id",)),
}


@pytest.mark.parametrize("closed", list(Closed))
@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("form", ["fast", "readable"])
def test_every_function_gives_what_a_loop_gives(
    tmp_path: Path, kind: str, closed: Closed, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if form == "readable":
        monkeypatch.setattr(lower, "lower_parts", lower_joined_parts)
    of, features = SOURCES[kind], every_window()
    seed = len(kind) + 31 * list(Closed).index(closed)
    rows = rows_of(seed, 150, known_time=of.known_time is not None, versions=bool(of.unique_key))
    spine = spine_of(seed, rows, 50, [2 * HOUR, HOUR, HOUR // 2])
    where = None if closed is Closed.LEFT else "status <> 'gone'"
    filtered = view(*(one.feature for one in features), of=of, closed=closed, where=where)
    table = computed(filtered, rows, spine, tmp_path)
    assert table.column("label").to_pylist() == spine.column("label").to_pylist()
    assert disagreements(table, features, expected(filtered, features, rows, spine)) == []


@pytest.mark.parametrize("kind", ["plain", "late versions"])
@pytest.mark.parametrize("keys", [("city",), ("user_id", "city")])
def test_entities_of_texts_and_of_several_keys(tmp_path: Path, kind: str, keys: tuple[str, ...]) -> None:
    of, features = SOURCES[kind], [*calls("2h", "0s", "2h", KINDS), *calls(None, "0s", "ever", KINDS)]
    rows = rows_of(5, 150, known_time=of.known_time is not None, versions=bool(of.unique_key))
    spine = spine_of(5, rows, 50, [2 * HOUR])
    cities = pa.array([None if n % 11 == 0 else "abz"[n % 3] for n in range(50)])
    asking = view(*(one.feature for one in features), of=of, keys={key: key for key in keys})
    spine = spine.append_column("city", cities)
    table = computed(asking, rows, spine, tmp_path)
    assert disagreements(table, features, expected(asking, features, rows, spine)) == []


@pytest.mark.parametrize("kind", SOURCES)
def test_shards_threads_and_a_low_limit_change_nothing(tmp_path: Path, kind: str) -> None:
    of, features = SOURCES[kind], [*calls("2h", "0s", "2h"), *calls(None, "0s", "ever", KINDS)]
    rows = rows_of(9, 3000, known_time=of.known_time is not None, versions=bool(of.unique_key), users=40)
    spine = spine_of(9, rows, 500, [2 * HOUR], users=40)
    asking = view(*(one.feature for one in features), of=of)
    alone = computed(asking, rows, spine, tmp_path, limits=Limits(threads=1))
    for limits, shards in ((Limits(threads=2), None), (Limits("300MB", 8), 3), (Limits("300MB", 8), 5)):
        assert computed(asking, rows, spine, tmp_path, limits=limits, shards=shards).equals(alone)


@pytest.mark.parametrize("ttl", [None, "2h"])
@pytest.mark.parametrize("cron", [None, "5 */2 * * *", "*/20 8-17 15 * WED", "0 6 L * *", "15 5 * * MON#2,4L"])
def test_as_served_asks_at_the_grid_point_that_was_served(tmp_path: Path, cron: str | None, ttl: str | None) -> None:
    features = calls("2h", "0s", "2h", KINDS)
    rows = rows_of(3, 200, known_time=False, versions=False, span=60 * 24 * 45)
    asking = replace(
        view(*(one.feature for one in features)),
        grid=Grid(Duration.parse("1h") if cron is None else None, cron),
        delay=Duration.parse("7m"),
        online_ttl=None if ttl is None else Duration.parse(ttl),
    )
    spine = spine_of(3, rows, 60, [2 * HOUR, 7 * 60_000_000])
    table = computed(asking, rows, spine, tmp_path, Mode.AS_SERVED)
    served = [
        _served(micros(at), cron, 7 * 60_000_000, None if ttl is None else 2 * HOUR) for at in spine["at"].to_pylist()
    ]
    known = [at is not None for at in served]
    instants = pa.array([instant(at) for at in served if at is not None], pa.timestamp("us", "UTC"))
    asked_at = spine.filter(pa.array(known)).set_column(2, "at", instants)
    assert disagreements(table.filter(pa.array(known)), features, expected(asking, features, rows, asked_at)) == []
    for row in (
        table.filter(pa.array([not one for one in known])).select([f.feature.name for f in features]).to_pylist()
    ):
        assert set(row.values()) == {None}


def _served(at: int, cron: str | None, delay: int, ttl: int | None) -> int | None:
    latest = at - delay
    point = latest // HOUR * HOUR if cron is None else _last_of(cron, latest)
    return None if ttl is not None and at - point > ttl else point


def _last_of(cron: str, latest: int) -> int:
    before: datetime = EPOCH + timedelta(microseconds=latest)
    # The search backwards begins before its start, so begin a microsecond later.
    backwards = CronSim(cron, before.replace(microsecond=0) + timedelta(seconds=1), reverse=True)
    return micros(next(backwards))
