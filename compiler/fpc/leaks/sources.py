"""What of a source was known with its rows, and what may have come later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fpc.diagnostics import codes
from fpc.diagnostics.codes import Code
from fpc.diagnostics.diagnostic import Severity
from fpc.diagnostics.span import Span
from fpc.leaks.names import is_arrival_time, is_outcome, is_state, is_update_time, is_validity, names_entity
from fpc.leaks.obstacle import Hop, Obstacle
from fpc.leaks.upstream.models import Models
from fpc.leaks.upstream.relation import Relation, Times
from fpc.model.lineage import copied_view
from fpc.model.nodes import DbtModelLocation, FeatureView, FileLocation, Model, Source, TableLocation
from fpc.spec.documents import SourceSpec, Spec
from fpc.types.logical import Kind

_INSTANTS = (Kind.TIMESTAMP, Kind.TIMESTAMPTZ)
_HISTORY_HELP = "keep a row for each change: `unique_key` names the row, `known_time` when each version came"


@dataclass(frozen=True, slots=True)
class SourceReading:
    """What the proof knows of a source's rows.

    `rows` stand in the way of every feature, `columns` of those that read a column, by its declared name. `trusted`
    says in words what the proof takes on trust; `tables` are those below its dbt model.
    """

    source: Source
    spans: Mapping[str, Span]
    rows: tuple[Obstacle, ...]
    columns: Mapping[str, tuple[Obstacle, ...]]
    trusted: tuple[str, ...]
    tables: tuple[str, ...]

    @property
    def time(self) -> str:
        """The column by whose instant a row is known."""
        return (self.source.known_time or self.source.event_time).column

    def in_the_way(self, column: str) -> tuple[Obstacle, ...]:
        """What stands in the way of whoever reads a column, rows aside."""
        return self.columns.get(column, ())


def read_source(
    source: Source, declared: SourceSpec, views: Sequence[FeatureView], spec: Spec, model: Model
) -> SourceReading:
    """Read what a source declares, what its columns' names say, and the dbt models that it is made by.

    `views` are those that read it.
    """
    spans = {column.name.value: column.name.span for column in declared.columns}
    upstream = _upstream(source, declared, spec, model)
    # Which version counts, and of what, hangs on the key; the times are the model's own rows' already.
    by_key = [one for key in source.unique_key for one in upstream.column(key.casefold()) if not one.rests_on_a_name]
    rows = [
        *upstream.rows,
        *by_key,
        *_arrivals(source, spans),
        *_lateness(source, declared),
        *_overwritten(source, spans),
    ]
    columns: dict[str, tuple[Obstacle, ...]] = {}
    for column in source.columns:
        if column.name in source.immutable:
            continue
        # A name that says as much itself is told once, where the source declares it.
        told = any(says(column.name) for says in (is_validity, is_outcome, is_state))
        below = [one for one in upstream.column(column.name.casefold()) if not (told and one.rests_on_a_name)]
        own = [*below, *_own(source, column.name, spans, views)]
        if own:
            columns[column.name] = tuple(own)
    return SourceReading(source, spans, tuple(rows), columns, tuple(_trusted(source, upstream)), upstream.tables)


def _upstream(source: Source, declared: SourceSpec, spec: Spec, model: Model) -> Relation:
    known = (source.known_time or source.event_time).column.casefold()
    times = Times(frozenset((known, source.event_time.column.casefold())), frozenset((known,)))
    match source.location:
        case DbtModelLocation(name):
            assert declared.dbt_model is not None
            models = Models(spec.upstream, model.views, timed=source.known_time is not None)
            found = models.read(name, times, declared.dbt_model.span)
            hop = Hop(f"the source `{source.name}`", declared.dbt_model.span)
            columns = {
                column: tuple(replace(one, trail=(*one.trail, hop)) for one in obstacles)
                for column, obstacles in found.columns.items()
            }
            return replace(found, columns=columns)
        # `append_only: true` on another view's table is its author's word: each publication is an event of its own.
        case TableLocation() if not source.append_only and (view := copied_view(source, model)) is not None:
            assert declared.table is not None
            return Models({}, model.views, timed=False).read(view.name, times, declared.table.span)
        case _:
            return Relation()


def _arrivals(source: Source, spans: Mapping[str, Span]) -> list[Obstacle]:
    """A column that says when rows came, and is not said to be the known time."""
    if source.known_time is not None:
        return []
    found = next(
        (
            column.name
            for column in source.columns
            if is_arrival_time(column.name)
            and column.type.kind in _INSTANTS
            and column.name != source.event_time.column
        ),
        None,
    )
    if found is None:
        return []
    return [
        _warning(
            codes.FUTURE_LEAK,
            f"rows of `{source.name}` seem to arrive later than they happen, at `{found}`",
            spans[found],
            "looks like the time at which a row came",
            f"add `known_time: {found}` to the source",
        )
    ]


def _lateness(source: Source, declared: SourceSpec) -> list[Obstacle]:
    if declared.max_lateness is None or source.known_time is not None:
        return []
    return [
        _warning(
            codes.UNCHECKED_LATENESS,
            f"the source `{source.name}` promises a lateness but has no known time",
            declared.max_lateness.span,
            "nothing tells when a row came",
            "name the column that holds when a row was loaded as `known_time`",
        )
    ]


def _overwritten(source: Source, spans: Mapping[str, Span]) -> list[Obstacle]:
    """The row's time is that of its last change, and earlier versions have no rows of their own."""
    time = (source.known_time or source.event_time).column
    if source.unique_key or source.append_only or not is_update_time(time):
        return []
    return [
        _warning(
            codes.KEEPS_LAST_VERSION,
            f"rows of `{source.name}` are known by `{time}`, the time of their last change",
            spans[time],
            "a row that changes again is not there any more as it was",
            f"{_HISTORY_HELP}; or say `append_only: true` where each change is an event of its own",
        )
    ]


