from dataclasses import replace

from tests.unit.emit.models import sql, user_orders

from fpc.contract.registry import GateTestContract
from fpc.emit.gate import gate_tests
from fpc.emit.named_tests import named_tests
from fpc.model.view_test_nodes import (
    NoRowsTest,
    NotNullTest,
    NullShareTest,
    RangeTest,
    RowsTest,
    Severity,
    ViewTest,
)

ERROR = Severity.ERROR


def gate_of(*tests: ViewTest) -> dict[str, GateTestContract]:
    found = gate_tests(replace(user_orders(), tests=tests), "main.user_orders")
    by_name = {test.name.removeprefix("user_orders__"): test for test in found}
    assert len(by_name) == len(found), "a name is used twice"
    return by_name


def test_a_condition_holds_for_the_rows_that_fail() -> None:
    found = gate_of(RangeTest("order_trend", -1, 1.5, Severity.WARN), NotNullTest(("last_status",), ERROR))
    assert found["range_order_trend"].sql == '"order_trend" < -1 or "order_trend" > 1.5'
    assert (found["range_order_trend"].severity, found["range_order_trend"].high) == ("warn", 0)
    assert found["not_null_last_status"].sql == '"last_status" is null'


def test_names_are_unique_whatever_features_are_called() -> None:
    view = replace(
        user_orders(),
        tests=(
            RangeTest("a", 0, None, ERROR),
            RangeTest("a_2", 0, None, ERROR),
            RangeTest("a", None, 1, ERROR),
            RowsTest(1, None, ERROR, 0.5),
            RowsTest(None, 9, ERROR, 0.7),
        ),
    )
    names = [name for named in named_tests(view) for name in (named.name, named.change_name) if name]
    assert [name.removeprefix("user_orders__") for name in names] == [
        "range_a",
        "range_a_2",
        "range_a_3",
        "rows",
        "change_of_rows",
        "rows_2",
        "change_of_rows_2",
    ]


def test_what_the_spec_says_of_changes_stands_in_place_of_the_usual() -> None:
    usual = gate_of()
    assert (usual["change_of_rows"].severity, usual["change_of_rows"].least_rows) == ("warn", 100)
    assert usual["rise_of_nulls_last_status"].severity == "warn"
    assert "rise_of_nulls_order_trend" not in usual  # it has a default
    found = gate_of(RowsTest(None, None, ERROR, 0.1), NullShareTest("last_status", None, 0.2, ERROR))
    assert (found["change_of_rows"].severity, found["change_of_rows"].high) == ("error", 0.1)
    assert (found["rise_of_nulls_last_status"].severity, found["rise_of_nulls_last_status"].least_rows) == ("error", 1)
    assert "rows" not in found and "null_share_last_status" not in found
    assert "rise_of_nulls_last_status" not in gate_of(NotNullTest(("last_status",), ERROR))


def test_a_query_reads_the_table_under_the_name_that_it_uses() -> None:
    plain = NoRowsTest(sql("SELECT * FROM this WHERE orders_last_7d > 1"), "", ERROR)
    named = NoRowsTest(
        sql("SELECT this.user_id FROM this JOIN this AS other ON other.user_id = this.user_id"), "", ERROR
    )
    assert gate_of(plain)["no_rows"].sql == "select * from main.user_orders where orders_last_7d > 1"
    assert gate_of(named)["no_rows"].sql == (
        "select this.user_id from main.user_orders as this "
        "join main.user_orders as other on other.user_id = this.user_id"
    )
