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
    "select id, coalesce(a, b) ts from (select o.id, o.ts as a, p.at as b from o join p using (id)) q": "FPC0324",
    "select id, case when x then ts else ts - interval 1 day end as ts from t": "FPC0329",
    "select id, ts - interval 1 day as ts, ts from t": "FPC0329",
    "select * rename (ts as e, late as ts) from (select id, ts, ts - interval 1 day as late from t) q": "FPC0329",
    "select * from (select greatest(o.ts, p.at), o.ts from o join p using (id)) as q(ready_at, ts)": "FPC0324",
    "select * from t as r(id, ts)": "FPC0328",
    "select id, ts::timestamp_s as ts from t": "FPC0329",
    "select id, ts at time zone 'America/New_York' as ts from t": "FPC0328",
    "select t.*, s.v from t join s on s.id = t.id and s.hour <= cast(t.ts as time)": "FPC0324",
    "select t.*, s.v from t join s on s.id = t.id and s.at <= least(t.due_at, t.ts)": "FPC0324",
    "select o.* from o join p on p.id = o.id anti join s on s.id = o.id and p.at <= o.ts": "FPC0324",
    "select p.*, greatest(o.ts, x.ts) as ts from o full join p on p.at <= o.ts join x on x.id = p.id": "FPC0324",
    "select * from raw.t join other.t on raw.t.id = other.t.id": "FPC0328",
    "select t.* from t natural join s": "FPC0324 FPC0328",
    "select a.* from (select *, ntile(2) over (order by x) as n from t) a join (values (1)) v(n) using (n)": "FPC0325",
    "select distinct id, ts, n from (select *, ntile(2) over (order by x) as n from t) q": "FPC0325",
    "select id, ts, n, count(*) c from (select *, ntile(2) over (order by x) as n from t) q group by all": "FPC0325",
    "select t.id, t.ts, v.y from t, (values ((select count(*) from t))) v(y)": "FPC0325",
    "select t.id, t.ts, u.y from t, unnest((select list(x) from t)) u(y)": "FPC0325",
    "select id, ts, columns('x.*') from t": "FPC0328",
    "select greatest(ts, lead(ts) over (order by ts)) as ts from t": "FPC0325",
    "select * from t where ts < coalesce(refunded_at, '1970-01-01')": "FPC0322",
    "select * from main.some_view": "FPC0327",
    "select id, ts {% if is_incremental() %}, lead(x) over (order by ts) as y {% endif %} from t": "FPC0328",
    "{{ config({'materialized': 'incremental', 'unique_key': 'id'}) }} select * from t": "FPC0327",
    "{{ config(tags=['a']) }} {{ config(unique_key='id') }} select * from t": "FPC0327",
    "select t.*, l.x from t, lateral (select x from s where s.id = t.id) l": "FPC0324",
    "with p as (select avg(x) as m from t) select t.* from t, p where t.x > p.m": "FPC0324",
    "with recursive r as (from t union all select o.id, o.ts from r join o using (id)) select * from r": "FPC0328",
    "with recursive r as (select id, ts from t union all select id, ts - interval 1 day ts from r) select * from r": (
        "FPC0329"
    ),
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
    "age(ts)": "FPC0326",
    "timestamp 'now'": "FPC0326",
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
    "select id, ts, sum(x) over w as y from t window w as (partition by id order by ts)",
    "select id, cast(ts as date) + 1 as ts from t",
    "select id, time_bucket(interval '1 day', ts) + interval 1 day as ts from t",
    "select id, case when x then ts else ts + interval 1 day end as ts from t",
    "with a as (select id, ts::date as day from t) select id, day + interval 1 day as ts from a",
    "select t.*, s.v from t join s on s.id = t.id and s.at::date < t.ts::date",
    "with s as (select id, at::date as day from u) select t.id, t.ts, s.day from t join s on s.day < t.ts::date",
    "select t.* from t asof join s using (id, ts)",
    "select t.id, t.ts, l.x from t left join lateral (select max(x) x from s where s.at <= t.ts) l on true",
    "with p as (select date '2020-01-01' as day) select t.* from t, p where t.ts >= p.day",
    "with m(k, v) as (values (1, 'a')) select t.id, t.ts, m.v from t left join m on m.k = t.k",
    "with recursive d as (select 1 as n union all select n + 1 from d where n < 9) select t.id, t.ts, n from t, d",
    "with recursive r as (select id, ts from t union all select o.id, greatest(r.ts, o.ts) as ts from r join o"
    " on o.up = r.id) select * from r",
    "select o.id, o.ts, p.v from o left join p on p.at <= o.ts and o.ts < coalesce(p.valid_to, '9999-12-31')",
    "{# a comment #} select id, ts from {{ source('raw', 't') }} -- and another",
)


