"""What a training set's label is made of, and the features that read it too soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Severity
from fpc.leaks.obstacle import Hop, Obstacle
from fpc.leaks.reads import Part, Places, base_features, reads_of
from fpc.model.nodes import DbtModelLocation, Feature, FeatureView, Model, Source, TableLocation, TrainingSet

#: Obstacles by view and feature.
Labelled = Mapping[tuple[str, str], tuple[Obstacle, ...]]
#: The tables below each source that reads a dbt model, by the source's name.
Tables = Mapping[str, tuple[str, ...]]


def read_labels(model: Model, places: Places, tables: Tables) -> Labelled:
    """Of each feature over events that a service of a training set reads, what the label stands in its way with.

    An outcome that has a known time counts from then on, and is in nobody's way. `tables` are those that each source's
    dbt model comes down to.
    """
    found: dict[tuple[str, str], dict[Obstacle, None]] = {}
    for training_set in model.training_sets.values():
        for view, feature in _members(training_set, model):
            if view.source.known_time is None:
                obstacles = _obstacles(training_set, view, feature, places, tables)
                found.setdefault((view.name, feature.name), {}).update(dict.fromkeys(obstacles))
    return {key: tuple(obstacles) for key, obstacles in found.items() if obstacles}


def _members(training_set: TrainingSet, model: Model) -> Iterator[tuple[FeatureView, Feature]]:
    """The features over events that the training set's features come down to, each once."""
    seen: set[tuple[str, str]] = set()
    for reference in training_set.service.features:
        view = model.views.get(reference.view)
        output = None if view is None else next((one for one in view.outputs if one.name == reference.feature), None)
        if view is None or output is None:
            continue
        for feature in base_features(view, output):
            if (view.name, feature.name) not in seen:
                seen.add((view.name, feature.name))
                yield view, feature


def _obstacles(
    training_set: TrainingSet, view: FeatureView, feature: Feature, places: Places, tables: Tables
) -> Iterator[Obstacle]:
    labels = {label.casefold() for label in training_set.spine.labels}
    made_of = _made_of(training_set, view.source, _own_tables(view.source, tables))
    told: set[str] = set()
    for read in reads_of(view, feature, places):
        name = read.column.casefold()
        # Who a label is about, a label over another table may well be looked up by.
        made = name in made_of and read.part is not Part.KEY
        if read.column in view.source.immutable or name in told or not (name in labels or made):
            continue
        told.add(name)
        trail = (Hop(f"the label of the training set `{training_set.name}`", training_set.span),)
        code = codes.LABEL_AS_FEATURE if name in labels else codes.LABEL_SOURCE
        what = "the label" if name in labels else "of which the label is made"
        yield Obstacle(
            code,
            Severity.WARNING,
            f"`{view.name}.{feature.name}` reads `{read.column}`, {what} of `{training_set.name}`",
            feature.span,
            "earlier labels count from when their events happened",
            f"declare when a label is known as `known_time` of the source `{view.source.name}`",
            trail,
        )


def _own_tables(source: Source, tables: Tables) -> tuple[str, ...]:
    """The tables that a source's rows come from: its own, and those below a dbt model of that name."""
    match source.location:
        case TableLocation(schema, table):
            return (f"{schema}.{table}" if schema else table,)
        case DbtModelLocation(name):
            return (name, *tables.get(source.name, ()))
        case _:
            return ()


def _made_of(training_set: TrainingSet, source: Source, own: tuple[str, ...]) -> frozenset[str]:
    """Columns of the source that the labels of a query over one of its tables are computed from, in lower case."""
    query = training_set.spine.query
    if query is None or not any(_is_table(table, name) for table in query.find_all(exp.Table) for name in own):
        return frozenset()
    labels = {label.casefold() for label in training_set.spine.labels}
    declared = {column.name.casefold() for column in source.columns}
    keys = {source.event_time.column.casefold(), training_set.spine.time.casefold()}
    found: set[str] = set()
    waiting, seen = set(labels), set[str]()
    while waiting:
        label = waiting.pop()
        seen.add(label)
        for select in query.find_all(exp.Select):
            for part in select.expressions:
                if part.alias_or_name.casefold() == label:
                    names = {column.name.casefold() for column in part.find_all(exp.Column)}
                    found |= names & declared
                    waiting |= names - seen
    return frozenset(found - keys)


def _is_table(table: exp.Table, name: str) -> bool:
    """Whether a query's table is that of this name; where the name has no schema, of any."""
    schema, _, bare = name.casefold().rpartition(".")
    return table.name.casefold() == bare and schema in ("", table.db.casefold())
