"""What a read answers, and in how many round trips; the store is memory, which passes the same suite as Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.unit.publish.world import HOUR, VIEW, World, open_warehouse, registry_of
from tests.unit.publish.wrapped import WrappedStore

from fpc.contract.registry import ColumnContract, FeatureContract, MemberContract, Registry, ServiceContract
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online import OnlineReader, OnlineStore, Reason, Status, connect, read
from fpc.runtime.online.store import Lease, RowBatch
from fpc.runtime.publish import publish, rollback


@pytest.fixture
def world() -> Iterator[World]:
    with open_warehouse() as connection:
        yield World(connection, connect("memory://"))


class Watched(WrappedStore):
    """A store that counts its round trips; `between` happens between the rows that a `get` reads and the records."""

    def __init__(self, inner: OnlineStore, between: Callable[[], object] | None = None) -> None:
        super().__init__(inner)
        self._between = between
        self.trips = 0
        self.reads_are_atomic = between is None

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        self.trips += 1
        if self._between is None:
            return self.inner.get(keys)
        rows = [key for key in keys if not key.endswith(b":record")]
        found = dict(zip(rows, self.inner.get(rows), strict=True))
        self._between()
        return [found[key] if key in found else self.inner.get([key])[0] for key in keys]


def test_one_entity_or_many_take_one_round_trip(world: World) -> None:
    world.refresh({1: (1, "a"), 2: (2, "b")}, HOUR)
    store = Watched(world.store)
    read(store, registry_of(world.view), "churn", {"user_id": 1}, 0)
    assert store.trips == 1
    reader = OnlineReader(store, registry_of(world.view))
    answers = reader.read_many("churn", [{"user_id": user} for user in (2, 9, 1)], 0)
    assert [answer.values()["orders"] for answer in answers] == [2, 0, 1]
    assert store.trips == 2
    assert reader.read_many("churn", [], 0) == []
    assert store.trips == 2


def test_a_switch_to_another_version_costs_one_trip_more_and_only_once(world: World) -> None:
    world.refresh({1: (1, "a")}, HOUR)
    reader = OnlineReader(store := Watched(world.store), registry_of(world.view))
    reader.read("churn", {"user_id": 1}, 0)
    world.redefine("two")
    world.refresh({1: (2, "b")}, 2 * HOUR)
    assert reader.read("churn", {"user_id": 1}, 0).values() == {"orders": 2, "last_status": "b"}
    assert store.trips == 3
    rollback(world.store, registry_of(world.view), "user_orders")
    assert reader.read("churn", {"user_id": 1}, 0).values() == {"orders": 1, "last_status": "a"}
    assert reader.read("churn", {"user_id": 1}, 0).values() == {"orders": 1, "last_status": "a"}
    assert store.trips == 6


@pytest.mark.parametrize("user", [1, 2, 3])
def test_a_refresh_between_row_and_record_never_makes_an_old_value_look_new(world: World, user: int) -> None:
    """Where reads are not atomic: the row is read, a refresh completes, its watermark is read."""
    tables = {HOUR: {1: (1, "a"), 2: (1, "a")}, 2 * HOUR: {1: (2, "b"), 3: (2, "b")}}
    world.refresh(tables[HOUR], HOUR)
    refreshes = iter([2 * HOUR])

    def refresh() -> None:
        for instant in refreshes:
            world.refresh(tables[instant], instant)

    reader = OnlineReader(Watched(world.store, refresh), registry_of(world.view))
    orders, _ = reader.read("churn", {"user_id": user}, 0).features
    assert orders.as_of_us is not None
    assert orders.value == tables[orders.as_of_us].get(user, (0, None))[0]


def test_a_view_that_is_published_without_end_while_it_is_read_gives_up(world: World) -> None:
    instants = iter(range(1, 100))
    world.build({1: (1, "a")}, 0)

    def refresh() -> None:
        instant = next(instants) * HOUR
        world.refresh({1: (1, "a")}, instant)

    refresh()
    with pytest.raises(FpcRuntimeError, match="again and again"):
        OnlineReader(Watched(world.store, refresh), registry_of(world.view)).read("churn", {"user_id": 1}, 0)


def test_an_unfinished_refresh_serves_each_entity_from_one_of_both(world: World) -> None:
    """Rows and removals of a refresh that has not completed say themselves what they are as of."""
    world.refresh({1: (1, "a"), 2: (1, "a"), 3: (1, "a")}, HOUR, empty=(0, "never"))

    class CutOffError(Exception):
        pass

    class Unfinished(Watched):
        pushed = False

        def push(self, batches: Iterable[RowBatch], lease: Lease) -> int:
            self.pushed = True
            return super().push(batches, lease)

        def replace(self, key: bytes, expected: bytes | None, value: bytes, lease: Lease | None = None) -> bool:
            if self.pushed:
                raise CutOffError
            return super().replace(key, expected, value, lease)

    world.build({1: (2, "b"), 3: (1, "a")}, 2 * HOUR, empty=(-1, "gone"))
    with pytest.raises(CutOffError):
        world.publish(2 * HOUR, Unfinished(world.store))
    answers = {user: world.answer(user).features for user in (1, 2, 3, 4)}
    assert [(value.value, value.as_of_us) for value in answers[1]] == [(2, 2 * HOUR), ("b", 2 * HOUR)]
    assert [(value.value, value.as_of_us) for value in answers[2]] == [(-1, 2 * HOUR), ("gone", 2 * HOUR)]
    assert [(value.value, value.as_of_us) for value in answers[3]] == [(1, HOUR), ("a", HOUR)]
    assert [(value.value, value.as_of_us) for value in answers[4]] == [(0, HOUR), ("never", HOUR)]


@pytest.mark.parametrize(
    ("on_missing", "value", "status"),
    [("default", "unknown", Status.DEFAULT), ("null", None, Status.NULL)],
)
def test_what_is_missing_is_answered_as_the_service_says(
    world: World, on_missing: str, value: object, status: Status
) -> None:
    _, last_status = read(world.store, registry_of(world.view, on_missing), "churn", {"user_id": 1}, 0).features
    assert (last_status.value, last_status.status, last_status.reason) == (value, status, Reason.NOT_PUBLISHED)


def test_a_service_may_refuse_to_answer_where_something_is_missing(world: World) -> None:
    registry = registry_of(replace(world.view, online_ttl_us=HOUR), "error")
    with pytest.raises(FpcRuntimeError, match=r"cannot answer `orders` \(not published\), `last_status`"):
        read(world.store, registry, "churn", {"user_id": 1}, 0)
    world.refresh({1: (1, None)}, HOUR)
    assert read(world.store, registry, "churn", {"user_id": 1}, HOUR).values() == {
        "orders": 1,
        "last_status": "unknown",
    }
    assert read(world.store, registry, "churn", {"user_id": 2}, HOUR).values() == {
        "orders": 0,
        "last_status": "unknown",
    }
    with pytest.raises(FpcRuntimeError, match="expired"):
        read(world.store, registry, "churn", {"user_id": 1}, 3 * HOUR)


@pytest.mark.parametrize(
    ("service", "keys", "message"),
    [
        ("chrun", {"user_id": 1}, "no service `chrun`"),
        ("churn", {}, "lacks `user_id`"),
        ("churn", {"user_id": "1"}, "`user_id` is not a value of type bigint"),
        ("churn", {"user_id": None}, "`user_id` is null"),
    ],
)
def test_a_wrong_question_is_refused(world: World, service: str, keys: dict[str, object], message: str) -> None:
    with pytest.raises(FpcRuntimeError, match=message) as raised:
        read(world.store, registry_of(world.view), service, keys, 0)
    assert raised.value.exit_code == 2
    assert raised.value.help


TYPES: dict[str, tuple[object, object]] = {
    "boolean": (True, None),
    "integer": (-(2**31), 7),
    "bigint": (2**62, None),
    "hugeint": (-(2**126), None),
    "real": (0.5, None),
    "double": (0.1, 1.5),
    "decimal(12,2)": (Decimal("-10.25"), "0"),
    "decimal(30,3)": (Decimal("123456789012345678901.125"), None),
    "varchar": ("a 'quoted' \u00e9", "none"),
    "date": (date(2024, 2, 29), "1970-01-01"),
    "timestamp": (datetime(2024, 1, 1, 12, 0, 0, 1), None),
    "timestamptz": (datetime(2024, 1, 1, 12, tzinfo=UTC), "1970-01-01 00:00:00+00"),
    "bigint[]": ([3, None, 1], [0]),
    "varchar[]": (["a", "", None], None),
    "hugeint[]": ([2**100, None], None),
    "decimal(5,2)[]": ([Decimal("1.50")], None),
    "date[]": ([date(2024, 1, 1)], None),
}


@pytest.fixture
def typed(world: World) -> tuple[World, Registry]:
    """A view with a composite key and a feature of every type, and a service that reads it beside another."""
    connection = world.connection
    keys = (
        ColumnContract("origin", "varchar"),
        ColumnContract("hour", "timestamptz"),
        ColumnContract("d", "decimal(5,1)"),
    )
    features = tuple(
        FeatureContract(f"f{at}", type_name, default, f"x{at}", "")
        for at, (type_name, (_, default)) in enumerate(TYPES.items())
    )
    view = replace(VIEW, name="routes", keys=keys, features=features, table="features.routes", empty_table="features.e")
    world.refresh({1: (1, "a")}, HOUR)
    holes = ", ".join(f"CAST(? AS {name}) AS f{at}" for at, name in enumerate(TYPES))
    nulls = ", ".join(f"CAST(NULL AS {name}) AS f{at}" for at, name in enumerate(TYPES))
    marked = [f"__defaulted_f{at}" for at, (_, default) in enumerate(TYPES.values()) if default is not None]
    present, absent = (", ".join(f"{is_null} AS {name}" for name in marked) for is_null in (False, True))
    values = [_bound(value) for value, _ in TYPES.values()]
    instant = f"make_timestamptz({HOUR}) AS as_of"
    key = "'J{,}FK' AS origin, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS hour, 1.5::DECIMAL(5, 1) AS d"
    connection.execute(f"CREATE TABLE features.routes AS SELECT {key}, {holes}, {present}, {instant}", values)
    connection.execute(
        f"INSERT INTO features.routes SELECT '' AS origin, make_timestamptz(0), -1.5, {nulls}, {absent}, {instant}"
    )
    connection.execute(f"CREATE TABLE features.e AS SELECT {nulls}, {absent}, {instant}")
    publish(connection, view, world.store, HOUR, repository="shop")
    members = (
        *(MemberContract("routes", feature.name, feature.name) for feature in features),
        MemberContract("user_orders", "orders", "user_orders__orders"),
    )
    service = ServiceContract("all", 1, "", "", members, "default", None)
    return world, Registry("shop", "dev", {}, {"routes": view, "user_orders": VIEW}, {"all": service}, {})


def _bound(value: object) -> object:
    wide = [isinstance(item, int) and abs(item) > 2**63 for item in (value if isinstance(value, list) else [value])]
    if not any(wide):
        return value
    return [None if item is None else str(item) for item in value] if isinstance(value, list) else str(value)


KEY = {"origin": "J{,}FK", "hour": datetime(2024, 1, 1, tzinfo=UTC), "d": Decimal("1.5"), "user_id": 1}


def test_every_type_comes_back_as_it_was(typed: tuple[World, Registry]) -> None:
    world, registry = typed
    answer = read(store := Watched(world.store), registry, "all", KEY, HOUR)
    assert store.trips == 1
    *values, orders = answer.features
    assert [value.value for value in values] == [value for value, _ in TYPES.values()]
    assert {value.status for value in values} == {Status.PRESENT}
    assert (orders.name, orders.value, orders.view) == ("user_orders__orders", 1, "user_orders")
    assert list(answer.values().values()) == [value.value for value in answer.features]


@pytest.mark.parametrize("origin", ["", "nowhere"])
def test_a_null_is_null_and_a_default_is_of_its_type(typed: tuple[World, Registry], origin: str) -> None:
    world, registry = typed
    key = {"origin": origin, "hour": datetime(1970, 1, 1), "d": Decimal("-1.5"), "user_id": 1}
    *values, _ = read(world.store, registry, "all", key, HOUR).features
    for value, (type_name, (example, default)) in zip(values, TYPES.items(), strict=True):
        assert value.status is (Status.NULL if default is None else Status.DEFAULT)
        assert value.value is None if default is None else type(value.value) is type(example), type_name


def test_publishing_every_type_again_pushes_nothing(typed: tuple[World, Registry]) -> None:
    world, registry = typed
    report = publish(world.connection, registry.views["routes"], world.store, HOUR, repository="shop")
    assert (report.pushed, report.removed, report.unchanged) == (0, 0, 2)


def test_a_value_too_large_for_its_column_is_refused_and_nothing_is_lost(world: World) -> None:
    world.refresh({1: (1, "a")}, HOUR)
    world.build({1: (2, "b")}, 2 * HOUR)
    world.connection.execute("ALTER TABLE features.user_orders ALTER orders TYPE HUGEINT")
    world.connection.execute("UPDATE features.user_orders SET orders = 170141183460469231731687303715884105727")
    with pytest.raises(FpcRuntimeError, match="does not fit its column's declared type") as raised:
        world.publish(2 * HOUR)
    assert "17014118346" not in str(raised.value)
    assert raised.value.exit_code == 1
    assert world.answer(1).values() == {"orders": 1, "last_status": "a"}
