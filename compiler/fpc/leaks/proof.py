"""The proof that a feature's value at t is made of what was known before t, as a derivation.

Each step says of an expression by which instant it is known, and by which rule that follows from the steps below it:

    constant   is known always
    column     is known with its row, unless its source says otherwise
    scalar     deterministic SQL is known when the last of its parts is
    version    of a row's versions the one that counts at t is told apart by known times before t alone
    window     only rows that were known before t are in it
    aggregate  over rows known before t, its arguments and filters known with them, is known at t
    instant    AS_OF() is t
    feature    scalar SQL over aggregates and t
    derived    scalar SQL over features of the same instant
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from sqlglot import exp

from fpc.diagnostics.span import Span
from fpc.leaks.obstacle import Hop, Obstacle
from fpc.leaks.reads import Part, Read, base_features, reads_of
from fpc.leaks.repository import Knowledge
from fpc.leaks.sources import SourceReading
from fpc.model.nodes import AggregateCall, Closed, DerivedFeature, Feature, FeatureView, Window


class Known(Enum):
    """By which instant a step's value is known, from the earliest on."""

    ALWAYS = "always"
    WITH_ROW = "with its row"
    AT_T = "before t"
    INSTANT = "t itself"
    UNPROVEN = "not proven"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a derivation: what, by when it is known, by which rule, and the steps that it rests on."""

    what: str
    known: Known
    rule: str
    span: Span | None
    premises: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """How a value that may be of later reaches the feature: the obstacle, and each stop from it to the feature."""

    obstacle: Obstacle
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """The derivation of one feature; proven exactly when there is no path. `trusted`: what it takes on trust."""

    name: str
    root: Step
    paths: tuple[Path, ...]
    trusted: tuple[str, ...]

    @property
    def is_proven(self) -> bool:
        """Whether every value that reaches the feature at t was known before t."""
        return not self.paths


def prove(knowledge: Knowledge, view: FeatureView, name: str) -> Proof:
    """The proof of one output of a view."""
    output = next(one for one in view.outputs if one.name == name)
    bases = base_features(view, output)
    found = {feature.name: list(knowledge.obstacles(view, feature)) for feature in bases}
    root = _output(view, output, knowledge)
    paths = tuple(
        Path(obstacle, tuple(_hops(view, output, feature, obstacle, read)))
        for feature in bases
        for obstacle, read in dict.fromkeys(found[feature.name])
    )
    return Proof(f"{view.name}.{name}", root, paths, knowledge.sources[view.source.name].trusted)


def _hops(
    view: FeatureView, output: Feature | DerivedFeature, feature: Feature, obstacle: Obstacle, read: Read | None
) -> Iterator[Hop]:
    yield Hop(obstacle.message, obstacle.span)
    yield from obstacle.trail
    if read is not None:
        yield Hop(f"`{read.column}` in {read.part.value}: {read.expression}", read.span)
    yield Hop(f"feature `{view.name}.{feature.name}`", feature.span)
    if feature.name != output.name:
        yield Hop(f"feature `{view.name}.{output.name}`: {output.sql}", output.span)


# -- the derivation ---------------------------------------------------------------------------------------------------


def _output(view: FeatureView, output: Feature | DerivedFeature, knowledge: Knowledge) -> Step:
    if isinstance(output, Feature):
        return _feature(view, output, knowledge)
    inputs = [next(one for one in view.outputs if one.name == name) for name in output.inputs]
    premises = [_output(view, one, knowledge) for one in inputs]
    return _joined(f"{output.name} = {output.sql}", "derived", output.span, [*premises, *_instant(output.expression)])


def _feature(view: FeatureView, feature: Feature, knowledge: Knowledge) -> Step:
    source = knowledge.sources[view.source.name]
    reads = list(reads_of(view, feature, knowledge.places))
    premises = [_call(view, feature, call, source, reads) for call in feature.aggregates]
    label = knowledge.labelled.get((view.name, feature.name), ())
    premises += [Step(found.message, Known.UNPROVEN, found.code.code, found.span) for found in label]
    what = f"{feature.name} = {feature.sql}"
    return _joined(what, "feature", feature.span, [*premises, *_instant(feature.expression)])


def _call(view: FeatureView, feature: Feature, call: AggregateCall, source: SourceReading, reads: list[Read]) -> Step:
    rows = _window(view, feature.window, source, reads)
    arguments = [
        _scalar(argument, [read for read in reads if read.part is Part.VALUE], source, feature.span)
        for argument in call.arguments
    ]
    filters = [] if call.filter is None else [call.filter]
    conditions = [
        _scalar(condition, [read for read in reads if read.part is Part.FILTER], source, feature.span)
        for condition in filters
    ]
    text = ", ".join(argument.sql(dialect="duckdb") for argument in call.arguments) or "*"
    suffix = "".join(f" FILTER (WHERE {condition.sql(dialect='duckdb')})" for condition in filters)
    return _joined(f"{call.function.upper()}({text}){suffix}", "aggregate", feature.span,
                   [rows, *arguments, *conditions])  # fmt: skip


def _window(view: FeatureView, window: Window, source: SourceReading, reads: list[Read]) -> Step:
    premises = [Step(found.message, Known.UNPROVEN, found.code.code, found.span) for found in source.rows]
    keys = [read for read in reads if read.part is Part.KEY]
    premises += [_column(read, source) for read in keys]
    if view.where is not None:
        conditions = [read for read in reads if read.part is Part.WHERE]
        premises.append(_scalar(view.where, conditions, source, view.span))
    if view.source.unique_key:
        what = f"versions by {', '.join(view.source.unique_key)}: the one known last before t"
        premises.append(Step(what, Known.AT_T, "version", source.spans.get(view.source.unique_key[0])))
    comparison = "<" if view.closed is Closed.LEFT else "<="
    length = "lifetime" if window.length is None else str(window.length)
    shifted = f" before t - {window.offset}" if window.offset.microseconds else ""
    what = f"rows of `{view.source.name}` with {source.time} {comparison} t, of {length}{shifted}"
    return _joined(what, "window", source.spans.get(source.time), premises)


def _scalar(tree: exp.Expr, reads: list[Read], source: SourceReading, span: Span) -> Step:
    names = {column.name for column in tree.find_all(exp.Column)}
    columns = list({read.column: _column(read, source) for read in reads if read.column in names}.values())
    text = tree.sql(dialect="duckdb")
    if isinstance(tree, exp.Column) and len(columns) == 1:
        return columns[0]
    if not columns:
        return Step(text, Known.ALWAYS, "constant", span)
    known = Known.UNPROVEN if any(one.known is Known.UNPROVEN for one in columns) else Known.WITH_ROW
    return Step(text, known, "scalar", columns[0].span, tuple(columns))


def _column(read: Read, source: SourceReading) -> Step:
    found = source.in_the_way(read.column)
    because = tuple(Step(one.message, Known.UNPROVEN, one.code.code, one.span) for one in found)
    known = Known.UNPROVEN if found else Known.WITH_ROW
    return Step(f"{read.column} of {source.source.name}", known, "column", read.span, because)


def _instant(tree: exp.Expr) -> list[Step]:
    asked = any(call.name.upper() == "AS_OF" for call in tree.find_all(exp.Anonymous))
    return [Step("AS_OF()", Known.INSTANT, "instant", None)] if asked else []


def _joined(what: str, rule: str, span: Span | None, premises: list[Step]) -> Step:
    unproven = any(premise.known is Known.UNPROVEN for premise in premises)
    return Step(what, Known.UNPROVEN if unproven else Known.AT_T, rule, span, tuple(premises))
