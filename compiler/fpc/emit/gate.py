"""The gate's suite of a view: every test as a number to measure in the warehouse, and the bounds that it must keep.

Besides the tests of the spec every view has some of its own: the grain, its columns and their types, and, of severity
`warn`, numbers that are none, and great changes since the last publication.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from sqlglot import exp

from fpc.contract.registry import GateTestContract, Measure
from fpc.emit.dbt.names import checked
from fpc.emit.named_tests import NamedTest, grain_name, named_tests
from fpc.model.nodes import FeatureView
from fpc.model.view_test_nodes import (
    DriftTest,
    NoRowsTest,
    NotNullTest,
    NullShareTest,
    OneOfTest,
    RangeTest,
    RowsTest,
    Severity,
)
from fpc.sql.dialect import flat, spell
from fpc.sql.trees import disjunction

#: What a view's rows and nulls may do between two publications before it is reported, unless its spec says otherwise.
USUAL_CHANGE_OF_ROWS: Final = 0.5
USUAL_RISE_OF_NULLS: Final = 0.25
#: Fewer rows than these in the last publication say nothing about what is usual.
LEAST_USUAL_ROWS: Final = 100

_THIS: Final = "this"


def gate_tests(view: FeatureView, table: str) -> tuple[GateTestContract, ...]:
    """The view's own tests, then those of its spec in its order; `table` is `schema.name`."""
    return (*_own(view), *(made for named in named_tests(view) for made in _of_spec(named, table)))


def _own(view: FeatureView) -> Iterator[GateTestContract]:
    yield _test(f"{view.name}__columns", Severity.ERROR, Measure.WRONG_COLUMNS, high=0)
    yield _test(grain_name(view), Severity.ERROR, Measure.REPEATED_KEYS, high=0)
    floats = [exp.column(output.name, quoted=True) for output in view.outputs if output.type.is_float]
    if floats:
        numberless = disjunction([exp.Not(this=exp.func("isfinite", column)) for column in floats])
        yield _failing(f"{view.name}__finite", Severity.WARN, None, numberless)
    if not any(isinstance(test, RowsTest) and test.max_change is not None for test in view.tests):
        yield _test(
            f"{view.name}__change_of_rows",
            Severity.WARN,
            Measure.CHANGE_OF_ROWS,
            high=USUAL_CHANGE_OF_ROWS,
            least_rows=LEAST_USUAL_ROWS,
        )
    settled = {name for test in view.tests if isinstance(test, NotNullTest) for name in test.features}
    settled |= {test.feature for test in view.tests if isinstance(test, NullShareTest) and test.max_rise is not None}
    for output in view.outputs:
        if output.name not in settled and output.default is None:
            yield _test(
                f"{view.name}__rise_of_nulls_{output.name}",
                Severity.WARN,
                Measure.RISE_OF_NULLS,
                output.name,
                high=USUAL_RISE_OF_NULLS,
                least_rows=LEAST_USUAL_ROWS,
            )


def _of_spec(named: NamedTest, table: str) -> Iterator[GateTestContract]:
    name, feature = named.name, named.feature
    column = exp.column(feature or "", quoted=True)
    match named.test:
        case NotNullTest(_, severity):
            yield _failing(name, severity, feature, exp.Is(this=column, expression=exp.null()))
        case RangeTest(_, low, high, severity):
            outside: list[exp.Expr] = []
            outside += [] if low is None else [exp.LT(this=column, expression=exp.convert(low))]
            outside += [] if high is None else [exp.GT(this=column.copy(), expression=exp.convert(high))]
            yield _failing(name, severity, feature, disjunction(outside))
        case OneOfTest(_, values, severity):
            among = exp.In(this=column, expressions=[exp.convert(value) for value in values])
            yield _failing(name, severity, feature, exp.Not(this=among))
        case NullShareTest(_, most, rise, severity):
            if most is not None:
                yield _test(name, severity, Measure.SHARE_OF_NULLS, feature, high=most)
            if rise is not None:
                yield _test(named.change_name, severity, Measure.RISE_OF_NULLS, feature, high=rise)
        case RowsTest(low_rows, high_rows, severity, change):
            if low_rows is not None or high_rows is not None:
                yield _test(name, severity, Measure.ROWS, low=low_rows, high=high_rows)
            if change is not None:
                yield _test(named.change_name, severity, Measure.CHANGE_OF_ROWS, high=change)
        case NoRowsTest() as test:
            yield _test(name, test.severity, Measure.QUERY_ROWS, sql=flat(spell(over_table(test, table))), high=0)
        case DriftTest():
            pass
        case _:
            assert_never(named.test)


def over_table(test: NoRowsTest, table: str) -> exp.Expr:
    """The query with `this` replaced by the table, under the name by which the query's columns call it."""
    query = test.query.copy()
    is_named = any(column.table.lower() == _THIS for column in query.find_all(exp.Column))
    for found in query.find_all(exp.Table):
        if found.name.lower() == _THIS and not found.db:
            named = exp.to_table(table)
            alias = found.alias or (_THIS if is_named else "")
            found.replace(exp.alias_(named, alias, table=True) if alias else named)
    return query


def _failing(name: str, severity: Severity, feature: str | None, condition: exp.Expr) -> GateTestContract:
    return _test(name, severity, Measure.FAILING_ROWS, feature, sql=flat(spell(condition)), high=0)


def _test(
    name: str,
    severity: Severity,
    measure: Measure,
    feature: str | None = None,
    *,
    sql: str | None = None,
    low: float | None = None,
    high: float | None = None,
    least_rows: int = 1,
) -> GateTestContract:
    return GateTestContract(checked(name), severity.value, measure.value, feature, sql, low, high, least_rows)
