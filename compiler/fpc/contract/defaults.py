"""A feature's declared default as the value that a read answers; contracts hold it as JSON, tables mark where it is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

_DECIMAL: Final = re.compile(r"decimal\(\d+,(\d+)\)")


def defaulted_column(feature: str) -> str:
    """The column of a view's table that says, row by row, whether the feature's default stands in for a null.

    No feature's name begins with `_`, and none of the columns that a carried view keeps with two.
    """
    return f"__defaulted_{feature}"


def default_value(type_name: str, stored: object) -> object:
    """The default of a feature of this type, None without one; raises `ValueError` for one of another type.

    >>> default_value("decimal(12,2)", "0")
    Decimal('0.00')
    """
    if stored is None:
        return None
    if type_name.endswith("[]"):
        if not isinstance(stored, list):
            raise ValueError(f"the default of a {type_name} is not a list")
        return [default_value(type_name.removesuffix("[]"), item) for item in stored]
    decimal = _DECIMAL.fullmatch(type_name)
    if decimal is not None:
        return Decimal(str(stored)).quantize(Decimal(1).scaleb(-int(decimal[1])))
    match type_name:
        case "date":
            return date.fromisoformat(str(stored))
        case "timestamp":
            return datetime.fromisoformat(str(stored))
        case "timestamptz":
            instant = datetime.fromisoformat(str(stored))
            return instant.astimezone(UTC) if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
        case _:
            return stored
