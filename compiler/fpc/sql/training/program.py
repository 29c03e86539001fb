"""A training set as a program of SQL statements: what `fpc.runtime.training` runs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from fpc.contract.registry import ColumnContract
from fpc.contract.training import (
    TrainingColumn,
    TrainingKernel,
    TrainingProgram,
    TrainingSource,
    TrainingStep,
    TrainingView,
)
from fpc.model.nodes import (
    DbtModelLocation,
    FeatureReference,
    FeatureView,
    FileLocation,
    Mode,
    Model,
    Source,
    TableLocation,
)
from fpc.sql.staging import lower_staging
from fpc.sql.training.calls import collect
from fpc.sql.training.lower import Relation, ViewLowering, lower_view
from fpc.sql.training.values import lower_values, needed_features


def lower_training(
    model: Model, members: Sequence[tuple[FeatureReference, str]], mode: Mode, service: str | None = None
) -> TrainingProgram:
    """The program that gives each row of a spine these features, each under the column's name paired with it."""
    by_view: dict[str, list[tuple[str, str]]] = {}
    for reference, column in members:
        by_view.setdefault(reference.view, []).append((reference.feature, column))
    views = tuple(_view(model.views[name], wanted, mode) for name, wanted in by_view.items())
    sources = dict.fromkeys(model.views[name].source.name for name in by_view)
    return TrainingProgram(
        mode.value,
        service,
        tuple(training_source(model.sources[name]) for name in sources),
        views,
        tuple(column for _, column in members),
    )


def _view(view: FeatureView, wanted: Sequence[tuple[str, str]], mode: Mode) -> TrainingView:
    staged = lower_staging(view.source, exp.to_table(_relation(view.source))).subquery("staged", copy=False)
    features = [feature for feature, _ in wanted]
    lowered = lower_view(view, features, mode, staged, "instants")
    compiled = lower_view(view, features, mode, staged, "instants", kernel=True)
    outputs = {output.name: output for output in view.outputs}
    columns = [
        TrainingColumn(name, column, str(outputs[name].type), _text(default) if default is not None else None)
        for name, column in wanted
        for default in (outputs[name].default,)
    ]
    return TrainingView(
        view.name,
        view.fingerprint,
        view.source.name,
        tuple(ColumnContract(key.name, str(key.type)) for key in view.entity.keys),
        tuple(
            ColumnContract(name, str(key.type)) for name, key in zip(lowered.shards_by, view.entity.keys, strict=True)
        ),
        _step(lowered.asked),
        None if mode is Mode.EXACT else _step(lowered.answers),
        _step(lowered.events),
        tuple(map(_step, lowered.parts)),
        _step(lowered.values),
        _kernel(compiled, features),
        lowered.has_versions,
        view.grid.cron or f"every {view.grid.every}",
        view.delay.microseconds,
        view.online_ttl.microseconds if view.online_ttl else None,
        tuple(columns),
    )


def training_source(source: Source) -> TrainingSource:
    """Where a source's raw rows are, and the columns that they must have."""
    path, table = None, None
    match source.location:
        case FileLocation(found):
            path = found
        case TableLocation(schema, name):
            table = f"{schema}.{name}" if schema else name
        case DbtModelLocation(name):
            table = name
    columns = tuple(ColumnContract(column.name, str(column.type)) for column in source.columns)
    return TrainingSource(source.name, _relation(source), path, table, columns)


def _relation(source: Source) -> str:
    return f"source_{source.name}"


def _kernel(lowered: ViewLowering, features: Sequence[str]) -> TrainingKernel | None:
    if lowered.kernel is None:
        return None
    values = _step(lowered.values)
    if len(lowered.parts) == 1:
        # What the kernel answers has a row for every ask: no join is needed.
        (slid,) = lowered.parts
        calls = collect(lowered.view, needed_features(lowered.view, features))
        alone = lower_values(lowered.view, features, calls, {slid.name: calls.calls}, slid.name)
        values = TrainingStep(lowered.values.name, _text(alone), lowered.values.comment)
    return TrainingKernel(lowered.kernel, tuple(map(_step, lowered.parts)), values)


def _step(relation: Relation) -> TrainingStep:
    return TrainingStep(relation.name, _text(relation.query), relation.comment)


def _text(node: exp.Expr) -> str:
    # Every name quoted, so that none is a keyword; the engine finds names in any case all the same.
    return node.sql(dialect="duckdb", identify=True, comments=False)
