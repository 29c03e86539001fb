"""Every refusal has its code and underlines the words that are at fault, inside SQL inside YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.model.repositories import VIEW, analysed, with_features, with_sql

SQL = [
    # columns and aggregates
    ("SUM(amuont)", "FPC0203", "amuont"),
    ("COUNT(*) FILTER (WHERE\n  stauts = 'x')", "FPC0203", "stauts"),
    ("amuont + 1", "FPC0203", "amuont"),
    ("SUM(amount) + score", "FPC0207", "score"),
    ("amount * 2", "FPC0209", "amount * 2"),
    ("1 + 1", "FPC0209", "1 + 1"),
    ("SUM(MAX(amount))", "FPC0208", "MAX(amount)"),
    ("SUM(amount) FILTER (WHERE COUNT(*) > 1)", "FPC0208", "COUNT(*)"),
    ("SUM(amount, score)", "FPC0215", "SUM(amount, score)"),
    ("SUM(status)", "FPC0215", "SUM(status)"),
    ("BOOL_OR(amount)", "FPC0215", "BOOL_OR(amount)"),
    ("LAST_K(amount)", "FPC0215", "LAST_K(amount)"),
    ("LAST_K(amount, small)", "FPC0215", "small"),
    ("LAST_K(amount, 0)", "FPC0215", "0"),
    ("QUANTILE_CONT(amount, 1.5)", "FPC0215", "1.5"),
    ("SUM(DISTINCT amount)", "FPC0206", "SUM(DISTINCT amount)"),
    ("STRING_AGG(status, ',')", "FPC0206", "STRING_AGG"),
    ("ARG_MAX(amount, ordered_at)", "FPC0206", "ARG_MAX"),
    ("COUNT_IF(gift)", "FPC0206", "COUNT_IF"),
    ("ANY(gift)", "FPC0206", "ANY"),
    ("SUM(amount ORDER BY ordered_at)", "FPC0224", "amount ORDER BY ordered_at"),
    ("SUM(amount) OVER ()", "FPC0212", "SUM(amount)"),
    ("COUNT(*) FILTER (WHERE amount)", "FPC0216", "COUNT(*) FILTER (WHERE amount)"),
    # types
    ("SUM(amount) + MAX(status)", "FPC0214", "+"),
    ("COUNT(*) FILTER (WHERE ordered_at > 5)", "FPC0214", "ordered_at > 5"),
    ("SUM(amount) > MAX(status) + 1", "FPC0214", "+"),
    (
        "REGEXP_REPLACE(MAX(status), 'a', 'b', MIN(status))",
        "FPC0214",
        "REGEXP_REPLACE(MAX(status), 'a', 'b', MIN(status))",
    ),
    ("DATE_TRUNC('dai', MAX(ordered_at))", "FPC0214", "'dai'"),
    ("DATE_DIFF(status, MIN(ordered_at), MAX(ordered_at))", "FPC0214", "status"),
    ("EXTRACT(dai FROM MAX(ordered_at))", "FPC0214", "dai"),
    ("MAX(ordered_at + INTERVAL 1 DAI)", "FPC0214", "DAI"),
    ("COUNT(*) FILTER (WHERE CAST(status AS money))", "FPC0224", "CAST(status AS money)"),
    ("ROUND(SUM(amount), 1, 2)", "FPC0214", "ROUND"),
    ("MAX(ordered_at) - MIN(ordered_at)", "FPC0217", "MAX(ordered_at) - MIN(ordered_at)"),
    # the clock, chance, and the world outside
    ("DATE_DIFF('day', MAX(ordered_at), NOW())", "FPC0302", "NOW"),
    ("DATE_DIFF('day', MAX(ordered_at), 'today'::DATE)", "FPC0302", "'today'"),
    ("DATE_DIFF('day', MAX(ordered_at), TIMESTAMPTZ 'Now')", "FPC0302", "'Now'"),
    ("MAX(ordered_at) < CURRENT_DATE", "FPC0302", "CURRENT_DATE"),
    ("MAX(ordered_at) < current_timestamp", "FPC0302", "current_timestamp"),
    ("MAX(ordered_at) < today()", "FPC0302", "today"),
    ("MAX(ordered_at) < get_current_timestamp()", "FPC0302", "get_current_timestamp"),
    ("MAX(ordered_at) < localtimestamp", "FPC0302", "localtimestamp"),
    ("SUM(amount) * RANDOM()", "FPC0219", "RANDOM"),
    ("MAX(uuid())", "FPC0219", "uuid"),
    ("COUNT(nextval('s'))", "FPC0219", "nextval"),
    ("COUNT(read_text('/etc/passwd'))", "FPC0503", "read_text"),
    ("COUNT(getenv('HOME'))", "FPC0503", "getenv"),
    ("COUNT(current_setting('x'))", "FPC0503", "current_setting"),
    ("COUNT(*) + current_user", "FPC0503", "current_user"),
    ("COUNT(hash(amount))", "FPC0205", "hash"),
    ("ABSS(SUM(amount))", "FPC0205", "ABSS"),
    ("AGE(MAX(ordered_at))", "FPC0214", "AGE"),
    ("SUM(AS_OF() > ordered_at)", "FPC0307", "AS_OF()"),
    ("COUNT(*) FILTER (WHERE ordered_at > AS_OF() - INTERVAL 1 DAY)", "FPC0307", "AS_OF()"),
    # what is no expression
    ("SELECT SUM(amount) FROM orders", "FPC0210", "SELECT"),
    ("(SELECT 1)", "FPC0210", "(SELECT 1)"),
    ("SUM(amount) + (SELECT MAX(x) FROM other)", "FPC0210", "(SELECT MAX(x) FROM other)"),
    ("COUNT(*) FILTER (WHERE user_id IN (SELECT 1))", "FPC0210", "user_id IN (SELECT 1)"),
    ("COUNT(*) FILTER (WHERE EXISTS (SELECT 1))", "FPC0210", "EXISTS (SELECT 1)"),
    ("SUM(amount) FROM orders", "FPC0210", "FROM"),
    ("SUM(amount) AS total", "FPC0210", "AS"),
    ("DROP TABLE orders", "FPC0210", "DROP"),
    ("COPY orders TO 'x'", "FPC0210", "COPY"),
    ("ATTACH 'x.db'", "FPC0210", "ATTACH"),
    ("SUM(amount), COUNT(*)", "FPC0211", ","),
    ("SUM(amount); DROP TABLE orders", "FPC0211", ";"),
    ("SUM(amount);", "FPC0211", ";"),
    ("*", "FPC0210", "*"),
    ("SUM(orders.*)", "FPC0210", "orders.*"),
    ("SUM(payments.amount)", "FPC0227", "payments.amount"),
    ("SUM(amount) / REQUEST.cart", "FPC0227", "REQUEST.cart"),
    ("REQUEST.cart", "FPC0227", "REQUEST.cart"),
    ("SUM(a.b.c)", "FPC0224", "a.b.c"),
    ("SUM($1)", "FPC0224", "$1"),
    ("SUM(?)", "FPC0224", "?"),
    ("COUNT(COLUMNS('a.*'))", "FPC0205", "COLUMNS"),
    ("MAX(list_transform([1], x -> x))", "FPC0205", "list_transform"),
    ("SUM(amount) +", "FPC0204", "+"),
    ("SUM((amount)", "FPC0204", ")"),
    ("COUNT(*) FILTER (WHERE status = 'x)", "FPC0204", "'x)"),
    ("-- nothing", "FPC0204", "-- nothing"),
    ("SUM({{ amount }})", "FPC0501", "{{"),
    ("SUM(amount) {% raw %}", "FPC0501", "{%"),
]


@pytest.mark.parametrize(("sql", "code", "underlined"), SQL, ids=[sql for sql, _, _ in SQL])
def test_sql_is_refused_at_its_place(tmp_path: Path, sql: str, code: str, underlined: str) -> None:
    found = with_sql(tmp_path, sql)
    assert found.errors == [(code, underlined)]
    assert not found.view.features


def test_all_mistakes_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    found = with_features(
        tmp_path,
        """\
    - {name: a, sql: SUM(amuont), window: 7d}
    - {name: b, sql: SUM(amount) + NOW(), window: 7 days}
    - {name: c, sql: COUNT(*), window: 7d}
    - aggregate: {amuont: [sum], amount: [smu]}
      window: 7d
