"""What was measured of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

#: The quantiles that are told of numbers.
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One entity whose value differs: the texts of its keys in the entity's order, its value before and after."""

    keys: tuple[str, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class FeatureEffect:
    """One feature over the sampled entities.

    `name` is its name after the change, `was` before. Nulls and changed values are counted in entities. Quantiles
    (`QUANTILES`) are those of the values that are not null; None for what is no number, or has no value. `rows` are a
    few of the changed ones, the same at every run over the same data.
    """

    name: str
    was: str
    changed: int
    nulls_before: int
    nulls_after: int
    quantiles_before: tuple[float, ...] | None
    quantiles_after: tuple[float, ...] | None
    rows: tuple[ChangedRow, ...]


@dataclass(frozen=True, slots=True)
class ViewEffect:
    """One view at one instant: `compared` entities were looked at, of `entities` that have events before it.

    An entity that has a row on one side alone counts with what it would be answered on the other. `note` says why
    nothing was measured; everything else is empty then.
    """

    view: str
    at_us: int
    compared: int = 0
    entities: int = 0
    features: tuple[FeatureEffect, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What making a view's history anew reads, from `start_us` to `end_us`; None: not known, or nothing to make.

    `partitions` are the chunks that a backfill makes and keeps one by one; a file that several need is read for each,
    and counted in `rows` and `bytes` as often.
    """

    view: str
    start_us: int | None = None
    end_us: int | None = None
    partitions: int = 0
    points: int = 0
    files: int = 0
    rows: int | None = None
    bytes: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured, by the view's name after the change."""

    effects: dict[str, ViewEffect] = field(default_factory=dict)
    costs: dict[str, Cost] = field(default_factory=dict)
