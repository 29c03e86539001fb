from __future__ import annotations

import pytest
from sqlglot import exp, parse_one

from fpc.sql.engines import ALL, BY_NAME
from fpc.sql.text import render


def test_the_reference_engine_differs_in_nothing() -> None:
    assert BY_NAME["duckdb"].built and not BY_NAME["duckdb"].lacks


def test_an_engine_that_is_not_built_refuses_everything() -> None:
    for engine in ALL:
        assert engine.built or engine.refusals(exp.select("1")) == (f"engine {engine.name} is not built yet",)
    with pytest.raises(ValueError, match="not built yet"):
        render(exp.select("1"), engine="spark")


def test_a_built_engine_names_what_it_lacks_once() -> None:
    query = parse_one("SELECT ARG_MAX(a, b), ARG_MAX(c, d)", dialect="duckdb")
    pretended = type(BY_NAME["spark"])("x", "spark", built=True, lacks=BY_NAME["spark"].lacks)
    assert len(pretended.refusals(query)) == 1
