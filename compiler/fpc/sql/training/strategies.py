"""Which strategy computes which calls: sums by difference, runs of distinct values, or a join for everything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from fpc.model.nodes import Window
from fpc.sql.training.calls import Call, Input
from fpc.sql.training.distinct import DISTINCT, lower_distinct
from fpc.sql.training.extremes import BY_TIME, BY_VALUE, lower_extremes
from fpc.sql.training.packs import subtracts
from fpc.sql.training.reads import Reads, lower_numbers, needs_numbers
from fpc.sql.training.stab import hull_of, lower_stab
from fpc.sql.training.sweep import lower_sweep


@dataclass(frozen=True, slots=True)
class Part:
    """One relation of the lowering: `ask` and a column per call, and what it does in a sentence."""

    name: str
    query: exp.Select
    comment: str
    calls: tuple[Call, ...]


def lower_parts(reads: Reads, calls: Sequence[Call], prefix: str) -> Iterator[Part]:
    """The parts that together compute the calls, each call in exactly one; relations are named with `prefix`."""
    summed: list[Call] = []
    counted: dict[Input, list[Call]] = {}
    ranked: dict[tuple[Input, bool], list[Call]] = {}
    joined: dict[Window, list[Call]] = {}
    for call in calls:
        if subtracts(call):
            summed.append(call)
        elif call.input is None or call.input.moves:
            joined.setdefault(call.window, []).append(call)
        elif call.function in DISTINCT:
            counted.setdefault(call.input, []).append(call)
        elif call.function in BY_VALUE | BY_TIME:
            ranked.setdefault((call.input, call.function in BY_TIME), []).append(call)
        else:
            joined.setdefault(call.window, []).append(call)
    if calls and (ranked or needs_numbers(reads.view)):
        inputs = tuple(dict.fromkeys(call.input for call in calls if call.input is not None))
        reads, numbers = lower_numbers(reads, inputs, prefix)
        yield from (Part(name, query, comment, ()) for name, query, comment in numbers)
    if summed:
        comment = (
            "Counts and sums of every window as differences of running sums over events and probes in one order "
            "(no ORDER BY in the window, because it streams over the sorted rows)."
        )
        yield from _steps(lower_sweep(reads, summed, f"{prefix}sums"), comment, summed)
    for read, group in counted.items():
        comment = f"Different values of {read.name}: runs of equal values begun less runs ended."
        yield from _steps(lower_distinct(reads, group, f"{prefix}distinct_{read.name}"), comment, group)
    for (read, by_time), group in ranked.items():
        comment = (
            f"The {'newest or oldest' if by_time else 'greatest or least'} {read.name}: running maxima of ranks over "
            "events and probes in one order (no ORDER BY in the window, because it streams over the sorted rows)."
        )
        name = f"{prefix}{'ends' if by_time else 'extremes'}_{read.name}"
        yield from _steps(lower_extremes(reads, group, name), comment, group)
    for window, group in joined.items():
        yield Part(
            prefix + _window_name(window),
            lower_stab(reads, window, tuple(group)),
            "Every event that counts at the instant asked, found by time buckets as long as the window.",
            tuple(group),
        )


def _steps(relations: Iterable[tuple[str, exp.Select]], comment: str, calls: Sequence[Call]) -> Iterator[Part]:
    """A part for each relation; the last has the calls' values."""
    *before, (name, query) = relations
    for step, needed in before:
        yield Part(step, needed, f"For {name}.", ())
    yield Part(name, query, comment, tuple(calls))


def lower_joined_parts(reads: Reads, calls: Sequence[Call], prefix: str) -> Iterator[Part]:
    """As `lower_parts`, in the form that reads most easily: one join for all windows, and one for lifetimes.

    Its cost is the events of the longest window of every instant asked, so it is for SQL that people read.
    """
    bounded = [call for call in calls if call.window.length is not None]
    for group in (bounded, [call for call in calls if call.window.length is None]):
        if group:
            windows = tuple(dict.fromkeys(call.window for call in group))
            narrower = "; FILTER picks those of narrower windows" if len(windows) > 1 else ""
            yield Part(
                f"{prefix}{'windows' if group is bounded else 'lifetime'}",
                lower_stab(reads, hull_of(windows), group),
                f"Aggregates of the events that count at each instant asked{narrower}. "
                "`fpc training-set` computes the same in time linear in the events, by SQL that is harder to read.",
                tuple(group),
            )


def _window_name(window: Window) -> str:
    name = f"window_{window.length or 'lifetime'}"
    return f"{name}_before_{window.offset}" if window.offset.microseconds else name
