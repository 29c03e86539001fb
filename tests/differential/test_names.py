"""A user's name never means something else in generated SQL: every name that fpc uses itself is tried as a user's."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from tests.differential.case import Case, Derived, instant
from tests.differential.check import check_snapshots, check_training
from tests.differential.engine import Engine, Repository
from tests.oracle.oracle import Call, Event, Feature, View

from fpc.model.nodes import FeatureReference, Mode
from fpc.sql.snapshot import lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.training.program import lower_training

HOUR = 3_600_000_000
START = 1_704_672_000_000_000
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def case(key: str = "user_id", value: str = "amount", feature: str = "total", derived: str = "ratio") -> Case:
    """A view with every kind of part, and these names in it."""
    columns = {
        "id": "bigint",
        key: "bigint",
        value: "decimal(12,2)",
        "status": "varchar",
        "ts": "timestamptz",
        "loaded": "timestamptz",
    }
    rows: list[dict[str, Any]] = [
        {
            "id": n % 5,
            key: n % 2 + 1,
            value: Decimal(n),
            "status": "ab"[n % 2],
            "ts": START + n * HOUR,
            "loaded": START + n * HOUR + n % 3 * HOUR,
        }
        for n in range(12)
    ]
    events = [Event(row["ts"], row["loaded"], row) for row in rows]
    stored = [row | {"ts": instant(row["ts"]), "loaded": instant(row["loaded"])} for row in rows]

    def of(function: str, column: str, parameter: float = 0) -> Call:
        return Call(function, lambda row: row[column], parameter=parameter)

    def first(values: Any, t: int) -> Any:
        return values[0]

    text = value if value not in ("order", "group") else f'"{value}"'
    return Case(
        config={"name": "t", "defaults": {"owner": "team:test"}, "tiers": {"streaming_below": "1s"},
                "default_target": "dev",
                "targets": {"dev": {"engine": "duckdb", "database": ".fpc/w.duckdb", "online": "embedded"}}},
        source={"name": "s", "description": "Made-up events.", "owner": "team:test", "path": "data/s.parquet",
                "event_time": "ts", "known_time": "loaded", "unique_key": "id", "columns": columns},
        entity={"name": "u", "description": "Someone.", "owner": "team:test", "keys": {key: "bigint"}},
        view_spec={"name": "v", "description": "A made-up view.", "owner": "team:test", "entity": "u", "source": "s",
                   "freshness": "2h", "online_ttl": "20h", "features": [
                       {"name": feature, "sql": f"SUM({text})", "window": "5h", "default": 0},
                       {"name": f"{feature}_kinds", "sql": f"COUNT(DISTINCT {text})", "window": "4h"},
                       {"name": f"{feature}_newest", "latest": "status", "window": "lifetime"},
                       {"name": f"{feature}_middle", "sql": f"MEDIAN({text})", "window": "5h", "offset": "1h"},
                       {"name": f"{feature}_age", "sql": "DATE_DIFF('hour', MAX(ts), AS_OF())", "window": "6h"}],
                   "derived": [{"name": derived, "sql": f"{feature} / NULLIF({feature}_kinds, 0)"}]},
        columns=columns, rows=stored, view=View((key,), tuple(columns), ("id",)),
        features={
            feature: Feature((of("sum", value),), first, 5 * HOUR, 0, Decimal(0)),
            f"{feature}_kinds": Feature((of("count_distinct", value),), first, 4 * HOUR),
            f"{feature}_newest": Feature((of("last", "status"),), first, None),
            f"{feature}_middle": Feature((of("median", value),), first, 5 * HOUR, HOUR),
            f"{feature}_age": Feature(
                (of("max", "ts"),), lambda v, t: None if v[0] is None else t // HOUR - v[0] // HOUR, 6 * HOUR),
        },
        derived={derived: Derived(
            lambda v: float(v[feature]) / v[f"{feature}_kinds"] if v[f"{feature}_kinds"] else None, None)},
        events=events, spine=[((n % 3 + 1,), START + n * HOUR) for n in range(2, 16, 2)] + [((None,), START)],
        spine_type=0, grid=range(START - 20 * HOUR, START + 40 * HOUR, 2 * HOUR), delay=0, ttl=20 * HOUR,
    )  # fmt: skip


@cache
def own_names() -> tuple[str, ...]:
    """Every name that stands in the SQL of a training set or a refresh and is not a name of the spec."""
    with Repository(case()) as repository:
        members = [(FeatureReference("v", name), name) for name in repository.outputs]
        texts = [
            step.sql
            for mode in Mode
            for view in lower_training(repository.model, members, mode).views
            for step in (view.asked, view.answers, view.events, *view.parts, view.values)
            if step is not None
        ]
        view = repository.view
        texts.append(lower_snapshot(view, exp.to_table("staged"), exp.column("as_of")).sql("duckdb"))
        texts.append(lower_staging(view.source, exp.to_table("raw_rows")).sql("duckdb"))
    found = {node.name.lower() for text in texts for node in sqlglot.parse_one(text, "duckdb").find_all(exp.Identifier)}
    spec = {"user_id", "amount", "status", "ts", "loaded", "id", "ratio", "staged", "as_of", *repository.outputs}
    return tuple(sorted(name for name in found - spec if NAME.fullmatch(name)))


ROLES = ("key", "value", "feature", "derived")
#: Names that fpc's statements or DuckDB could mistake for their own, beside those that stand in the SQL.
MORE = ("x", "p", "f", "order", "group", "row", "value", "values_0", "answers_0", "every_ask", "instants")


@cache
def accepted(role: str, name: str) -> bool:
    """Whether the analysis takes the name in this role; one that it refuses cannot collide."""
    try:
        Repository(case(**{role: name})).__exit__()
    except AssertionError as error:
        assert "FPC0" in str(error)
        return False
    return True


@pytest.mark.parametrize("part", range(4))
def test_no_name_of_a_user_collides(engine: Engine, part: int) -> None:
    names = (*own_names(), *MORE)
    wrong: dict[str, str] = {}
    for place in range(part, len(names), 4):
        # Each name has each role once, in four cases.
        taken = {role: names[(place + 7 * shift) % len(names)] for shift, role in enumerate(ROLES)}
        taken = {role: name for role, name in taken.items() if accepted(role, name)}
        with Repository(case(**taken)) as repository:
            try:
                check_training(engine, repository)
                check_snapshots(engine, repository)
            except Exception as error:
                wrong[str(taken)] = str(error).strip()[:300]
    assert not wrong, "\n".join(f"{taken}: {what}" for taken, what in wrong.items())
