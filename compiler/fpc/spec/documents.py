"""Specs as they are written: nothing resolved, every scalar with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from fpc.spec.core_schema import Scalar
from fpc.spec.located import Located, Place
from fpc.spec.text_file import TextFile
from fpc.types.duration import Duration
from fpc.types.logical import LogicalType

#: What a feature can be said to be: one value, or a list of them for a feature that is a list.
FeatureValue = Scalar | tuple[Scalar, ...]
Text = Located[str]


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A declared column; `type` is None when its text is no type, which was reported."""

    name: Text
    type: LogicalType | None
    description: Text | None


@dataclass(frozen=True, slots=True)
class TimeColumnSpec:
    """A column of instants, with the unit of an epoch number (s, ms, us, ns)."""

    column: Text
    unit: Text | None


@dataclass(frozen=True, slots=True)
class PartitionSpec:
    """The column of the partitions and their grain (hour, day, month)."""

    column: Text
    grain: Text


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """A Kafka topic with the same events, live."""

    topic: Text
    format: Text
    place: Place


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A `source` document."""

    name: Text
    description: Text | None
    owner: Text | None
    tags: tuple[Text, ...]
    path: Text | None
    table: Text | None
    dbt_model: Text | None
    event_time: TimeColumnSpec | None
    known_time: TimeColumnSpec | None
    unique_key: tuple[Text, ...]
    timezone: Text | None
    max_lateness: Located[Duration] | None
    partition_by: PartitionSpec | None
    columns: tuple[ColumnSpec, ...]
    stream: StreamSpec | None
    append_only: Located[bool] | None
    immutable: tuple[Text, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class EntitySpec:
    """An `entity` document."""

    name: Text
    description: Text | None
    owner: Text | None
    keys: tuple[ColumnSpec, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class DeprecatedSpec:
    """The `deprecated` mapping of a view or a feature."""

    since: Text
    remove_after: Text | None
    use: Text | None
    reason: Text | None


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """One item of `features`: a matrix (`aggregate`), an expression (`sql`) or a newest value (`latest`).

    `windows` holds None for a lifetime. Exactly one of the three is given; `name` is None for a matrix alone.
    """

    name: Text | None
    aggregate: tuple[tuple[Text, tuple[Text, ...]], ...]
    sql: Text | None
    latest: Text | None
    windows: tuple[Located[Duration | None], ...]
    offset: Located[Duration] | None
    default: Located[FeatureValue] | None
    description: Text | None
    tags: tuple[Text, ...]
    deprecated: DeprecatedSpec | None
    place: Place


@dataclass(frozen=True, slots=True)
class DerivedSpec:
    """One item of `derived`."""

    name: Text
    sql: Text
    default: Located[FeatureValue] | None
    description: Text | None
    tags: tuple[Text, ...]
    deprecated: DeprecatedSpec | None
    place: Place


@dataclass(frozen=True, slots=True)
class TestSpec:
    """One item of `tests`. `kind` is its key; the fields that its kind does not have are empty.

    `change` is how far the number may move from one publication to the next: `max_change` or `max_rise`.
    """

    kind: Text
    features: tuple[Text, ...] = ()
    min: Located[int | float] | None = None
    max: Located[int | float] | None = None
    change: Located[int | float] | None = None
    values: tuple[Located[Scalar], ...] = ()
    sql: Text | None = None
    metric: Text | None = None
    warn: Located[int | float] | None = None
    error: Located[int | float] | None = None
    baseline: Located[Duration] | None = None
    severity: Text | None = None


#: One row of an example: column and value.
RowSpec = tuple[tuple[Text, Located[FeatureValue]], ...]


@dataclass(frozen=True, slots=True)
class ExampleSpec:
    """One item of `examples`."""

    name: Text
    at: Text
    given: tuple[RowSpec, ...]
    expect: tuple[RowSpec, ...]
    expect_places: tuple[Place, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class ChangeSpec:
    """One item of a view's `changes`: what a version changed, and which owners of services agreed to it."""

    version: Located[int]
    reason: Text | None
    agreed_by: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """A `feature_view` document.

    `freshness` holds None for `request`; the features of such a view are under `request_features`, of others under
    `features`.
    """

    name: Text
    version: Located[int] | None
    description: Text | None
    owner: Text | None
    tags: tuple[Text, ...]
    entity: Text | None
    source: Text | None
    keys: tuple[tuple[Text, Text], ...]
    where: Text | None
    closed: Text | None
    freshness: Located[Duration | None] | None
    schedule: Text | None
    delay: Located[Duration] | None
    granularity: Located[Duration] | None
    online_ttl: Located[Duration] | None
    start: Text | None
    request: tuple[ColumnSpec, ...]
    features: tuple[FeatureSpec, ...]
    request_features: tuple[DerivedSpec, ...]
    derived: tuple[DerivedSpec, ...]
    tests: tuple[TestSpec, ...]
    examples: tuple[ExampleSpec, ...]
    deprecated: DeprecatedSpec | None
    changes: tuple[ChangeSpec, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A `feature_service` document; `features` are references and patterns as written."""

    name: Text
    version: Located[int] | None
    description: Text | None
    owner: Text | None
    model: Text | None
    features: tuple[Text, ...]
    max_staleness: Located[Duration] | None
    on_missing: Text | None
    place: Place


@dataclass(frozen=True, slots=True)
class SpineSpec:
    """The `spine` of a training set: exactly one of `path`, `table` and `sql`."""

    path: Text | None
    table: Text | None
    sql: Text | None
    time: Text
    labels: tuple[Text, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class TrainingSetSpec:
    """A `training_set` document."""

    name: Text
    description: Text | None
    owner: Text | None
    service: Text
    spine: SpineSpec
    mode: Text | None
    place: Place


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """One target of `fpc.yml`; `online` is `embedded` or a Redis URL."""

    name: Text
    engine: Text
    database: Text | None
    profile: Text | None
    online: Text | None
    as_of: Text | None
    place: Place


@dataclass(frozen=True, slots=True)
class DefaultsSpec:
    """The `defaults` of `fpc.yml`: what a document takes that does not say otherwise."""

    owner: Text | None = None
    timezone: Text | None = None
    freshness: Located[Duration | None] | None = None
    delay: Located[Duration] | None = None
    online_ttl: Located[Duration] | None = None
    closed: Text | None = None
    on_missing: Text | None = None

    def overlaid(self, nearer: DefaultsSpec) -> DefaultsSpec:
        """These defaults, with those of a nearer place before them."""
        return DefaultsSpec(*(getattr(nearer, each.name) or getattr(self, each.name) for each in fields(self)))


@dataclass(frozen=True, slots=True)
class FolderSpec:
    """One item of `folders`: what the documents below a folder take that do not say otherwise."""

    path: Text
    defaults: DefaultsSpec


@dataclass(frozen=True, slots=True)
class CodeownersSpec:
    """The `codeowners` of `fpc.yml`: the teams behind owners, where the file is, and lines that come before its own."""

    file: Text | None
    teams: tuple[tuple[Text, tuple[Text, ...]], ...]
    first: tuple[Text, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class HouseRulesSpec:
    """The `rules` of `fpc.yml`: what a repository asks of names, tags and descriptions, and how bad a finding is.

    `names` are regular expressions by kind; `required_tags` and `allowed_tags` patterns with `*`.
    """

    names: tuple[tuple[Text, Text], ...] = ()
    required_tags: tuple[Text, ...] = ()
    allowed_tags: tuple[Text, ...] = ()
    least_description: Located[int] | None = None
    describe_features: Located[bool] | None = None
    severity: tuple[tuple[Text, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class ConfigSpec:
    """The whole of `fpc.yml`."""

    name: Text
    defaults: DefaultsSpec
    streaming_below: Located[Duration] | None
    default_target: Text | None
    targets: tuple[TargetSpec, ...]
    place: Place
    repository_url: Text | None = None
    folders: tuple[FolderSpec, ...] = ()
    codeowners: CodeownersSpec | None = None
    rules: HouseRulesSpec = HouseRulesSpec()

    def defaults_of(self, path: str) -> DefaultsSpec:
        """What a document in the file `path` takes: of the nearest folder that says it, else of all."""
        found = self.defaults
        for folder in sorted(self.folders, key=lambda one: len(one.path.value)):
            if path.startswith(f"{folder.path.value}/"):
                found = found.overlaid(folder.defaults)
        return found


@dataclass(frozen=True, slots=True)
class Spec:
    """A feature repository as written: documents by kind in the order of their files, and the files' texts by path.

    `upstream` are the user's own dbt models that the sources read, and those that they read in turn, by name.
    """

    config: ConfigSpec | None = None
    sources: tuple[SourceSpec, ...] = ()
    entities: tuple[EntitySpec, ...] = ()
    views: tuple[ViewSpec, ...] = ()
    services: tuple[ServiceSpec, ...] = ()
    training_sets: tuple[TrainingSetSpec, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    upstream: Mapping[str, TextFile] = field(default_factory=dict)

    def defaults_of(self, path: str) -> DefaultsSpec:
        """What a document in the file `path` takes that does not say otherwise."""
        return DefaultsSpec() if self.config is None else self.config.defaults_of(path)

    def severities(self) -> dict[str, str]:
        """What the repository says of codes: `error`, `warning` or `off`."""
        return {} if self.config is None else {code.value: word.value for code, word in self.config.rules.severity}
