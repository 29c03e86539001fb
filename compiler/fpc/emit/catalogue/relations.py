"""Who belongs to whom in a repository, looked up once for all pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fpc.contract.lineage import Lineage
from fpc.contract.registry_lineage import registry_lineage
from fpc.emit.registry import registry
from fpc.model.nodes import (
    Entity,
    FeatureService,
    FeatureView,
    Model,
    Source,
    TrainingSet,
)

Named = Source | Entity | FeatureView | FeatureService | TrainingSet
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Owned:
    """What one owner answers for, each kind in the order of the names."""

    sources: tuple[Source, ...]
    entities: tuple[Entity, ...]
    views: tuple[FeatureView, ...]
    services: tuple[FeatureService, ...]
    training_sets: tuple[TrainingSet, ...]


@dataclass(frozen=True, slots=True)
class Relations:
    """The other ends of the model's references; keys without an entry have none."""

    model: Model
    lineage: Lineage
    services_of_feature: Mapping[tuple[str, str], tuple[FeatureService, ...]]
    services_of_view: Mapping[str, tuple[FeatureService, ...]]
    views_of_source: Mapping[str, tuple[FeatureView, ...]]
    views_of_entity: Mapping[str, tuple[FeatureView, ...]]
    training_sets_of_service: Mapping[str, tuple[TrainingSet, ...]]
    services_of_model: Mapping[str, tuple[FeatureService, ...]]
    owners: Mapping[str, Owned]


def relate(model: Model) -> Relations:
    """The relations of a model."""
    views, services = model.views.values(), model.services.values()
    members = [((member.view, member.feature), service) for service in services for member in service.features]
    return Relations(
        model=model,
        lineage=registry_lineage(registry(model)),
        services_of_feature=_grouped(members),
        services_of_view=_grouped((view, service) for (view, _), service in members),
        views_of_source=_grouped((view.source.name, view) for view in views),
        views_of_entity=_grouped((view.entity.name, view) for view in views),
        training_sets_of_service=_grouped((each.service.name, each) for each in model.training_sets.values()),
        services_of_model=dict(sorted(_grouped((each.model, each) for each in services if each.model).items())),
        owners=_owners(model),
    )


def _owners(model: Model) -> Mapping[str, Owned]:
    kinds: tuple[Iterable[Named], ...] = (
        model.sources.values(), model.entities.values(), model.views.values(), model.services.values(),
        model.training_sets.values(),
    )  # fmt: skip
    names = sorted({thing.owner for kind in kinds for thing in kind if thing.owner})
    return {
        name: Owned(
            sources=_of(name, model.sources.values()),
            entities=_of(name, model.entities.values()),
            views=_of(name, model.views.values()),
            services=_of(name, model.services.values()),
            training_sets=_of(name, model.training_sets.values()),
        )
        for name in names
    }


Thing = TypeVar("Thing", Source, Entity, FeatureView, FeatureService, TrainingSet)


def _of(owner: str, things: Iterable[Thing]) -> tuple[Thing, ...]:
    return tuple(thing for thing in things if thing.owner == owner)


K = TypeVar("K")


def _grouped(pairs: Iterable[tuple[K, T]]) -> dict[K, tuple[T, ...]]:
    """The second of each pair by the first, in order and each once."""
    found: dict[K, dict[int, T]] = {}
    for key, value in pairs:
        found.setdefault(key, {})[id(value)] = value
    return {key: tuple(values.values()) for key, values in found.items()}
