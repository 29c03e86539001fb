"""What the artefacts mean to the programs that read them at run time: views, services and their types.

`fpc compile` writes one canonical JSON file per view, service and training set under `registry/`; `publish`, `get`,
`run` and the DAG tasks read nothing else of a repository. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnContract:
    """A column's name and logical type (the text of `fpc.types.LogicalType`)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class FeatureContract:
    """One served feature: `default` is JSON (None: no default); `fingerprint` names its meaning."""

    name: str
    type: str
    default: object
    fingerprint: str
    description: str


@dataclass(frozen=True, slots=True)
class GridContract:
    """The schedule's instants: multiples of `every_us` since the epoch, or a UTC cron; exactly one is given."""

    every_us: int | None
    cron: str | None


@dataclass(frozen=True, slots=True)
class ViewContract:
    """One feature view as published: which table holds its rows, what they mean, how long they may be served.

    `table` is `schema.name` in the warehouse: one row per entity with a value, columns `keys` then `features`, then
    `as_of`. `empty_table` holds exactly one row, the features' values for an entity with no event at all (and the
    same `as_of`): what an absent entity is answered with. `dbt_select` is the dbt selector that builds and tests
    both.
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


@dataclass(frozen=True, slots=True)
class MemberContract:
    """One feature of a service and the column under which it is answered."""

    view: str
    feature: str
    column: str


@dataclass(frozen=True, slots=True)
class ServiceContract:
    """What one model reads: features in order, and what is answered where there is no value."""

    name: str
    version: int
    description: str
    owner: str
    members: tuple[MemberContract, ...]
    on_missing: str
    max_staleness_us: int | None


@dataclass(frozen=True, slots=True)
class TrainingSetContract:
    """A declared training set: the dbt table that holds it, its service and mode."""

    name: str
    service: str
    mode: str
    table: str
    dbt_select: str


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
