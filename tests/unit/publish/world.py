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
    answers = {}
    for user in users:
        orders, status = rows.get(user, empty)
        answers[user] = (orders, "unknown" if status is None else status)
    return answers


def build(
    connection: duckdb.DuckDBPyConnection, rows: Rows, as_of_us: int, empty: tuple[int, str | None] = (0, None)
) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS features")
    for table, keys, values in (
        ("user_orders", "user_id BIGINT, ", [(user, *row, as_of_us) for user, row in rows.items()]),
        ("user_orders__empty", "", [(*empty, as_of_us)]),
    ):
        connection.execute(
            f"CREATE OR REPLACE TABLE features.{table} ({keys}orders BIGINT, last_status VARCHAR, as_of TIMESTAMPTZ)"
        )
        if values:
            holes = ", ".join("?" for _ in values[0][:-1])
            connection.executemany(
                f"INSERT INTO features.{table} VALUES ({holes}, make_timestamptz(?::BIGINT))", values
            )


def open_warehouse(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:" if path is None else str(path))
    connection.execute("SET TimeZone = 'UTC'")
    return connection