""",
    )
    assert found.errors == [
        ("FPC0203", "amuont"),
        ("FPC0302", "NOW"),
        ("FPC0301", "7 days"),
        ("FPC0203", "amuont"),
        ("FPC0226", "smu"),
    ]
    assert [feature.name for feature in found.view.features] == ["c"]


def test_a_near_miss_is_proposed_and_the_declaration_named(tmp_path: Path) -> None:
    (error,) = with_sql(tmp_path, "SUM(amuont)").diagnostics
    assert error.message == "unknown column `amuont` in source `orders`"
    assert error.label is not None and error.label.text == "not a column of this source"
    assert error.notes == ("columns are declared in features/all.yml:6",)
    assert error.help == "did you mean `amount`?"


FEATURES = [
    ("{name: f, sql: COUNT(*)}", "FPC0303", "f"),
    ("{name: f, window: 7d}", "FPC0111", "{name: f, window: 7d}"),
    ("{sql: COUNT(*), window: 7d}", "FPC0111", "sql"),
    ("{name: f, sql: COUNT(*), latest: status, window: 7d}", "FPC0115", "status"),
    ("{name: f, sql: COUNT(*), window: 7d, windows: [1d]}", "FPC0115", "[1d]"),
    ("{name: f, sql: COUNT(*), windows: [7d, 1d]}", "FPC0223", "f"),
    ("{name: 'f_{window}', sql: COUNT(*), windows: [7d, 1w]}", "FPC0310", "1w"),
    ("{name: f, sql: COUNT(*), window: 0d}", "FPC0301", "0d"),
    ("{name: f, sql: COUNT(*), window: 1.5h}", "FPC0301", "1.5h"),
    ("{name: f, sql: COUNT(*), window: 40000w}", "FPC0301", "40000w"),
    ("{name: Orders, sql: COUNT(*), window: 7d}", "FPC0113", "Orders"),
    ("{name: 'f_{windows}', sql: COUNT(*), window: 7d}", "FPC0113", "'f_{windows}'"),
    ("{name: limit, sql: COUNT(*), window: 7d}", "FPC0222", "limit"),
    ("{name: user_id, sql: COUNT(*), window: 7d}", "FPC0222", "user_id"),
    ("{name: as_of, sql: COUNT(*), window: 7d}", "FPC0222", "as_of"),
    ("{name: f, latest: stauts, window: 7d}", "FPC0203", "stauts"),
    ("{name: f, sql: COUNT(*), window: 7d, default: none}", "FPC0218", "none"),
    ("{name: f, sql: COUNT(*), window: 7d, default: 1.5}", "FPC0218", "1.5"),
    ("{name: f, sql: COUNT(*), window: 7d, default: [1]}", "FPC0218", "[1]"),
    ("{name: f, sql: 'LAST_K(small, 3)', window: 7d, default: 1}", "FPC0218", "1"),
    ("{name: f, sql: MAX(day), window: 7d, default: yesterday}", "FPC0218", "yesterday"),
    ("{name: f, latest: gift, window: 7d, default: yes}", "FPC0218", "yes"),
    ("{name: f, sql: MAX(amount), window: 7d, default: 12345678901.0}", "FPC0218", "12345678901.0"),
    ("{name: f, sql: MAX(amount), window: 7d, default: 0.125}", "FPC0218", "0.125"),
    ("{name: f, sql: COUNT(*), window: 7d, offset: -1d}", "FPC0301", "-1d"),
    ("{name: f, sql: COUNT(*), window: 7d, wndow: 1d}", "FPC0110", "wndow"),
    ("{aggregate: {amount: [sum]}, name: f, window: 7d}", "FPC0115", "f"),
    ("{aggregate: {amount: [percentile]}, window: 7d}", "FPC0215", "percentile"),
    ("{aggregate: {amount: [percentile(2)]}, window: 7d}", "FPC0215", "percentile(2)"),
    ("{aggregate: {amount: [sum(1)]}, window: 7d}", "FPC0215", "sum(1)"),
    ("{aggregate: {status: [sum]}, window: 7d}", "FPC0215", "sum"),
    ("{aggregate: {amount: [sum, sum]}, window: 7d}", "FPC0201", "sum"),
]


@pytest.mark.parametrize(("item", "code", "underlined"), FEATURES, ids=[item for item, _, _ in FEATURES])
def test_a_feature_is_refused_at_its_place(tmp_path: Path, item: str, code: str, underlined: str) -> None:
    found = with_features(tmp_path, f"    - {item}\n")
    assert [error for error in found.errors if error[0] == code] == [(code, underlined)]
    assert len(found.errors) == 1


DERIVED = [
    ("{name: d, sql: n / m}", "FPC0221", "m"),
    ("{name: d, sql: SUM(n)}", "FPC0213", "SUM(n)"),
    ("{name: d, sql: '1'}", "FPC0209", "'1'"),
    ("{name: n, sql: n + 1}", "FPC0201", "n"),
    ("{name: d, sql: d + n}", "FPC0220", "d + n"),
    ("{name: d, sql: n || s > 2}", "FPC0214", "n || s > 2"),
    ("{name: d, sql: n + amount}", "FPC0221", "amount"),
    ("{name: d, sql: 'n + RANDOM()'}", "FPC0219", "RANDOM"),
    ("{name: d, sql: n + REQUEST.x}", "FPC0227", "REQUEST.x"),
    ("{name: d, sql: n, default: x}", "FPC0218", "x"),
]


@pytest.mark.parametrize(("item", "code", "underlined"), DERIVED, ids=[item for item, _, _ in DERIVED])
def test_a_derived_feature_is_refused_at_its_place(tmp_path: Path, item: str, code: str, underlined: str) -> None:
    found = with_features(
        tmp_path,
        f"""\
    - {{name: n, sql: COUNT(*), window: 7d}}
    - {{name: s, latest: status, window: 7d}}
  derived:
    - {item}
