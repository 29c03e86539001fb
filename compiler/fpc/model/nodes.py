"""The model: specs with every name resolved, every expression typed and every window in exact units.

Expressions are sqlglot trees in DuckDB's dialect over *staged* columns (see `Source`). Nothing here reads files,
knows an engine or holds text that was not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from sqlglot import exp

from fpc.diagnostics.span import Span
from fpc.model.view_test_nodes import Literal as Literal
from fpc.model.view_test_nodes import ViewTest
from fpc.types.duration import Duration
from fpc.types.logical import Kind, LogicalType

NO_OFFSET: Final = Duration(0)

#: What a feature can be said to be: a literal, or the items of a list.
Value = Literal | tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A named, typed column."""

    name: str
    type: LogicalType
    description: str = ""

    @property
    def staged_type(self) -> LogicalType:
        """The type that the column has once staged: of a naive timestamp, an instant."""
        return LogicalType(Kind.TIMESTAMPTZ) if self.type.kind is Kind.TIMESTAMP else self.type


@dataclass(frozen=True, slots=True)
class FileLocation:
    """Files by a glob relative to the repository's root, of the format that the ending names (parquet, csv, arrow)."""

    path: str


@dataclass(frozen=True, slots=True)
class TableLocation:
    """A table of the warehouse: `schema.table` or `table`."""

    schema: str | None
    table: str


@dataclass(frozen=True, slots=True)
class DbtModelLocation:
    """A model of the dbt project that the user keeps beside the generated ones."""

    model: str


Location = FileLocation | TableLocation | DbtModelLocation


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A column that holds an instant: a timestamp, or an epoch number in `unit` (s, ms, us, ns)."""

    column: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Partition:
    """The column by which files are partitioned, and its grain (`hour`, `day` or `month`)."""

    column: str
    grain: str


@dataclass(frozen=True, slots=True)
class Stream:
    """The live twin of a source; parsed and checked now, read by a later release."""

    topic: str
    format: str


@dataclass(frozen=True, slots=True)
class Source:
    """Events, one row each (or several versions of one event, with `unique_key`).

    Staging turns it into a relation with its declared columns in their order, and after them `event_at`, `known_at`
    and `superseded_at` (all timestamptz; see `fpc.plan`). A `timestamp` column is read in `timezone` and staged as
    timestamptz, so that every instant in an expression has one type. An epoch time column keeps its number.
    `append_only` and `immutable` are what the spec says of rows and columns that never change once they are written:
    the proof that nothing leaks rests on them (`fpc.leaks`), and what a refresh leaves unread (`fpc.plan.versions`);
    where they are true, no value does.
    """

    name: str
    description: str
    owner: str
    tags: tuple[str, ...]
    location: Location
    columns: tuple[Column, ...]
    event_time: TimeColumn
    known_time: TimeColumn | None
    unique_key: tuple[str, ...]
    timezone: str
    max_lateness: Duration | None
    partition_by: Partition | None
    stream: Stream | None
    span: Span
    fingerprint: str
    append_only: bool = False
    immutable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """What features describe; several keys make it composite. Keys keep their declared order everywhere."""

    name: str
    description: str
    owner: str
    keys: tuple[Column, ...]
    span: Span


class Closed(Enum):
    """Which ends of a window are in it: `left` [t-w, t), `right` (t-w, t], `both` [t-w, t]."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Window:
    """How far a window reaches back from t - offset; `length` is None for a lifetime."""

    length: Duration | None
    offset: Duration = NO_OFFSET


@dataclass(frozen=True, slots=True)
class AggregateCall:
    """One aggregate inside a feature's expression, by its name in `fpc.aggregations`.

    `arguments` are scalar expressions over staged columns (empty for COUNT(*)); `parameters` the constants of
    percentile(p), last_k(k) ...; `filter` the call's own FILTER. `id` is the column that stands for it in the
    feature's `expression`: `__a0`, `__a1`, ... within one feature. Equal calls of one feature share an id.
    """

    id: str
    function: str
    arguments: tuple[exp.Expr, ...]
    argument_types: tuple[LogicalType, ...]
    parameters: tuple[int | float, ...]
    filter: exp.Expr | None
    type: LogicalType


