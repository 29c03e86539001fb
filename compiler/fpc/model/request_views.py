"""Request-time views: checked like any other, then said to be not built yet."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.aggregate_calls import ColumnUse
from fpc.model.bodies import value_problem
from fpc.model.expressions import Expression, read_expression
from fpc.model.features import check_name, declared_names
from fpc.model.nodes import FeatureView
from fpc.model.scope import REQUEST, report
from fpc.model.sql_text import MOST_PROBLEMS
from fpc.model.typing import Typing
from fpc.spec.documents import DerivedSpec, ViewSpec
from fpc.spec.located import Located
from fpc.types.logical import LogicalType


def check_request_views(
    specs: list[ViewSpec],
    views: Mapping[str, FeatureView],
    declared: Mapping[str, ViewSpec],
    typing: Typing,
    findings: Findings,
) -> None:
    """Check the features of request-time views over the request and the features of other views."""
    checked: list[tuple[Located[str], exp.Expr, dict[str, LogicalType]]] = []
    for spec in specs:
        _report_not_built(spec, findings)
        for feature in spec.request_features:
            found = _check(feature, spec, views, declared, findings)
            if found is not None:
                typing.want(*found)
                checked.append((feature.sql, *found))
    typing.answer()
    for sql, tree, types in checked:
        problem = value_problem(typing.type_of(tree, types), sql.value)
        if problem is not None:
            report((problem,), sql, findings)


def _report_not_built(spec: ViewSpec, findings: Findings) -> None:
    assert spec.freshness is not None
    findings.error(
        codes.REQUEST_NOT_BUILT,
        "request-time views are not built yet",
        spec.freshness.span,
        f"view `{spec.name.value}` asks for one",
        help="compute it under `derived` where no request field is needed, or leave it out for now",
    )
    if spec.source is not None:
        message = "a request-time view has no source"
        findings.error(codes.CONFLICTING_KEYS, message, spec.source.span, "leave it out")


def _check(
    feature: DerivedSpec,
    spec: ViewSpec,
    views: Mapping[str, FeatureView],
    declared: Mapping[str, ViewSpec],
    findings: Findings,
) -> tuple[exp.Expr, dict[str, LogicalType]] | None:
    """The feature's expression over columns named `view.feature`, with their types."""
    text = feature.sql
    expression = read_expression(text.value)
    report(expression.problems, text, findings)
    fits = check_name(feature.name.value, feature.name, findings)
    for call in expression.calls[:MOST_PROBLEMS]:
        message = "a request-time feature is computed from features and the request, and cannot aggregate"
        place = text.place.within(call.start, call.end)
        help = "aggregate in a view with a source, and use its feature here"
        findings.error(codes.AGGREGATE_NOT_ALLOWED, message, place, "an aggregate", help=help)
    if expression.tree is None or expression.calls:
        return None
    request = {column.name.value: column.type for column in spec.request}
    types: dict[str, LogicalType] = {}
    for use in expression.columns[:MOST_PROBLEMS]:
        fits &= _look_up(use, text, request, views, declared, types, findings)
    return (_joined(expression), types) if fits and len(types) else None


def _look_up(
    use: ColumnUse,
    text: Located[str],
    request: Mapping[str, LogicalType | None],
    views: Mapping[str, FeatureView],
    declared: Mapping[str, ViewSpec],
    types: dict[str, LogicalType],
    findings: Findings,
) -> bool:
    """Add the type of one column; False where it has none, after reporting why unless that was done elsewhere."""
    name, span = use.name.casefold(), text.place.within(use.start, use.end)
    view = None if use.qualifier is None else use.qualifier.casefold()
    known: Mapping[str, LogicalType | None]
    if view == REQUEST:
        owner, known = "the request", request
    elif view is not None and view in declared:
        owner, known = f"view `{view}`", dict.fromkeys(declared_names(declared[view]))
        if view in views:
            known = {**known, **{output.name: output.type for output in views[view].outputs}}
    else:
        message = f"`{use.qualifier}` is no view" if view is not None else f"`{use.name}` does not say whose it is"
        help = did_you_mean(view, declared) if view is not None else "write `REQUEST.field` or `view.feature`"
        findings.error(codes.UNKNOWN_FEATURE, message, span, "neither the request nor a view", help=help)
        return False
    if name not in known:
        message = f"unknown field or feature `{use.name}` in {owner}"
        findings.error(codes.UNKNOWN_FEATURE, message, span, f"not in {owner}", help=did_you_mean(name, known))
        return False
    type = known[name]
    if type is not None:
        types[f"{view}.{name}"] = type
    return type is not None


def _joined(expression: Expression) -> exp.Expr:
    """The tree with `view.feature` as the name of one column."""
    assert expression.tree is not None
    root = exp.Paren(this=expression.tree.copy())
    for column in list(root.find_all(exp.Column)):
        column.replace(exp.column(f"{column.table}.{column.name}".casefold(), quoted=True))
    tree: exp.Expr = root.this
    return tree.pop()
