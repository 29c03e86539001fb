"""Copies and printed text of trees keep their meaning, whatever the expression."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from fpc.sql.text import render
from fpc.sql.trees import clone, conjunction, disjunction, select, with_steps

EXPRESSIONS = """
a + b * -c - (d - e)
NOT (a OR b) AND c
a IS NOT NULL AND NOT b IS NULL
x NOT IN (1, 2) OR x NOT LIKE 'a%' OR x NOT ILIKE 'B'
x NOT BETWEEN 1 AND 2 AND y BETWEEN 3 AND 4
CASE WHEN a > 1 THEN 'x' WHEN b THEN 'y' ELSE NULL END
CASE status WHEN 'a' THEN 1 ELSE 0 END
CAST(x AS DECIMAL(12, 2)) + TRY_CAST(y AS INTEGER)
x::INTEGER[] || [1, 2, 3]
list_filter(xs, lambda v: v > 2)
[v * 2 FOR v IN xs IF v > 1]
xs[1] + xs[1:3][1] + m['k']
{'a': 1, 'b': x}.a
struct_pack(a := 1, b := 2).b
DATE_DIFF('minute', a, b) + DATE_PART('year', a)
DATE_TRUNC('week', ts) + INTERVAL '90' MINUTES + INTERVAL 1 DAY
EXTRACT(dow FROM ts) + EPOCH_US(ts) // 1000 % 7
ts AT TIME ZONE 'Europe/Rome'
STRFTIME(ts, '%Y-%m') || LPAD('a', 3, '0') || SUBSTRING(x, 2, 3) || REPLACE(x, 'a', 'b')
REGEXP_EXTRACT(x, '(a+)', 1) || REGEXP_REPLACE(x, 'a', 'b', 'g')
REGEXP_MATCHES(x, 'a') AND STARTS_WITH(x, 'a') AND CONTAINS(x, 'b')
GREATEST(a, b) + LEAST(a, b) + COALESCE(a, b, 0) + NULLIF(a, 0) + IF(a > 1, 1, 0)
ROUND(x, 2) + FLOOR(x) + CEIL(x) + ABS(x) + SQRT(x) + LN(x) + EXP(x) + POWER(x, 2)
x ^ 2 + x ** 3 + (x & 1) + (x | 2) + (x << 1)
a IS DISTINCT FROM b AND a IS NOT DISTINCT FROM c
json_extract_string(j, '$.a') || j ->> 'b'
LIST_SUM(xs) + LEN(xs) + ARRAY_LENGTH(xs) + LIST_CONTAINS(xs, 1)::INTEGER
TIMESTAMPTZ '2024-01-01 00:00:00+00' - DATE '2024-01-01'
'it''s' || 'a -- b' || '/* c */' || '{{ d }}'
"Odd Name" + "left" + "order"
1e10 + 1.50 + 0.1 + 1_000
TRUE AND FALSE OR NULL
x COLLATE NOCASE = 'a'
HASH(a) % 100 = MD5(b)
""".strip().splitlines()


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_copy_prints_as_its_original(text: str) -> None:
    tree = sqlglot.parse_one(text, dialect="duckdb")
    assert clone(tree).sql("duckdb") == tree.sql("duckdb")
    assert clone(tree) == tree


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_printed_text_reads_back_as_the_same_tree(text: str) -> None:
    tree = sqlglot.parse_one(text, dialect="duckdb")
    for printed in (render(tree), render(deep(tree))):
        # Twice through the generator, so that only spellings that it decides itself may differ.
        (expected,) = sqlglot.parse(tree.sql("duckdb"), dialect="duckdb")
        last = list(sqlglot.parse_one(printed, dialect="duckdb").walk())
        read = next(node for node in last if lowered(node) == lowered(expected))
        assert read is not None


def deep(tree: exp.Expr) -> exp.Expr:
    """The expression far to the right, so that it must be broken."""
    for _ in range(15):
        tree = exp.func("COALESCE", tree, exp.Literal.string("a text of some length"))
    return tree


def lowered(node: exp.Expr | None) -> str:
    return "" if node is None else " ".join(node.sql("duckdb").lower().split())


def test_a_copy_shares_nothing() -> None:
    tree = exp.select("a", "b").from_("t").where("a > 1")
    copy = clone(tree)
    copy.find(exp.Where).this.set("this", exp.column("z"))  # type: ignore[union-attr]
    assert tree.sql() == "SELECT a, b FROM t WHERE a > 1"


def test_only_or_is_bracketed_in_a_conjunction() -> None:
    conditions = [sqlglot.parse_one(text) for text in ("a AND b", "c OR d", "NOT e", "f = 1")]
    joined = conjunction(None, *conditions)
    assert joined is not None and joined.sql() == "a AND b AND (c OR d) AND NOT e AND f = 1"
    assert conjunction(None, None) is None
    assert disjunction([exp.column("a"), exp.column("b"), exp.column("c")]).sql() == "a OR b OR c"


def test_a_query_is_built_from_its_parts() -> None:
    inner = select([exp.column("a"), exp.Count(this=exp.Star())], "t", where=[exp.column("b")], group_by=1, order_by=1)
    query = with_steps(select([exp.Star()], "s"), {"s": inner}, {"s": "Why."})
    assert render(query) == (
        "with\n\n-- Why.\ns as (\n    select\n        a,\n        count(*)\n    from t\n    where b\n"
        "    group by 1\n    order by 1\n)\n\nselect *\nfrom s\n"
    )
