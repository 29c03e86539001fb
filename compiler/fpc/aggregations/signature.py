"""Argument and result types, and rules of constants, that several aggregations share."""

from __future__ import annotations

from typing import Final

from fpc.aggregations.aggregation import Parameters
from fpc.types.logical import Kind, LogicalType

BIGINT: Final = LogicalType(Kind.BIGINT)
DOUBLE: Final = LogicalType(Kind.DOUBLE)
BOOLEAN: Final = LogicalType(Kind.BOOLEAN)
#: A list longer than this is no feature any more.
LONGEST_LIST: Final = 10_000


def anything(argument: LogicalType) -> bool:
    """Every type."""
    return True


def single_values(argument: LogicalType) -> bool:
    """Every type but lists."""
    return argument.kind is not Kind.LIST


def numbers(argument: LogicalType) -> bool:
    """Integers, decimals and floats."""
    return argument.is_numeric


def booleans(argument: LogicalType) -> bool:
    """Booleans alone."""
    return argument.kind is Kind.BOOLEAN


def bigint(argument: LogicalType | None) -> LogicalType:
    """BIGINT whatever the argument."""
    return BIGINT


def double(argument: LogicalType | None) -> LogicalType:
    """DOUBLE whatever the argument."""
    return DOUBLE


def boolean(argument: LogicalType | None) -> LogicalType:
    """BOOLEAN whatever the argument."""
    return BOOLEAN


def same(argument: LogicalType | None) -> LogicalType:
    """The argument's own type."""
    assert argument is not None
    return argument


def listed(argument: LogicalType | None) -> LogicalType:
    """A list of the argument's type."""
    assert argument is not None
    return LogicalType(Kind.LIST, element=argument)


def total(argument: LogicalType | None) -> LogicalType:
    """The type of a sum: wide enough to be exact where the argument is."""
    assert argument is not None
    match argument.kind:
        case Kind.INTEGER | Kind.BIGINT:
            return BIGINT
        case Kind.HUGEINT:
            return argument
        case Kind.DECIMAL:
            return LogicalType(Kind.DECIMAL, 38, argument.scale)
        case _:
            return DOUBLE


def whole_and_positive(parameters: Parameters) -> str | None:
    """k of first_k, last_k and top_k."""
    (k,) = parameters
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= LONGEST_LIST:
        return f"must be a whole number from 1 to {LONGEST_LIST}"
    return None


def fraction(parameters: Parameters) -> str | None:
    """p of percentile."""
    (p,) = parameters
    if isinstance(p, bool) or not 0 <= p <= 1:
        return "must be a number from 0 to 1"
    return None
