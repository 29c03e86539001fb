"""Equal meanings have equal fingerprints, however they are written; other meanings have others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.model.repositories import ENTITY, SOURCE, VIEW, Analysed, analysed

from fpc.model.canonical import canonical
from fpc.model.expressions import read_expression

BASE = "SUM(amount) FILTER (WHERE status = 'x' AND small > 1)"


def _repository(
    folder: Path,
    sql: str = BASE,
    *,
    source: str = SOURCE,
    view: str = VIEW,
    entity: str = ENTITY,
    window: str = "window: 7d",
    name: str = "f",
) -> Analysed:
    found = analysed(
        folder, source, entity, f'{view}  features:\n    - name: {name}\n      {window}\n      sql: "{sql}"\n'
    )
    assert not found.errors
    return found


def _feature(folder: Path, sql: str = BASE, **changes: str) -> str:
    return _repository(folder, sql, **changes).view.features[0].fingerprint


EQUAL = [
    (BASE, "sum( Amount )\n  filter (where SMALL>1   and  status='x')"),
    (BASE, "SUM(amount) FILTER (WHERE 'x' = status AND 1 < small)"),
    (BASE, "(SUM(orders.amount) FILTER (WHERE (status = 'x') AND (small > 1))) -- comment"),
    ("COUNT(*)", "COUNT()"),
    ("COUNT(*) + SUM(small)", "SUM(small) + COUNT(*)"),
    ("SUM(small) * COUNT(*) + 1", "1 + COUNT(*) * SUM(small)"),
    ("BOOL_OR(small BETWEEN 1 AND 5)", "BOOL_OR(small >= 1 AND small <= 5)"),
    ("BOOL_OR(status IN ('a', 'b'))", "BOOL_OR(status IN ('b', 'a', 'b'))"),
    ("BOOL_OR(gift OR small = 1 OR small = 2)", "BOOL_OR((small = 2 OR gift) OR small = 1)"),
    ("CAST(SUM(amount) AS BIGINT)", "SUM(amount)::int8"),
    ("STDDEV(score)", "stddev_samp(score)"),
    ("QUANTILE_CONT(score, 0.5)", "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY score)"),
    ("COUNT(DISTINCT status)", "count_distinct(status)"),
    ("SUM(small) / NULLIF(COUNT(*), 0)", "SUM(small)/nullif(count(*),0)"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_spelling_does_not_matter(tmp_path: Path, one: str, other: str) -> None:
    assert _feature(tmp_path, one) == _feature(tmp_path, other.replace("\n", "\\n"))


DIFFERENT = [
    ("SUM(amount)", "SUM(score)"),
    ("SUM(amount)", "MAX(amount)"),
    ("SUM(amount)", "-SUM(amount)"),
    (BASE, BASE.replace("'x'", "'X'")),
    (BASE, BASE.replace("> 1", ">= 1")),
    (BASE, BASE.replace("AND", "OR")),
    ("SUM(small) - COUNT(*)", "COUNT(*) - SUM(small)"),
    ("SUM(small) / COUNT(*)", "COUNT(*) / SUM(small)"),
    ("SUM(score) + (SUM(small) + COUNT(*))", "(SUM(score) + SUM(small)) + COUNT(*)"),
    ("BOOL_OR(small IN (1, 2))", "BOOL_OR(small IN (1, 3))"),
    ("LAST_K(small, 2)", "LAST_K(small, 3)"),
    ("QUANTILE_CONT(score, 0.5)", "QUANTILE_CONT(score, 0.6)"),
    ("CAST(SUM(amount) AS BIGINT)", "CAST(SUM(amount) AS INTEGER)"),
    ("CAST(MAX(status) AS INTEGER)", "TRY_CAST(MAX(status) AS INTEGER)"),
    ("COUNT(*)", "COUNT(small)"),
    ("COUNT(small)", "COUNT(DISTINCT small)"),
    ("DATE_DIFF('day', MIN(day), MAX(day))", "DATE_DIFF('month', MIN(day), MAX(day))"),
    ("COUNT(*) FILTER (WHERE status LIKE 'a%')", "COUNT(*) FILTER (WHERE status ILIKE 'a%')"),
    ("COUNT(*) FILTER (WHERE gift IS NULL)", "COUNT(*) FILTER (WHERE gift IS NOT NULL)"),
    ("COUNT(*) FILTER (WHERE status = '1')", "COUNT(*) FILTER (WHERE small = 1)"),
    ("FIRST(amount)", "LAST(amount)"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_meaning_does(tmp_path: Path, one: str, other: str) -> None:
    assert _feature(tmp_path, one) != _feature(tmp_path, other)


MEANINGLESS = [
    {"name": "g"},
    {"window": "window: 1w"},
    {"window": "window: 168h\n      description: Words.\n      tags: [a]"},
    {"view": VIEW + "  description: x\n  owner: me\n  version: 7\n  tags: [t]\n"},
    {"view": VIEW.replace("user_orders", "other")},
    {"view": VIEW.replace("1h", "2h") + "  delay: 5m\n  online_ttl: 9d\n  start: 2020-01-01\n"},
    {"view": VIEW + "  closed: left\n"},
    {"source": SOURCE.replace("columns:", "max_lateness: 1h\n  description: x\n  tags: [t]\n  columns:")},
    {"source": SOURCE.replace("naive: timestamp}", "naive: timestamp, more: bigint}")},
    {"source": SOURCE.replace("name: orders", "name: shop"), "view": VIEW.replace("source: orders", "source: shop")},
    {"source": SOURCE.replace("columns:", "timezone: America/New_York\n  columns:")},  # no naive timestamp is read
    {"entity": ENTITY.replace("name: user", "name: person"), "view": VIEW.replace("entity: user", "entity: person")},
]


@pytest.mark.parametrize("changes", MEANINGLESS)
def test_what_is_only_said_does_not_count(tmp_path: Path, changes: dict[str, str]) -> None:
    assert _feature(tmp_path, "SUM(amount)", **changes) == _feature(tmp_path, "SUM(amount)")


MEANINGFUL = [
    {"window": "window: 8d"},
    {"window": "window: lifetime"},
    {"window": "window: 7d\n      offset: 1d"},
    {"window": "window: 7d\n      default: 0"},
    {"view": VIEW + "  where: gift\n"},
    {"view": VIEW + "  closed: right\n"},
    {"view": VIEW + "  keys: {user_id: order_id}\n"},
    {"source": SOURCE.replace("data/orders.parquet", "data/others.parquet")},
    {"source": SOURCE.replace("  known_time: loaded_at\n", "")},
    {"source": SOURCE.replace("event_time: ordered_at", "event_time: naive")},
    {"source": SOURCE.replace("columns:", "unique_key: order_id\n  columns:")},
    {"source": SOURCE.replace("decimal(12,2)", "decimal(12,3)")},
]


@pytest.mark.parametrize("changes", MEANINGFUL)
def test_what_decides_a_value_counts(tmp_path: Path, changes: dict[str, str]) -> None:
    assert _feature(tmp_path, "SUM(amount)", **changes) != _feature(tmp_path, "SUM(amount)")


def test_the_time_zone_counts_where_a_naive_timestamp_is_read(tmp_path: Path) -> None:
    there = SOURCE.replace("columns:", "timezone: America/New_York\n  columns:")
    assert _feature(tmp_path, "MAX(naive)", source=there) != _feature(tmp_path, "MAX(naive)")


def test_of_versions_only_columns_after_the_last_used_may_be_added(tmp_path: Path) -> None:
    source = SOURCE.replace("columns:", "unique_key: order_id\n  columns:")
    appended = source.replace("naive: timestamp}", "naive: timestamp, more: bigint}")
    before = source.replace("status: varchar", "more: bigint, status: varchar")
    base = _feature(tmp_path, "SUM(amount)", source=source)
    assert _feature(tmp_path, "SUM(amount)", source=appended) == base
    assert _feature(tmp_path, "SUM(amount)", source=before) != base


def test_a_view_changes_with_names_order_and_meaning_of_its_outputs(tmp_path: Path) -> None:
    base = _repository(tmp_path).view.fingerprint
    assert _repository(tmp_path, name="g").view.fingerprint != base
    assert _repository(tmp_path, window="window: 8d").view.fingerprint != base
    assert _repository(tmp_path, view=VIEW.replace("1h", "3h") + "  version: 2\n").view.fingerprint == base


def test_a_derived_feature_changes_with_its_inputs(tmp_path: Path) -> None:
    def derived(sql: str, window: str = "7d", name: str = "n") -> str:
        features = f"  features:\n    - {{name: {name}, sql: COUNT(*), window: {window}}}\n  derived:\n"
        found = analysed(tmp_path, SOURCE, ENTITY, f"{VIEW}{features}    - {{name: d, sql: {sql}}}\n")
        return found.view.derived[0].fingerprint

    assert derived("n + 1") == derived("1 + N") == derived("m + 1", name="m")
    assert derived("n + 1") != derived("n + 2")
    assert derived("n + 1") != derived("n + 1", window="8d")


_CONDITIONS = st.lists(
    st.sampled_from(["a = 1", "b > 2", "c IS NULL", "d LIKE 'x'", "NOT e", "f IN (1, 2)"]), min_size=2, max_size=6
)


@given(_CONDITIONS, st.randoms(use_true_random=False), st.sampled_from(["AND", "OR"]))
def test_the_order_of_conditions_does_not_matter(conditions: list[str], random: object, word: str) -> None:
    shuffled = list(conditions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    trees = [read_expression(f" {word} ".join(items)).tree for items in (conditions, shuffled)]
    assert trees[0] is not None and trees[1] is not None
    assert canonical(trees[0], {}) == canonical(trees[1], {})
