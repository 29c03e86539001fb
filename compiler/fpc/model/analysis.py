"""From specs to the model: the passes in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.result import Result
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.config import resolve_config
from fpc.model.deprecations import check_successors
from fpc.model.drafts import Reading, ViewDraft
from fpc.model.entities import resolve_entity
from fpc.model.finish import finish_views
from fpc.model.nodes import Config, Entity, Model, Source
from fpc.model.request_views import check_request_views
from fpc.model.services import resolve_service
from fpc.model.sources import column_note, resolve_source
from fpc.model.training_sets import resolve_training_set
from fpc.model.typing import Typing
from fpc.model.views import resolve_view, source_scope
from fpc.spec.collector import paused_collector
from fpc.spec.documents import DefaultsSpec, Spec
from fpc.spec.located import Located


class _Named(Protocol):
    @property
    def name(self) -> Located[str]: ...


class _Defaults:
    """What documents take that do not say otherwise, by their folder; looked up once for each file."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._known: dict[str, DefaultsSpec] = {}

    def of(self, item: _Named) -> DefaultsSpec:
        path = item.name.place.file.path
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._spec.defaults_of(path)
        return known


S = TypeVar("S", bound=_Named)
N = TypeVar("N")


def analyse(spec: Spec, typing: Typing | None = None) -> Result[Model]:
    """Resolve every name, type every expression, and fingerprint every meaning; all errors at once.

    `typing` may know the answers of an earlier check.
    """
    with paused_collector():
        return _analyse(spec, typing or Typing())


def _analyse(spec: Spec, typing: Typing) -> Result[Model]:
    findings = Findings()
    defaults = _Defaults(spec)
    config = resolve_config(spec.config, findings)

    sources = _each(spec.sources, "source", lambda item: resolve_source(item, defaults.of(item), findings), findings)
    entities = _each(spec.entities, "entity", lambda item: resolve_entity(item, defaults.of(item), findings), findings)
    drafts = _drafts(spec, sources, entities, defaults, config, findings)
    views = finish_views(drafts, defaults.of, typing, findings)
    declared = {item.name.value: item for item in spec.views}
    requests = [item for item in declared.values() if item.freshness is not None and item.freshness.value is None]
    check_request_views(requests, views, declared, typing, findings)
    services = _each(
        spec.services,
        "feature service",
        lambda item: resolve_service(item, views, declared, defaults.of(item), findings),
        findings,
    )
    training_sets = _each(
        spec.training_sets,
        "training set",
        lambda item: resolve_training_set(
            item, services, {s.name.value for s in spec.services}, defaults.of(item), findings
        ),
        findings,
    )
    check_successors(spec.views, findings)
    model = Model(config, sources, entities, views, services, training_sets)
    return Result(model, findings.sorted())


def _each(specs: Iterable[S], kind: str, resolve: Callable[[S], N | None], findings: Findings) -> dict[str, N]:
    """Resolve the specs of one kind by name, in the order of the names; a name given twice keeps the first."""
    found: dict[str, N] = {}
    for item in _distinct(specs, kind, findings):
        resolved = resolve(item)
        if resolved is not None:
            found[item.name.value] = resolved
    return dict(sorted(found.items()))


def _distinct(specs: Iterable[S], kind: str, findings: Findings) -> list[S]:
    seen: dict[str, S] = {}
    for item in specs:
        first = seen.setdefault(item.name.value, item)
        if first is not item:
            findings.error(
                codes.DUPLICATE_NAME,
                f"{kind} `{item.name.value}` is declared twice",
                item.name.span,
                "declared again",
                notes=(f"first declared in {first.name.span}",),
                help="rename one of the two",
            )
    return list(seen.values())


def _drafts(
    spec: Spec,
    sources: dict[str, Source],
    entities: dict[str, Entity],
    defaults: _Defaults,
    config: Config,
    findings: Findings,
) -> list[ViewDraft]:
    notes = {item.name.value: column_note(item) for item in spec.sources}
    readings = {name: Reading(source_scope(source, notes[name])) for name, source in sources.items()}
    declared_sources = {item.name.value for item in spec.sources}
    declared_entities = {item.name.value for item in spec.entities}
    drafts = []
    for item in sorted(_distinct(spec.views, "feature view", findings), key=lambda view: view.name.value):
        if item.freshness is not None and item.freshness.value is None:
            continue
        _check_reference(item.source, "source", declared_sources, findings)
        _check_reference(item.entity, "entity", declared_entities, findings)
        source = None if item.source is None else sources.get(item.source.value)
        entity = None if item.entity is None else entities.get(item.entity.value)
        if source is None:
            continue
        # Without its entity a view is of no use, but what is wrong with its features is said all the same.
        described = entity or Entity("", "", "", (), item.name.span)
        draft = resolve_view(item, source, described, readings[source.name], defaults.of(item), config, findings)
        if draft is not None and entity is not None:
            drafts.append(draft)
    return drafts


def _check_reference(name: Located[str] | None, kind: str, declared: set[str], findings: Findings) -> None:
    if name is None or name.value in declared:
        return
    findings.error(
        codes.UNKNOWN_NAME,
        f"unknown {kind} `{name.value}`",
        name.span,
        f"no {kind} of this name",
        help=did_you_mean(name.value, declared) or f"declare it with `{kind}:`",
    )
