"""The pages of sources, services, training sets, models, entities and owners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from fpc.emit.artefact import Artefact
from fpc.emit.catalogue.compiled_sql import staging_sql
from fpc.emit.catalogue.page import page
from fpc.emit.catalogue.pages import (
    entity_page,
    model_page,
    owner_page,
    service_page,
    source_page,
    training_set_page,
)
from fpc.emit.catalogue.relations import Relations
from fpc.emit.catalogue.view_pages import describe
from fpc.model import lineage
from fpc.model.nodes import (
    DbtModelLocation,
    DerivedFeature,
    Feature,
    FeatureReference,
    FeatureService,
    FileLocation,
    Location,
    Source,
    TableLocation,
    TrainingSet,
)


def thing_pages(relations: Relations) -> Iterator[Artefact]:
    """A page for each source, service, training set, model, entity and owner."""
    model = relations.model
    for source in model.sources.values():
        yield _source_page(relations, source)
    for service in model.services.values():
        yield _service_page(relations, service)
    for declared in model.training_sets.values():
        yield _training_set_page(relations, declared)
    for name, services in relations.services_of_model.items():
        yield _model_page(relations, name, services)
    for entity in model.entities.values():
        views = relations.views_of_entity.get(entity.name, ())
        yield page(relations, entity_page(entity.name), "entity.html", entity.name, entity=entity, views=views)
    for owner, owned in relations.owners.items():
        features = sum(len(view.outputs) for view in owned.views)
        yield page(relations, owner_page(owner), "owner.html", owner, owner=owner, owned=owned, features=features)


def _source_page(relations: Relations, source: Source) -> Artefact:
    columns = [
        (column, len({edge.lower for edge in relations.lineage.below(lineage.column(source.name, column.name))}))
        for column in source.columns
    ]
    return page(
        relations,
        source_page(source.name),
        "source.html",
        source.name,
        source=source,
        location=_location(source.location),
        columns=columns,
        compiled=staging_sql(source),
        views=relations.views_of_source.get(source.name, ()),
    )


def _service_page(relations: Relations, service: FeatureService) -> Artefact:
    return page(
        relations,
        service_page(service.name),
        "service.html",
        service.name,
        service=service,
        members=_members(relations, service),
        views=list(dict.fromkeys(reference.view for reference in service.features)),
        training_sets=[(each, _spine(each)) for each in relations.training_sets_of_service.get(service.name, ())],
        describe=describe,
    )


def _training_set_page(relations: Relations, declared: TrainingSet) -> Artefact:
    return page(
        relations,
        training_set_page(declared.name),
        "training_set.html",
        declared.name,
        declared=declared,
        members=_members(relations, declared.service),
        spine=_spine(declared),
        describe=describe,
    )


def _model_page(relations: Relations, name: str, services: tuple[FeatureService, ...]) -> Artefact:
    sets = relations.training_sets_of_service
    return page(
        relations,
        model_page(name),
        "model.html",
        name,
        model=name,
        services=services,
        features=len({reference for service in services for reference in service.features}),
        training_sets=[declared for service in services for declared in sets.get(service.name, ())],
    )


def _members(
    relations: Relations, service: FeatureService
) -> list[tuple[FeatureReference, str, Feature | DerivedFeature]]:
    """What a service reads, by the names of its columns."""
    views = relations.model.views
    outputs = {
        FeatureReference(name, output.name): output
        for name in {reference.view for reference in service.features}
        for output in views[name].outputs
    }
    return [(reference, column, outputs[reference]) for reference, column in service.columns()]


def _location(location: Location) -> str:
    match location:
        case FileLocation(path):
            return path
        case TableLocation(schema, table):
            return f"table {schema}.{table}" if schema else f"table {table}"
        case DbtModelLocation(model):
            return f"dbt model {model}"
        case _:
            assert_never(location)


def _spine(declared: TrainingSet) -> str:
    spine = declared.spine
    if spine.path is not None:
        return spine.path
    return "a query" if spine.table is None else _location(spine.table)
