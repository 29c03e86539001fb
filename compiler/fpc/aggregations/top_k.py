"""top_k(k): the k most frequent values."""

from __future__ import annotations

from dataclasses import dataclass, field

from fpc.aggregations.aggregation import Aggregation, Parameters
from fpc.aggregations.frequency import Frequencies
from fpc.aggregations.signature import listed, single_values, whole_and_positive
from fpc.types.logical import LogicalType


@dataclass(slots=True)
class TopFold(Frequencies):
    """A count per value, of which the `k` greatest are asked for."""

    k: int = field(default=1, kw_only=True)

    def finalise(self) -> list[object] | None:
        """The most frequent values first; None of nothing."""
        return self.most_frequent()[: self.k] or None


def _fold(parameters: Parameters) -> TopFold:
    return TopFold(k=int(parameters[0]))


def _direct(argument: LogicalType | None) -> str:
    # Pairs (minus the frequency, value) sort as wanted. The loop's name begins as no column may, so it hides none.
    return (
        "[STRUCT_EXTRACT(_entry, 'item') FOR _entry IN LIST_SORT("
        "[{'rank': -CAST(STRUCT_EXTRACT(_entry, 'value') AS BIGINT), 'item': STRUCT_EXTRACT(_entry, 'key')} "
        "FOR _entry IN MAP_ENTRIES(HISTOGRAM(x) FILTER (WHERE f))]"
        ")][1:p]"
    )


TOP_K = Aggregation(
    name="top_k",
    spellings=("TOP_K",),
    summary="The k most frequent values, most frequent first, equally frequent ones by value. Null of nothing.",
    parameters=1,
    problem=whole_and_positive,
    accepts=single_values,
    result=listed,
    direct=_direct,
    fold=_fold,
)
