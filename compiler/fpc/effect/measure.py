"""Measuring a plan: which of its changes are worth looking at, and in which order while there is time."""

from __future__ import annotations

import time
from collections.abc import Iterator

from fpc.change.nodes import Change, Class, Kind, Plan
from fpc.contract.registry import GridContract
from fpc.effect.cost import backfill_cost
from fpc.effect.nodes import Cost, Measured, ViewEffect
from fpc.effect.sample import Bounds, sample
from fpc.model.nodes import FeatureView, Model
from fpc.runtime.grid import latest_point
from fpc.runtime.raw_rows import Place


def measure(before: Model, after: Model, plan: Plan, clock_us: int, place: Place, bounds: Bounds) -> Measured:
    """Effects and costs of the views whose values change, those that services read first, until time is over."""
    deadline = time.monotonic() + bounds.seconds
    found = Measured()
    for change in _in_order(plan):
        view = after.views[change.name]
        at_us = latest_point(_grid(view), clock_us)
        if time.monotonic() >= deadline:
            late = f"not looked at: {bounds.seconds:.0f} s were over"
            found.effects[change.name] = ViewEffect(change.name, at_us, note=late)
            found.costs[change.name] = Cost(change.name, note=late)
            continue
        if Class.ADDED not in change:
            found.effects[change.name] = sample(before, after, change, at_us, place, bounds, deadline)
        found.costs[change.name] = backfill_cost(after, view, clock_us, place)
    return found


def _in_order(plan: Plan) -> Iterator[Change]:
    """Views that are there afterwards and have other values, or are new."""
    wanted = [
        change
        for change in plan.changes
        if change.kind is Kind.VIEW and (Class.ADDED in change or any(_other_values(part) for part in change.parts))
    ]

    def readers(change: Change) -> int:
        impact = plan.impact(change.name)
        return 0 if impact is None else len(impact.readers)

    yield from sorted(wanted, key=lambda change: (-readers(change), change.name))


def _other_values(part: Change) -> bool:
    return Class.VALUE in part or Class.TYPE in part


def _grid(view: FeatureView) -> GridContract:
    every = view.grid.every
    return GridContract(None if every is None else every.microseconds, view.grid.cron)
