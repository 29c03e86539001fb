"""Every aggregation function, one module each; adding one is a module and a line in `ALL`."""

from __future__ import annotations

from typing import Final

from fpc.aggregations.aggregation import Aggregation, Fold, Parameters, State
from fpc.aggregations.all import EVERY
from fpc.aggregations.any import ANY
from fpc.aggregations.approx_count_distinct import APPROX_COUNT_DISTINCT
from fpc.aggregations.approx_percentile import APPROX_PERCENTILE
from fpc.aggregations.avg import AVG
from fpc.aggregations.count import COUNT
from fpc.aggregations.count_distinct import COUNT_DISTINCT
from fpc.aggregations.first import FIRST
from fpc.aggregations.first_k import FIRST_K
from fpc.aggregations.last import LAST
from fpc.aggregations.last_k import LAST_K
from fpc.aggregations.max import MAX
from fpc.aggregations.median import MEDIAN
from fpc.aggregations.min import MIN
from fpc.aggregations.mode import MODE
from fpc.aggregations.percentile import PERCENTILE
from fpc.aggregations.stddev import STDDEV
from fpc.aggregations.stddev_pop import STDDEV_POP
from fpc.aggregations.sum import SUM
from fpc.aggregations.top_k import TOP_K
from fpc.aggregations.var_pop import VAR_POP
from fpc.aggregations.variance import VARIANCE

__all__ = ["ALL", "BY_NAME", "BY_SPELLING", "Aggregation", "Fold", "Parameters", "State"]

#: In the order in which the documentation lists them.
ALL: Final[tuple[Aggregation, ...]] = (
    COUNT,
    COUNT_DISTINCT,
    APPROX_COUNT_DISTINCT,
    SUM,
    AVG,
    MIN,
    MAX,
    STDDEV,
    VARIANCE,
    STDDEV_POP,
    VAR_POP,
    MEDIAN,
    PERCENTILE,
    APPROX_PERCENTILE,
    FIRST,
    LAST,
    FIRST_K,
    LAST_K,
    TOP_K,
    MODE,
    ANY,
    EVERY,
)

#: By the word in a feature matrix: `sum`.
BY_NAME: Final = {aggregation.name: aggregation for aggregation in ALL}

#: By the function's name inside `sql:`, upper case: `STDDEV_SAMP`. `COUNT(DISTINCT x)` is found as `COUNT_DISTINCT`.
BY_SPELLING: Final = {spelling: aggregation for aggregation in ALL for spelling in aggregation.spellings}
