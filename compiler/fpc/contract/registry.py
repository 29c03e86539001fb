"""What the artefacts mean to the programs that read them at run time: views, services and their types.

`fpc compile` writes one canonical JSON file per source, entity, view, service and training set under `registry/`;
`publish`, `get`, `run` and the DAG tasks read nothing else of a repository. Nothing in a thing's file speaks of those
that depend on it, so that two branches that touch different things never write the same file. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

#: Under this name every carried view's table counts an entity's events: where none is left, so is the entity's row.
EVENTS: Final = "_events"


@dataclass(frozen=True, slots=True)
class ColumnContract:
    """A column's name and logical type (the text of `fpc.types.LogicalType`)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ReadContract:
    """A column of a source, and what it is to a feature below it: a value of `fpc.contract.lineage.Role`."""

    column: str
    role: str


@dataclass(frozen=True, slots=True)
class DeprecationContract:
    """From when a view or a feature is not for new use, after when nobody may use it (ISO dates), and what to use."""

    since: str
    remove_after: str | None
    use: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class FeatureContract:
    """One served feature: `default` is JSON (None: no default); `fingerprint` names its meaning.

    `sql` is as written. `window_us` is None over all events; `inputs` are the features that a derived one is made of,
    which has no window. `reads` are the columns of its own aggregates; those of its view come on top.
    """

    name: str
    type: str
    default: object
    fingerprint: str
    description: str
    sql: str = ""
    window_us: int | None = None
    offset_us: int = 0
    inputs: tuple[str, ...] = ()
    reads: tuple[ReadContract, ...] = ()
    tags: tuple[str, ...] = ()
    deprecation: DeprecationContract | None = None


@dataclass(frozen=True, slots=True)
class GridContract:
    """The schedule's instants: multiples of `every_us` since the epoch, or a UTC cron; exactly one is given."""

    every_us: int | None
    cron: str | None


class Measure(Enum):
    """What a test of the gate measures in a view's table."""

    WRONG_COLUMNS = "wrong_columns"  # columns of the contract that are missing or of another type
    REPEATED_KEYS = "repeated_keys"  # keys that more than one row has
    FAILING_ROWS = "failing_rows"  # rows for which the condition `sql` holds
    QUERY_ROWS = "query_rows"  # rows that the query `sql` brings
    ROWS = "rows"  # rows
    CHANGE_OF_ROWS = "change_of_rows"  # how far rows moved since the last publication, as a share of those
    SHARE_OF_NULLS = "share_of_nulls"  # nulls of `feature`, as a share of the rows
    RISE_OF_NULLS = "rise_of_nulls"  # that share, less the share of the last publication


@dataclass(frozen=True, slots=True)
class GateTestContract:
    """One test of the gate: a number (the value of a `Measure`) and the closed bounds that it must keep, None: open.

    `severity` is `error` or `warn`; `sql` is DuckDB's, over the view's table. A change is measured where the last
    publication had at least `least_rows`.
    """

    name: str
    severity: str
    measure: str
    feature: str | None
    sql: str | None
    low: float | None
    high: float | None
    least_rows: int


@dataclass(frozen=True, slots=True)
class ViewContract:
    """One feature view as published: which table holds its rows, what they mean, how long they may be served.

    `table` is `schema.name` in the warehouse: one row per entity with a value, columns `keys` then `features`, then
    `as_of`. `empty_table` holds exactly one row, the features' values for an entity with no event at all (and the
    same `as_of`): what an absent entity is answered with. `dbt_select` is the dbt selector that builds and tests
    both. `tests` are the gate's, in the order in which they are reported. `reads` are the columns above each of its
    features; `where` is the row filter in DuckDB's SQL. `content` is the hash of its file: two contracts with the same
    content are equal in every byte.
    """

    name: str
    version: int
    description: str
    owner: str
    entity: str
    keys: tuple[ColumnContract, ...]
    features: tuple[FeatureContract, ...]
    fingerprint: str
    table: str
    empty_table: str
    dbt_select: str
    grid: GridContract
    delay_us: int
    online_ttl_us: int | None
    source: str
    spec: str
    tests: tuple[GateTestContract, ...] = ()
    tags: tuple[str, ...] = ()
    tier: str = "batch"
    freshness_us: int | None = None
    where: str | None = None
    closed: str = "left"
    reads: tuple[ReadContract, ...] = ()
    deprecation: DeprecationContract | None = None
    content: str = ""

    @property
    def packed(self) -> tuple[FeatureContract, ...]:
        """The features in the order of their cells in an online row: by name, wherever the spec has them."""
        return tuple(sorted(self.features, key=lambda feature: feature.name))


@dataclass(frozen=True, slots=True)
class SourceContract:
    """Where a source's raw rows are: files by a glob relative to the repository, a table, or a model that dbt makes.

    `newest_sql` brings one row of `event_us` and `known_us`, the newest instants of any raw row, from the relation
    `source_<name>`. `lateness_us` is the promised bound between the two, None without a promise. `partition` is the
    column by which refreshes leave files out; `view` the feature view whose table this source is.
    """

    name: str
    owner: str
    path: str | None
    table: str | None
    dbt_model: str | None
    columns: tuple[ColumnContract, ...]
    newest_sql: str
    lateness_us: int | None
    spec: str
    description: str = ""
    tags: tuple[str, ...] = ()
    partition: str | None = None
    view: str | None = None


@dataclass(frozen=True, slots=True)
class EntityContract:
    """What features describe, and its keys in their order."""

    name: str
    description: str
    owner: str
    keys: tuple[ColumnContract, ...]
    spec: str


@dataclass(frozen=True, slots=True)
class MemberContract:
    """One feature of a service and the column under which it is answered."""

    view: str
    feature: str
    column: str


@dataclass(frozen=True, slots=True)
class ServiceContract:
    """What one model reads: features in order, and what is answered where there is no value; `model` is who depends."""

    name: str
    version: int
    description: str
    owner: str
    members: tuple[MemberContract, ...]
    on_missing: str
    max_staleness_us: int | None
    model: str | None = None
    spec: str = ""


@dataclass(frozen=True, slots=True)
class TrainingSetContract:
    """A declared training set: the dbt table that holds it, its service and mode."""

    name: str
    service: str
    mode: str
    table: str
    dbt_select: str
    description: str = ""
    owner: str = ""
    spec: str = ""


@dataclass(frozen=True, slots=True)
class TargetContract:
    """One environment: engine, DuckDB file (relative to the repository), online store, frozen clock."""

    name: str
    engine: str
    database: str | None
    online: str
    as_of: str | None


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything compiled of one repository, each mapping in the order of the names."""

    name: str
    default_target: str
    targets: dict[str, TargetContract]
    views: dict[str, ViewContract]
    services: dict[str, ServiceContract]
    training_sets: dict[str, TrainingSetContract]
    sources: dict[str, SourceContract] = field(default_factory=dict)
    entities: dict[str, EntityContract] = field(default_factory=dict)
