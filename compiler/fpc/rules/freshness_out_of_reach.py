"""A view cannot be as fresh as it promises.

## What it does

Reports a view whose `freshness` is shorter than what stands between an event and its value, and names the binding
constraint: the time between two refreshes of its `schedule`; the `max_lateness` of its source; its `delay`; or how long
its refreshes have taken, where `fpc check` finds the records of past ones in `.fpc/refreshes`.

Lateness and delay (or the time that a refresh takes, if that is longer) add up: a row that comes two hours late is
served two hours and a delay after it happened. A refresh that takes longer than the time until the next one is
reported too.

## Why

A promise that cannot be kept is worse than none: whoever reads the features relies on it, and every alert upon it is
noise.

## Example

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  known_time: loaded_at
  max_lateness: 2h
  columns: {user_id: bigint, visited_at: timestamptz, loaded_at: timestamptz}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: visits_7d, sql: "COUNT(*)", window: 7d}
```

## Use instead

Load the source sooner, and promise so; or promise what it allows.

```yaml
source:
  name: visits
  path: data/visits.parquet
  event_time: visited_at
  known_time: loaded_at
  max_lateness: 30m
  columns: {user_id: bigint, visited_at: timestamptz, loaded_at: timestamptz}
---
feature_view:
  name: user_visits
  entity: user
  source: visits
  freshness: 1h
  features:
    - {name: visits_7d, sql: "COUNT(*)", window: 7d}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.model.nodes import FeatureView, Model
from fpc.model.schedule import longest_gap
from fpc.rules.rule import Reach, Rule
from fpc.spec.documents import Spec
from fpc.types.duration import Duration

NOTHING = Duration(0)


@dataclass(frozen=True, slots=True)
class Binding:
    """The constraint that keeps a promise from being kept: in words, and what can be done about it."""

    words: str
    help: str


def binding(view: FeatureView, takes: Duration | None = None) -> Binding | None:
    """What binds a view's freshness, None where its promise can be kept, or it makes none.

    `takes` is how long its refreshes take, from their start to the publication.
    """
    promise, gap = view.freshness, longest_gap(view.grid)
    if promise is None or gap is None:
        return None
    if gap > promise:
        return Binding(
            f"its schedule leaves up to {gap} between two refreshes", "refresh more often, or promise that much"
        )
    lateness = view.source.max_lateness or NOTHING
    until_served = max(view.delay, takes or NOTHING)
    if lateness.microseconds + until_served.microseconds > promise.microseconds:
        return _longest(view, lateness, takes)
    if takes is not None and takes > gap:
        return Binding(
            f"its refreshes take {_rounded(takes)}, and the next one begins after {gap}",
            "refresh less often, make it cheaper, or give it a faster machine",
        )
    return None


def _longest(view: FeatureView, lateness: Duration, takes: Duration | None) -> Binding:
    """The longest of what adds up between an event and its value."""
    served = f"its values are published {view.delay} after their instant"
    slow = takes is not None and takes > view.delay
    if takes is not None and slow:
        served = f"its refreshes take {_rounded(takes)}"
    late = f"rows of source `{view.source.name}` come up to {lateness} late"
    longest = takes if takes is not None and slow else view.delay
    if lateness >= longest:
        besides = f", and {served}" if longest.microseconds else ""
        return Binding(late + besides, "load the source sooner and promise so in `max_lateness`, or promise less")
    besides = f", and {late}" if lateness.microseconds else ""
    help = "make the refresh cheaper, or give it a faster machine" if slow else "publish sooner: shorten `delay`"
    return Binding(served + besides, f"{help}, or promise less")


def _rounded(takes: Duration) -> Duration:
    """Whole seconds, upwards."""
    return Duration(-(-takes.microseconds // 1_000_000) * 1_000_000)


def report(view: FeatureView, found: Binding, span: Span, findings: Findings) -> None:
    """Add the diagnostic."""
    findings.warning(
        codes.FRESHNESS_OUT_OF_REACH,
        f"view `{view.name}` cannot be {view.freshness} fresh, as it promises",
        span,
        found.words,
        help=found.help,
    )


def _check(spec: Spec, model: Model, findings: Findings) -> None:
    for written in spec.views:
        view = model.views.get(written.name.value)
        found = None if view is None else binding(view)
        if view is not None and found is not None:
            report(view, found, (written.freshness or written.name).span, findings)


RULE = Rule(codes.FRESHNESS_OUT_OF_REACH, __doc__, _check, Reach.DOCUMENT)