@pytest.mark.parametrize("sql", ROWS)
def test_what_decides_which_rows_there_are_is_accused(sql: str) -> None:
    assert {found.code.code for found in read(sql).rows} == set(ROWS[sql].split())


@pytest.mark.parametrize("expression", COLUMNS)
def test_a_column_is_accused_and_the_rows_are_not(expression: str) -> None:
    found = read(f"select id, ts, {expression} as y from t window w as (order by ts desc)")
    assert found.rows == ()
    assert {one.code.code for one in found.column("y")} == {COLUMNS[expression]}
    assert found.column("id") == ()


@pytest.mark.parametrize("sql", PROVEN)
def test_what_looks_back_alone_is_proven(sql: str) -> None:
    found = read(sql)
    assert found.rows == () and found.all_columns() == ()


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


def test_a_name_counts_wherever_the_column_comes_from_its_table() -> None:
    base = "with a as (select * from raw), b as (select id, ts, status from a) "
    for sql in ("select ts, status as s from a", "select ts, status as s from b", "select *, status = 'x' as s from b"):
        assert {one.code.code for one in read(base + sql).column("s")} == {"FPC0320"}, sql


def test_a_column_of_from_hides_an_output_of_its_name() -> None:
    found = read("select id, ts, 1 as x, x + 0 as y from (select *, avg(x) over () as x from t) q")
    assert {one.code.code for one in found.column("y")} == {"FPC0325"}
    found = read("select greatest(at, late) as at, at as ts from (select o.at, p.late from o join p using (id)) q")
    assert {one.code.code for one in found.rows} == {"FPC0324"}


def test_a_window_runs_along_one_time_and_not_along_a_part_of_it() -> None:
    inner = "select *, sum(x) over (partition by id order by at) as y from s"
    for sql in (
        "select *, sum(x) over (order by at) as y, greatest(at, came) as ts from t",
        "select t.id, t.ts, sum(s.x) over (order by s.at) as y from t join s on s.id = t.id and s.at <= t.ts",
        f"select t.ts, s.y from t join ({inner}) s on s.id = t.id and s.at <= t.ts and s.came <= t.ts",
    ):
        assert {one.code.code for one in read(sql).column("y")} == {"FPC0325"}, sql


def test_names_stand_for_what_was_before_them() -> None:
    leak = "select *, avg(x) over () as y from raw"
    for sql in (
        "with n as (select ts, 0 as y from raw) select * from {{ ref('n') }}",
        "with a as (select * from {{ ref('n') }}), n as (select ts, 0 as y from raw) select * from a",
        f"with n as ({leak}), a as (select * from n) select * from (with n as (select 0 as y) select * from a) q",
    ):
        assert {one.code.code for one in read(sql, n=leak).column("y")} == {"FPC0325"}, sql


def test_many_queries_that_read_each_other_twice_are_read_in_no_time() -> None:
    steps = [
        f"q{n} as (select a.* from q{n - 1} a join q{n - 1} b on b.id = a.id and b.ts <= a.ts)" for n in range(1, 40)
    ]
    found = read(f"with q0 as (select * from t), {', '.join(steps)} select * from q39")
    assert found.rows == () and found.tables == ("t",)
