"""Why a value is what it is: each row of one entity with the rule by which it counts, or does not, at an instant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Final

from sqlglot import exp

from fpc.model.nodes import AggregateCall, Feature, FeatureView
from fpc.plan.visibility import Edges, edges_of
from fpc.sql.aggregates import lower_call
from fpc.sql.features import feature_value
from fpc.sql.staging import EVENT_AT, KNOWN_AT, SUPERSEDED_AT
from fpc.sql.trees import cast, clone, column, is_null, named, select, with_steps
from fpc.types.logical import Kind, LogicalType

#: The column that holds the rule of one row.
RULE: Final = "__rule"
#: Which of the rows of one rule a row is, the newest first.
PLACE: Final = "__place"


class Rule(Enum):
    """What became of one row; the first that holds, in the order in which the semantics ask."""

    COUNTED = "counted"
    NOT_YET_KNOWN = "not yet known"
    SUPERSEDED = "superseded version"
    FILTERED_BY_VIEW = "filtered by where"
    TOO_LATE = "too late"
    TOO_EARLY = "too early"
    FILTERED_BY_CALL = "filtered by FILTER"
    NULL = "null is skipped"


def lower_entity_rows(view: FeatureView, staged: exp.Expr, keys: dict[str, exp.Expr]) -> exp.Select:
    """Every version of every event that names this entity, with all columns; `keys` is by the names of its keys."""
    types = {declared.name: declared.staged_type for declared in view.source.columns}
    conditions = []
    for key, (name, source) in zip(view.entity.keys, view.key_columns, strict=True):
        held = column(source) if types[source] == key.type else cast(column(source), key.type)
        conditions.append(exp.EQ(this=held, expression=clone(keys[name])))
    rows = exp.Select(expressions=[exp.Star()])
    rows.set("from_", exp.From(this=clone(staged)))
    condition: exp.Expr = conditions[0]
    for one in conditions[1:]:
        condition = exp.And(this=condition, expression=one)
    rows.set("where", exp.Where(this=condition))
    return rows


def lower_judged(
    view: FeatureView, feature: Feature, call: AggregateCall, rows: exp.Table, as_of: exp.Expr
) -> exp.Select:
    """Each of the rows with the rule of one aggregate call.

    Columns: those of the rows, then `__rule`, the text of a `Rule`.
    """
    edges = edges_of(feature.window, view.closed)
    judged = exp.Case()
    for condition, rule in _refusals(view, call, edges, as_of):
        judged = judged.when(condition, exp.Literal.string(rule.value))
    judged = judged.else_(exp.Literal.string(Rule.COUNTED.value))
    return select([exp.Star(), named(judged, RULE)], rows)


def lower_counts(judged: exp.Table) -> exp.Select:
    """How many rows each rule has: `__rule`, `rows`."""
    counted = [column(RULE), named(exp.Count(this=exp.Star()), "rows")]
    return select(counted, judged, group_by=1, order_by=1)


def lower_listing(names: Sequence[str], judged: exp.Table, limit: int) -> exp.Select:
    """The newest rows of each rule, at most so many: the columns `names`, the three times, `__rule`."""
    times = (EVENT_AT, KNOWN_AT, SUPERSEDED_AT)
    columns = dict.fromkeys((*names, *times, RULE))
    order = [
        exp.Ordered(this=column(name), desc=True, nulls_first=False) for name in dict.fromkeys((*times[:2], *columns))
    ]
    place = exp.Window(this=exp.RowNumber(), partition_by=[column(RULE)], order=exp.Order(expressions=order))
    placed = select([exp.Star(), named(place, PLACE)], judged)
    few = exp.LTE(this=column(PLACE), expression=exp.Literal.number(limit))
    listed = select(map(column, columns), "placed", where=[few])
    listed.set(
        "order",
        exp.Order(expressions=[exp.Ordered(this=column(RULE)), exp.Ordered(this=column(PLACE))]),
    )
    return with_steps(listed, {"placed": placed}, {"placed": "Within each rule the newest first."})


def lower_values(
    feature: Feature, judged: Sequence[tuple[AggregateCall, exp.Table]], as_of: exp.Expr, *, has_known_time: bool
) -> exp.Select:
    """What the counted rows make, in one row: each call under its id, then the feature's value under its name."""
    calls = {call.id: (call, table) for call, table in judged}

    def counted(call: AggregateCall) -> exp.Expr:
        bare = AggregateCall(
            call.id, call.function, call.arguments, call.argument_types, call.parameters, None, call.type
        )
        rule = exp.EQ(this=column(RULE), expression=exp.Literal.string(Rule.COUNTED.value))
        found = select([named(lower_call(bare, rule, has_known_time=has_known_time), call.id)], calls[call.id][1])
        return exp.Subquery(this=found)

    values = [named(counted(call), call.id) for call, _ in judged]
    return select([*values, named(feature_value(feature, counted, as_of), feature.name)])


def _refusals(view: FeatureView, call: AggregateCall, edges: Edges, as_of: exp.Expr) -> Iterator[tuple[exp.Expr, Rule]]:
    # Without a known time a row is known when it happened: it is too late, not yet to be known.
    if view.source.known_time is not None:
        yield _fails(edges.is_known(column(KNOWN_AT), as_of)), Rule.NOT_YET_KNOWN
    if view.source.unique_key:
        yield _fails(edges.is_latest_version(column(SUPERSEDED_AT), as_of)), Rule.SUPERSEDED
    if view.where is not None:
        yield _fails(view.where), Rule.FILTERED_BY_VIEW
    yield _fails(edges.before_end(column(EVENT_AT), as_of)), Rule.TOO_LATE
    start = edges.after_start(column(EVENT_AT), as_of)
    if start is not None:
        yield _fails(start), Rule.TOO_EARLY
    if call.filter is not None:
        yield _fails(call.filter), Rule.FILTERED_BY_CALL
    if call.arguments:
        yield is_null(_parenthesised(call.arguments[0])), Rule.NULL


def _fails(condition: exp.Expr) -> exp.Expr:
    """The condition is false or null."""
    truth = exp.Coalesce(this=cast(_parenthesised(condition), LogicalType(Kind.BOOLEAN)), expressions=[exp.false()])
    return exp.Not(this=truth)


def _parenthesised(tree: exp.Expr) -> exp.Expr:
    return exp.Paren(this=clone(tree)) if isinstance(tree, exp.Binary | exp.Unary | exp.Connector) else clone(tree)
