"""Timelines of sources with late rows or versions, whose events don't enter and leave in the order of their time.

Every event is a change, which enters when it is known; a superseded version is a second change that takes it back from
then on. Each entity has two lanes for each offset of windows:

    entering   every change at the instant from which it counts
    leaving    every change taken back, newest event first, so that at a probe the sum stands at those that have left

and a window holds what has entered less what has left. The few changes that became known only after they had left a
window would have left before they entered: a timeline of its own gives, per window, those that have left and not
entered, to be added. Each entity's lanes add up to nothing, so that no sum carries over to the next.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from fpc.model.nodes import Window
from fpc.plan.visibility import edges_of
from fpc.sql.training.reads import Reads
from fpc.sql.training.shapes import alias, column, select, shape, table
from fpc.sql.training.timeline import Timeline, no_probe, probes_at, union


def lower_changes(reads: Reads, inputs: Sequence[exp.Expr]) -> exp.Select:
    """One row per change: keys, `event_us`, `counts_from`, `weight` (1, or -1 for what is taken back) and inputs."""
    strict = _strict(reads)

    def change(known: str, weight: int) -> exp.Select:
        counts_from = shape("_known + _strict", _known=known, _strict=strict) if strict else column(known)
        columns = [*map(column, reads.keys), column("event_us"), alias(counts_from, "counts_from"), _weight(weight)]
        return select([*columns, *(read.copy() for read in inputs)], reads.events)

    entering = change("known_us" if reads.times.late else "event_us", 1)
    if not reads.times.versions:
        return entering
    superseded = change("superseded_us", -1).where(shape("superseded_us IS NOT NULL"), copy=False)
    both_kinds = exp.Subquery(this=union([entering, superseded]), alias=exp.TableAlias(this=exp.to_identifier("both")))
    return select([exp.Star()], both_kinds)


def lower_lanes(reads: Reads, windows: Sequence[Window], names: Sequence[str], changes: str) -> Timeline:
    """The lanes of what enters and what leaves; `names` are the inputs of `changes` to carry."""
    arms: list[exp.Expr] = []
    probes: list[tuple[int, exp.Expr]] = []
    terms: dict[Window, tuple[tuple[int, int], ...]] = {}
    offsets: dict[int, list[Window]] = {}
    for window in windows:
        offsets.setdefault(edges_of(window, reads.view.closed).start_shift, []).append(window)
    for group, (start, members) in enumerate(offsets.items()):
        entering, leaving = 2 * group, 2 * group + 1
        entered = shape("counts_from")
        if start > _strict(reads):
            entered = shape("GREATEST(counts_from, event_us + _start)", _start=start)
        arms.append(_lane(reads, names, changes, entering, shape("_entered * 2", _entered=entered), "weight"))
        arms.append(_lane(reads, names, changes, leaving, shape("1 - event_us * 2"), "-weight"))
        head = len(probes)
        probes.append((entering, shape("asked_us * 2 + 1")))
        for window in members:
            terms[window] = ((head, 1),)
            leaves = edges_of(window, reads.view.closed).end_shift
            if leaves is not None:
                terms[window] += ((len(probes), -1),)
                probes.append((leaving, shape("(asked_us - _leaves) * -2", _leaves=leaves)))
    arms += [_probe(reads, names, probes, number) for number in range(len(probes))]
    return Timeline(union(arms), (*reads.keys, "lane", "place"), len(probes), terms, "weight")


def lower_corrections(reads: Reads, windows: Sequence[Window], names: Sequence[str], late: str) -> Timeline:
    """A lane for each window with a length: changes from when they would have left until they were known.

    `late` has the changes known too late for one of the windows (see `lower_late`); entities without any have no row.
    """
    arms: list[exp.Expr] = []
    probes: list[tuple[int, exp.Expr]] = []
    terms: dict[Window, tuple[tuple[int, int], ...]] = {}
    for lane, window in enumerate(windows):
        left = shape("event_us + _leaves", _leaves=_leaves(reads, window))
        known_too_late = shape("counts_from > _left", _left=left)
        for place, weight in ((shape("_left * 2", _left=left), "weight"), (shape("counts_from * 2"), "-weight")):
            arms.append(_lane(reads, names, late, lane, place, weight).where(known_too_late.copy(), copy=False))
        terms[window] = ((lane, 1),)
        probes.append((lane, shape("asked_us * 2 + 1")))
    concerned = exp.In(
        this=_key_tuple(reads.keys),
        query=exp.Subquery(this=select(list(map(column, reads.keys)), late)),
    )
    for number in range(len(probes)):
        arms.append(_probe(reads, names, probes, number).where(concerned.copy(), copy=False))
    return Timeline(union(arms), (*reads.keys, "lane", "place"), len(probes), terms, "weight")


def lower_late(reads: Reads, windows: Sequence[Window], changes: str) -> exp.Select:
    """The changes that became known after they had left the shortest of the windows."""
    soonest = min(_leaves(reads, window) for window in windows)
    return select([exp.Star()], table(changes)).where(
        shape("counts_from > event_us + _leaves", _leaves=soonest), copy=False
    )


def at_lane(lane: int, place: exp.Expr) -> list[exp.Expr]:
    """The columns `lane` and `place`."""
    return [alias(exp.cast(exp.Literal.number(lane), "tinyint"), "lane"), alias(place, "place")]


def _lane(reads: Reads, names: Sequence[str], changes: str, lane: int, place: exp.Expr, weight: str) -> exp.Select:
    columns = [*map(column, reads.keys), *at_lane(lane, place), alias(shape(weight), "weight")]
    return select([*columns, *map(column, names), no_probe()], changes)


def _probe(reads: Reads, names: Sequence[str], probes: Sequence[tuple[int, exp.Expr]], number: int) -> exp.Select:
    lane, place = probes[number]
    return probes_at(reads, [*at_lane(lane, place), _weight(0)], names, len(probes), number)


def _weight(weight: int) -> exp.Expr:
    return alias(exp.cast(exp.Literal.number(str(weight)), "tinyint"), "weight")


def _key_tuple(keys: Sequence[str]) -> exp.Expr:
    return column(keys[0]) if len(keys) == 1 else exp.Tuple(expressions=list(map(column, keys)))


def _leaves(reads: Reads, window: Window) -> int:
    leaves = edges_of(window, reads.view.closed).end_shift
    assert leaves is not None
    return leaves


def _strict(reads: Reads) -> int:
    return edges_of(Window(None), reads.view.closed).known_shift
