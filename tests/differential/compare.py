"""When two values are the same: semantics.md section 2, to the letter."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

#: How far two paths' floats may be apart, relatively.
TOLERANCE = 1e-9


def same(expected: Any, found: Any) -> bool:
    """Whether `found` is the value `expected`: of its type and equal, floats within the tolerance."""
    match expected:
        case None:
            return found is None
        case bool() | str():
            return type(found) is type(expected) and found == expected
        case float():
            return type(found) is float and _close(expected, found)
        case int() | Decimal():
            return type(found) is type(expected) and found == expected
        case datetime():
            return isinstance(found, datetime) and found.tzinfo is not None and found.astimezone(UTC) == expected
        case date():
            return type(found) is date and found == expected
        case list():
            return isinstance(found, list) and len(found) == len(expected) and all(map(same, expected, found))
    raise AssertionError(f"the oracle does not answer with {type(expected)}")


def _close(expected: float, found: float) -> bool:
    if math.isnan(expected) or math.isnan(found):
        return math.isnan(expected) and math.isnan(found)
    return math.isclose(expected, found, rel_tol=TOLERANCE, abs_tol=0.0)
