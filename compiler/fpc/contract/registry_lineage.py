"""The lineage of a compiled repository, from its registry alone."""

from __future__ import annotations

from collections.abc import Iterator

from fpc.contract.lineage import (
    Edge,
    Lineage,
    Node,
    Role,
    column,
    feature,
    joined,
    model_node,
    service,
    training_set,
)
from fpc.contract.registry import Registry, ViewContract


def registry_lineage(registry: Registry) -> Lineage:
    """The lineage of everything in the registry."""
    return joined(_nodes(registry), _edges(registry))


def _nodes(registry: Registry) -> Iterator[Node]:
    for source in registry.sources.values():
        yield from (column(source.name, each.name) for each in source.columns)
    for view in registry.views.values():
        yield from (feature(view.name, each.name) for each in view.features)
    yield from (service(name) for name in registry.services)
    yield from (training_set(name) for name in registry.training_sets)
    yield from (model_node(each.model) for each in registry.services.values() if each.model)


def _edges(registry: Registry) -> Iterator[Edge]:
    for source in registry.sources.values():
        view = registry.views.get(source.view or "")
        served = () if view is None else {each.name for each in view.features}
        for each in source.columns:
            if view is not None and each.name.casefold() in served:
                yield Edge(feature(view.name, each.name.casefold()), column(source.name, each.name), Role.COPY)
    for view in registry.views.values():
        yield from _view_edges(view)
    for declared in registry.services.values():
        here = service(declared.name)
        for member in declared.members:
            yield Edge(feature(member.view, member.feature), here, Role.MEMBER)
        if declared.model:
            yield Edge(here, model_node(declared.model), Role.EXPOSURE)
    for labelled in registry.training_sets.values():
        yield Edge(service(labelled.service), training_set(labelled.name), Role.LABELLED)


def _view_edges(view: ViewContract) -> Iterator[Edge]:
    for each in view.features:
        here = feature(view.name, each.name)
        for name in each.inputs:
            yield Edge(feature(view.name, name), here, Role.INPUT)
        if not each.inputs:
            for read in (*each.reads, *view.reads):
                yield Edge(column(view.source, read.column), here, Role(read.role))