def _own(source: Source, name: str, spans: Mapping[str, Span], views: Sequence[FeatureView]) -> list[Obstacle]:
    """What a column's name, and its source's shape, say against it."""
    times = {source.event_time.column, *(() if source.known_time is None else (source.known_time.column,))}
    if name in times or name in source.unique_key:
        return []
    if is_validity(name):
        return [
            _warning(
                codes.OUTCOME_COLUMN,
                f"`{name}` of the source `{source.name}` tells that a later version came",
                spans[name],
                "written when the row was superseded",
                f"leave it out: versions are told apart by `unique_key` and `known_time`; {_sure(name)}",
            )
        ]
    # A known time dates what a row holds. With a key alone, or nothing, a row holds what was written to it last.
    if source.known_time is not None or source.append_only:
        return []
    marker = next((c.name for c in source.columns if is_update_time(c.name) and c.name not in times), None)
    if source.unique_key and is_update_time(source.event_time.column):
        return []
    if is_outcome(name):
        return [
            _warning(
                codes.OUTCOME_COLUMN,
                f"`{name}` of the source `{source.name}` is known only after `{source.event_time.column}`",
                spans[name],
                "says how it ended, in a row that says when it began",
                f"say as `known_time` from when on it is known, or make it a source of its own; {_sure(name)}",
            )
        ]
    # Who a row is about is not what changes of it.
    is_key = any(name == column for view in views for _, column in view.key_columns)
    if is_state(name) or (marker is not None and not is_key):
        because = f", as `{marker}` shows" if marker is not None else ""
        return [
            _warning(
                codes.OVERWRITTEN_COLUMN,
                f"`{name}` of the source `{source.name}` is changed in place{because}",
                spans[name],
                "as it is now, not as it was when the event happened",
                f"{_HISTORY_HELP}; {_sure(name)}",
            )
        ]
    dimension = next((view for view in views if _is_dimension(source, view)), None)
    if dimension is not None and not is_key:
        return [
            _warning(
                codes.DIMENSION_WITHOUT_AS_OF,
                f"`{name}` of the source `{source.name}` has one value per {dimension.entity.name}, for all time",
                spans[name],
                "as it is now, not as it was then",
                f"{_HISTORY_HELP}; or say `append_only: true` where rows never change",
            )
        ]
    return []


def _is_dimension(source: Source, view: FeatureView) -> bool:
    """Whether the source has a row for each entity instead of events of it."""
    by_key = set(source.unique_key) == {column for _, column in view.key_columns}
    return by_key or names_entity(source.name, view.entity.name)


def _trusted(source: Source, upstream: Relation) -> list[str]:
    match source.location:
        case FileLocation(path):
            where = [f"the files `{path}`"]
        case TableLocation(schema, table):
            where = [f"the table `{schema}.{table}`" if schema else f"the table `{table}`"]
        case DbtModelLocation(model):
            where = [f"the table `{table}`" for table in upstream.tables] or [f"the dbt model `{model}`"]
    found = [f"rows of {one} are written once, and kept" for one in where]
    if source.append_only:
        found = [f"`append_only: true` of the source `{source.name}`: rows are never changed or removed"]
    time = f"`{source.known_time.column}`" if source.known_time else f"`{source.event_time.column}`, when it happened"
    found.append(f"a row is there from {time} on")
    if source.unique_key:
        versions = "each version of a row" if source.known_time is not None else "the copies of a row"
        kept = "is kept as a row of its own" if source.known_time is not None else "are equal"
        found.append(f"{versions} with one {', '.join(f'`{key}`' for key in source.unique_key)} {kept}")
    if source.immutable:
        names = ", ".join(f"`{name}`" for name in source.immutable)
        found.append(f"`immutable` of the source `{source.name}`: {names} never change and were known with the row")
    return found


def _sure(name: str) -> str:
    return f"where it never changes, say `immutable: [{name}]`"


def _warning(code: Code, message: str, span: Span, label: str, help: str) -> Obstacle:
    return Obstacle(code, Severity.WARNING, message, span, label, help)
