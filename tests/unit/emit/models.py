"""Models built by hand, for tests that need no YAML."""

from __future__ import annotations

from dataclasses import replace

import sqlglot
from sqlglot import exp

from fpc.diagnostics.span import Span
from fpc.model.nodes import (
    AggregateCall,
    Closed,
    Column,
    Config,
    Deprecation,
    DerivedFeature,
    Entity,
    Example,
    Feature,
    FeatureReference,
    FeatureService,
    FeatureView,
    FileLocation,
    Grid,
    Model,
    OnMissing,
    Source,
    Target,
    Tier,
    TimeColumn,
    Window,
)
from fpc.model.view_test_nodes import (
    NoRowsTest,
    NotNullTest,
    OneOfTest,
    RangeTest,
    RowsTest,
    Severity,
)
from fpc.types.duration import Duration
from fpc.types.logical import LogicalType

SPAN = Span("features/orders.yml", 1, 1, 1, 2)
HOUR = Duration.parse("1h")


def sql(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect="duckdb")


def type_of(text: str) -> LogicalType:
    return LogicalType.parse(text)


def count(name: str, window: str | None, *, where: str | None = None) -> Feature:
    call = AggregateCall("__a0", "count", (), (), (), sql(where) if where else None, type_of("bigint"))
    return Feature(
        name=name,
        description="",
        window=Window(Duration.parse(window) if window else None),
        aggregates=(call,),
        expression=exp.column("__a0"),
        type=type_of("bigint"),
        default=None,
        tags=(),
        sql=f"COUNT(*) FILTER (WHERE {where})" if where else "COUNT(*)",
        span=SPAN,
        fingerprint=f"fingerprint_of_{name}",
    )


def total(name: str, window: str, *, default: str | None = None) -> Feature:
    call = AggregateCall(
        "__a0", "sum", (exp.column("amount"),), (type_of("decimal(12,2)"),), (), None, type_of("decimal(38,2)")
    )
    return replace(
        count(name, window),
        aggregates=(call,),
        type=type_of("decimal(38,2)"),
        default=sql(default) if default else None,
        sql="SUM(amount)",
    )


def latest(name: str, column: str, window: str) -> Feature:
    call = AggregateCall("__a0", "last", (exp.column(column),), (type_of("varchar"),), (), None, type_of("varchar"))
    return replace(count(name, window), aggregates=(call,), type=type_of("varchar"), sql=f"LAST({column})")


def orders(
    description: str = "One row per order.",
    *,
    unique_key: tuple[str, ...] = ("order_id",),
    immutable: tuple[str, ...] = (),
) -> Source:
    columns: tuple[str, ...] = ("order_id bigint", "user_id bigint", "ordered_at timestamptz", "loaded_at timestamptz")
    columns += ("status varchar", "amount decimal(12,2)")
    return Source(
        name="orders",
        description=description,
        owner="team:marketplace-data",
        tags=(),
        location=FileLocation("data/orders.parquet"),
        columns=tuple(Column(c.split()[0], type_of(c.split()[1]), f"The {c.split()[0]}.") for c in columns),
        event_time=TimeColumn("ordered_at"),
        known_time=TimeColumn("loaded_at"),
        unique_key=unique_key,
        timezone="UTC",
        max_lateness=None,
        partition_by=None,
        stream=None,
        span=SPAN,
        fingerprint="fingerprint_of_orders",
        immutable=immutable,
    )


USER = Entity("user", "A person with an account.", "team:identity", (Column("user_id", type_of("bigint")),), SPAN)


def user_orders(source: Source | None = None) -> FeatureView:
    return FeatureView(
        name="user_orders",
        version=1,
        description="How often and how much a user orders.",
        owner="team:growth-ml",
        tags=("growth",),
        entity=USER,
        source=source or orders(),
        key_columns=(("user_id", "user_id"),),
        where=sql("status <> 'cancelled'"),
        closed=Closed.LEFT,
        grid=Grid(HOUR, None),
        freshness=HOUR,
        delay=Duration.parse("10m"),
        online_ttl=Duration.parse("3d"),
        start=None,
        granularity=None,
        tier=Tier.BATCH,
        features=(
            count("orders_last_7d", "7d"),
            count("orders_last_30d", "30d"),
            total("amount_sum_7d", "7d", default="0.5"),
            latest("last_status", "status", "30d"),
        ),
        derived=(
            DerivedFeature(
                name="order_trend",
                description="Below one when orders slow down.",
                expression=sql("orders_last_7d / NULLIF(orders_last_30d, 0)"),
                inputs=("orders_last_7d", "orders_last_30d"),
                type=type_of("double"),
                default=sql("0.0"),
                tags=(),
                sql="orders_last_7d / NULLIF(orders_last_30d, 0)",
                span=SPAN,
                fingerprint="fingerprint_of_order_trend",
            ),
        ),
        tests=(
            NotNullTest(("orders_last_7d",), Severity.ERROR),
            RangeTest("order_trend", 0, 1, Severity.WARN),
            OneOfTest("last_status", ("placed", "completed"), Severity.ERROR),
            RowsTest(1, None, Severity.ERROR),
            NoRowsTest(
                sql("SELECT * FROM this WHERE orders_last_7d > orders_last_30d"),
                "SELECT * FROM this WHERE orders_last_7d > orders_last_30d",
                Severity.ERROR,
            ),
        ),
        examples=(
            Example(
                name="a cancelled order does not count",
                at=1_709_856_000_000_000,  # 2024-03-08T00:00:00Z
                given=(
                    {
                        "order_id": 1,
                        "user_id": 7,
                        "ordered_at": "2024-03-07T12:00:00Z",
                        "loaded_at": "2024-03-07T12:00:00Z",
                        "status": "completed",
                        "amount": 10,
                    },
                    {
                        "order_id": 2,
                        "user_id": 7,
                        "ordered_at": "2024-03-07T13:00:00Z",
                        "loaded_at": "2024-03-07T13:00:00Z",
                        "status": "cancelled",
                        "amount": 99,
                    },
                ),
                expect=({"user_id": 7, "orders_last_7d": 1, "amount_sum_7d": 10},),
                span=SPAN,
            ),
        ),
        deprecated=None,
        span=SPAN,
        fingerprint="fingerprint_of_user_orders",
    )


def deprecated(view: FeatureView) -> FeatureView:
    return replace(view, deprecated=Deprecation("2026-11-01", "2027-02-01", "user_orders_v2", "counts gift orders"))


CHURN = FeatureService(
    name="churn",
    version=3,
    description="Will a user leave?",
    owner="team:growth-ml",
    model="churn-classifier",
    features=(FeatureReference("user_orders", "orders_last_7d"), FeatureReference("user_orders", "order_trend")),
    max_staleness=None,
    on_missing=OnMissing.DEFAULT,
    span=SPAN,
)

DEV = Target("dev", "duckdb", ".fpc/warehouse.duckdb", None, "embedded", "2024-03-08T00:00:00Z")


def marketplace(view: FeatureView | None = None) -> Model:
    view = view or user_orders()
    return Model(
        config=Config("marketplace", {"dev": DEV}, "dev", Duration.parse("5m")),
        sources={view.source.name: view.source},
        entities={"user": view.entity},
        views={view.name: view},
        services={"churn": CHURN},
    )
