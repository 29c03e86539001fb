"""The SQL of a view's models, made once for all views that say the same.

A company's views come in families: the same features of one region's events and of the next. Everything that cannot
show in the SQL is taken away from a view before it is lowered, and constants are put aside (`fpc.emit.dbt.constants`),
so that the views of a family are one and the same view then, and the text of the first serves them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Final

from sqlglot import exp

from fpc.diagnostics.span import Span
from fpc.emit.dbt.constants import put_aside, put_back
from fpc.emit.dbt.sources import staged_relation
from fpc.emit.dbt.sql_text import dbt_sql
from fpc.model.nodes import (
    AggregateCall,
    Column,
    DerivedFeature,
    Entity,
    Feature,
    FeatureView,
    FileLocation,
    Location,
    Source,
)
from fpc.plan.advance import advances, carrying
from fpc.sql.advance import lower_advance, lower_from_events
from fpc.sql.snapshot import lower_empty, lower_snapshot

_AT: Final = exp.column("__as_of__")
_NOWHERE: Final = Span("", 0, 0, 0, 0)
_STAGED: Final = exp.to_table("__ref__staged")
_STAGED_AS_JINJA: Final = "{{ ref('staged') }}"
# What holds trees, which are compared here by what they print: sqlglot takes two for equal that differ in case alone.
_HOLD_TREES: Final[Mapping[type, tuple[str, ...]]] = {
    kind: tuple(part.name for part in fields(kind)) for kind in (FeatureView, Feature, DerivedFeature, AggregateCall)
}


@dataclass(frozen=True, slots=True)
class ViewSql:
    """The texts of a view's two models, each from the first statement behind `as_of`.

    `computed` is the view from all events. `carried`, of a view that is carried forward, is the same from its own rows
    as of an earlier instant; `kept` are then the columns that the table has for that, name and type.
    """

    computed: str
    carried: str | None
    kept: tuple[tuple[str, str], ...]
    empty: str


def view_sql(view: FeatureView) -> ViewSql:
    """The SQL of the view's models."""
    bare, constants = put_aside(_bare(view))
    found = _lowered(_Lowering(_shape(bare), bare))
    # Nothing else prints so: the names of columns are quoted, and Jinja in a user's text is made inert.
    staged = dbt_sql(staged_relation(view.source), {}).rstrip("\n")

    def own(text: str) -> str:
        return put_back(text, constants).replace(_STAGED_AS_JINJA, staged)

    carried = None if found.carried is None else own(found.carried)
    return replace(found, computed=own(found.computed), carried=carried, empty=put_back(found.empty, constants))


@dataclass(frozen=True, slots=True)
class _Lowering:
    """A view by its shape, which alone is compared."""

    shape: object
    view: FeatureView = field(compare=False)


@lru_cache(maxsize=256)
def _lowered(lowering: _Lowering) -> ViewSql:
    view = lowering.view
    empty = dbt_sql(lower_empty(view, _AT), {}, frozenset({"as_of"}))
    if not advances(view):
        computed = dbt_sql(lower_snapshot(view, _STAGED, _AT), {}, frozenset({"as_of"}))
        return ViewSql(computed, None, (), empty)
    plan = carrying(view)
    computed = dbt_sql(lower_from_events(plan, _STAGED, _AT), {}, frozenset({"as_of"}))
    changes = lower_advance(plan, _STAGED, exp.to_table("__this__"), exp.column("__since__"), _AT)
    carried = dbt_sql(changes, {}, frozenset({"as_of", "since", "this"}))
    kept = tuple((column.name, column.type) for column in plan.columns if column.stored == column.name)
    return ViewSql(computed, carried, kept, empty)


def _bare(view: FeatureView) -> FeatureView:
    """The view without names, prose and promises: what its SQL is made of, and no more."""
    return replace(
        view,
        name="",
        version=0,
        description="",
        owner="",
        tags=(),
        entity=_bare_entity(view.entity),
        source=_bare_source(view.source),
        freshness=None,
        online_ttl=None,
        start=None,
        features=tuple(map(_bare_feature, view.features)),
        derived=tuple(map(_bare_derived, view.derived)),
        tests=(),
        examples=(),
        deprecated=None,
        span=_NOWHERE,
        fingerprint="",
    )


def _bare_entity(entity: Entity) -> Entity:
    return replace(entity, name="", description="", owner="", keys=_bare_columns(entity.keys), span=_NOWHERE)


@lru_cache(maxsize=1024)
def _bare_source(source: Source) -> Source:
    return replace(
        source,
        name="",
        description="",
        owner="",
        tags=(),
        location=_bare_location(source.location),
        columns=_bare_columns(source.columns),
        span=_NOWHERE,
        fingerprint="",
    )


def _bare_location(location: Location) -> Location:
    """Of a file that it is one: what its rows are read by is the staged relation."""
    return FileLocation("") if isinstance(location, FileLocation) else location


def _bare_columns(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(Column(column.name, column.type) for column in columns)


def _bare_feature(feature: Feature) -> Feature:
    return replace(feature, description="", tags=(), sql="", span=_NOWHERE, fingerprint="")


def _bare_derived(derived: DerivedFeature) -> DerivedFeature:
    return replace(derived, description="", tags=(), sql="", span=_NOWHERE, fingerprint="")


def _shape(value: object) -> object:
    """What can be compared and hashed, equal for two values of which the same SQL is printed."""
    if isinstance(value, exp.Expr):
        return (value.__class__, *((name, _shape(part)) for name, part in value.args.items() if part is not None))
    if isinstance(value, (tuple, list)):
        return tuple(map(_shape, value))
    names = _HOLD_TREES.get(value.__class__)
    if names is not None:
        return (value.__class__, *(_shape(getattr(value, name)) for name in names))
    # 1, 1.0 and TRUE are equal, and print otherwise.
    return (value.__class__, value) if isinstance(value, (bool, int, float)) else value
