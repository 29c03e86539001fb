"""An earlier state of a repository, analysed beside a later one: what stands in the same files means the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fpc.contract.spec_files import CONFIG
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.result import Result
from fpc.model.analysis import analyse
from fpc.model.nodes import FeatureService, FeatureView, Model, TrainingSet
from fpc.model.services import resolve_service
from fpc.model.training_sets import resolve_training_set
from fpc.model.typing import Typing
from fpc.spec.collector import paused_collector
from fpc.spec.documents import DefaultsSpec, Spec


def analyse_earlier(spec: Spec, later: Model, same: frozenset[str], typing: Typing) -> Result[Model]:
    """As `analyse`; `same` are the paths of files that hold the same bytes as in the later state, which has no errors.

    A node of the later model is taken as it is where its document, and every document that this names, stands in such
    a file: so two states that differ in one file cost little more than one, and what did not change is one object.
    """
    if CONFIG not in same:
        return analyse(spec, typing)
    with paused_collector():
        return _beside(spec, later, same, typing)


def _beside(spec: Spec, later: Model, same: frozenset[str], typing: Typing) -> Result[Model]:
    sources = {item.name.value for item in spec.sources if item.place.file.path in same}
    entities = {item.name.value for item in spec.entities if item.place.file.path in same}
    views: dict[str, FeatureView] = {}
    others = []
    for item in spec.views:
        view = later.views.get(item.name.value) if item.place.file.path in same else None
        if view is not None and view.source.name in sources and view.entity.name in entities:
            views[view.name] = view
        else:
            others.append(item)
    found = analyse(replace(spec, views=tuple(others), services=(), training_sets=()), typing)
    findings = Findings()
    views = dict(sorted({**views, **found.value.views}.items()))
    services = _services(spec, later, same, views, findings)
    model = replace(
        found.value,
        sources={name: later.sources[name] if name in sources else each for name, each in found.value.sources.items()},
        entities={n: later.entities[n] if n in entities else each for n, each in found.value.entities.items()},
        views=views,
        services=services,
        training_sets=_training_sets(spec, later, same, services, findings),
    )
    return Result(model, (*found.diagnostics, *findings.sorted()))


def _services(
    spec: Spec, later: Model, same: frozenset[str], views: Mapping[str, FeatureView], findings: Findings
) -> dict[str, FeatureService]:
    declared = {item.name.value: item for item in spec.views}
    defaults = DefaultsSpec() if spec.config is None else spec.config.defaults
    services: dict[str, FeatureService] = {}
    for item in spec.services:
        known = later.services.get(item.name.value) if item.place.file.path in same else None
        if known is not None and all(views.get(r.view) is later.views.get(r.view) for r in known.features):
            services[known.name] = known
            continue
        resolved = resolve_service(item, views, declared, defaults, findings)
        if resolved is not None:
            services[resolved.name] = resolved
    return dict(sorted(services.items()))


def _training_sets(
    spec: Spec, later: Model, same: frozenset[str], services: dict[str, FeatureService], findings: Findings
) -> dict[str, TrainingSet]:
    declared = {item.name.value for item in spec.services}
    defaults = DefaultsSpec() if spec.config is None else spec.config.defaults
    found: dict[str, TrainingSet] = {}
    for item in spec.training_sets:
        known = later.training_sets.get(item.name.value) if item.place.file.path in same else None
        if known is not None and services.get(known.service.name) is known.service:
            found[known.name] = known
            continue
        resolved = resolve_training_set(item, services, declared, defaults, findings)
        if resolved is not None:
            found[resolved.name] = resolved
    return dict(sorted(found.items()))
