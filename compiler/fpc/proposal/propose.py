"""From a view and its data to examples that notice as many mistakes as the data let them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb
from sqlglot import exp

from fpc.emit.dbt.staged_rows import timestamp_text
from fpc.examples import ExampleResult, raw_rows, run_examples
from fpc.model.nodes import Example, FeatureView, Model, Value
from fpc.preview import attach_rows, key_values
from fpc.proposal.insert import instant_text
from fpc.proposal.mutants import Mutant, mutants
from fpc.proposal.rows import Row, given_value, read_rows
from fpc.proposal.trials import Bench, Trial
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.failures import explain_engine
from fpc.runtime.raw_rows import Place
from fpc.sql.snapshot import lower_empty, lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render

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
    before = _noticed_by(model, view, view.examples, dict(enumerate(mistakes)))
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
            bench = Bench(connection, view, rows, mistakes)
            left = frozenset(range(len(mistakes))) - before
            chosen = _chosen(bench, list(_trials(rows, view, at_us)), left, most, asked=bool(keys or at_us))
            examples = [_example(connection, view, rows, trial) for trial in chosen]
        except duckdb.Error as error:
            raise explain_engine(view.name, view.source.name, str(error), root) from None
    return _judged(model, view, examples, mistakes, before)


def _chosen(bench: Bench, trials: Sequence[Trial], left: frozenset[int], most: int, *, asked: bool) -> list[Trial]:
    """The fewest trials that notice what of `left` any does, each with the fewest rows that still do."""
    noticed = bench.noticed(trials)
    chosen: list[Trial] = []
    while len(chosen) < most:
        best = max(range(len(trials)), key=lambda place: (len(noticed[place] & left), -len(trials[place].rows), -place))
        if not noticed[best] & left:
            break
        trial = _minimised(bench, trials[best], noticed[best] & left)
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


def _example(connection: duckdb.DuckDBPyConnection, view: FeatureView, rows: Sequence[Row], trial: Trial) -> Example:
    """The example of a trial: its rows, and what the view answers."""
    given = tuple(rows[place].values for place in trial.rows)
    entity = rows[trial.rows[0]].entity
    keys = dict(zip((key.name for key in view.entity.keys), entity, strict=True))
    blank = Example("", trial.at_us, given, (), view.span)
    values = answer_of(connection, view, blank, keys)
    what = ", ".join(f"{name} {value}" for name, value in keys.items())
    name = f"{what} at {instant_text(trial.at_us)}"
    return replace(blank, name=name, expect=({**keys, **values},))


def answer_of(
    connection: duckdb.DuckDBPyConnection, view: FeatureView, example: Example, keys: Mapping[str, Value]
) -> dict[str, Value]:
    """What the view answers for an entity over the rows of an example; what no spec can spell is left out."""
    staged = exp.to_table("proposal_answer")
    staging = lower_staging(view.source, raw_rows(view.source, example.given))
    connection.execute(render(exp.Create(this=staged, kind="TABLE", replace=True, expression=staging)))
    as_of = exp.cast(exp.Literal.string(timestamp_text(example.at)), "timestamptz")
    names = [output.name for output in view.outputs]
    for query in (lower_snapshot(view, staged, as_of), lower_empty(view, as_of)):
        row = connection.execute(render(exp.select(*map(exp.column, names)).from_(query.subquery("answer")))).fetchone()
        if row is not None:
            return {name: given_value(value) for name, value in zip(names, row, strict=True) if _is_spelt(value)}
    raise AssertionError("the empty row is always there")


def _is_spelt(value: object) -> bool:
    """Whether a spec can spell a value: numbers that are none cannot be."""
    return not (isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))))


def _judged(
    model: Model, view: FeatureView, examples: Sequence[Example], mistakes: Sequence[Mutant], before: frozenset[int]
) -> Proposal:
    """Run each example on each mistake as `fpc test` would: what fails is noticed."""
    if not all(result.passed for result in _run(model, {view.name: replace(view, examples=tuple(examples))})):
        raise AssertionError(f"an example proposed for {view.name} does not pass")
    left = {place: mistake for place, mistake in enumerate(mistakes) if place not in before}
    noticed: list[tuple[Mutant, ...]] = []
    for example in examples:
        failed = _noticed_by(model, view, (example,), left)
        noticed.append(tuple(left.pop(place) for place in sorted(failed)))
    return Proposal(tuple(mistakes[p] for p in sorted(before)), tuple(examples), tuple(noticed), tuple(left.values()))


def _noticed_by(
    model: Model, view: FeatureView, examples: Sequence[Example], mistakes: Mapping[int, Mutant]
) -> frozenset[int]:
    """The places of the mistakes with which some of the examples fails."""
    views = {str(place): replace(one.applied(view), examples=tuple(examples)) for place, one in mistakes.items()}
    return frozenset(int(result.view) for result in _run(model, views) if not result.passed)


def _run(model: Model, views: Mapping[str, FeatureView]) -> Iterator[ExampleResult]:
    """The examples of these views, which are told apart by their keys."""
    return run_examples(replace(model, views={name: replace(view, name=name) for name, view in views.items()}))
