"""The events of a feature view: staged rows with an entity key that pass the view's filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from fpc.model.nodes import FeatureView
from fpc.sql.staging import EVENT_AT, KNOWN_AT, SUPERSEDED_AT
from fpc.sql.trees import clone, column, disjunction, is_not_null, is_null, named, select


def lower_events(view: FeatureView, staged: exp.Table) -> exp.Select:
    """Every version of every event of the view, one row each, in no order.

    Columns, all under the source's own names: those that hold the entity's keys (`view.key_columns` pairs them), those
    that the aggregates read, then `event_at`, `known_at`, `superseded_at`.
    """
    return select_events(view, staged, (EVENT_AT, KNOWN_AT, SUPERSEDED_AT))


def select_events(view: FeatureView, staged: exp.Table, times: Iterable[str], *more: exp.Expr) -> exp.Select:
    """The view's events with these of the time columns, restricted by `more` conditions."""
    names = dict.fromkeys((*columns_read(view), *times))
    return select(map(column, names), staged, where=(*conditions_of(view), *more))


def lower_refused_events(view: FeatureView, staged: exp.Table) -> exp.Select:
    """How many staged rows the view refuses because an entity key is null: one row, column `refused_rows`."""
    missing = disjunction(is_null(column(name)) for name in _key_columns(view))
    return select([named(exp.Count(this=exp.Star()), "refused_rows")], staged, where=[missing])


def conditions_of(view: FeatureView) -> Iterator[exp.Expr]:
    """What a row must fulfil to be an event of the view, instants aside: keys present, and the filter."""
    for name in _key_columns(view):
        yield is_not_null(column(name))
    if view.where is not None:
        yield clone(view.where)


def columns_read(view: FeatureView) -> tuple[str, ...]:
    """The staged columns that hold the entity's keys, then those that the aggregates read, in the source's order."""
    read = {
        found.name
        for feature in view.features
        for call in feature.aggregates
        for part in (*call.arguments, *([] if call.filter is None else [call.filter]))
        for found in part.find_all(exp.Column)
    }
    declared = [declared.name for declared in view.source.columns if declared.name in read]
    times = [name for name in (EVENT_AT, KNOWN_AT, SUPERSEDED_AT) if name in read]
    return tuple(dict.fromkeys((*_key_columns(view), *declared, *times)))


def _key_columns(view: FeatureView) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, name in view.key_columns))
