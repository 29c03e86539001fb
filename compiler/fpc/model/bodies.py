"""What features compute, apart from name, window and default: typed once for all features that share it.

The same text over the same source is one body, however many features, windows and views use it. Problems are kept
with the body, as offsets into its text, and reported at each place where the text stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from fpc.aggregations import BY_NAME
from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.drafts import CallDraft, FeatureDraft, ViewDraft
from fpc.model.fingerprints import feature_meaning
from fpc.model.nodes import AggregateCall
from fpc.model.scope import Scope
from fpc.model.sql_text import Problem
from fpc.model.typing import Answer, Typing, Untyped
from fpc.types.logical import Kind, LogicalType


@dataclass(slots=True)
class Body:
    """One expression over one source. `type` is None while unknown, and for good when there are `problems`.

    `meaning` is its canonical text, `used` the names of the source's columns that it reads.
    """

    draft: FeatureDraft
    scope: Scope
    calls: tuple[AggregateCall, ...] = ()
    type: LogicalType | None = None
    meaning: str = ""
    used: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    def report(self, feature: FeatureDraft, findings: Findings) -> None:
        """Report the problems where a feature's own copy of the text stands."""
        for problem in self.problems:
            span = feature.place.span
            if feature.is_sql:
                span = feature.place.place.within(problem.start, problem.end)
            findings.error(problem.code, problem.message, span, problem.label, help=problem.help)


BodyKey = tuple[int, int, int]


def body_key(draft: ViewDraft, feature: FeatureDraft) -> BodyKey:
    """What two features share when they share a body; trees and scopes are compared by identity."""
    return id(draft.scope), id(feature.tree), id(feature.calls)


def typed_bodies(drafts: Iterable[ViewDraft], typing: Typing) -> dict[BodyKey, Body]:
    """The bodies of all features of all views, in two rounds of questions: rows first, then aggregates."""
    bodies: dict[BodyKey, Body] = {}
    for draft in drafts:
        if draft.where is not None:
            typing.want(draft.where, draft.scope.types)
        for feature in draft.features:
            key = body_key(draft, feature)
            if key not in bodies:
                bodies[key] = Body(feature, draft.scope)
    for body in bodies.values():
        for tree in _row_expressions(body.draft):
            typing.want(tree, body.scope.types)
    typing.answer()
    for body in bodies.values():
        _type_calls(body, typing)
        if not body.problems:
            typing.want(body.draft.tree, {call.id: call.type for call in body.calls})
    typing.answer()
    for body in bodies.values():
        if not body.problems:
            _finish(body, typing)
    return bodies


def untyped_problem(answer: Untyped, text: str, start: int, end: int) -> Problem:
    """DuckDB's complaint at the words that it points at."""
    start, end = answer.find_in(text, start, end)
    return Problem(codes.TYPE_ERROR, answer.message, start, end, "the types do not fit", answer.help)


def condition_problem(answer: Answer, what: str, text: str, start: int, end: int) -> Problem | None:
    """What is wrong with a condition of this type; None when it is one."""
    if isinstance(answer, Untyped):
        return untyped_problem(answer, text, start, end)
    if answer.kind is Kind.BOOLEAN:
        return None
    return Problem(
        codes.NOT_BOOLEAN,
        f"{what} needs a condition, and this is {answer}",
        start,
        end,
        "neither true nor false",
        "compare it with something: `status = 'completed'`",
    )


def value_problem(answer: Answer, text: str) -> Problem | None:
    """What is wrong with a feature of this type; None when it may be one."""
    if isinstance(answer, Untyped):
        return untyped_problem(answer, text, 0, len(text))
    inner = answer
    while inner.element is not None:
        inner = inner.element
    if inner.kind is not Kind.INTERVAL:
        return None
    return Problem(
        codes.UNSUPPORTED_TYPE,
        "a feature cannot be an interval",
        0,
        len(text),
        "the type is interval",
        "write `DATE_DIFF('minute', a, b)`, or `EPOCH(b) - EPOCH(a)`",
    )


def _row_expressions(feature: FeatureDraft) -> Iterable[exp.Expr]:
    for call in feature.calls:
        yield from call.arguments
        if call.filter is not None:
            yield call.filter


def _type_calls(body: Body, typing: Typing) -> None:
    calls = []
    for call in body.draft.calls:
        typed = _typed_call(call, body, typing)
        if typed is not None:
            calls.append(typed)
    body.calls = tuple(calls)


def _typed_call(call: CallDraft, body: Body, typing: Typing) -> AggregateCall | None:
    raw, text, before = call.raw, body.draft.place.value, len(body.problems)
    types: list[LogicalType] = []
    for argument in call.arguments:
        answer = typing.type_of(argument, body.scope.types)
        if isinstance(answer, Untyped):
            body.problems.append(untyped_problem(answer, text, raw.start, raw.end))
        else:
            types.append(answer)
    if call.filter is not None:
        answer = typing.type_of(call.filter, body.scope.types)
        problem = condition_problem(answer, "FILTER", text, raw.start, raw.end)
        if problem is not None:
            body.problems.append(problem)
    if len(body.problems) > before:
        return None
    aggregation = BY_NAME[raw.function]
    if types and not aggregation.accepts(types[0]):
        message = f"`{raw.function}` cannot aggregate values of type {types[0]}"
        label = f"the argument is {types[0]}"
        help = "cast it, or choose another function"
        body.problems.append(Problem(codes.AGGREGATE_ARGUMENT, message, raw.start, raw.end, label, help))
        return None
    result = aggregation.result(types[0] if types else None)
    return AggregateCall(raw.id, raw.function, call.arguments, tuple(types), raw.parameters, call.filter, result)


def _finish(body: Body, typing: Typing) -> None:
    answer = typing.type_of(body.draft.tree, {call.id: call.type for call in body.calls})
    problem = value_problem(answer, body.draft.place.value)
    if problem is not None or isinstance(answer, Untyped):
        body.problems.extend(() if problem is None else (problem,))
        return
    body.type = answer
    body.meaning = feature_meaning(body.draft.tree, body.calls, body.scope.types)
    body.used = frozenset(name for tree in _row_expressions(body.draft) for name in columns_of(tree))


def columns_of(tree: exp.Expr) -> Iterable[str]:
    """The names of the columns in a tree."""
    if type(tree) is exp.Column:
        return (tree.name,)
    return {column.name for column in tree.find_all(exp.Column)}
