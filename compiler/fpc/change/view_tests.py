"""What the gate asks of a view, before and after; in which order does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from fpc.change.nodes import Class, Difference
from fpc.model.canonical import canonical_query
from fpc.model.view_test_nodes import (
    DriftTest,
    NoRowsTest,
    NotNullTest,
    NullShareTest,
    OneOfTest,
    RangeTest,
    RowsTest,
    ViewTest,
)


def changed_tests(before: tuple[ViewTest, ...], after: tuple[ViewTest, ...]) -> tuple[Difference, ...]:
    """The tests that only one of the two states has, as one difference; it decides what is published."""
    old, new = dict(_told(before)), dict(_told(after))
    gone = [text for meaning, text in sorted(old.items()) if meaning not in new]
    come = [text for meaning, text in sorted(new.items()) if meaning not in old]
    if not gone and not come:
        return ()
    return (Difference("tests", "; ".join(gone) or None, "; ".join(come) or None, Class.AVAILABILITY),)


def _told(tests: tuple[ViewTest, ...]) -> Iterator[tuple[str, str]]:
    """Each test's meaning and its text for people."""
    for test in tests:
        match test:
            case NotNullTest():
                for feature in test.features:
                    yield _both(f"{feature} is not null", test)
            case RangeTest():
                yield _both(f"{test.feature} is {_between(test.min, test.max)}", test)
            case OneOfTest():
                yield _both(f"{test.feature} is one of {', '.join(sorted(map(repr, test.values)))}", test)
            case RowsTest():
                change = "" if test.max_change is None else f", changed by at most {float(test.max_change):g}"
                yield _both(f"rows are {_between(test.min, test.max)}{change}", test)
            case NullShareTest():
                limits = f"at most {_number(test.max)}, rising by at most {_number(test.max_rise)}"
                yield _both(f"nulls of {test.feature} are {limits}", test)
            case NoRowsTest():
                yield (
                    _both(f"no rows of {canonical_query(test.query)}", test)[0],
                    _both(f"no rows: {test.sql}", test)[1],
                )
            case DriftTest():
                limits = f"warn {_number(test.warn)}, error {_number(test.error)}"
                text = f"{test.metric} of {test.feature} against {test.baseline} before: {limits}"
                yield text, text
            case _:
                assert_never(test)


def _both(
    text: str, test: NotNullTest | RangeTest | OneOfTest | RowsTest | NullShareTest | NoRowsTest
) -> tuple[str, str]:
    told = text if test.severity.value == "error" else f"{text} ({test.severity.value})"
    return told, told


def _between(low: int | float | None, high: int | float | None) -> str:
    return f"from {_number(low)} to {_number(high)}"


def _number(number: int | float | None) -> str:
    return "any" if number is None else f"{float(number):.12g}"
