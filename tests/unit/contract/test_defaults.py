from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fpc.contract.defaults import default_value


@pytest.mark.parametrize(
    ("type_name", "stored", "value"),
    [
        ("double", 0.5, 0.5),
        ("bigint", None, None),
        ("varchar", "none", "none"),
        ("boolean", False, False),
        ("decimal(12,2)", "-1.5", Decimal("-1.50")),
        ("date", "2020-02-29", date(2020, 2, 29)),
        ("timestamp", "2020-01-01 10:00:00", datetime(2020, 1, 1, 10)),
        ("timestamptz", "2020-01-01 10:00:00+02", datetime(2020, 1, 1, 8, tzinfo=UTC)),
        ("timestamptz", "2020-01-01 10:00:00", datetime(2020, 1, 1, 10, tzinfo=UTC)),
        ("decimal(4,1)[]", ["1", None], [Decimal("1.0"), None]),
    ],
)
def test_a_default_is_a_value_of_its_feature_s_type(type_name: str, stored: object, value: object) -> None:
    found = default_value(type_name, stored)
    assert found == value
    assert type(found) is type(value)
    assert str(found) == str(value)


@pytest.mark.parametrize(("type_name", "stored"), [("date", "tomorrow"), ("bigint[]", 1)])
def test_a_default_of_another_type_is_refused(type_name: str, stored: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        default_value(type_name, stored)
