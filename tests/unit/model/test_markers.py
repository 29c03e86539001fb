"""Template markers are SQL's fault only where they are SQL."""

from __future__ import annotations

import pytest

from fpc.model.expressions import read_expression


@pytest.mark.parametrize(
    "sql",
    [
        "{{ x }}",
        "a = {% if %}",
        "a = 'it''s' || {# x #}",
        "a = 'b' AND {{ ref('c') }}",
        "a -- it's {{ x }}'",
        '"{{ x }}" = 1',
        "/* ' */ {{ x }} /* ' */",
    ],
)
def test_markers_outside_quotes_are_refused(sql: str) -> None:
    assert "FPC0501" in {problem.code.code for problem in read_expression(sql).problems}


@pytest.mark.parametrize("sql", ["a = '{{ x }}'", "a = 'it''s {% raw %}'", "a IN ('{#', '}}')"])
def test_text_in_quotes_may_hold_markers(sql: str) -> None:
    assert not read_expression(sql).problems
