"""What a point-in-time join does, as text that a warehouse runs: made by the compiler, run by `fpc.runtime.training`.

Standard library only. Relations that the SQL reads by name: `source_<source>` (raw rows), `instants` (the spine's
`_spine_row`, every entity key by name and `_at_us`), and per view `asked`, `events` and its own parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fpc.contract.kernel import KernelProgram
from fpc.contract.registry import ColumnContract

#: Counts are packed beside other sums in fields that hold this many rows of a shard; whoever runs a program sees to it.
ROWS_PER_SHARD: Final = (1 << 27) - 1


@dataclass(frozen=True, slots=True)
class TrainingSource:
    """Where raw rows are: files by a glob relative to the repository, or a table of the warehouse (`schema.name`)."""

    name: str
    relation: str
    path: str | None
    table: str | None
    columns: tuple[ColumnContract, ...]


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """One relation to make: its name, the SELECT that makes it, and what it guarantees."""

    name: str
    sql: str
    comment: str


@dataclass(frozen=True, slots=True)
class TrainingColumn:
    """One feature of the result: its view's output, the result's column, its type, and its default as SQL."""

    feature: str
    column: str
    type: str
    default_sql: str | None


@dataclass(frozen=True, slots=True)
class TrainingKernel:
    """The same view with the compiled kernel: `parts` and `values` in place of the view's own.

    The first part reads `kernel_states`, which `program` makes, and has a row for every ask, with its `asked_us`. When
    it is the only part, `values` reads nothing else.
    """

    program: KernelProgram
    parts: tuple[TrainingStep, ...]
    values: TrainingStep


@dataclass(frozen=True, slots=True)
class TrainingView:
    """How one view's features are computed.

    `asked` has `ask`, the keys (as `inner_keys` names them) and `asked_us`; `answers` pairs each `spine_row` with its
    `ask` (None: they are the same). `parts` and `values` read `asked` and `events` and may be run for the entities of
    one hash shard at a time.
    `values` brings `_ask` and a column per feature. `kernel` is another way to the same values. `versions` says that
    events must be complete before they are sharded, because versions of one event may name different entities.
    `schedule`, `delay_us` and `online_ttl_us` are what mode as_served maps instants by; they are in `asked` already,
    and here for the manifest.
    """

    name: str
    fingerprint: str
    source: str
    keys: tuple[ColumnContract, ...]
    inner_keys: tuple[ColumnContract, ...]
    asked: TrainingStep
    answers: TrainingStep | None
    events: TrainingStep
    parts: tuple[TrainingStep, ...]
    values: TrainingStep
    kernel: TrainingKernel | None
    versions: bool
    schedule: str
    delay_us: int
    online_ttl_us: int | None
    columns: tuple[TrainingColumn, ...]


@dataclass(frozen=True, slots=True)
class TrainingProgram:
    """A whole point-in-time join: `columns` are the features of the result in order, `service` its origin if any."""

    mode: str
    service: str | None
    sources: tuple[TrainingSource, ...]
    views: tuple[TrainingView, ...]
    columns: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The entity keys that a spine must have, each once, in the order of the views."""
        return tuple(dict.fromkeys(key.name for view in self.views for key in view.keys))
