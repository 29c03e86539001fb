"""A feature's value for people, and for JSON."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal


def value_text(value: object) -> str:
    """The value as a table shows it; null is `null`, text stands as it is.

    >>> value_text([1, None]), value_text(True), value_text(Decimal("2.50"))
    ('[1, null]', 'true', '2.50')
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return f"[{', '.join(value_text(item) for item in value)}]"
        case datetime():
            return value.isoformat(sep=" ").replace("+00:00", "Z")
        case _:
            return str(value)


def json_value(value: object) -> object:
    """The value as JSON holds it: decimals and times as text, so that no digit is lost; what is not a number too.

    >>> json_value([Decimal("2.50"), float("nan")])
    ['2.50', 'NaN']
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else {"nan": "NaN", "inf": "Infinity"}.get(str(value), "-Infinity")
        case list() | tuple():
            return [json_value(item) for item in value]
        case Decimal():
            return str(value)
        case date():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return str(value)