""",
    )
    assert found.errors == [(code, underlined)]


def test_a_circle_of_derived_features_is_shown_once(tmp_path: Path) -> None:
    found = with_features(
        tmp_path,
        """\
    - {name: n, sql: COUNT(*), window: 7d}
  derived:
    - {name: hangs_on, sql: a + 1}
    - {name: a, sql: b + n}
    - {name: b, sql: c + 1}
    - {name: c, sql: a + 1}
    - {name: fine, sql: n + 1}
""",
    )
    (error,) = found.diagnostics
    assert error.code == "FPC0220"
    assert error.message.endswith("`a` -> `b` -> `c` -> `a`")
    assert [feature.name for feature in found.view.derived] == ["fine"]


VIEWS = [
    ("where: amount", "FPC0216", "amount"),
    ("where: SUM(amount) > 1", "FPC0213", "SUM(amount)"),
    ("where: ordered_at < AS_OF()", "FPC0307", "AS_OF()"),
    ("where: amuont > 1", "FPC0203", "amuont"),
    ("where: amount > 'x' || ordered_at", "FPC0214", "amount > 'x' || ordered_at"),
    ("schedule: every day", "FPC0305", "every day"),
    ('schedule: "61 * * * *"', "FPC0305", '"61 * * * *"'),
    ('schedule: "0 0 30 2 *"', "FPC0305", '"0 0 30 2 *"'),
    ("start: last year", "FPC0306", "last year"),
    ("start: 2024-02-30", "FPC0306", "2024-02-30"),
    ("closed: middle", "FPC0114", "middle"),
    ("version: 0", "FPC0114", "0"),
    ("version: v2", "FPC0114", "v2"),
    ("keys: {user: user_id}", "FPC0225", "user"),
    ("keys: {user_id: usr_id}", "FPC0203", "usr_id"),
    ("keys: {user_id: status}", "FPC0225", "status"),
    ("online_ttl: 0s", "FPC0311", "0s"),
    ("request: {cart: double}", "FPC0115", "cart"),
    ("deprecated: {since: soon}", "FPC0306", "soon"),
    ("deprecated: {since: 2026-02-01, remove_after: 2026-01-01}", "FPC0601", "2026-01-01"),
    ("deprecated: {reason: old}", "FPC0111", "reason"),
    ("descripton: x", "FPC0110", "descripton"),
]


@pytest.mark.parametrize(("line", "code", "underlined"), VIEWS, ids=[line for line, _, _ in VIEWS])
def test_a_view_is_refused_at_its_place(tmp_path: Path, line: str, code: str, underlined: str) -> None:
    found = with_features(tmp_path, f"    - {{name: n, sql: COUNT(*), window: 7d}}\n  {line}\n")
    assert found.errors == [(code, underlined)]


def test_a_duplicate_view_notes_the_first(tmp_path: Path) -> None:
    view = (
        "feature_view: {name: v, entity: e, source: s, freshness: 1h, features: "
        "[{name: n, sql: COUNT(*), window: 1d}]}\n"
    )
    source = "source: {name: s, path: x.csv, event_time: t, columns: {t: timestamptz, k: bigint}}\n"
    found = analysed(tmp_path, source, "entity: {name: e, keys: {k: bigint}}\n", view, view)
    assert found.errors == [("FPC0201", "v")]
    assert found.diagnostics[0].notes == ("first declared in features/all.yml:5:22",)


def test_an_unknown_entity_hides_nothing_that_is_wrong_with_the_features(tmp_path: Path) -> None:
    view = VIEW.replace("entity: user", "entity: usr")
    found = with_features(tmp_path, "    - {name: f, window: 7d, sql: SUM(amuont)}\n", view=view)
    assert found.errors == [("FPC0202", "usr"), ("FPC0203", "amuont")]
    assert not found.model.views
