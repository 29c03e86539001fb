"""Expanding the items of `features`: matrices, windows in names, newest values, SQL.

A matrix names its features `{column}_{function}_{window}`, the window as it is written; of a function with a constant,
`percentile(0.9)` is called `p90` (0.999: `p99_9`), `approx_percentile(0.9)` `approx_p90`, `last_k(3)` `last_3`,
`first_k(3)` `first_3` and `top_k(3)` `top_3`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from sqlglot import exp

from fpc.aggregations import BY_NAME
from fpc.aggregations.aggregation import Aggregation
from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.aggregate_calls import PLACEHOLDER, RawCall
from fpc.model.drafts import CallDraft, FeatureDraft, Reading
from fpc.model.expressions import Expression, read_expression
from fpc.model.nodes import Window
from fpc.model.scope import Scope, column_of, report
from fpc.model.sql_text import MOST_PROBLEMS
from fpc.model.vocabulary import RESERVED_WORDS
from fpc.spec.documents import FeatureSpec, ViewSpec
from fpc.spec.fields import LIFETIME, NAME
from fpc.spec.located import Located
from fpc.types.duration import Duration

WINDOW: Final = "{window}"
_FUNCTION: Final = re.compile(r"\s*([a-z_]+)\s*(?:\(\s*([^()]*?)\s*\))?\s*")
_FIRST: Final = f"{PLACEHOLDER}0"
_NO_OFFSET: Final = Duration(0)


@dataclass(frozen=True, slots=True)
class MatrixFunction:
    """One function of a matrix: the aggregation, its constants, and the word that goes into names."""

    aggregation: Aggregation
    parameters: tuple[int | float, ...]
    word: str


def expand(spec: FeatureSpec, reading: Reading, findings: Findings) -> Iterator[FeatureDraft]:
    """The features that one item of `features` stands for, those left out that cannot be resolved."""
    windows = _windows(spec, findings)
    if spec.aggregate:
        yield from _matrix(spec, windows, reading.scope, findings)
    elif spec.latest is not None:
        column = reading.scope.find(spec.latest, findings)
        if column is not None:
            function = MatrixFunction(BY_NAME["last"], (), "last")
            yield from _named(spec, windows, *_call(column, function), spec.latest, False, findings)
    elif spec.sql is not None:
        yield from _sql(spec, spec.sql, windows, reading, findings)


def declared_names(spec: ViewSpec) -> set[str]:
    """Every name that a view's spec gives to a feature, those of features with errors included.

    What refers to a feature that has an error of its own is not at fault.
    """
    names = {item.name.value for item in (*spec.derived, *spec.request_features)}
    for item in spec.features:
        words = [LIFETIME if window.value is None else window.text for window in item.windows]
        if item.name is not None:
            names.update(item.name.value.replace(WINDOW, word) for word in words or ("",))
        for column, functions in item.aggregate:
            for text in functions:
                function = read_function(text.value)
                word = function.word if isinstance(function, MatrixFunction) else text.value
                names.update(f"{column.value.casefold()}_{word}_{window}" for window in words)
    return names


def check_name(name: str, span_of: Located[str], findings: Findings) -> bool:
    """Whether a feature may have this name."""
    if not NAME.fullmatch(name):
        long = len(name) > 63
        findings.error(
            codes.INVALID_NAME,
            f"`{name[:80]}` cannot be the name of a feature",
            span_of.span,
            "longer than 63 characters" if long else "not lower-case letters, digits and underscores",
        )
        return False
    if name in RESERVED_WORDS:
        findings.error(
            codes.RESERVED_NAME,
            f"a feature cannot be named `{name}`",
            span_of.span,
            "a reserved word of SQL",
            help=f"write `{name}_value`, or what it is the {name} of",
        )
        return False
    return True


def _windows(spec: FeatureSpec, findings: Findings) -> list[tuple[str, Window]]:
    """The windows with their text in names, each length once."""
    offset = _NO_OFFSET if spec.offset is None else spec.offset.value
    found: list[tuple[str, Window]] = []
    seen: set[Duration | None] = set()
    for window in spec.windows:
        if window.value in seen:
            findings.error(
                codes.DUPLICATE_WINDOW,
                f"window `{window.text}` is listed twice",
                window.span,
                "as long as one before it",
                help="remove one of the two",
            )
            continue
        seen.add(window.value)
        found.append((LIFETIME if window.value is None else window.text, Window(window.value, offset)))
    return found


def _matrix(
    spec: FeatureSpec, windows: list[tuple[str, Window]], scope: Scope, findings: Findings
) -> Iterator[FeatureDraft]:
    for column_text, functions in spec.aggregate:
        column = scope.find(column_text, findings)
        for text in functions:
            function = _function(text, findings)
            if function is None or column is None:
                continue
            tree, calls, sql = _call(column, function)
            for word, window in windows:
                name = f"{column.casefold()}_{function.word}_{word}"
                if check_name(name, text, findings):
                    yield _draft(spec, name, window, tree, calls, sql, text, False)


def _sql(
    spec: FeatureSpec, sql: Located[str], windows: list[tuple[str, Window]], reading: Reading, findings: Findings
) -> Iterator[FeatureDraft]:
    resolved = reading.resolved.get(sql.value)
    if resolved is None:
        expression = read_expression(sql.value)
        report(expression.problems, sql, findings)
        if expression.tree is None or not reading.scope.check(expression, sql, findings):
            return
        if not _is_feature(expression, sql, findings):
            return
        calls = tuple(_resolve(call, expression, reading.scope) for call in expression.calls)
        resolved = reading.resolved[sql.value] = (expression.tree, calls)
    yield from _named(spec, windows, *resolved, sql.value.strip(), sql, True, findings)


def _is_feature(expression: Expression, sql: Located[str], findings: Findings) -> bool:
    """Whether columns stand inside aggregates alone, and AS_OF() outside."""
    before = findings.count
    if not expression.calls:
        columns = ", ".join(f"`{use.name}`" for use in expression.outer_columns[:3])
        findings.error(
            codes.NO_AGGREGATE,
            "a feature's SQL needs an aggregate",
            sql.span,
            "one value for many events" if columns else "the same value for every entity",
            help=f"write `LAST({expression.outer_columns[0].name})` for the newest value"
            if columns
            else "a feature is computed from events, such as `COUNT(*)`",
        )
        return False
    for use in expression.outer_columns[:MOST_PROBLEMS]:
        findings.error(
            codes.COLUMN_OUTSIDE_AGGREGATE,
            f"column `{use.name}` stands outside of an aggregate",
            sql.place.within(use.start, use.end),
            "many values where one is needed",
            help=f"write `LAST({use.name})` for the newest value, or aggregate it in another way",
        )
    for start, end in expression.as_of:
        if any(call.start <= start and end <= call.end for call in expression.calls):
            findings.error(
                codes.AS_OF_IN_AGGREGATE,
                "`AS_OF()` cannot stand inside an aggregate",
                sql.place.within(start, end),
                "single events are looked at here",
                help="say which events count with `window`; compare with `AS_OF()` outside, as in "
                "`DATE_DIFF('minute', MAX(x), AS_OF())`",
            )
    return findings.count == before


def _resolve(call: RawCall, expression: Expression, scope: Scope) -> CallDraft:
    return CallDraft(
        call,
        tuple(scope.named(expression, argument) for argument in call.arguments),
        None if call.filter is None else scope.named(expression, call.filter),
    )


def _named(
    spec: FeatureSpec,
    windows: list[tuple[str, Window]],
    tree: exp.Expr,
    calls: tuple[CallDraft, ...],
    sql: str,
    place: Located[str],
    is_sql: bool,
    findings: Findings,
) -> Iterator[FeatureDraft]:
    """The feature once for each window, under its name with the window put in."""
    assert spec.name is not None
    pattern = spec.name.value
    if len(windows) > 1 and WINDOW not in pattern:
        findings.error(
            codes.WINDOW_IN_NAME,
            f"`{pattern}` would name {len(windows)} features",
            spec.name.span,
            "has several windows",
            help=f"write `{pattern}_{{window}}`",
        )
        return
    for word, window in windows:
        name = pattern.replace(WINDOW, word)
        if check_name(name, spec.name, findings):
            yield _draft(spec, name, window, tree, calls, sql, place, is_sql)


def _draft(
    spec: FeatureSpec,
    name: str,
    window: Window,
    tree: exp.Expr,
    calls: tuple[CallDraft, ...],
    sql: str,
    place: Located[str],
    is_sql: bool,
) -> FeatureDraft:
    return FeatureDraft(
        name,
        "" if spec.description is None else spec.description.value.strip(),
        window,
        tree,
        calls,
        sql,
        place,
        is_sql,
        spec.default,
        tuple(tag.value for tag in spec.tags),
        spec.deprecated,
        (spec.name or place).span,
    )


@lru_cache(maxsize=4096)
def _call_of(
    column: str, name: str, parameters: tuple[int | float, ...]
) -> tuple[exp.Expr, tuple[CallDraft, ...], str]:
    aggregation = BY_NAME[name]
    arguments = (column_of(column),)
    raw = RawCall(_FIRST, name, arguments, parameters, None, 0, 0)
    constants = "".join(f", {number}" for number in parameters)
    sql = (
        f"COUNT(DISTINCT {column})" if name == "count_distinct" else f"{aggregation.spellings[0]}({column}{constants})"
    )
    return exp.column(_FIRST), (CallDraft(raw, arguments, None),), sql


def _call(column: str, function: MatrixFunction) -> tuple[exp.Expr, tuple[CallDraft, ...], str]:
    return _call_of(column, function.aggregation.name, function.parameters)


def _function(text: Located[str], findings: Findings) -> MatrixFunction | None:
    """The function that a word of a matrix names, reported when there is none."""
    read = read_function(text.value)
    if isinstance(read, MatrixFunction):
        return read
    if read is None:
        findings.error(
            codes.UNKNOWN_AGGREGATION,
            f"unknown function `{text.value}`",
            text.span,
            "not a function of the matrix",
            help=did_you_mean(text.value.split("(")[0], BY_NAME) or f"functions: {', '.join(BY_NAME)}",
        )
    else:
        findings.error(codes.AGGREGATE_ARGUMENT, f"`{text.value}` {read}", text.span, read)
    return None


@lru_cache(maxsize=1024)
def read_function(text: str) -> MatrixFunction | str | None:
    """The function that a text spells, what is wrong with its constant, or None for no known function.

    >>> read_function("percentile(0.9)").word
    'p90'
    >>> read_function("last_k(3)").word
    'last_3'
    """
    match = _FUNCTION.fullmatch(text)
    aggregation = None if match is None else BY_NAME.get(match[1])
    if match is None or aggregation is None:
        return None
    name = aggregation.name
    if aggregation.parameters == 0:
        return MatrixFunction(aggregation, (), name) if match[2] is None else f"takes no constant: write `{name}`"
    try:
        number = Decimal(match[2] or "")
        if not number.is_finite() or abs(number.adjusted()) > 20 or len(match[2]) > 40:
            raise ValueError
    except (ArithmeticError, ValueError):
        letter = "p" if name.endswith("percentile") else "k"
        return f"needs a constant: write `{name}({'0.9' if letter == 'p' else '3'})`"
    parameter = int(number) if number == number.to_integral_value() and "." not in match[2] else float(number)
    problem = aggregation.problem((parameter,))
    if problem is not None:
        return problem
    if name.endswith("percentile"):
        percent = format((number * 100).normalize(), "f").replace(".", "_")
        return MatrixFunction(aggregation, (parameter,), f"{name.removesuffix('percentile')}p{percent}")
    return MatrixFunction(aggregation, (parameter,), f"{name.removesuffix('_k')}_{parameter}")
