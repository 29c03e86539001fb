"""The registry: what run-time programs know of a repository, as canonical JSON under `registry/`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlglot import exp

from fpc.contract.lineage import Role
from fpc.contract.registry import (
    ColumnContract,
    DeprecationContract,
    EntityContract,
    FeatureContract,
    GridContract,
    MemberContract,
    ReadContract,
    Registry,
    ServiceContract,
    SourceContract,
    TargetContract,
    TrainingSetContract,
    ViewContract,
)
from fpc.contract.registry_json import addressed, dump
from fpc.emit.artefact import Artefact
from fpc.emit.dbt.names import empty_model, training_model
from fpc.emit.gate import gate_tests
from fpc.model.lineage import copied_view, feature_reads, view_reads
from fpc.model.nodes import (
    DbtModelLocation,
    Deprecation,
    DerivedFeature,
    Entity,
    Feature,
    FeatureService,
    FeatureView,
    Model,
    Source,
    Target,
    TrainingSet,
)
from fpc.sql.staging import lower_newest
from fpc.sql.text import render
from fpc.sql.training.program import training_source
from fpc.types.logical import Kind, LogicalType

_SCHEMA = "main"


def registry(model: Model) -> Registry:
    """The contracts of everything in the model, as they are read from the registry's files."""
    found = _registry(model)
    return replace(found, views={name: addressed(view) for name, view in found.views.items()})


def registry_artefacts(model: Model) -> Iterator[Artefact]:
    """The registry's files."""
    for path, text in dump(_registry(model)).items():
        yield Artefact(f"registry/{path}", text)


def _registry(model: Model) -> Registry:
    """The same without the hashes of the files, which are known once these are made."""
    config = model.config
    return Registry(
        name=config.name,
        default_target=config.default_target,
        targets={name: _target(target) for name, target in sorted(config.targets.items())},
        views={name: _view(view) for name, view in sorted(model.views.items())},
        services={name: _service(service) for name, service in sorted(model.services.items())},
        training_sets={name: _training_set(declared) for name, declared in sorted(model.training_sets.items())},
        sources={name: _source(source, model) for name, source in sorted(model.sources.items())},
        entities={name: _entity(entity) for name, entity in sorted(model.entities.items())},
    )


def _target(target: Target) -> TargetContract:
    return TargetContract(target.name, target.engine, target.database, target.online, target.as_of)


def _view(view: FeatureView) -> ViewContract:
    return ViewContract(
        name=view.name,
        version=view.version,
        description=view.description,
        owner=view.owner,
        entity=view.entity.name,
        keys=tuple(ColumnContract(key.name, str(key.type)) for key in view.entity.keys),
        features=tuple(_feature(output, view.source) for output in view.outputs),
        fingerprint=view.fingerprint,
        table=f"{_SCHEMA}.{view.name}",
        empty_table=f"{_SCHEMA}.{empty_model(view)}",
        dbt_select=f"+{view.name} +{empty_model(view)}",
        grid=GridContract(view.grid.every.microseconds if view.grid.every else None, view.grid.cron),
        delay_us=view.delay.microseconds,
        online_ttl_us=view.online_ttl.microseconds if view.online_ttl else None,
        source=view.source.name,
        spec=view.span.path,
        tests=gate_tests(view, f"{_SCHEMA}.{view.name}"),
        tags=view.tags,
        tier=view.tier.value,
        freshness_us=view.freshness.microseconds if view.freshness else None,
        where=None if view.where is None else view.where.sql(dialect="duckdb"),
        closed=view.closed.value,
        reads=_reads(view_reads(view)),
        deprecation=_deprecation(view.deprecated),
    )


def _reads(found: Iterable[tuple[str, Role]]) -> tuple[ReadContract, ...]:
    return tuple(ReadContract(name, role.value) for name, role in found)


def _deprecation(deprecated: Deprecation | None) -> DeprecationContract | None:
    if deprecated is None:
        return None
    return DeprecationContract(deprecated.since, deprecated.remove_after, deprecated.use, deprecated.reason)


def _entity(entity: Entity) -> EntityContract:
    keys = tuple(ColumnContract(key.name, str(key.type)) for key in entity.keys)
    return EntityContract(entity.name, entity.description, entity.owner, keys, entity.span.path)


def _source(source: Source, model: Model) -> SourceContract:
    raw = training_source(source)
    is_model = isinstance(source.location, DbtModelLocation)
    copied = copied_view(source, model)
    return SourceContract(
        name=source.name,
        owner=source.owner,
        path=raw.path,
        table=None if is_model else raw.table,
        dbt_model=raw.table if is_model else None,
        columns=raw.columns,
        newest_sql=render(lower_newest(source, exp.to_table(raw.relation))),
        lateness_us=source.max_lateness.microseconds if source.max_lateness else None,
        spec=source.span.path,
        description=source.description,
        tags=source.tags,
        partition=None if source.partition_by is None else source.partition_by.column,
        view=None if copied is None else copied.name,
    )


def _feature(output: Feature | DerivedFeature, source: Source) -> FeatureContract:
    contract = FeatureContract(
        name=output.name,
        type=str(output.type),
        default=None if output.default is None else _json(output.default, output.type),
        fingerprint=output.fingerprint,
        description=output.description,
        sql=output.sql,
        tags=output.tags,
        deprecation=_deprecation(output.deprecated),
    )
    if isinstance(output, DerivedFeature):
        return replace(contract, inputs=output.inputs)
    length = output.window.length
    return replace(
        contract,
        window_us=None if length is None else length.microseconds,
        offset_us=output.window.offset.microseconds,
        reads=_reads(feature_reads(output, source)),
    )


def _json(literal: exp.Expr, type: LogicalType) -> object:
    """A typed literal as JSON: decimals and instants as text, so that no digit is lost."""
    match literal:
        case exp.Cast() | exp.TryCast() | exp.Paren():
            return _json(literal.this, type)
        case exp.Neg():
            value = _json(literal.this, type)
            return f"-{value}" if isinstance(value, str) else -value  # type: ignore[operator]
        case exp.Null():
            return None
        case exp.Boolean():
            return bool(literal.this)
        case exp.Array():
            assert type.element is not None
            return [_json(item, type.element) for item in literal.expressions]
        case exp.Literal():
            return _scalar(str(literal.this), type)
        case _:
            raise ValueError(f"not a literal: {literal.sql()}")


def _scalar(text: str, type: LogicalType) -> object:
    if type.is_float:
        return float(text)
    if type.kind in (Kind.INTEGER, Kind.BIGINT, Kind.HUGEINT):
        return int(text)
    if type.kind is Kind.BOOLEAN:
        return text.lower() == "true"
    return text


def _service(service: FeatureService) -> ServiceContract:
    return ServiceContract(
        name=service.name,
        version=service.version,
        description=service.description,
        owner=service.owner,
        members=tuple(
            MemberContract(reference.view, reference.feature, column) for reference, column in service.columns()
        ),
        on_missing=service.on_missing.value,
        max_staleness_us=service.max_staleness.microseconds if service.max_staleness else None,
        model=service.model,
        spec=service.span.path,
    )


def _training_set(declared: TrainingSet) -> TrainingSetContract:
    model = training_model(declared)
    return TrainingSetContract(
        name=declared.name,
        service=declared.service.name,
        mode=declared.mode.value,
        table=f"{_SCHEMA}.{model}",
        dbt_select=f"+{model}",
        description=declared.description,
        owner=declared.owner,
        spec=declared.span.path,
    )
