"""What median, percentile and approx_percentile share: quantiles interpolated between neighbours."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

from fpc.aggregations.ordering import number, rank
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class QuantileFold:
    """All the values, kept."""

    p: float
    values: list[float] = field(default_factory=list)

    def update(self, value: object, event_time: int, known_time: int) -> None:
        """Keep a value that is not null."""
        if value is not None:
            self.values.append(float(number(value)))

    def merge(self, other: Self) -> None:
        """Keep the other's values too."""
        self.values.extend(other.values)

    def finalise(self) -> float | None:
        """The value at rank p * (n - 1), between its neighbours in proportion; None of nothing."""
        if not self.values:
            return None
        ordered = sorted(self.values, key=rank)
        position = self.p * (len(ordered) - 1)
        low, high = ordered[math.floor(position)], ordered[math.ceil(position)]
        return low if low == high else low + (high - low) * (position - math.floor(position))


def direct_quantile(argument: LogicalType | None) -> str:
    """SQL of the quantile p; cast first, because of decimals the engine would answer in decimals, rounded."""
    value = "x" if argument is not None and str(argument) == "double" else "CAST(x AS DOUBLE)"
    return f"QUANTILE_CONT({value}, p) FILTER (WHERE f)"