@dataclass(frozen=True, slots=True)
class Deprecation:
    """When a view or a feature stops being for new use, when it goes (ISO dates), and what to use instead."""

    since: str
    remove_after: str | None
    use: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a view.

    `expression` is scalar SQL over `exp.column("__a0")`... and `AS_OF()` (an `exp.Anonymous` named AS_OF). `default`
    is a typed SQL literal or None, `default_value` the same as plain data (decimals and times as text). `type` is that
    of the expression after the cast to it that lowering writes. Trees are shared between features: copy one before
    you change it or put it into another tree.
    """

    name: str
    description: str
    window: Window
    aggregates: tuple[AggregateCall, ...]
    expression: exp.Expr
    type: LogicalType
    default: exp.Expr | None
    tags: tuple[str, ...]
    sql: str
    span: Span
    fingerprint: str
    default_value: Value = None
    deprecated: Deprecation | None = None

    @property
    def uses_as_of(self) -> bool:
        """Whether the value moves with time alone, events or not."""
        return any(call.name.upper() == "AS_OF" for call in self.expression.find_all(exp.Anonymous))


@dataclass(frozen=True, slots=True)
class DerivedFeature:
    """Scalar SQL over features of the same view (`exp.column(name)`), in an order in which each follows its inputs."""

    name: str
    description: str
    expression: exp.Expr
    inputs: tuple[str, ...]
    type: LogicalType
    default: exp.Expr | None
    tags: tuple[str, ...]
    sql: str
    span: Span
    fingerprint: str
    default_value: Value = None
    deprecated: Deprecation | None = None

    @property
    def uses_as_of(self) -> bool:
        """Whether the value moves with time alone, whatever its inputs do."""
        return any(call.name.upper() == "AS_OF" for call in self.expression.find_all(exp.Anonymous))


@dataclass(frozen=True, slots=True)
class Grid:
    """The instants of a schedule: whole multiples of `every` since the epoch, or the times of a UTC cron."""

    every: Duration | None
    cron: str | None


@dataclass(frozen=True, slots=True)
class Example:
    """A unit test: `given` rows of the source (missing columns are null), asked at `at` (UTC microseconds)."""

    name: str
    at: int
    given: tuple[Mapping[str, Value], ...]
    expect: tuple[Mapping[str, Value], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Agreement:
    """That a version of a view may answer otherwise from now on: why, and the owners of services who agreed."""

    version: int
    reason: str
    agreed_by: tuple[str, ...]


class Tier(Enum):
    """How a view is kept fresh; only BATCH is built yet, the others compile to FPC08xx."""

    BATCH = "batch"
    STREAMING = "streaming"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class FeatureView:
    """Features of one entity from one source, refreshed together.

    `key_columns` pairs each entity key, in the entity's order, with the source column that holds it. `fingerprint`
    is over the meaning of everything that decides a stored row: features, derived features, keys, filter, source.
    """

    name: str
    version: int
    description: str
    owner: str
    tags: tuple[str, ...]
    entity: Entity
    source: Source
    key_columns: tuple[tuple[str, str], ...]
    where: exp.Expr | None
    closed: Closed
    grid: Grid
    freshness: Duration | None
    delay: Duration
    online_ttl: Duration | None
    start: int | None
    granularity: Duration | None
    tier: Tier
    features: tuple[Feature, ...]
    derived: tuple[DerivedFeature, ...]
    tests: tuple[ViewTest, ...]
    examples: tuple[Example, ...]
    deprecated: Deprecation | None
    span: Span
    fingerprint: str
    changes: tuple[Agreement, ...] = ()

    @property
    def outputs(self) -> tuple[Feature | DerivedFeature, ...]:
        """Every column that the view serves, in the order of the spec: features, then what is derived of them."""
        return (*self.features, *self.derived)


class OnMissing(Enum):
    """What a service answers for a feature without a value."""

    DEFAULT = "default"
    NULL = "null"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class FeatureReference:
    """`view.feature`, resolved."""

    view: str
    feature: str


@dataclass(frozen=True, slots=True)
class FeatureService:
    """The features that one model reads, in the order of the spec, globs expanded in the view's order."""

    name: str
    version: int
    description: str
    owner: str
    model: str | None
    features: tuple[FeatureReference, ...]
    max_staleness: Duration | None
    on_missing: OnMissing
    span: Span

    def columns(self) -> tuple[tuple[FeatureReference, str], ...]:
        """Each feature with its column's name: `view__feature` where two views share a feature's name."""
        names = [reference.feature for reference in self.features]
        return tuple((r, f"{r.view}__{r.feature}" if names.count(r.feature) > 1 else r.feature) for r in self.features)


@dataclass(frozen=True, slots=True)
class Spine:
    """Labelled rows: a file, a table, or a query; `time` is each row's instant, `labels` its labels' columns."""

    path: str | None
    table: TableLocation | None
    query: exp.Expr | None
    time: str
    labels: tuple[str, ...]


class Mode(Enum):
    """Asked at a row's own instant, or at what the online store would have answered then."""

    EXACT = "exact"
    AS_SERVED = "as_served"


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """A declared training set: a service's features beside a spine."""

    name: str
    description: str
    owner: str
    service: FeatureService
    spine: Spine
    mode: Mode
    span: Span


@dataclass(frozen=True, slots=True)
class Target:
    """One environment of `fpc.yml`. `as_of` freezes the clock of demo data (ISO instant, or None for now)."""

    name: str
    engine: str
    database: str | None
    profile: str | None
    online: str  # "embedded", or a Redis URL that may hold ${NAME}
    as_of: str | None


@dataclass(frozen=True, slots=True)
class Codeowners:
    """Who reviews what: the teams of a code host behind each owner, the file that says so, and lines before its own."""

    file: str
    teams: Mapping[str, tuple[str, ...]]
    first: tuple[str, ...]
    folders: Mapping[str, str]  # folders whose documents take this owner, `features` among them


@dataclass(frozen=True, slots=True)
class Config:
    """`fpc.yml`, resolved. `repository_url` is where its files can be seen, without a slash at its end."""

    name: str
    targets: Mapping[str, Target]
    default_target: str
    streaming_below: Duration
    repository_url: str | None = None
    codeowners: Codeowners | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A whole feature repository. Every mapping is in the order of the names."""

    config: Config
    sources: Mapping[str, Source] = field(default_factory=dict)
    entities: Mapping[str, Entity] = field(default_factory=dict)
    views: Mapping[str, FeatureView] = field(default_factory=dict)
    services: Mapping[str, FeatureService] = field(default_factory=dict)
    training_sets: Mapping[str, TrainingSet] = field(default_factory=dict)
