"""A view's tests and examples: resolved, typed, refused where they cannot be run."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.model.repositories import Analysed, with_features

from fpc.model.view_test_nodes import (
    DriftTest,
    NoRowsTest,
    NotNullTest,
    NullShareTest,
    OneOfTest,
    RangeTest,
    RowsTest,
    Severity,
)

FEATURES = """\
    - {name: n, sql: COUNT(*), window: 7d}
    - {name: total, sql: SUM(amount), window: 7d}
    - {name: status, latest: status, window: 7d}
    - {name: share, sql: AVG(score), window: 7d, default: 0.5}
  derived:
    - {name: twice, sql: n * 2, default: 0}
"""


def _with_test(folder: Path, item: str) -> Analysed:
    return with_features(folder, f"{FEATURES}  tests:\n    - {item}\n")


RESOLVED = [
    ("not_null: [n, twice]", NotNullTest(("n", "twice"), Severity.ERROR)),
    ("not_null: n", NotNullTest(("n",), Severity.ERROR)),
    ("{range: {feature: share, min: 0, max: 1.5}, severity: warn}", RangeTest("share", 0, 1.5, Severity.WARN)),
    ("range: {feature: twice, max: 9}", RangeTest("twice", None, 9, Severity.ERROR)),
    ("one_of: {feature: status, values: [no, 'true']}", OneOfTest("status", ("no", "true"), Severity.ERROR)),
    ("one_of: {feature: n, values: [1, 2]}", OneOfTest("n", (1, 2), Severity.ERROR)),
    ("rows: {min: 1}", RowsTest(1, None, Severity.ERROR)),
    ("rows: {min: 1, max: 10}", RowsTest(1, 10, Severity.ERROR)),
    ("rows: {max_change: 0.5}", RowsTest(None, None, Severity.ERROR, 0.5)),
    ("null_share: {feature: total, max: 0.2}", NullShareTest("total", 0.2, None, Severity.ERROR)),
    ("{null_share: {feature: n, max_rise: 0.1}, severity: warn}", NullShareTest("n", None, 0.1, Severity.WARN)),
]


@pytest.mark.parametrize(("item", "expected"), RESOLVED)
def test_a_test_is_resolved(tmp_path: Path, item: str, expected: object) -> None:
    found = _with_test(tmp_path, item)
    assert not found.diagnostics
    assert found.view.tests == (expected,)


QUERIES = [
    "SELECT * FROM this WHERE n > twice",
    "SELECT user_id, COUNT(*) FROM this GROUP BY user_id HAVING COUNT(*) > 1",
    "WITH big AS (SELECT * FROM this WHERE total > 10) SELECT * FROM big JOIN this ON big.user_id = this.user_id",
    "SELECT n, as_of FROM this WHERE as_of IS NULL ORDER BY n LIMIT 1",
    "SELECT COUNT(*) FROM this HAVING COUNT(*) FILTER (WHERE __defaulted_share OR __defaulted_twice) > 0.5 * COUNT(*)",
    "SELECT * FROM this QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY n) > 1",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_no_rows_query_may_be_any_query_over_this(tmp_path: Path, query: str) -> None:
    found = _with_test(tmp_path, f"no_rows: {query}")
    assert not found.diagnostics
    (test,) = found.view.tests
    assert isinstance(test, NoRowsTest)
    assert test.sql == query


def test_a_drift_test_is_checked_and_left_aside(tmp_path: Path) -> None:
    found = _with_test(tmp_path, "drift: {feature: n, metric: psi, warn: 0.1, error: 0.25, baseline: 28d}")
    assert [code for code, _ in found.warnings] == ["FPC0804"] and not found.errors
    assert isinstance(found.view.tests[0], DriftTest)


REFUSED = [
    ("not_null: [m]", "FPC0221", "m"),
    ("range: {feature: status, min: 0}", "FPC0404", "status"),
    ("range: {feature: n}", "FPC0404", "{feature: n}"),
    ("range: {feature: n, min: 2, max: 1}", "FPC0404", "2"),
    ("range: {feature: n, min: one}", "FPC0114", "one"),
    ("range: {feature: n, min: .inf}", "FPC0114", ".inf"),
    ("range: {min: 1}", "FPC0111", "min"),
    ("one_of: {feature: status, values: [placed, 1]}", "FPC0404", "1"),
    ("one_of: {feature: status, values: []}", "FPC0404", "{feature: status, values: []}"),
    ("rows: {}", "FPC0404", "{}"),
    ("rows: {max_change: 0}", "FPC0404", "0"),
    ("null_share: {feature: n}", "FPC0404", "{feature: n}"),
    ("null_share: {feature: n, max: 1.5}", "FPC0404", "1.5"),
    ("null_share: {feature: n, max_rise: -1}", "FPC0404", "-1"),
    ("null_share: {max: 1}", "FPC0111", "max"),
    ("rows: {min: 1.5}", "FPC0404", "1.5"),
    ("rows: {min: 3, max: 2}", "FPC0404", "{min: 3, max: 2}"),
    ("{rows: {min: 1}, not_null: n}", "FPC0115", "{rows: {min: 1}, not_null: n}"),
    ("{}", "FPC0115", "{}"),
    ("uniqe: n", "FPC0110", "uniqe"),
    ("{not_null: n, severity: fatal}", "FPC0114", "fatal"),
    ("drift: {feature: n, metric: pis, baseline: 1d}", "FPC0404", "pis"),
    ("drift: {feature: n, metric: psi}", "FPC0111", "feature"),
    ("no_rows: SELECT * FROM this WHERE m > 1", "FPC0404", "m"),
    ("no_rows: SELECT * FROM this WHERE __defaulted_n", "FPC0404", "__defaulted_n"),
    ("no_rows: SELECT * FROM other", "FPC0227", "other"),
    ("no_rows: SELECT * FROM this JOIN other ON true", "FPC0227", "other"),
    ("no_rows: SELECT * FROM this, read_csv('x')", "FPC0503", "read_csv('x')"),
    ("no_rows: SELECT * FROM this WHERE n IN (SELECT 1 FROM x)", "FPC0227", "x"),
    ("no_rows: SELECT * FROM this WHERE as_of < NOW()", "FPC0302", "NOW()"),
    ("no_rows: SELECT * FROM this WHERE as_of < CURRENT_DATE", "FPC0302", "CURRENT_DATE"),
    ("no_rows: SELECT RANDOM() FROM this", "FPC0219", "RANDOM()"),
    ("no_rows: DELETE FROM this", "FPC0210", "DELETE FROM this"),
    ("no_rows: n > 1", "FPC0210", "n > 1"),
    ("no_rows: SELECT FROM WHERE", "FPC0204", "WHERE"),
    ("no_rows: SELECT * FROM this; DROP TABLE this", "FPC0211", ";"),
    ("no_rows: SELECT * FROM this WHERE n > '{{", "FPC0501", "{{"),
    ("no_rows: SELECT {{ x }} FROM this", "FPC0501", "{{"),
    ("no_rows: SELECT * FROM 'x.csv'", "FPC0503", "'x.csv'"),
    ("no_rows: COPY this TO 'x'", "FPC0210", "COPY this TO 'x'"),
]


@pytest.mark.parametrize(("item", "code", "underlined"), REFUSED, ids=[item for item, _, _ in REFUSED])
def test_a_test_is_refused_at_its_place(tmp_path: Path, item: str, code: str, underlined: str) -> None:
    found = _with_test(tmp_path, item)
    assert found.errors == [(code, underlined)]
    assert found.view.tests == ()


EXAMPLE = """\
  examples:
    - name: what counts
      at: {at}
      given: [{given}]
      expect: [{expect}]
