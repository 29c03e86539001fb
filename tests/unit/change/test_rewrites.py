"""Rewrites of SQL that keep the meaning of a feature are no change; those that change a value are a change each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import duckdb
import pytest
from tests.unit.change import expressions
from tests.unit.model.repositories import CONFIG

from fpc.change import Plan, compare
from fpc.change.nodes import Class
from fpc.model import Model, analyse
from fpc.spec import load

#: With those of `test_every_key`, a thousand of either.
KEPT: Final = 800
CHANGED: Final = 850
_A_VIEW: Final = 100
_AT_ONCE: Final = 25
_SOURCE: Final = (
    "source:\n  name: orders\n  path: data/orders.parquet\n  event_time: placed_at\n  columns: {user_id: bigint, "
    + ", ".join(f'{name}: "{type}"' for name, type in expressions.COLUMNS.items())
    + "}\n"
)
_ENTITY: Final = "entity:\n  name: user\n  keys: {user_id: bigint}\n"


@pytest.fixture(scope="module")
def table() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE orders AS {expressions.table_sql(1_500, 7)}")
        yield connection


def _model(folder: Path, texts: Sequence[str]) -> Model:
    """A repository with a feature for each text, a hundred in a view."""
    (folder / "features").mkdir(parents=True)
    (folder / "fpc.yml").write_text(CONFIG)
    (folder / "features" / "sources.yml").write_text(f"{_SOURCE}---\n{_ENTITY}")
    for first in range(0, len(texts), _A_VIEW):
        features = "".join(
            f"    - {{name: f{first + at}, window: 7d, sql: {json.dumps(text)}}}\n"
            for at, text in enumerate(texts[first : first + _A_VIEW])
        )
        head = f"feature_view:\n  name: v{first}\n  entity: user\n  source: orders\n  freshness: 1h\n"
        (folder / "features" / f"v{first}.yml").write_text(f"{head}  features:\n{features}")
    loaded = load(folder)
    found = analyse(loaded.value)
    assert not loaded.diagnostics and not found.has_errors, (*loaded.diagnostics, *found.diagnostics)[:3]
    return found.value


def _compared(folder: Path, pairs: Sequence[tuple[str, str]]) -> Plan:
    before = _model(folder / "before", [before for before, _ in pairs])
    after = _model(folder / "after", [after for _, after in pairs])
    return compare(before, after, "2026-11-22")


def _values(connection: duckdb.DuckDBPyConnection, texts: Sequence[str]) -> list[list[object]]:
    """What each text is for each user, as text; floats to nine digits."""
    columns = ", ".join(f"({text}\n) AS c{at}" for at, text in enumerate(texts))
    told = ", ".join(
        f"CASE WHEN TYPEOF(c{at}) = 'DOUBLE' THEN FORMAT('{{:.9g}}', TRY_CAST(c{at} AS DOUBLE))"
        f" ELSE CAST(c{at} AS VARCHAR) END"
        for at in range(len(texts))
    )
    rows = connection.execute(
        f"SELECT {told} FROM (SELECT user_id, {columns} FROM orders GROUP BY user_id) ORDER BY user_id"
    ).fetchall()
    return [list(column) for column in zip(*rows, strict=True)]


def _differ(connection: duckdb.DuckDBPyConnection, pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Whether the two of a pair have different values; False for a pair that DuckDB refuses."""
    if len(pairs) > _AT_ONCE:
        return _differ(connection, pairs[:_AT_ONCE]) + _differ(connection, pairs[_AT_ONCE:])
    try:
        values = _values(connection, [text for pair in pairs for text in pair])
    except duckdb.Error:
        if len(pairs) == 1:
            return [False]
        half = len(pairs) // 2
        return _differ(connection, pairs[:half]) + _differ(connection, pairs[half:])
    return [values[2 * at] != values[2 * at + 1] for at in range(len(pairs))]


def test_what_means_the_same_is_no_change(tmp_path: Path, table: duckdb.DuckDBPyConnection) -> None:
    pairs = list(islice(expressions.cases(1, expressions.kept), KEPT))
    plan = _compared(tmp_path, pairs)
    alarms = [pairs[int(change.name.partition(".f")[2])] for view in plan.changes for change in view.parts]
    assert not alarms, f"{len(alarms)} false alarms, such as {alarms[0]}"
    wrong = [pair for pair, differs in zip(pairs, _differ(table, pairs), strict=True) if differs]
    assert not wrong, f"the rewrite itself is wrong: {wrong[0]}"


def test_every_other_value_is_a_change(tmp_path: Path, table: duckdb.DuckDBPyConnection) -> None:
    pairs: list[tuple[str, str]] = []
    made = expressions.cases(2, expressions.changed)
    while len(pairs) < CHANGED:
        some = list(islice(made, 100))
        pairs += [pair for pair, differs in zip(some, _differ(table, some), strict=True) if differs]
    plan = _compared(tmp_path, pairs[:CHANGED])
    told = {part.name for view in plan.changes for part in view.parts if {Class.VALUE, Class.TYPE} & {*part.classes}}
    missed = [pair for at, pair in enumerate(pairs[:CHANGED]) if f"v{at // _A_VIEW * _A_VIEW}.f{at}" not in told]
    assert not missed, f"{len(missed)} missed, such as {missed[0]}"
