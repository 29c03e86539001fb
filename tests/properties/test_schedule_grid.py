"""The latest point of a schedule, by all who compute it: the run, the training set's SQL, dbt's macros, plain loops.

The loops know nothing of cron's text: a schedule is made up together with what it means.
"""

from __future__ import annotations

import calendar
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from dbt.context.base import get_datetime_module_context, get_pytz_module_context
from dbt_common.clients.jinja import get_environment
from dbt_common.exceptions.macros import MacroReturn
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from fpc.contract.registry import GridContract
from fpc.emit.dbt.macros import macros
from fpc.emit.dbt.schedule import as_of_call
from fpc.model.nodes import Grid
from fpc.runtime.grid import instant_text, latest_point
from fpc.sql.training.cron import lower_cron_points
from fpc.types.duration import Duration

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CASES = int(os.environ.get("FPC_CASES", "2000")) // 20
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


@dataclass(frozen=True)
class Field:
    """A cron field as text, and which values it stands for; `matches` is for what depends on the month."""

    text: str
    values: frozenset[int]
    matches: Callable[[date], bool] = lambda _day: False


@dataclass(frozen=True)
class Cron:
    """Five fields and their meaning."""

    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field

    @property
    def text(self) -> str:
        fields = (self.minute, self.hour, self.day, self.month, self.weekday)
        return " ".join(field.text for field in fields)

    def has(self, day: date) -> bool:
        """Whether it comes on that day. Vixie's rule: either day field counts, unless one begins with a star."""
        by_date = day.day in self.day.values or self.day.matches(day)
        by_weekday = day.isoweekday() % 7 in {value % 7 for value in self.weekday.values} or self.weekday.matches(day)
        both = self.day.text.startswith("*") or self.weekday.text.startswith("*")
        return day.month in self.month.values and (by_date and by_weekday if both else by_date or by_weekday)

    def latest(self, at: datetime) -> datetime:
        """The latest time that is not after `at`."""
        for back in range(60 * 366):
            day = (at - timedelta(days=back)).date()
            if not self.has(day):
                continue
            for hour in sorted(self.hour.values, reverse=True):
                for minute in sorted(self.minute.values, reverse=True):
                    point = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                    if point <= at:
                        return point
        raise AssertionError("never comes")


def _terms(low: int, high: int, names: list[str]) -> st.SearchStrategy[Field]:
    """`*`, `*/n`, `a`, `a/n`, `a-b`, `a-b/n`; a name in place of a number where there are names."""

    def named(value: int) -> st.SearchStrategy[str]:
        name = names[value - low] if value - low < len(names) else str(value)
        return st.sampled_from([str(value), name])

    numbers = st.integers(low, high)
    steps = st.integers(1, high)
    spans = st.tuples(numbers, numbers).map(sorted)
    alone = numbers.flatmap(lambda a: named(a).map(lambda text: Field(text, frozenset({a}))))
    ranges = spans.flatmap(
        lambda ab: st.tuples(named(ab[0]), named(ab[1])).map(
            lambda texts: Field(f"{texts[0]}-{texts[1]}", frozenset(range(ab[0], ab[1] + 1)))
        )
    )
    stepped = st.tuples(numbers, steps).map(
        lambda pair: Field(f"{pair[0]}/{pair[1]}", frozenset(range(pair[0], high + 1, pair[1])))
    )
    stepped_ranges = (
        st.tuples(spans, steps)
        .filter(lambda pair: pair[0][0] < pair[0][1])
        .map(
            lambda pair: Field(
                f"{pair[0][0]}-{pair[0][1]}/{pair[1]}", frozenset(range(pair[0][0], pair[0][1] + 1, pair[1]))
            )
        )
    )
    return st.one_of(alone, ranges, stepped, stepped_ranges)


def fields(low: int, high: int, names: list[str], special: st.SearchStrategy[Field] | None = None) -> Any:
    """Fields of one to three terms, or a star, or every n-th."""
    term = _terms(low, high, names) if special is None else st.one_of(_terms(low, high, names), special)
    star = st.just(Field("*", frozenset(range(low, high + 1))))
    every = st.integers(1, high).map(lambda n: Field(f"*/{n}", frozenset(range(low, high + 1, n))))
    return st.one_of(star, every, st.lists(term, min_size=1, max_size=3).map(_joined))


def _joined(terms: list[Field]) -> Field:
    return Field(
        ",".join(term.text for term in terms),
        frozenset().union(*(term.values for term in terms)),
        lambda day: any(term.matches(day) for term in terms),
    )


