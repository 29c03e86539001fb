import datetime

import jinja2
import pytest
import pytz  # type: ignore[import-untyped]

from fpc.contract.registry import GridContract
from fpc.emit.dbt.macros import macros
from fpc.emit.dbt.schedule import as_of_call
from fpc.model.nodes import Grid
from fpc.runtime.grid import instant_of, instant_text, latest_point
from fpc.types.duration import Duration


def rendered(call: str, clock: str) -> str:
    """The macro's text, with the few names of dbt's context that it uses."""
    source = macros()[0].text
    # dbt's return() is a statement of its macros; jinja2 alone has none, so the two functions are given in Python.
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    utc = datetime.UTC

    def days_left(day: datetime.datetime) -> int:
        following = (day.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
        return (following - day).days - 1

    source = source.split("{% macro fpc_days_left")[0].replace("fpc_days_left(", "days_left(")
    head, rest = source.split("{% macro fpc_clock() -%}")
    source = head + rest.split("{%- endmacro %}", 1)[1]
    source = source.replace("fpc_clock()", "clock()")
    modules = {"datetime": datetime, "pytz": pytz}
    names = {
        "modules": modules,
        "execute": True,
        "clock": lambda: datetime.datetime.fromisoformat(clock).astimezone(utc),
        "days_left": days_left,
    }
    return (
        environment.from_string(source + "{{ " + call + " }}", globals=names).render().strip().splitlines()[-1].strip()
    )


CLOCKS = [
    "2024-03-08T00:00:00+00:00",
    "2024-02-29T23:59:59.999999+00:00",
    "2023-12-31T12:34:56+00:00",
    "1969-12-31T23:30:00+00:00",
]
CRONS = [
    "5 * * * *", "*/20 3 * * 1-5", "0 0 1 * *", "0 12 29 2 *", "30 6 L * *", "0 0 LW * *", "15 4 * * 5#2",
    "15 4 * * 0L", "0 0 13 * 5", "59 23 31 12 *", "0 0 * * 7", "* * * * *",
]  # fmt: skip


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("cron", CRONS)
def test_dbt_and_the_run_agree_on_the_latest_time_of_a_cron(cron: str, clock: str) -> None:
    point = latest_point(GridContract(None, cron), instant_of(clock))
    assert rendered(as_of_call(Grid(None, cron)), clock) == f"TIMESTAMPTZ '{instant_text(point).replace('T', ' ')}'"


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("every", ["30s", "15m", "1h", "1d", "7d"])
def test_dbt_and_the_run_agree_on_the_latest_multiple(every: str, clock: str) -> None:
    duration = Duration.parse(every)
    point = latest_point(GridContract(duration.microseconds, None), instant_of(clock))
    assert rendered(as_of_call(Grid(duration, None)), clock) == f"TIMESTAMPTZ '{instant_text(point).replace('T', ' ')}'"
    assert point <= instant_of(clock) < point + duration.microseconds


def test_a_grid_point_is_its_own_latest() -> None:
    for grid in (GridContract(3_600_000_000, None), GridContract(None, "0 * * * *")):
        assert latest_point(grid, 7_200_000_000) == 7_200_000_000
        assert latest_point(grid, 7_199_999_999) == 3_600_000_000
