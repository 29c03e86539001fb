"""From a view and its data to examples that notice as many mistakes as the data let them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from fpc.examples import run_examples
from fpc.model.nodes import Example, FeatureView, Model, Value
from fpc.preview import attach_rows, key_values
from fpc.proposal.insert import instant_text
from fpc.proposal.mutants import Mutant, mutants
from fpc.proposal.rows import Row, given_value, read_rows
from fpc.proposal.trials import Bench, Trial, is_playable
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.failures import explain_engine
from fpc.runtime.raw_rows import Place

#: As many rows as a person still reads through.
_MOST_ROWS: Final = 16
_ANCHORS: Final = 10
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """Examples that pass, each with the mistakes that it is the first to notice, and those that none does.

    `before` are the mistakes that the view's own examples notice already.
    """

    before: tuple[Mutant, ...]
    examples: tuple[Example, ...]
    noticed: tuple[tuple[Mutant, ...], ...]
    unnoticed: tuple[Mutant, ...]

    @property
    def score(self) -> tuple[int, int]:
        """How many mistakes are noticed by all examples together, and how many were made."""
        found = len(self.before) + sum(map(len, self.noticed))
        return found, found + len(self.unnoticed)


def propose(
    model: Model,
    root: Path,
    view_name: str,
    keys: Mapping[str, str] | None = None,
    *,
    at_us: int | None = None,
    most: int = 4,
    warehouse: Path | None = None,
) -> Proposal:
    """At most `most` examples of a view, made of real rows, that fail when the view's logic is changed.

    What the view's own examples notice needs no other; so where they notice all that the data can show, there is
    nothing to propose. `keys` and `at_us` fix the entity and the instant, which are otherwise chosen: then there is
    one example at least. Raises `FpcRuntimeError`.
    """
    view = model.views[view_name]
    mistakes = mutants(view)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        relation = attach_rows(connection, model, view, Place(root, warehouse))
        try:
            rows = read_rows(connection, view, relation, key_values(view, keys or {}))
            if not rows:
                raise FpcRuntimeError(
                    f"source `{view.source.name}` has no row for an example of `{view_name}`",
                    help="look at its data with `fpc preview`, or name another entity",
                    exit_code=1,
                )
            connection.execute("SET threads = 1")  # from here on the tables are small, and threads wait for each other
            given, own = _own_trials(view, len(rows))
            bench = Bench(connection, view, (*rows, *given), mistakes)
            before = _noticed(bench, own)
            left = bench.tried - frozenset().union(*before)
            chosen = _chosen(bench, list(_trials(rows, view, at_us)), left, most, asked=bool(keys or at_us))
            examples = [_example(bench, view, rows, trial) for trial in chosen]
            pairs = zip(chosen, examples, strict=True)
            noticed = _noticed(bench, [replace(one, asked=_asked(view, made.expect[0])) for one, made in pairs])
        except duckdb.Error as error:
            raise explain_engine(view.name, view.source.name, str(error), root) from None
    alone = replace(model, views={view.name: replace(view, examples=tuple(examples))})
    if not all(result.passed for result in run_examples(alone)):
        raise AssertionError(f"an example proposed for {view.name} does not pass")
    first = [found - frozenset().union(*before, *noticed[:place]) for place, found in enumerate(noticed)]
    missed = bench.tried - frozenset().union(*before, *noticed)

    def of(places: frozenset[int]) -> tuple[Mutant, ...]:
        return tuple(mistakes[place] for place in sorted(places))

    return Proposal(of(frozenset().union(*before)), tuple(examples), tuple(map(of, first)), of(missed))


def _noticed(bench: Bench, trials: Sequence[Trial]) -> list[frozenset[int]]:
    """What each trial notices, each for itself, which is exact."""
    return [bench.noticed([trial])[0] for trial in trials]


def _own_trials(view: FeatureView, first: int) -> tuple[list[Row], list[Trial]]:
    """The view's own examples: their rows, which stand among all from `first` on, and a trial of each expected row."""
    given: list[Row] = []
    trials = []
    for example in view.examples:
        rows = [Row((), values, 0, 0, (), ()) for values in example.given]
        if not is_playable(view, rows):  # it fails in any case
            continue
        places = tuple(range(first + len(given), first + len(given) + len(rows)))
        given += rows
        for expected in example.expect:
            entity = tuple(str(expected[key.name]) for key in view.entity.keys)
            trials.append(Trial(example.at, places, entity, _asked(view, expected)))
    return given, trials


def _asked(view: FeatureView, expected: Mapping[str, Value]) -> frozenset[str]:
    """The outputs that an expected row names."""
    return frozenset(output.name for output in view.outputs if output.name in expected)


def _chosen(bench: Bench, trials: Sequence[Trial], left: frozenset[int], most: int, *, asked: bool) -> list[Trial]:
    """The fewest trials that notice what of `left` any does, each with the fewest rows that still do."""
    noticed = bench.noticed(trials)
    chosen: list[Trial] = []
    while len(chosen) < most:
        best = max(range(len(trials)), key=lambda place: (len(noticed[place] & left), -len(trials[place].rows), -place))
        if not noticed[best] & left:
            break
        wanted = noticed[best] & left
        trial = _minimised(bench.about(wanted), trials[best], wanted)
        chosen.append(trial)
        left -= bench.noticed([trial])[0]
    if asked and not chosen:
        chosen = [max(zip(trials, noticed, strict=True), key=lambda pair: (len(pair[1]), -len(pair[0].rows)))[0]]
    return chosen


