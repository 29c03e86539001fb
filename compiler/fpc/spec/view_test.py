"""Reading the items of a view's `tests`."""

from __future__ import annotations

from typing import Final

import yaml

from fpc.diagnostics import codes
from fpc.spec.core_schema import Scalar
from fpc.spec.documents import TestSpec, Text
from fpc.spec.fields import Fields
from fpc.spec.located import Located, Place

_KINDS: Final = ("not_null", "null_share", "range", "one_of", "rows", "no_rows", "drift")
_SEVERITIES: Final = ("error", "warn")


def read_tests(view: Fields) -> tuple[TestSpec, ...]:
    """The tests of a view, those left out in which anything is wrong."""
    found = []
    for node in view.items("tests"):
        before = view.findings.count
        test = _test(view.inner(node, "this test", (*_KINDS, "severity")))
        if test is not None and view.findings.count == before:
            found.append(test)
    return tuple(found)


def _test(fields: Fields) -> TestSpec | None:
    given = [kind for kind in _KINDS if kind in fields]
    if len(given) != 1:
        if isinstance(fields.node, yaml.MappingNode) and (given or not fields.node.value):
            fields.findings.error(
                codes.CONFLICTING_KEYS,
                "one item of `tests` is one test",
                fields.place.span,
                f"has {' and '.join(given) or 'none'}",
                help="begin a new item with `-` for each test",
            )
        return None
    kind = Located(given[0], fields.place_of(given[0]))
    severity = fields.choice("severity", str, _SEVERITIES)
    match given[0]:
        case "not_null":
            return TestSpec(kind, fields.texts("not_null"), severity=severity)
        case "no_rows":
            sql = fields.text("no_rows")
            return None if sql is None else TestSpec(kind, sql=sql, severity=severity)
        case "rows":
            inner = fields.inner(kind.place.node, "`rows`", ("min", "max", "max_change"))
            least, most, change = inner.number("min"), inner.number("max"), inner.number("max_change")
            return TestSpec(kind, min=least, max=most, change=change, severity=severity)
        case "null_share":
            inner = fields.inner(kind.place.node, "`null_share`", ("feature", "max", "max_rise"))
            feature, most, change = inner.text("feature", required=True), inner.number("max"), inner.number("max_rise")
            return None if feature is None else TestSpec(kind, (feature,), max=most, change=change, severity=severity)
        case "range":
            inner = fields.inner(kind.place.node, "`range`", ("feature", "min", "max"))
            feature, least, most = inner.text("feature", required=True), inner.number("min"), inner.number("max")
            return None if feature is None else TestSpec(kind, (feature,), least, most, severity=severity)
        case "one_of":
            return _one_of(fields, kind, severity)
        case _:
            return _drift(fields, kind, severity)


def _one_of(fields: Fields, kind: Text, severity: Text | None) -> TestSpec | None:
    inner = fields.inner(kind.place.node, "`one_of`", ("feature", "values"))
    feature = inner.text("feature", required=True)
    if "values" not in inner:
        inner.missing("values")
    values: list[Located[Scalar]] = []
    for node in inner.items("values"):
        value = inner.scalar_of(node, "values")
        if value is not None:
            values.append(value)
    return None if feature is None else TestSpec(kind, (feature,), values=tuple(values), severity=severity)


def _drift(fields: Fields, kind: Text, severity: Text | None) -> TestSpec | None:
    inner = fields.inner(kind.place.node, "`drift`", ("feature", "metric", "warn", "error", "baseline"))
    feature, metric = inner.text("feature", required=True), inner.text("metric", required=True)
    warn, error, baseline = inner.number("warn"), inner.number("error"), inner.duration("baseline", required=True)
    if feature is None:
        return None
    return TestSpec(
        Located(kind.value, Place(fields.file, kind.place.node)),
        (feature,),
        metric=metric,
        warn=warn,
        error=error,
        baseline=baseline,
        severity=severity,
    )