"""


def _with_example(folder: Path, given: str, expect: str, at: str = "2024-03-08") -> Analysed:
    text = EXAMPLE.replace("{given}", given).replace("{expect}", expect).replace("{at}", at)
    return with_features(folder, FEATURES + text)


def test_an_example_has_the_types_of_its_columns(tmp_path: Path) -> None:
    found = _with_example(
        tmp_path,
        "{ORDER_ID: 1, user_id: 7, ordered_at: 2024-03-07T12:00:00Z, amount: 10.50, gift: false, day: 2024-03-07}, {}",
        "{user_id: 7, n: 1, total: 10.5, status: null, share: 1, twice: 2}",
        "2024-03-08T01:00:00+01:00",
    )
    assert not found.diagnostics
    (example,) = found.view.examples
    assert example.at == 1_709_856_000_000_000
    first, second = example.given
    assert first == {
        "order_id": 1,
        "user_id": 7,
        "ordered_at": "2024-03-07T12:00:00Z",
        "amount": "10.50",
        "gift": False,
        "day": "2024-03-07",
    }
    assert second == {}
    assert example.expect == ({"user_id": 7, "n": 1, "total": "10.5", "status": None, "share": 1.0, "twice": 2},)


def test_an_example_has_lists_where_features_and_columns_are_lists(tmp_path: Path) -> None:
    feature = "    - {name: recent, sql: 'LAST_K(amount, 2)', window: 7d}\n"
    text = EXAMPLE.format(given="{user_id: 7}", expect="{user_id: 7, recent: [10.5, ~]}", at="2024-03-08")
    (example,) = with_features(tmp_path, feature + text).view.examples
    assert example.expect == ({"user_id": 7, "recent": ("10.5", None)},)
    for wrong in ("10.5", "[x]", "[[1]]"):
        text = EXAMPLE.format(given="{}", expect="{user_id: 7, recent: " + wrong + "}", at="2024-03-08")
        assert with_features(tmp_path, feature + text).errors


EXAMPLES = [
    ("{amuont: 1}", "{user_id: 1}", "FPC0401", "amuont"),
    ("{}", "{user_id: 1, m: 1}", "FPC0401", "m"),
    ("{}", "{n: 1}", "FPC0403", "{n: 1}"),
    ("{}", "{user_id: ~, n: 1}", "FPC0403", "{user_id: ~, n: 1}"),
    ("{user_id: x}", "{user_id: 1}", "FPC0402", "x"),
    ("{user_id: 1.5}", "{user_id: 1}", "FPC0402", "1.5"),
    ("{user_id: [1]}", "{user_id: 1}", "FPC0402", "[1]"),
    ("{}", "{user_id: 1, n: [1]}", "FPC0402", "[1]"),
    ("{user_id: 9223372036854775808}", "{user_id: 1}", "FPC0402", "9223372036854775808"),
    ("{user_id: true}", "{user_id: 1}", "FPC0402", "true"),
    ("{small: 2147483648}", "{user_id: 1}", "FPC0402", "2147483648"),
    ("{status: 1}", "{user_id: 1}", "FPC0402", "1"),
    ("{gift: no}", "{user_id: 1}", "FPC0402", "no"),
    ("{amount: 1.234}", "{user_id: 1}", "FPC0402", "1.234"),
    ("{amount: .inf}", "{user_id: 1}", "FPC0402", ".inf"),
    ("{score: .nan}", "{user_id: 1}", "FPC0402", ".nan"),
    ("{ordered_at: 12:00}", "{user_id: 1}", "FPC0402", "12:00"),
    ("{day: 2024-13-01}", "{user_id: 1}", "FPC0402", "2024-13-01"),
    ("5", "{user_id: 1}", "FPC0112", "5"),
]


@pytest.mark.parametrize(("given", "expect", "code", "underlined"), EXAMPLES)
def test_an_example_is_refused_at_its_place(
    tmp_path: Path, given: str, expect: str, code: str, underlined: str
) -> None:
    assert _with_example(tmp_path, given, expect).errors == [(code, underlined)]


def test_the_instant_of_an_example_is_checked(tmp_path: Path) -> None:
    assert _with_example(tmp_path, "{}", "{user_id: 1}", "noon").errors == [("FPC0306", "noon")]


def test_what_a_broken_feature_would_be_is_not_asked_twice(tmp_path: Path) -> None:
    found = with_features(
        tmp_path,
        """\
    - {name: n, sql: COUNT(x), window: 7d}
  derived:
    - {name: d, sql: n + 1}
  tests:
    - not_null: [n, d]
    - no_rows: SELECT * FROM this WHERE n > d
  examples:
    - {name: e, at: 2024-01-01, given: [], expect: [{user_id: 1, n: 1, d: 2}]}
""",
    )
    assert found.errors == [("FPC0203", "x")]