def _minimised(bench: Bench, trial: Trial, wanted: frozenset[int]) -> Trial:
    """The trial with rows taken away, many at a time first, as long as it notices what it should."""
    size = max(1, len(trial.rows) // 2)
    while True:
        rows = trial.rows
        fewer = [replace(trial, rows=rows[:at] + rows[at + size :]) for at in range(0, len(rows), size)]
        fewer = [one for one in fewer if one.rows]
        good = [one for one, found in zip(fewer, bench.noticed(fewer), strict=True) if wanted <= found]
        if good:
            trial = good[0]
            size = min(size, max(1, len(trial.rows) // 2))
        elif size == 1:
            return trial
        else:
            size = max(1, size // 2)


def _trials(rows: Sequence[Row], view: FeatureView, at_us: int | None) -> Iterator[Trial]:
    """Instants at which an event lies on a window's edge, with rows on both sides of every edge."""
    by_entity: dict[tuple[Value, ...], list[int]] = {}
    for place, row in enumerate(rows):
        by_entity.setdefault(row.entity, []).append(place)
    windows = list(dict.fromkeys(feature.window for feature in view.features))
    lags = [0] if at_us is None else []
    for window in windows:
        offset = window.offset.microseconds
        lags += [offset] if window.length is None else [offset, offset + window.length.microseconds]
    for places in by_entity.values():
        instants: dict[int, None] = {} if at_us is None else {at_us: None}
        for anchor in () if at_us is not None else _anchors(rows, places):
            event_us, known_us = rows[anchor].event_us, rows[anchor].known_us
            for lag in dict.fromkeys(lags):
                instants |= dict.fromkeys((max(event_us + lag, known_us), event_us + lag, event_us + lag + _SECOND))
            instants[(known_us // _SECOND + 1) * _SECOND] = None
        for instant in instants:
            for picked in dict.fromkeys([_near(rows, places, instant, lags), *_outside(rows, places, instant, lags)]):
                if picked:
                    yield Trial(instant, picked)


def _anchors(rows: Sequence[Row], places: Sequence[int]) -> list[int]:
    """Rows to build an instant on: the newest of each kind by the filters, then some in between."""
    kinds: dict[object, int] = {}
    for place in reversed(places):
        kinds.setdefault(rows[place].flags, place)
    step = max(1, len(places) // _ANCHORS)
    return list(dict.fromkeys([*kinds.values(), *places[::-step]]))[:_ANCHORS]


def _near(rows: Sequence[Row], places: Sequence[int], instant: int, lags: Sequence[int]) -> tuple[int, ...]:
    """Rows on both sides of each window's edges, and of each kind by the filters; versions of one event together."""
    picked: dict[int, None] = {}
    for edge in dict.fromkeys(instant - lag for lag in (*lags, 0)):
        before = [place for place in places if rows[place].event_us < edge]
        after = [place for place in places if rows[place].event_us >= edge]
        picked |= dict.fromkeys([*before[-2:], *after[:2]])
    kinds: dict[object, int] = {}
    for place in reversed(places):
        row = rows[place]
        if row.event_us < instant and kinds.get(row.flags, 0) < 2:
            kinds[row.flags] = kinds.get(row.flags, 0) + 1
            picked[place] = None
    events = {rows[place].version_of for place in list(picked)[:_MOST_ROWS]}
    return tuple(place for place in places if rows[place].version_of in events)[: 2 * _MOST_ROWS]


def _outside(
    rows: Sequence[Row], places: Sequence[int], instant: int, lags: Sequence[int]
) -> Iterator[tuple[int, ...]]:
    """The last event before each edge alone: what a window must not reach any more."""
    for edge in dict.fromkeys(instant - lag for lag in lags):
        older = [place for place in places if rows[place].event_us < edge]
        yield tuple(place for place in older if rows[place].version_of == rows[older[-1]].version_of)


def _example(bench: Bench, view: FeatureView, rows: Sequence[Row], trial: Trial) -> Example:
    """The example of a trial: its rows, and what the view answers; what no spec can spell is left out."""
    given = tuple(rows[place].values for place in trial.rows)
    entity = rows[trial.rows[0]].entity
    keys = dict(zip((key.name for key in view.entity.keys), entity, strict=True))
    answer = bench.answer(trial)
    names = [output.name for output in view.outputs if _is_spelt(answer[output.name])]
    values = {name: given_value(answer[name]) for name in names}
    what = ", ".join(f"{name} {value}" for name, value in keys.items())
    return Example(f"{what} at {instant_text(trial.at_us)}", trial.at_us, given, ({**keys, **values},), view.span)


def _is_spelt(value: object) -> bool:
    """Whether a spec can spell a value: numbers that are none cannot be."""
    return not (isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))))
