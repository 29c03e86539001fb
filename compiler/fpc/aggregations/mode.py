"""mode: the most frequent value."""

from __future__ import annotations

from dataclasses import dataclass

from fpc.aggregations.aggregation import Aggregation, Parameters
from fpc.aggregations.frequency import Frequencies
from fpc.aggregations.signature import same, single_values
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class ModeFold(Frequencies):
    """A count per value, of which the greatest is asked for."""

    def finalise(self) -> object:
        """The most frequent value; None of nothing."""
        return next(iter(self.most_frequent()), None)


def _fold(parameters: Parameters) -> ModeFold:
    return ModeFold()


def _direct(argument: LogicalType | None) -> str:
    # Among equally frequent values the engine takes the one that it met first: in this order, the least.
    return "MODE(x ORDER BY x) FILTER (WHERE f)"


MODE = Aggregation(
    name="mode",
    spellings=("MODE",),
    summary="The most frequent value that is not null; of equally frequent ones the least. Null of nothing.",
    accepts=single_values,
    result=same,
    direct=_direct,
    fold=_fold,
)
