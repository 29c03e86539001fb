"""Statistics of a view's values, taken by the refresh that publishes them and kept in a file beside its record."""

from fpc.runtime.statistics.measure import measure_values
from fpc.runtime.statistics.record import read_statistics, record_statistics

__all__ = ("measure_values", "read_statistics", "record_statistics")
