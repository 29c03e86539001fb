"""Timelines for the sweep: in which order events and probes stand, and which probes make up each window.

A probe is an instant asked, at one edge of one window. Here events stand once, in order of their event time, and what a
window holds is the running sum at its head's probe less that at its tail's. `fpc.sql.training.lanes` has the timelines
of sources with late rows or versions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from fpc.model.nodes import Window
from fpc.plan.visibility import edges_of
from fpc.sql.training.reads import Reads
from fpc.sql.training.shapes import alias, both, column, select, shape

#: Before every event of an entity.
_FIRST_PLACE: Final = "-9000000000000000001"


@dataclass(frozen=True, slots=True)
class Timeline:
    """`rows` has the keys, `lane` where there are lanes, `place`, `weight`, the inputs (null for probes) and `probe`.

    `probe` is `ask * probes + number`, null for events. Each window's sum is that of the running sums at the numbered
    probes, signs given. `weight` is None where each event counts once. Where an input is `shared` it holds the probes'
    numbers too, so that there is a column less to sort: events then have even places and probes odd ones.
    """

    rows: exp.Expr
    order: tuple[str, ...]
    probes: int
    terms: Mapping[Window, tuple[tuple[int, int], ...]]
    weight: str | None
    shared: str | None = None

    @property
    def held(self) -> list[exp.Expr]:
        """The columns that tell of probes: `probe`, and what `is_probe` reads besides."""
        if self.shared is None:
            return [column("probe")]
        return [alias(column(self.shared), "probe"), column("place")]

    def is_probe(self) -> exp.Expr:
        """Whether a row, or what was `held` of it, is a probe and no event."""
        return shape("probe IS NOT NULL") if self.shared is None else shape("place & 1 = 1")

    def is_event(self) -> exp.Expr:
        """Whether a row is an event."""
        return shape("probe IS NULL") if self.shared is None else shape("place & 1 = 0")


def lower_timeline(
    reads: Reads, windows: Sequence[Window], inputs: Sequence[exp.Expr], events: str, shared: str | None = None
) -> Timeline:
    """The timeline of events in order of their event time; `inputs` are the columns of `events` to carry.

    The one that is `shared` is read at probes, too, where it is any number of 64 bits: what is made of it must bear it.
    """
    ends = {window: edges_of(window, reads.view.closed) for window in windows}
    shifts = list(dict.fromkeys(s for edges in ends.values() for s in (edges.start_shift, edges.end_shift)))
    names = [read.alias_or_name for read in inputs]
    none = [] if shared else [no_probe()]
    arms: list[exp.Expr] = [
        select([*map(column, reads.keys), alias(shape("event_us * 2"), "place"), *inputs, *none], events)
    ]
    for number, shift in enumerate(shifts):
        place: exp.Expr = exp.cast(exp.Literal.string(_FIRST_PLACE), "bigint", copy=False)
        if shift is not None:
            # An odd place: a probe follows the events of its microsecond.
            place = shape("(asked_us - _shift) * 2 + 1", _shift=shift)
        arms.append(probes_at(reads, [alias(place, "place")], names, len(shifts), number, shared=shared))
    numbers = {shift: number for number, shift in enumerate(shifts)}
    terms = {w: ((numbers[edges.start_shift], 1), (numbers[edges.end_shift], -1)) for w, edges in ends.items()}
    return Timeline(union(arms), (*reads.keys, "place"), len(shifts), terms, None, shared)


def probes_at(
    reads: Reads,
    at: Sequence[exp.Expr],
    names: Sequence[str],
    count: int,
    number: int,
    *,
    shared: str | None = None,
) -> exp.Select:
    """One probe per ask with an entity, numbered so among `count`; `at` says where, `names` but `shared` are null."""
    probe = shape("ask * _count + _number", _count=count, _number=number)
    inputs = [alias(probe.copy() if name == shared else exp.Null(), name) for name in names]
    if shared is None:
        inputs.append(alias(probe, "probe"))
    # A null key meets no event.
    known = both([shape("_key IS NOT NULL", _key=key) for key in reads.keys])
    columns = [*map(column, reads.keys), *at, *inputs]
    return select(columns, reads.asked).where(known, copy=False)


def no_probe() -> exp.Expr:
    """The column `probe` of an event."""
    return alias(exp.cast(exp.Null(), "bigint"), "probe")


def union(arms: Sequence[exp.Expr]) -> exp.Expr:
    """All rows of all the arms."""
    rows = arms[0]
    for arm in arms[1:]:
        rows = exp.union(rows, arm, distinct=False, copy=False)
    return rows