def _last_day(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _last_workday(day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    days = [date(day.year, day.month, number) for number in range(1, last + 1)]
    return day == [one for one in days if one.isoweekday() <= 5][-1]


def _nth(weekday: int, which: int) -> Field:
    """The `which`-th such weekday of a month; 0 is the last."""

    def matches(day: date) -> bool:
        last = calendar.monthrange(day.year, day.month)[1]
        same = [n for n in range(1, last + 1) if date(day.year, day.month, n).isoweekday() % 7 == weekday % 7]
        wanted = same[-1] if which == 0 else same[which - 1] if which <= len(same) else None
        return day.day == wanted

    return Field(f"{weekday}L" if which == 0 else f"{weekday}#{which}", frozenset(), matches)


def crons() -> st.SearchStrategy[Cron]:
    """Schedules of five fields that come at all, with month ends, numbered weekdays and names."""
    ends = st.sampled_from([Field("L", frozenset(), _last_day), Field("LW", frozenset(), _last_workday)])
    numbered = st.builds(_nth, st.integers(0, 7), st.integers(0, 5))
    made = st.builds(
        Cron,
        fields(0, 59, []),
        fields(0, 23, []),
        fields(1, 31, [], ends),
        fields(1, 12, MONTHS),
        fields(0, 7, DAYS, numbered),
    )
    return made.filter(_comes)


def _comes(cron: Cron) -> bool:
    """Whether it comes at all, as the compiler asks: within the years after 2024 in which every pattern comes."""
    start = date(2024, 1, 1)
    return any(cron.has(start + timedelta(days=number)) for number in range(40 * 366))


INSTANTS = st.one_of(
    st.datetimes(datetime(1901, 1, 1), datetime(2150, 1, 1)),
    # On and around the edges of days and months, leap days and the epoch.
    st.builds(
        lambda day, off: datetime(day.year, day.month, day.day) + timedelta(microseconds=off),
        st.one_of(
            st.dates(date(1995, 1, 1), date(2040, 1, 1)),
            st.sampled_from([date(2024, 2, 29), date(2000, 2, 29), date(2100, 3, 1), date(1970, 1, 1)]),
        ),
        st.sampled_from([-1, 0, 1, 59_999_999, 60_000_000, 86_399_999_999]),
    ),
).map(lambda naive: naive.replace(tzinfo=UTC))


class Macros:
    """The project's macros, run by dbt's own Jinja, with a clock that can be set."""

    def __init__(self) -> None:
        self.clock = ""
        context: dict[str, Any] = {
            "modules": {"pytz": get_pytz_module_context(), "datetime": get_datetime_module_context()},
            "execute": True,
            "var": lambda name, default=None: self.clock if name == "as_of" else default,
            "env_var": lambda name, default=None: default,
            "target": type("Target", (), {"name": "dev"}),
            "return": _return,
        }
        environment = get_environment(None)
        module = environment.from_string(macros()[0].text, globals=context).module
        for name in ("fpc_clock", "fpc_as_of", "fpc_as_of_cron", "fpc_days_left"):
            context[name] = _called(getattr(module, f"dbt_macro__{name}"))
        self._environment, self._context = environment, context

    def at(self, call: str, clock: datetime) -> str:
        """What the call prints at that instant."""
        self.clock = clock.isoformat()
        return self._environment.from_string("{{ " + call + " }}", globals=self._context).render({}).strip()


def _return(value: Any) -> None:
    raise MacroReturn(value)


def _called(macro: Any) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return macro(*args, **kwargs)
        except MacroReturn as returned:
            return returned.value

    return call


@pytest.fixture(scope="module")
def dbt_macros() -> Macros:
    return Macros()


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute("SET TimeZone = 'UTC'")
        yield made


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def by_sql(connection: duckdb.DuckDBPyConnection, cron: str, at_us: int) -> int:
    """The last of the points that a training set's SQL makes from an instant to the same instant."""
    bound = exp.Literal.number(at_us) if at_us >= 0 else exp.Neg(this=exp.Literal.number(-at_us))
    points = lower_cron_points(cron, bound, bound.copy()).sql("duckdb")
    row = connection.execute(f"SELECT MAX(asked_us) FROM ({points}) AS points WHERE asked_us <= {at_us}").fetchone()
    assert row is not None
    return int(row[0])


def stated(at_us: int) -> str:
    return f"TIMESTAMPTZ '{instant_text(at_us).replace('T', ' ')}'"


def _field(text: str, *values: int) -> Field:
    return Field(text, frozenset(values))


HOURLY, ANY_DAY = _field("0", 0), _field("*", *range(1, 32))
ANY_MONTH, ANY_WEEKDAY = _field("*", *range(1, 13)), _field("*", *range(8))


@settings(max_examples=CASES, deadline=None)
@given(cron=crons(), at=INSTANTS)
@example(Cron(HOURLY, HOURLY, _field("29", 29), _field("2", 2), _field("*/7", 0, 7)), datetime(2031, 5, 1, tzinfo=UTC))
@example(Cron(HOURLY, HOURLY, _field("*/31", 1), _field("1", 1), _field("7", 7)), datetime(2005, 12, 1, tzinfo=UTC))
@example(Cron(HOURLY, HOURLY, ANY_DAY, _field("2", 2), _nth(5, 5)), datetime(1919, 5, 1, tzinfo=UTC))
@example(Cron(HOURLY, HOURLY, _field("29", 29), _field("2", 2), ANY_WEEKDAY), datetime(1904, 2, 28, tzinfo=UTC))
def test_all_agree_on_the_latest_time_of_a_cron(
    connection: duckdb.DuckDBPyConnection, dbt_macros: Macros, cron: Cron, at: datetime
) -> None:
    expected = micros(cron.latest(at))
    found = {
        "run": latest_point(GridContract(None, cron.text), micros(at)),
        "SQL": by_sql(connection, cron.text, micros(at)),
    }
    assert found == dict.fromkeys(found, expected), f"`{cron.text}` at {at}: {cron.latest(at)}"
    assert dbt_macros.at(as_of_call(Grid(None, cron.text)), at) == stated(expected), f"`{cron.text}` at {at}"


@settings(max_examples=CASES, deadline=None)
@given(every=st.integers(1, 400_000), unit=st.sampled_from([1, 60, 3600, 86_400]), at=INSTANTS)
def test_all_agree_on_the_latest_multiple(dbt_macros: Macros, every: int, unit: int, at: datetime) -> None:
    seconds = min(every * unit, 40_000_000)
    found = latest_point(GridContract(seconds * 1_000_000, None), micros(at))
    assert found % (seconds * 1_000_000) == 0 and found <= micros(at) < found + seconds * 1_000_000
    assert dbt_macros.at(as_of_call(Grid(Duration(seconds * 1_000_000), None)), at) == stated(found)
