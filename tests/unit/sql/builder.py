"""Small models made by hand: a source of orders, and views over it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlglot
from sqlglot import exp

from fpc.aggregations import BY_NAME
from fpc.diagnostics.span import Span
from fpc.model.nodes import (
    AggregateCall,
    Closed,
    Column,
    DerivedFeature,
    Entity,
    Feature,
    FeatureView,
    FileLocation,
    Grid,
    Source,
    Tier,
    TimeColumn,
    Window,
)
from fpc.types.duration import Duration
from fpc.types.logical import LogicalType

ORDERED_AT = TimeColumn("ordered_at")
SPAN = Span("features/test.yml", 1, 1, 1, 2)
COLUMNS = {
    "order_id": "bigint",
    "user_id": "bigint",
    "city": "varchar",
    "ordered_at": "timestamptz",
    "loaded_at": "timestamptz",
    "status": "varchar",
    "amount": "decimal(12,2)",
    "weight": "double",
}


def sql(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect="duckdb")


def source(
    *,
    known_time: bool = False,
    unique_key: tuple[str, ...] = (),
    columns: dict[str, str] = COLUMNS,
    timezone: str = "UTC",
    event_time: TimeColumn = ORDERED_AT,
) -> Source:
    return Source(
        name="orders",
        description="",
        owner="team:test",
        tags=(),
        location=FileLocation("data/orders.parquet"),
        columns=tuple(Column(name, LogicalType.parse(kind)) for name, kind in columns.items()),
        event_time=event_time,
        known_time=TimeColumn("loaded_at") if known_time else None,
        unique_key=unique_key,
        timezone=timezone,
        max_lateness=None,
        partition_by=None,
        stream=None,
        span=SPAN,
        fingerprint="s0",
    )


@dataclass(frozen=True)
class Call:
    """`function` of `argument`, which may carry a constant: Call("last_k", "amount", parameters=(2,))."""

    function: str
    argument: str | None = None
    filter: str | None = None
    parameters: tuple[int | float, ...] = ()


def feature(
    name: str,
    *calls: Call,
    window: str | None = "7d",
    offset: str = "0s",
    sql_text: str = "__a0",
    type_: str | None = None,
    default: str | None = None,
) -> Feature:
    aggregates = []
    for number, call in enumerate(calls):
        argument = None if call.argument is None else sql(call.argument)
        kind = None if call.argument is None else LogicalType.parse(COLUMNS.get(call.argument, "double"))
        aggregates.append(
            AggregateCall(
                id=f"__a{number}",
                function=call.function,
                arguments=() if argument is None else (argument,),
                argument_types=() if kind is None else (kind,),
                parameters=call.parameters,
                filter=None if call.filter is None else sql(call.filter),
                type=BY_NAME[call.function].result(kind),
            )
        )
    return Feature(
        name=name,
        description="",
        window=Window(None if window is None else Duration.parse(window), Duration.parse(offset)),
        aggregates=tuple(aggregates),
        expression=sql(sql_text),
        type=aggregates[0].type if type_ is None else LogicalType.parse(type_),
        default=None if default is None else sql(default),
        tags=(),
        sql=sql_text,
        span=SPAN,
        fingerprint="f0",
    )


def derived(name: str, text: str, inputs: tuple[str, ...], type_: str, default: str | None = None) -> DerivedFeature:
    return DerivedFeature(
        name=name,
        description="",
        expression=sql(text),
        inputs=inputs,
        type=LogicalType.parse(type_),
        default=None if default is None else sql(default),
        tags=(),
        sql=text,
        span=SPAN,
        fingerprint="d0",
    )


def view(
    *features: Feature,
    of: Source | None = None,
    keys: dict[str, str] | None = None,
    where: str | None = None,
    closed: Closed = Closed.LEFT,
    derived: tuple[DerivedFeature, ...] = (),
) -> FeatureView:
    orders = of or source()
    pairs = keys or {"user_id": "user_id"}
    types = {column.name: column.type for column in orders.columns}
    entity = Entity("user", "", "team:test", tuple(Column(k, types[c]) for k, c in pairs.items()), SPAN)
    return FeatureView(
        name="user_orders",
        version=1,
        description="",
        owner="team:test",
        tags=(),
        entity=entity,
        source=orders,
        key_columns=tuple(pairs.items()),
        where=None if where is None else sql(where),
        closed=closed,
        grid=Grid(Duration.parse("1h"), None),
        freshness=Duration.parse("1h"),
        delay=Duration(0),
        online_ttl=None,
        start=None,
        granularity=None,
        tier=Tier.BATCH,
        features=features,
        derived=derived,
        tests=(),
        examples=(),
        deprecated=None,
        span=SPAN,
        fingerprint="v0",
    )


def only(features: FeatureView, **changes: object) -> FeatureView:
    """The view with some fields changed."""
    return replace(features, **changes)  # type: ignore[arg-type]
