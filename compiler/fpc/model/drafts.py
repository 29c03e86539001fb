"""Views in the making: names resolved, types still to come."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from fpc.diagnostics.span import Span
from fpc.model.aggregate_calls import RawCall
from fpc.model.nodes import Closed, Entity, Grid, Source, Tier, Window
from fpc.model.scope import Scope
from fpc.spec.documents import DeprecatedSpec, DerivedSpec, FeatureValue, ViewSpec
from fpc.spec.located import Located
from fpc.types.duration import Duration


@dataclass(frozen=True, slots=True)
class CallDraft:
    """An aggregate call over declared columns."""

    raw: RawCall
    arguments: tuple[exp.Expr, ...]
    filter: exp.Expr | None


@dataclass(frozen=True, slots=True)
class Reading:
    """The columns of one source, and what the texts of features that were read over them came to."""

    scope: Scope
    resolved: dict[str, tuple[exp.Expr, tuple[CallDraft, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeatureDraft:
    """A feature with its columns found. `place` is where its SQL stands, or the word of the matrix that makes it."""

    name: str
    description: str
    window: Window
    tree: exp.Expr
    calls: tuple[CallDraft, ...]
    sql: str
    place: Located[str]
    is_sql: bool
    default: Located[FeatureValue] | None
    tags: tuple[str, ...]
    deprecated: DeprecatedSpec | None
    span: Span


@dataclass(frozen=True, slots=True)
class DerivedDraft:
    """A derived feature with its inputs found; `tree` is over the names of features."""

    spec: DerivedSpec
    tree: exp.Expr
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ViewDraft:
    """A view whose source, entity, features and schedule are known."""

    spec: ViewSpec
    entity: Entity
    source: Source
    scope: Scope
    key_columns: tuple[tuple[str, str], ...]
    where: exp.Expr | None
    closed: Closed
    grid: Grid
    freshness: Duration | None
    delay: Duration
    online_ttl: Duration | None
    start: int | None
    tier: Tier
    features: tuple[FeatureDraft, ...]
    derived: tuple[DerivedDraft, ...]
