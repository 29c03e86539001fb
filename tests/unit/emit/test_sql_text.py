import pytest
import sqlglot
from sqlglot import exp

from fpc.emit.dbt.sql_text import dbt_sql


def parse(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect="duckdb")


def test_placeholders_become_jinja() -> None:
    text = dbt_sql(parse("SELECT __as_of__ AS t FROM __ref__stg_orders"), {}, frozenset({"as_of"}))
    assert text == "select {{ as_of }} as t\nfrom {{ ref('stg_orders') }}\n"


def test_a_source_is_named_by_its_dbt_source() -> None:
    assert "{{ source('shop', 'orders') }}" in dbt_sql(parse("SELECT 1 AS a FROM __source__orders"), {"orders": "shop"})


def test_a_placeholder_in_a_users_text_stays_text() -> None:
    text = dbt_sql(parse("SELECT '__ref__secret' AS a, '__as_of__' AS b FROM t"), {}, frozenset({"as_of"}))
    assert "'__ref__secret' as a" in text
    assert "'__as_of__' as b" in text


def test_a_template_in_a_users_text_is_inert() -> None:
    text = dbt_sql(parse("SELECT a FROM t WHERE a <> '{{ env_var(''HOME'') }}{% x %}{# y #}'"), {})
    assert "{{ '{' }}{ env_var" in text
    assert "{{ '{' }}% x" in text
    assert "{{ '{' }}# y" in text


def test_a_name_that_is_not_checked_is_refused() -> None:
    with pytest.raises(ValueError, match="not a dbt name"):
        dbt_sql(parse("SELECT 1 AS a FROM __ref__ordérs"), {})
