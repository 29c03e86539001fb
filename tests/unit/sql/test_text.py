"""The printed SQL: same meaning, dbt Labs' style, sqlfluff-clean."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pytest
import sqlfluff
import sqlglot
from sqlglot import exp
from tests.unit.sql.builder import COLUMNS, Call, derived, feature, source, view

from fpc.aggregations import ALL
from fpc.model.nodes import Closed, FeatureView
from fpc.sql.snapshot import lower_empty, lower_snapshot
from fpc.sql.staging import lower_refused, lower_staging
from fpc.sql.text import render
from fpc.types.logical import LogicalType

AS_OF = exp.column("__as_of__")
STAGED = exp.to_table("stg_orders")
CONFIG = Path(__file__).parents[3] / ".sqlfluff"
CONSTANTS = {"percentile": 0.9, "approx_percentile": 0.5, "first_k": 3, "last_k": 3, "top_k": 2}


def everything() -> FeatureView:
    features = []
    for aggregation in ALL:
        column = (
            next(c for c in ("amount", "status", None) if c and aggregation.accepts(LogicalType.parse(COLUMNS[c])))
            if aggregation.name not in ("any", "all")
            else "status = 'completed' and amount > 10 and city is not null"
        )
        call = Call(
            aggregation.name, column, parameters=(CONSTANTS[aggregation.name],) if aggregation.parameters else ()
        )
        for window in ("7d", None):
            name = f"{aggregation.name}_{window or 'lifetime'}"
            features.append(feature(name, call, window=window))
    share = "__a0 / NULLIF(__a1, 0) + CASE WHEN __a1 > 1000 THEN 0.25 WHEN __a1 > 100 THEN 0.125 ELSE 0 END"
    many = Call(
        "count", filter="status = 'completed' AND city IN ('Rome', 'Oslo') OR NOT amount IS NULL AND weight > 2"
    )
    features.append(feature("share", many, Call("count"), sql_text=share, type_="double", default="0.0", offset="3d"))
    return view(
        *features,
        of=source(known_time=True, unique_key=("order_id", "user_id")),
        where="status NOT IN ('cancelled', 'refunded', 'a status of quite a long name') AND NOT city LIKE 'X%'",
        keys={"buyer": "user_id", "city": "city"},
        closed=Closed.RIGHT,
        derived=(
            derived("twice", "2 * share", ("share",), "double"),
            derived(
                "more", "twice + sum_7d / NULLIF(count_7d, 0) - avg_lifetime * stddev_lifetime", ("twice",), "double"
            ),
        ),
    )


SIMPLE = view(feature("orders_7d", Call("count", "order_id")), where="status <> 'cancelled'")
MODELS = {
    "simple": lower_snapshot(SIMPLE, STAGED, AS_OF),
    "snapshot": lower_snapshot(everything(), STAGED, AS_OF),
    "empty": lower_empty(everything(), AS_OF),
    "staging": lower_staging(everything().source, exp.to_table("raw")),
    "refused": lower_refused(everything().source, exp.to_table("raw")),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_are_clean_under_dbt_labs_rules(name: str) -> None:
    found = sqlfluff.lint(render(MODELS[name]), config_path=str(CONFIG))
    assert [(f["start_line_no"], f["code"], f["description"]) for f in found] == [], render(MODELS[name])


@pytest.mark.parametrize("name", MODELS)
def test_text_means_what_the_tree_means(name: str) -> None:
    connection = duckdb.connect()
    columns = ", ".join(f"{column} {kind}" for column, kind in COLUMNS.items())
    connection.execute(f"CREATE TABLE raw ({columns})")
    connection.execute(
        f"CREATE TABLE stg_orders ({columns}, event_at TIMESTAMPTZ, known_at TIMESTAMPTZ, superseded_at TIMESTAMPTZ)"
    )
    answers = []
    for text in (render(MODELS[name]), MODELS[name].sql("duckdb")):
        query = text.replace("__as_of__", "TIMESTAMPTZ '2024-01-01 00:00:00+00'")
        answers.append((connection.execute(query).fetchall(), connection.execute(f"DESCRIBE {query}").fetchall()))
    assert answers[0] == answers[1]


def test_a_simple_view_reads_like_an_analysts_query() -> None:
    assert (
        render(MODELS["simple"])
        == """\
with

-- Events that count at the refresh's instant t: t - 7d <= event_at < t.
events as (
    select
        user_id,
        order_id,
        event_at
    from stg_orders
    where
        user_id is not null
        and status <> 'cancelled'
        and event_at >= __as_of__ - interval '7' days
        and event_at < __as_of__
),

-- One row per user_id.
features as (
    select
        user_id,
        count(order_id) as orders_7d
    from events
    group by 1
)

select
    *,
    __as_of__ as as_of
from features
"""
    )


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("SELECT 'It''S -- /* A */' AS \"Odd Name\"", "select 'It''S -- /* A */' as \"Odd Name\"\n"),
        ('SELECT "left" FROM t', 'select "left"\nfrom t\n'),
        ("SELECT DATE_TRUNC('DAY', x) FROM t", "select date_trunc('day', x)\nfrom t\n"),
        ("SELECT x NOT IN ('FILTER(', 'NOT a IN')", "select x not in ('FILTER(', 'NOT a IN')\n"),
        (
            "SELECT a FROM t LEFT JOIN u ON t.a = u.a UNION ALL SELECT 2",
            "select a\nfrom t\nleft join u on t.a = u.a\nunion all\nselect 2\n",
        ),
        ("SELECT * FROM (SELECT 1 AS a) AS s", "select *\nfrom (\n    select 1 as a\n) as s\n"),
    ],
)
def test_spellings(query: str, text: str) -> None:
    assert render(sqlglot.parse_one(query, dialect="duckdb")) == text


def test_strings_of_a_user_are_never_broken_or_changed() -> None:
    nasty = "New\nLine -- {{ x }} ) OR (1 = 1 AND NOT A IN (2) " + "x" * 90
    query = exp.select(exp.column("status").eq(exp.Literal.string(nasty)).as_("found")).from_("t")
    (literal,) = sqlglot.parse_one(render(query), dialect="duckdb").find_all(exp.Literal)
    assert literal.name == nasty


def test_a_thousand_models_print_in_seconds() -> None:
    start = time.process_time()
    for _ in range(100):
        render(MODELS["simple"])
    assert time.process_time() - start < 1.0
