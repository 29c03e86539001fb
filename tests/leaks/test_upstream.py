"""SQL of dbt models by itself: what is accused, for rows or for a column, and what is proven."""

from __future__ import annotations

import pytest

from fpc.diagnostics.span import Span
from fpc.leaks.upstream.models import Models
from fpc.leaks.upstream.relation import Relation, Times
from fpc.spec.text_file import TextFile

HERE = Span("features/s.yml", 1, 1, 1, 2)


def read(sql: str, known: str = "ts", **below: str) -> Relation:
    """The model `m` under the event time `ts`, which is the known time unless another is named."""
    texts = {name: TextFile(f"{name}.sql", text) for name, text in {"m": sql, **below}.items()}
    return Models(texts, {"some_view"}, timed=known != "ts").read(
        "m", Times(frozenset(("ts", known)), frozenset((known,))), HERE
    )


ROWS = {
    "select * from t where ts < (select max(ts) from t)": "FPC0325",
    "select distinct on (id) * from t order by id, ts desc": "FPC0325",
    "select * from t tablesample 10%": "FPC0325",
    "select id, min(ts) as ts, count(*) n from t group by id": "FPC0325",
    "select * from t pivot (sum(x) for y in ('a', 'b'))": "FPC0328",
    "select * from read_csv('x.csv')": "FPC0328",
    "with recursive r as (select 1) select * from t": "FPC0328",
    "select {% for c in columns %} x, {% endfor %} ts from t": "FPC0328",
    "select 1; select 2": "FPC0328",
    "not sql at all (((": "FPC0328",
    "select * from {{ ref('m') }}": "FPC0328",
    "select * from {{ ref('some_view') }}": "FPC0327",
    "select * from (select *, row_number() over (partition by id order by ts desc) rn from t) where rn = 1": "FPC0327",
    "select id, ts from t where id in (select id from u where at < '2020-01-01')": "FPC0324",
    "select t.id, t.ts, u.c from t cross join (select count(*) c from t) u": "FPC0324",
    "select a.id, a.ts, b.x from t a join t b using (id)": "FPC0324",
    "select t.*, s.v from t join s on s.id = t.id and s.at <= t.due_at": "FPC0324",
    "select t.*, s.v from t left join s on s.id = t.id and s.at <= t.ts and s.is_current": "FPC0322",
    "select id, make_timestamp(ms * 1000) as ts from t": "FPC0329",
    "select id, cast(ts as date) as ts from t": "FPC0329",
    "select id, date_trunc('month', ts) + interval 30 days as ts from t": "FPC0329",
    "select id, least(ts, other) as ts from t": "FPC0329",
}
COLUMNS = {
    "sum(x) over w": "FPC0325",
    "lag(x, -1) over (order by ts)": "FPC0325",
    "ntile(4) over (order by ts)": "FPC0325",
    "sum(x) over (order by ts range between interval 1 day preceding and interval 1 day following)": "FPC0325",
    "sum(x) over (order by id)": "FPC0325",
    "(select max(ts) from t)": "FPC0325",
    "now() - ts": "FPC0326",
    "current_date": "FPC0326",
    "get_current_timestamp()": "FPC0326",
    "random()": "FPC0328",
    "score(x)": "FPC0328",
    "list_transform(xs, x -> x + 1)": "FPC0328",
}
PROVEN = (
    "from t select id, ts",
    "select id, ts, max(x) filter (where y) as m from t group by id, ts",
    "select id, ts, case when x in (1, 2) then 'a' end c, x::varchar v, x between 1 and 2 b from t",
    "select a.*, b.x from a, b where a.id = b.id and b.at <= a.ts",
    "select t.* from t join s on s.id = t.id where s.at between t.ts - interval 1 day and t.ts",
    "select t.* from t semi join s on s.id = t.id and s.at < t.ts",
    "select id, ts, (select x from s where s.id = t.id and s.at <= t.ts order by at desc limit 1) y from t",
    "select id, ts, (select count(*) from t as s where s.id = t.id and s.ts < t.ts) y from t",
    "select id, date_trunc('month', ts) + interval 1 month as ts from t",
    "select id, ts at time zone 'UTC' as ts from t",
    "with a as (select * from t), b as (select id, ts, x from a where x > 1) select * from b",
    "{# a comment #} select id, ts from {{ source('raw', 't') }} -- and another",
)


@pytest.mark.parametrize("sql", ROWS)
def test_what_decides_which_rows_there_are_is_accused(sql: str) -> None:
    assert {found.code.code for found in read(sql).rows} == {ROWS[sql]}


@pytest.mark.parametrize("expression", COLUMNS)
def test_a_column_is_accused_and_the_rows_are_not(expression: str) -> None:
    found = read(f"select id, ts, {expression} as y from t window w as (order by ts desc)")
    assert found.rows == ()
    assert {one.code.code for one in found.column("y")} == {COLUMNS[expression]}
    assert found.column("id") == ()


@pytest.mark.parametrize("sql", PROVEN)
def test_what_looks_back_alone_is_proven(sql: str) -> None:
    found = read(sql)
    assert found.rows == () and not any((found.columns or {}).values())


def test_what_is_below_is_followed_and_named_on_the_way() -> None:
    found = read("select id, ts, y from {{ ref('n') }}", n="select *, avg(x) over () as y\nfrom {{ ref('o') }}", o="")
    (obstacle,) = found.column("y")
    assert (obstacle.code.code, str(obstacle.span)) == ("FPC0325", "n.sql:1:11")
    assert [hop.what for hop in obstacle.trail] == [
        "column `y` of the dbt model `n`", "column `y` of the dbt model `m`",
    ]  # fmt: skip


def test_a_window_runs_along_the_known_time() -> None:
    for order, accused in (("ts", True), ("loaded", False)):
        found = read(f"select *, sum(x) over (order by {order}) as y from t", known="loaded")
        assert bool(found.column("y")) is accused
