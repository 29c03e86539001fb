"""Whatever a spec holds, loading and analysing it never raises, and every place lies in its file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.unit.model.repositories import ENTITY, SOURCE, VIEW, with_sql

from fpc.diagnostics.diagnostic import Diagnostic
from fpc.model import analyse
from fpc.model.expressions import read_expression
from fpc.model.queries import read_query
from fpc.spec import load

_REPOSITORY = f"""\
{SOURCE}---
{ENTITY}---
{VIEW}  where: status <> 'x'
  online_ttl: 3d
  features:
    - aggregate: {{amount: [sum, percentile(0.9)]}}
      windows: [1d, 7d]
    - name: share
      sql: |
        COUNT(*) FILTER (WHERE status = 'x')
          / NULLIF(COUNT(*), 0)
      window: 7d
      default: 0.0
  derived:
    - {{name: twice, sql: share * 2}}
  tests:
    - range: {{feature: share, min: 0, max: 1}}
    - no_rows: SELECT * FROM this WHERE share > 1
  examples:
    - {{name: e, at: 2024-01-01, given: [{{order_id: 1}}], expect: [{{user_id: 1, share: 1.0}}]}}
---
feature_service: {{name: s, features: [user_orders.*], max_staleness: 2h}}
---
training_set: {{name: t, service: s, spine: {{path: x.csv, time: at, label: y}}, mode: exact}}
"""
_CONFIG = 'name: x\ntargets: {dev: {engine: duckdb, online: {redis: "${URL}"}}}\ntiers: {streaming_below: 5m}\n'
_SNIPPETS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["&a ", "*a", "!!str ", "{", "}", "[", "]", ": ", "- ", "'", '"', "|\n", ">\n", "#", "~", "\t", "\r", "\x00",
         "\u202e", "\ud800", "😀", "null", "[[[[", "?", "%YAML 1.1\n", "---\n", "...\n", "${X}", "{{ x }}", "{window}",
         "1e999999", "0x", "9" * 50, "SELECT 1", "OVER ()", "NOW()", ";", "--", "/*", "$1", "::", "->", "''"]
    ),
)  # fmt: skip


def _check(text: str, config: str = _CONFIG) -> list[Diagnostic]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "features").mkdir()
        (folder / "fpc.yml").write_bytes(config.encode("utf-8", "surrogatepass"))
        (folder / "features" / "a.yml").write_bytes(text.encode("utf-8", "surrogatepass"))
        spec = load(folder)
        model = analyse(spec.value)
    found = [*spec.diagnostics, *model.diagnostics]
    for diagnostic in found:
        assert "\n" not in diagnostic.message
        if diagnostic.label is not None:
            span = diagnostic.label.span
            assert 1 <= span.line <= span.end_line and span.column >= 1 and span.end_column >= 1
            if span.path not in spec.value.files:
                assert diagnostic.code == "FPC0102"
                continue
            lines = spec.value.files[span.path].replace("\r\n", "\n").replace("\r", "\n").split("\n")
            assert span.end_line <= len(lines) + 1
            assert span.column <= len(lines[span.line - 1] if span.line <= len(lines) else "") + 1
    return found


def test_the_repository_itself_is_sound() -> None:
    assert not _check(_REPOSITORY)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(_REPOSITORY)), st.integers(0, 30), _SNIPPETS)
def test_a_spec_with_a_hole_or_a_foreign_body_never_raises(at: int, removed: int, inserted: str) -> None:
    _check(_REPOSITORY[:at] + inserted + _REPOSITORY[at + removed :])


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(_CONFIG)), st.integers(0, 30), _SNIPPETS)
def test_a_configuration_with_a_foreign_body_never_raises(at: int, removed: int, inserted: str) -> None:
    _check(ENTITY, _CONFIG[:at] + inserted + _CONFIG[at + removed :])


@settings(max_examples=100, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["name", "features", "sql", "keys", "columns", "tests", "examples", "given", "spine", "aggregate", "window"]
    ), inner, max_size=4),
    max_leaves=12,
), st.sampled_from(["source", "entity", "feature_view", "feature_service", "training_set"]))  # fmt: skip
def test_any_shape_of_document_never_raises(value: object, kind: str) -> None:
    _check(f"{kind}: {value!r}".replace("None", "~").replace("True", "true").replace("False", "false"))


_WORDS = st.sampled_from(
    ["SUM", "COUNT", "MAX", "LAST_K", "(", ")", "*", "a", "b", "1", "'x'", "+", "-", "/", "=", "<", "AND", "OR", "NOT",
     "FILTER", "WHERE", "DISTINCT", "OVER", "CASE", "WHEN", "THEN", "END", "CAST", "AS", "INT", "SELECT", "FROM", ",",
     ".", "::", "[", "]", "{", "}", "->", "->>", "IN", "BETWEEN", "IS", "NULL", "INTERVAL", "DAY", "WITHIN", "GROUP",
     "ORDER", "BY", "EXTRACT", "AS_OF", "()", "IGNORE", "NULLS", "?", "$", "@", "~", "!", "||", "LIKE", "ESCAPE", "E'",
     '"', "'", "--", "/*", "*/", "LAMBDA", ":", "PIVOT", "DATE_TRUNC", "LOG10", "COLUMNS", "EXISTS", "VALUES", "TRY"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_WORDS, max_size=12).map(" ".join))
@example("-> x")
@example("a IN (")
@example("COUNT(*) FILTER")
@example("LAST_K(a,")
@example("DATE_TRUNC(")
@example("DATE_TRUNC(,")
@example("PERCENTILE_CONT(0.5) WITHIN")
@example("$")
def test_any_words_as_sql_never_raise(sql: str) -> None:
    for problem in (*read_expression(sql).problems, *read_query(sql, ("this",)).problems):
        assert 0 <= problem.start <= problem.end <= max(len(sql), 1)


@pytest.mark.parametrize(
    "sql",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "NOT " * 5000 + "TRUE",
        "- " * 5000 + "1",
        "1" + " + 1" * 5000,
        "ABS(" * 3000 + "1" + ")" * 3000,
        "[" * 5000,
        "CASE WHEN " * 2000,
        "SUM(" * 1000 + "1" + ")" * 1000,
        "a" + "::INT" * 5000,
    ],
    ids=["parentheses", "not", "minus", "plus", "calls", "brackets", "case", "aggregates", "casts"],
)
def test_deep_sql_is_refused_and_not_followed(sql: str) -> None:
    assert read_expression(sql).problems
    read_query(f"SELECT {sql} FROM this", ("this",))


def test_a_long_condition_is_no_deep_one(tmp_path: Path) -> None:
    sql = "COUNT(*) FILTER (WHERE " + " OR ".join(f"order_id = {number}" for number in range(900)) + ")"
    assert not with_sql(tmp_path, sql).diagnostics
