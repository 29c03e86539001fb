"""When a view is refreshed, and by which tier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise, takewhile

from cronsim import CronSim, CronSimError

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Grid, Tier
from fpc.spec.documents import DefaultsSpec, ViewSpec
from fpc.spec.located import Located
from fpc.types.duration import Duration


def resolve_grid(
    spec: ViewSpec, defaults: DefaultsSpec, streaming_below: Duration, findings: Findings
) -> tuple[Grid, Duration | None, Tier] | None:
    """The grid, freshness and tier, or None when nothing says when to refresh."""
    freshness = spec.freshness or (defaults.freshness if spec.schedule is None else None)
    if freshness is not None and freshness.value is None:
        return Grid(None, None), None, Tier.REQUEST
    every = None if freshness is None else freshness.value
    if freshness is not None and every is not None and every.microseconds == 0:
        findings.error(
            codes.INVALID_DURATION,
            "a freshness of no time cannot be kept",
            freshness.span,
            "no time",
            help="write `freshness: request` for values that are computed when they are asked for",
        )
        return None
    cron = None
    if spec.schedule is not None:
        if not _is_cron(spec.schedule, findings):
            return None
        cron = spec.schedule.value
    elif every is None:
        findings.error(
            codes.MISSING_FRESHNESS,
            f"view `{spec.name.value}` does not say when it is refreshed",
            spec.name.span,
            "needs `freshness` or `schedule`",
            help="write `freshness: 1h` for values at most an hour old",
        )
        return None
    tier = Tier.STREAMING if every is not None and every < streaming_below else Tier.BATCH
    return (Grid(None, cron) if cron is not None else Grid(every, None)), every, tier


@lru_cache(maxsize=256)
def longest_gap(grid: Grid) -> Duration | None:
    """The longest time between two refreshes; of a cron, in its next 400 times from 2024 on."""
    if grid.cron is None:
        return grid.every
    start = datetime(2024, 1, 1, tzinfo=UTC)
    times = list(islice(takewhile(lambda time: time.year < 2034, CronSim(grid.cron, start)), 400))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return Duration(max(gaps) // timedelta(microseconds=1)) if gaps else None


def _is_cron(schedule: Located[str], findings: Findings) -> bool:
    text = schedule.value
    problem = None
    if len(text.split()) != 5:
        problem = "not five fields"
    else:
        try:
            next(CronSim(text, datetime(2024, 1, 1, tzinfo=UTC)))
        except CronSimError as error:
            problem = str(error).lower()
        except StopIteration:
            problem = "never comes"
    if problem is None:
        return True
    findings.error(
        codes.INVALID_SCHEDULE,
        f"`{text[:60]}` is not a schedule",
        schedule.span,
        problem,
        help='write minute, hour, day of month, month and day of week, in UTC: "5 * * * *"',
    )
    return False
