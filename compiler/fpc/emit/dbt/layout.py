"""The whole dbt project of a model."""

from __future__ import annotations

from collections.abc import Iterator

from fpc.emit.artefact import Artefact
from fpc.emit.dbt.exposures import exposure
from fpc.emit.dbt.groups import group_properties
from fpc.emit.dbt.macros import macros
from fpc.emit.dbt.names import groups
from fpc.emit.dbt.project import project
from fpc.emit.dbt.sources import source_properties
from fpc.emit.dbt.staging import staging
from fpc.emit.dbt.training_sets import training_set
from fpc.emit.dbt.views import view
from fpc.model.nodes import Model, Target


def dbt_project(model: Model, target: Target) -> Iterator[Artefact]:
    """Every file of `dbt_project/`; each is a function of the spec that its header names (and of the views it uses)."""
    name = model.config.name
    owners = groups([owned.owner for kind in (model.sources, model.views) for owned in kind.values()])
    yield from project(model.config, target)
    yield from macros()
    yield from group_properties(owners)
    for source in model.sources.values():
        yield from source_properties(source, name)
        yield from staging(source, name, owners)
    for feature_view in model.views.values():
        yield from view(feature_view, owners)
    for service in model.services.values():
        yield exposure(service)
    for declared in model.training_sets.values():
        yield from training_set(declared, model)
