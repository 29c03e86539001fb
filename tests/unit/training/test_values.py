"""Every aggregation over every kind of source, against plain loops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.sql.builder import source, view
from tests.unit.training.random_case import Asked, asked, computed, disagreements, expected, rows_of, spine_of

from fpc.model.nodes import Closed

HOUR = 3_600_000_000


def every_function(window: str | None, offset: str, label: str) -> list[Asked]:
    def one(
        name: str, function: str, argument: str | None = None, *, when: str | None = None, p: float | None = None
    ) -> Asked:
        return asked(
            f"{name}_{label}",
            function,
            argument,
            when=when,
            window=window,
            offset=offset,
            parameters=() if p is None else (p,),
        )

    return [
        one("rows", "count"),
        one("paid", "count", when="paid"),
        one("amounts", "count", "amount"),
        one("cities", "count_distinct", "city"),
        one("paid_cities", "count_distinct", "city", when="paid"),
        one("total", "sum", "amount"),
        one("ids", "sum", "order_id"),
        one("weight", "sum", "weight"),
        one("mean", "avg", "amount"),
        one("mean_weight", "avg", "weight"),
        one("spread", "stddev", "amount"),
        one("spread_weight", "variance", "weight"),
        one("spread_ids", "var_pop", "order_id"),
        one("least", "min", "amount"),
        one("least_city", "min", "city"),
        one("greatest", "max", "weight", when="paid"),
        one("oldest", "first", "city"),
        one("newest", "last", "city"),
        one("newest_paid", "last", "amount", when="paid"),
        one("middle", "median", "amount"),
        one("p90", "percentile", "weight", p=0.9),
        one("commonest", "mode", "city"),
        one("top", "top_k", "city", p=2),
        one("last_three", "last_k", "city", p=3),
        one("first_two", "first_k", "amount", p=2),
    ]


SOURCES: dict[str, dict[str, Any]] = {
    "plain": {},
    "late": {"known_time": True},
    "versions": {"unique_key": ("order_id",)},
    "late versions": {"known_time": True, "unique_key": ("order_id",)},
}


@pytest.mark.parametrize("closed", list(Closed))
@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("seed", range(2))
def test_every_function_gives_what_a_loop_gives(tmp_path: Path, kind: str, closed: Closed, seed: int) -> None:
    features = [
        *every_function("2h", "0s", "2h"),
        *every_function("30m", "1h", "shifted"),
        *every_function(None, "0s", "ever"),
        *every_function(None, "1h", "ever_shifted"),
    ]
    flags = SOURCES[kind]
    rows = rows_of(seed, 150, known_time=bool(flags.get("known_time")), versions="unique_key" in flags)
    spine = spine_of(seed, rows, 60, [2 * HOUR, HOUR, HOUR // 2])
    filtered = view(
        *(one.feature for one in features),
        of=source(**flags),
        closed=closed,
        where="status <> 'gone'" if seed else None,
    )
    table = computed(filtered, rows, spine, tmp_path)
    assert table.column("label").to_pylist() == spine.column("label").to_pylist()
    assert disagreements(table, features, expected(filtered, features, rows, spine)) == []
