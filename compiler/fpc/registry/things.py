"""Everything that a registry names, as one list: what a search goes through and a name is looked up in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from fpc.contract.registry import Registry, ViewContract


class Kind(Enum):
    """The kinds of things, in the order in which a name is looked up."""

    VIEW = "view"
    FEATURE = "feature"
    SERVICE = "service"
    SOURCE = "source"
    COLUMN = "column"
    ENTITY = "entity"
    TRAINING_SET = "training set"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing: `parent` is a feature's view or a column's source; a feature has the owner of its view.

    `text` is the SQL of a feature; `words` what else it may be found by: types, entities, sources.
    """

    kind: Kind
    parent: str
    name: str
    description: str
    owner: str
    spec: str
    tags: tuple[str, ...] = ()
    text: str = ""
    words: tuple[str, ...] = ()
    is_deprecated: bool = False

    @property
    def path(self) -> str:
        """As it is written in specs: `user_orders.orders_7d`, `churn`."""
        return f"{self.parent}.{self.name}" if self.parent else self.name


def things(registry: Registry) -> Iterator[Thing]:
    """Every thing, by kind, then in the registry's order."""
    for view in registry.views.values():
        yield Thing(
            Kind.VIEW,
            "",
            view.name,
            view.description,
            view.owner,
            view.spec,
            view.tags,
            words=(view.entity, view.source),
            is_deprecated=view.deprecation is not None,
        )
    for view in registry.views.values():
        yield from _features(view)
    for service in registry.services.values():
        words = () if service.model is None else (service.model,)
        yield Thing(Kind.SERVICE, "", service.name, service.description, service.owner, service.spec, words=words)
    for source in registry.sources.values():
        yield Thing(Kind.SOURCE, "", source.name, source.description, source.owner, source.spec, source.tags)
    for source in registry.sources.values():
        for column in source.columns:
            yield Thing(Kind.COLUMN, source.name, column.name, "", source.owner, source.spec, words=(column.type,))
    for entity in registry.entities.values():
        keys = tuple(key.name for key in entity.keys)
        yield Thing(Kind.ENTITY, "", entity.name, entity.description, entity.owner, entity.spec, words=keys)
    for declared in registry.training_sets.values():
        words = (declared.service,)
        yield Thing(
            Kind.TRAINING_SET, "", declared.name, declared.description, declared.owner, declared.spec, words=words
        )


def _features(view: ViewContract) -> Iterator[Thing]:
    for feature in view.features:
        yield Thing(
            Kind.FEATURE,
            view.name,
            feature.name,
            feature.description,
            view.owner,
            view.spec,
            feature.tags,
            feature.sql,
            (view.entity, view.source, feature.type),
            view.deprecation is not None or feature.deprecation is not None,
        )
