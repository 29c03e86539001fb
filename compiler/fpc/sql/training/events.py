"""The events of a view as the strategies read them: keys, times in microseconds, and the calls' masked inputs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from fpc.model.nodes import FeatureView, Window
from fpc.plan.visibility import edges_of
from fpc.sql.training.calls import Input, reads_as_of
from fpc.sql.training.names import inner_key, raw_name
from fpc.sql.training.shapes import alias, both, column, shape
from fpc.types.logical import LogicalType


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Which time columns the events relation has: without late rows `known_us` is `event_us` and is left out."""

    keys: tuple[str, ...]
    late: bool
    versions: bool

    @property
    def in_order(self) -> bool:
        """Whether events enter and leave every window in the order of their event time."""
        return not self.late and not self.versions


def event_columns(view: FeatureView) -> EventColumns:
    """What the view's source promises about times."""
    keys = tuple(inner_key(key) for key, _ in view.key_columns)
    return EventColumns(keys, view.source.known_time is not None, bool(view.source.unique_key))


def lower_training_events(view: FeatureView, inputs: tuple[Input, ...], staged: exp.Expr) -> exp.Select:
    """One row per staged event that has an entity and passes the view's filter.

    Columns: the entity's keys, `event_us`, `known_us` and `superseded_us` where they differ, one column per input,
    and raw columns (see `raw_name`) for what inputs that read AS_OF() need.
    """
    times = event_columns(view)
    columns: list[exp.Expr] = [
        alias(_as_key(view, source, key.type), inner_key(key.name))
        for key, (_, source) in zip(view.entity.keys, view.key_columns, strict=True)
    ]
    columns.append(alias(shape("EPOCH_US(event_at)"), "event_us"))
    if times.late:
        columns.append(alias(shape("EPOCH_US(known_at)"), "known_us"))
    if times.versions:
        columns.append(alias(shape("EPOCH_US(superseded_at)"), "superseded_us"))
    columns += [alias(read.expression.copy(), read.name) for read in inputs if not read.moves]
    columns += [alias(column(name), raw_name(name)) for name in raw_columns(inputs)]
    conditions: list[exp.Expr] = [shape("_key IS NOT NULL", _key=source) for _, source in view.key_columns]
    if view.where is not None and not reads_as_of(view.where):
        conditions.append(exp.Paren(this=view.where.copy()))
    return exp.select(*columns, copy=False).from_(staged, copy=False).where(both(conditions), copy=False)


def raw_columns(inputs: tuple[Input, ...]) -> tuple[str, ...]:
    """The staged columns that inputs which read AS_OF() need, each once."""
    found = (node.name for read in inputs if read.moves for node in read.expression.find_all(exp.Column))
    return tuple(dict.fromkeys(found))


def visible_from(view: FeatureView, window: Window) -> exp.Expr:
    """The first instant at which the event counts, in microseconds."""
    known = column("known_us") if event_columns(view).late else None
    edges = edges_of(window, view.closed)
    if known is not None and not edges.offset:
        # An event is never known before it happens.
        return shape("known_us + _shift", _shift=edges.known_shift) if edges.known_shift else known
    return edges.visible_from(column("event_us"), known)


def visible_until(view: FeatureView, window: Window) -> exp.Expr | None:
    """The first instant at which the event counts no more; None when that never comes, null where it does not."""
    superseded = column("superseded_us") if event_columns(view).versions else None
    return edges_of(window, view.closed).visible_until(column("event_us"), superseded)


def _as_key(view: FeatureView, source: str, type_: LogicalType) -> exp.Expr:
    declared = {known.name: known.type for known in view.source.columns}
    if declared.get(source) == type_:
        return column(source)
    return exp.cast(column(source), exp.DataType.build(str(type_), dialect="duckdb"), copy=False)


def entering_shift(view: FeatureView, window: Window) -> int:
    """An event of time e that is known at once enters at `e + shift`."""
    return edges_of(window, view.closed).start_shift


def leaving_shift(view: FeatureView, window: Window) -> int:
    """An event of time e leaves by age at `e + shift`; windows with a length alone."""
    shift = edges_of(window, view.closed).end_shift
    assert shift is not None
    return shift
