"""approx_count_distinct: a distinct count that may err, and on this engine does not."""

from __future__ import annotations

from fpc.aggregations.aggregation import Aggregation
from fpc.aggregations.count_distinct import direct_distinct, fold_distinct
from fpc.aggregations.signature import anything, bigint

# A sketch's answer depends on how rows were split over threads; every path must give one value, so none is used.
APPROX_COUNT_DISTINCT = Aggregation(
    name="approx_count_distinct",
    spellings=("APPROX_COUNT_DISTINCT",),
    summary="The number of different values where an estimate would do; computed exactly. 0 where there is none.",
    accepts=anything,
    result=bigint,
    direct=direct_distinct,
    fold=fold_distinct,
)
