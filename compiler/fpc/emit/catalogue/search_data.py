"""What the search looks through: one short document for everything that has a page."""

from __future__ import annotations

from collections.abc import Iterator

from fpc.emit.catalogue.pages import (
    entity_page,
    feature_page,
    model_page,
    owner_page,
    service_page,
    source_page,
    training_set_page,
    view_page,
)
from fpc.emit.catalogue.plain_text import seen
from fpc.emit.catalogue.relations import Relations

#: Longer descriptions are cut: beyond this they say little that a search needs.
_LONGEST = 300


def search_data(relations: Relations) -> list[list[str]]:
    """Each document as [kind, name, where, page, description, more]: `where` is the view of a feature or the owner of
    another thing, `more` whatever else it is found by.
    """
    return [[seen(part) for part in document] for document in _documents(relations)]


def _documents(relations: Relations) -> Iterator[list[str]]:
    model = relations.model
    for view in model.views.values():
        more = [view.owner, view.entity.name, view.source.name, *view.tags]
        yield ["view", view.name, view.owner, view_page(view.name), _short(view.description), " ".join(more)]
        for output in view.outputs:
            page = feature_page(view.name, output.name)
            yield ["feature", output.name, view.name, page, _short(output.description), " ".join(output.tags)]
    for source in model.sources.values():
        columns = " ".join(column.name for column in source.columns)
        more = [source.owner, *source.tags, columns]
        yield [
            "source",
            source.name,
            source.owner,
            source_page(source.name),
            _short(source.description),
            " ".join(more),
        ]
    for service in model.services.values():
        sets = [declared.name for declared in relations.training_sets_of_service.get(service.name, ())]
        more = [service.owner, service.model or "", *sets]
        page = service_page(service.name)
        yield ["service", service.name, service.owner, page, _short(service.description), " ".join(more)]
    for declared in model.training_sets.values():
        more = [declared.owner, declared.service.name, *declared.spine.labels]
        page = training_set_page(declared.name)
        yield ["training set", declared.name, declared.owner, page, _short(declared.description), " ".join(more)]
    for name, services in relations.services_of_model.items():
        yield ["model", name, "", model_page(name), "", " ".join(service.name for service in services)]
    for entity in model.entities.values():
        keys = " ".join(key.name for key in entity.keys)
        yield ["entity", entity.name, entity.owner, entity_page(entity.name), _short(entity.description), keys]
    for owner, owned in relations.owners.items():
        yield ["owner", owner, f"{len(owned.views)} views", owner_page(owner), "", ""]


def _short(text: str) -> str:
    return text[:_LONGEST]
