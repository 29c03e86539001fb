"""A view's tests by the names under which dbt, the gate and its reports know them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import assert_never

from fpc.emit.dbt.names import checked
from fpc.model.nodes import FeatureView
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


@dataclass(frozen=True, slots=True)
class NamedTest:
    """One test under one name: of a `not_null` over several features, that of one `feature`.

    What the test says about changes since the last publication goes by `change_name`.
    """

    name: str
    test: ViewTest
    feature: str | None = None
    change_name: str = ""


def named_tests(view: FeatureView) -> Iterator[NamedTest]:
    """The tests of the spec, in its order; names are unique, and can stand in files' names and in Jinja."""
    used: set[str] = set()

    def name(what: str) -> str:
        numbered = (what if number == 1 else f"{what}_{number}" for number in count(1))
        free = next(candidate for candidate in numbered if candidate not in used)
        used.add(free)
        return checked(f"{view.name}__{free}")

    for test in view.tests:
        match test:
            case NotNullTest():
                for feature in test.features:
                    yield NamedTest(name(f"not_null_{feature}"), test, feature)
            case RangeTest():
                yield NamedTest(name(f"range_{test.feature}"), test, test.feature)
            case OneOfTest():
                yield NamedTest(name(f"one_of_{test.feature}"), test, test.feature)
            case NullShareTest():
                names = name(f"null_share_{test.feature}"), name(f"rise_of_nulls_{test.feature}")
                yield NamedTest(names[0], test, test.feature, names[1])
            case RowsTest():
                yield NamedTest(name("rows"), test, change_name=name("change_of_rows"))
            case NoRowsTest():
                yield NamedTest(name("no_rows"), test)
            case DriftTest():
                yield NamedTest(name(f"drift_{test.feature}"), test, test.feature)
            case _:
                assert_never(test)


def grain_name(view: FeatureView) -> str:
    """The name of the test that every view has: no two rows have one key."""
    return checked(f"{view.name}__grain")
