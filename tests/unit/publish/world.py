"""A warehouse with one view whose rows a test chooses, and a model of what the store must then answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from fpc.contract.registry import (
    ColumnContract,
    FeatureContract,
    GridContract,
    MemberContract,
    Registry,
    ServiceContract,
    ViewContract,
)
from fpc.runtime.online import Answer, OnlineReader, OnlineStore
from fpc.runtime.publish import PublishReport, publish

HOUR = 3_600_000_000
Rows = Mapping[int, tuple[int, str | None]]

VIEW = ViewContract(
    name="user_orders",
    version=1,
    description="",
    owner="team:test",
    entity="user",
    keys=(ColumnContract("user_id", "bigint"),),
    features=(
        FeatureContract("orders", "bigint", None, "f1", ""),
        FeatureContract("last_status", "varchar", "unknown", "f2", ""),
    ),
    fingerprint="one",
    table="features.user_orders",
    empty_table="features.user_orders__empty",
    dbt_select="user_orders",
    grid=GridContract(HOUR, None),
    delay_us=0,
    online_ttl_us=None,
    source="orders",
    spec="features/user_orders.yml",
)


def registry_of(view: ViewContract, on_missing: str = "default") -> Registry:
    members = tuple(MemberContract(view.name, feature.name, feature.name) for feature in view.features)
    service = ServiceContract("churn", 1, "", "team:test", members, on_missing, None)
    return Registry("shop", "dev", {}, {view.name: view}, {"churn": service}, {})


@dataclass(slots=True)
class World:
    """One warehouse, one store, one view."""

    connection: duckdb.DuckDBPyConnection
    store: OnlineStore
    view: ViewContract = VIEW

    def redefine(self, fingerprint: str) -> None:
        self.view = replace(self.view, fingerprint=fingerprint)

    def build(self, rows: Rows, as_of_us: int, empty: tuple[int, str | None] = (0, None)) -> None:
        """What dbt would leave: the view's table and its row of an entity without events."""
        build(self.connection, rows, as_of_us, empty)

    def publish(self, as_of_us: int, store: OnlineStore | None = None) -> PublishReport:
        return publish(self.connection, self.view, store or self.store, as_of_us, repository="shop")

    def refresh(self, rows: Rows, as_of_us: int, empty: tuple[int, str | None] = (0, None)) -> PublishReport:
        self.build(rows, as_of_us, empty)
        return self.publish(as_of_us)

    def answer(self, user: int, now_us: int = 0) -> Answer:
        return OnlineReader(self.store, registry_of(self.view)).read("churn", {"user_id": user}, now_us)

    def values(self, users: range, now_us: int = 0) -> dict[int, tuple[object, ...]]:
        reader = OnlineReader(self.store, registry_of(self.view))
        answers = reader.read_many("churn", [{"user_id": user} for user in users], now_us)
        return {user: tuple(answer.values().values()) for user, answer in zip(users, answers, strict=True)}


def expected(rows: Rows, users: range, empty: tuple[int, str | None] = (0, None)) -> dict[int, tuple[object, ...]]:
    """What every user must be answered: the default stands in for a null."""
    answers: dict[int, tuple[object, ...]] = {}
    for user in users:
        orders, status = rows.get(user, empty)
        answers[user] = (orders, "unknown" if status is None else status)
    return answers


def build(
    connection: duckdb.DuckDBPyConnection, rows: Rows, as_of_us: int, empty: tuple[int, str | None] = (0, None)
) -> None:
    instant = f"make_timestamptz({as_of_us})"
    table = ", ".join(f"({user}, {_sql(row)})" for user, row in rows.items()) or "(NULL, NULL, NULL)"
    connection.execute(
        f"""
        CREATE SCHEMA IF NOT EXISTS features;
        CREATE OR REPLACE TABLE features.user_orders AS
        SELECT CAST(a AS BIGINT) AS user_id, CAST(b AS BIGINT) AS orders, COALESCE(CAST(c AS VARCHAR), 'unknown')
            AS last_status, c IS NULL AS __defaulted_last_status, {instant} AS as_of
        FROM (VALUES {table}) AS t (a, b, c) WHERE a IS NOT NULL;
        CREATE OR REPLACE TABLE features.user_orders__empty AS
        SELECT CAST(b AS BIGINT) AS orders, COALESCE(CAST(c AS VARCHAR), 'unknown') AS last_status,
            c IS NULL AS __defaulted_last_status, {instant} AS as_of
        FROM (VALUES ({_sql(empty)})) AS t (b, c);
        """
    )


def _sql(row: tuple[int, str | None]) -> str:
    orders, status = row
    return f"{orders}, {'NULL' if status is None else repr(status)}"


def open_warehouse(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:" if path is None else str(path))
    connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
    return connection
