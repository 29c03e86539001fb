"""Two states of a repository, thing by thing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from fpc.change.agreement import judged
from fpc.change.impact import impacts_of
from fpc.change.matching import pairs
from fpc.change.nodes import Change, Class, Plan
from fpc.change.services import changed_service, changed_training_set
from fpc.change.sources import changed_entity, changed_source
from fpc.change.views import changed_view
from fpc.model.nodes import FeatureService, FeatureView, Model, Source, TrainingSet

N = TypeVar("N")


def compare(before: Model, after: Model, today: str) -> Plan:
    """What differs in meaning, whom it touches and what is wrong with it; both models are free of errors.

    `today` is the ISO date on which it would be merged: versions that are kept are kept until a date.
    """
    sources = pairs(before.sources, after.sources, _source_meaning)
    entities = pairs(before.entities, after.entities, lambda entity: entity.keys)
    views = pairs(before.views, after.views, _view_meaning, _features_of)
    changes = _told(changed_source(*pair) for pair in _unlike(sources))
    changes += _told(changed_entity(*pair) for pair in _unlike(entities))
    of_views = _told(changed_view(*pair) for pair in _unlike(views))
    renamed = _renamed_features(views, of_views)
    services = pairs(before.services, after.services, lambda service: _service_meaning(service, renamed))
    changes += of_views
    changes += _told(changed_service(old, new, renamed) for old, new in services if old is not new or renamed)
    was = {new.name: old.name for old, new in services if old is not None and new is not None}
    training_sets = pairs(before.training_sets, after.training_sets, lambda each: _training_meaning(each, was))
    changes += _told(changed_training_set(old, new, was) for old, new in training_sets)
    impacts, problems = judged(before, after, of_views, impacts_of(before, after, of_views, views), today)
    return Plan(tuple(changes), impacts, problems)


def _unlike(found: Iterable[tuple[N | None, N | None]]) -> Iterable[tuple[N | None, N | None]]:
    """The pairs that are not one object, as what stands in files that are the same is (`fpc.model.earlier`)."""
    return ((old, new) for old, new in found if old is not new)


def _told(found: Iterable[Change | None]) -> list[Change]:
    return [change for change in found if change is not None]


def _source_meaning(source: Source) -> Hashable:
    return source.fingerprint


def _view_meaning(view: FeatureView) -> Hashable:
    return view.entity.keys, view.fingerprint


def _features_of(view: FeatureView) -> Hashable:
    """What finds a view again that was renamed and changed in one go: the names and types of its features."""
    return view.source.fingerprint, tuple(sorted((output.name, str(output.type)) for output in view.outputs))


def _service_meaning(service: FeatureService, renamed: Mapping[str, str]) -> Hashable:
    names = (f"{reference.view}.{reference.feature}" for reference in service.features)
    return frozenset(renamed.get(name, name) for name in names), service.model


def _training_meaning(declared: TrainingSet, was: Mapping[str, str]) -> Hashable:
    spine = declared.spine
    query = None if spine.query is None else spine.query.sql(dialect="duckdb")
    service = declared.service.name
    return was.get(service, service), spine.path, spine.table, query, spine.time, spine.labels, declared.mode


def _renamed_features(
    views: Iterable[tuple[FeatureView | None, FeatureView | None]], changes: Iterable[Change]
) -> dict[str, str]:
    """Features of the state before by the names that they have now, where these differ: by view, by feature."""
    renamed = {}
    for old, new in views:
        if old is not None and new is not None and old.name != new.name:
            renamed.update({f"{old.name}.{output.name}": f"{new.name}.{output.name}" for output in old.outputs})
    for change in changes:
        for part in change.parts:
            if part.was is not None and Class.RENAMED in part:
                renamed[part.was] = part.name
    return renamed
