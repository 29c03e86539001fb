"""The tests of a view, resolved: what the gate judges a refresh by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlglot import exp

from fpc.types.duration import Duration

#: A literal of a spec: what YAML can spell. Decimals stay text until the engine casts them.
Literal = None | bool | int | float | str


class Severity(Enum):
    """What a failed test does: `error` stops the publication, `warn` reports."""

    ERROR = "error"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class NotNullTest:
    """No value of these features is null."""

    features: tuple[str, ...]
    severity: Severity


@dataclass(frozen=True, slots=True)
class RangeTest:
    """min <= value <= max, nulls aside; either end may be open."""

    feature: str
    min: int | float | None
    max: int | float | None
    severity: Severity


@dataclass(frozen=True, slots=True)
class OneOfTest:
    """The value is one of these, nulls aside."""

    feature: str
    values: tuple[Literal, ...]
    severity: Severity


@dataclass(frozen=True, slots=True)
class RowsTest:
    """The refreshed table has between min and max rows.

    `max_change` is by which share of the rows that were published last there may be more or fewer: 0.5 lets 100
    become 50 to 150.
    """

    min: int | None
    max: int | None
    severity: Severity
    max_change: float | None = None


@dataclass(frozen=True, slots=True)
class NullShareTest:
    """At most the share `max` of the feature's values is null, and at most `max_rise` more than last published."""

    feature: str
    max: float | None
    max_rise: float | None
    severity: Severity


@dataclass(frozen=True, slots=True)
class NoRowsTest:
    """A query over `this` (the refreshed table) that must bring nothing."""

    query: exp.Expr
    sql: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class DriftTest:
    """A distance from the distribution of `baseline` ago; parsed and checked, evaluated by a later release."""

    feature: str
    metric: str
    warn: float | None
    error: float | None
    baseline: Duration


ViewTest = NotNullTest | NullShareTest | RangeTest | OneOfTest | RowsTest | NoRowsTest | DriftTest
