"""The interval formula: its integers, its SQL and its conditions on timestamps say one thing."""

from __future__ import annotations

from itertools import product

import duckdb
import pytest
from sqlglot import exp

from fpc.model.nodes import Closed, Window
from fpc.plan.visibility import Edges, edges_of, interval
from fpc.types.duration import Duration

LENGTHS = (None, 0, 3)
OFFSETS = (0, 2)


def counts(closed: Closed, window: Window, event: int, known: int, superseded: int | None, t: int) -> bool:
    """What semantics.md says, word for word."""
    edge = t - window.offset.microseconds
    start = None if window.length is None else edge - window.length.microseconds
    after = start is None or (start < event if closed is Closed.RIGHT else start <= event)
    before = event < edge if closed is Closed.LEFT else event <= edge

    def is_known(instant: int) -> bool:
        return instant < t if closed is Closed.LEFT else instant <= t

    return after and before and is_known(known) and not (superseded is not None and is_known(superseded))


CASES = [
    (closed, Window(None if length is None else Duration(length), Duration(offset)))
    for closed, length, offset in product(Closed, LENGTHS, OFFSETS)
]


@pytest.mark.parametrize(("closed", "window"), CASES)
def test_the_interval_holds_exactly_the_instants_at_which_the_event_counts(closed: Closed, window: Window) -> None:
    edges = edges_of(window, closed)
    for lateness, gap, t in product((0, 1, 4), (None, 0, 1, 5), range(-1, 14)):
        known = 3 + lateness
        superseded = None if gap is None else known + gap
        start, end = edges.interval(3, known, superseded)
        assert (start <= t and (end is None or t < end)) == counts(closed, window, 3, known, superseded, t)


@pytest.mark.parametrize(("closed", "window"), CASES)
def test_sql_gives_the_same_interval_and_the_same_conditions(closed: Closed, window: Window) -> None:
    edges = edges_of(window, closed)
    e, k, s, t = (exp.column(name) for name in "ekst")
    until = edges.visible_until(e, s)
    assert until is not None
    at = {name: f"MAKE_TIMESTAMPTZ({name})" for name in "ekst"}
    conditions = [
        edges.before_end(e, t),
        edges.is_known(k, t),
        edges.is_latest_version(s, t),
        edges.after_start(e, t) or exp.true(),
    ]
    holds = " AND ".join(in_microseconds(condition, at) for condition in conditions)
    rows = duckdb.connect().execute(f"""
        SELECT e, k, s, t, {edges.visible_from(e, k).sql("duckdb")}, {until.sql("duckdb")}, {holds}
        FROM (SELECT 3::BIGINT AS e, 3 + UNNEST([0, 1, 4]) AS k), (SELECT UNNEST([NULL, 3, 4, 7, 9]) AS s),
             (SELECT UNNEST(RANGE(-1, 14)) AS t)
    """)
    for event, known, superseded, instant, start, end, held in rows.fetchall():
        assert (start, end) == edges.interval(event, known, superseded)
        assert held == counts(closed, window, event, known, superseded, instant)


def in_microseconds(condition: exp.Expr, at: dict[str, str]) -> str:
    """The condition with its columns, which are microseconds, as timestamps."""
    instants: dict[str, exp.Expr] = {name: exp.maybe_parse(text, dialect="duckdb") for name, text in at.items()}
    text: str = condition.transform(lambda n: instants[n.name] if isinstance(n, exp.Column) else n).sql("duckdb")
    return text


def test_without_a_known_time_the_event_time_alone_decides() -> None:
    edges = edges_of(Window(Duration(100)), Closed.LEFT)
    assert edges.visible_from(exp.column("e"), None).sql() == "e + 1"
    assert edges_of(Window(None), Closed.LEFT).visible_until(exp.column("e"), None) is None


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("7d", "INTERVAL '7' DAYS"),
        ("90m", "INTERVAL '90' MINUTES"),
        ("36h", "INTERVAL '36' HOURS"),
        ("61s", "INTERVAL '61' SECONDS"),
    ],
)
def test_durations_are_intervals_in_the_largest_unit_that_divides_them(text: str, sql: str) -> None:
    assert interval(Duration.parse(text)).sql("duckdb") == sql


def test_edges_know_their_shifts() -> None:
    left = Edges(offset=5, reach=12, start_closed=True, end_closed=False)
    assert (left.known_shift, left.start_shift, left.end_shift) == (1, 6, 13)
