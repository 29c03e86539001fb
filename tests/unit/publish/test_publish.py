from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from tests.servers import Server
from tests.unit.publish.crashes import Crash, CrashingStore, Fuse
from tests.unit.publish.world import HOUR, VIEW, World, expected, open_warehouse, registry_of
from tests.unit.publish.wrapped import WrappedStore

from fpc.contract.addresses import record_key, row_key, row_prefix, version_of
from fpc.contract.keys import KeyCodec
from fpc.contract.published import dump_record, load_record
from fpc.contract.registry import ViewContract
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online import Reason, Status, status
from fpc.runtime.online.store import Lease
from fpc.runtime.publish import Outcome, publication, publish, rollback

USERS = range(20)


@pytest.fixture
def without_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves out the comparison of sampled rows, which in so small a view finds whatever else was overlooked."""
    monkeypatch.setattr(publication._Publication, "_why_sample_differs", lambda _: "")


ROWS = {user: (user, "completed" if user % 2 else None) for user in range(10)}


def stored_key(world: World, user: int) -> bytes:
    return row_key(row_prefix("shop", VIEW.name, version_of(world.view)), KeyCodec(VIEW.keys).encode([user]))


def test_every_entity_reads_what_the_table_says(world: World) -> None:
    report = world.refresh(ROWS, HOUR)
    assert (report.pushed, report.removed, report.unchanged, report.total) == (10, 0, 0, 10)
    assert report.flipped
    assert world.values(USERS) == expected(ROWS, USERS)


def test_a_repeated_run_pushes_nothing(world: World) -> None:
    world.refresh(ROWS, HOUR)
    report = world.publish(HOUR)
    assert (report.outcome, report.pushed, report.removed, report.unchanged) == (Outcome.UNCHANGED, 0, 0, 10)


@pytest.mark.usefixtures("without_samples")
def test_only_changes_are_pushed_and_all_rows_become_as_of_the_new_instant(world: World) -> None:
    world.refresh(ROWS, HOUR)
    rows = {**ROWS, 3: (99, "placed"), 15: (1, None)}
    report = world.refresh(rows, 2 * HOUR)
    assert (report.pushed, report.removed, report.unchanged, report.total) == (2, 0, 9, 11)
    assert world.values(USERS) == expected(rows, USERS)
    assert {value.as_of_us for user in USERS for value in world.answer(user).features} == {2 * HOUR}


@pytest.mark.usefixtures("without_samples")
def test_a_removed_entity_reads_as_one_without_events(world: World) -> None:
    world.refresh(ROWS, HOUR)
    rows = {user: row for user, row in ROWS.items() if user != 4}
    report = world.refresh(rows, 2 * HOUR, empty=(0, None))
    assert (report.pushed, report.removed) == (0, 1)
    assert world.values(USERS) == expected(rows, USERS)
    assert world.refresh(rows, 3 * HOUR).outcome is Outcome.UNCHANGED


@pytest.mark.usefixtures("without_samples")
def test_a_removed_entity_comes_back(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.refresh({}, 2 * HOUR)
    assert world.values(USERS) == expected({}, USERS)
    world.refresh(ROWS, 3 * HOUR)
    assert world.values(USERS) == expected(ROWS, USERS)


def test_an_entity_without_events_reads_the_empty_row_of_the_latest_refresh(world: World) -> None:
    world.refresh(ROWS, HOUR, empty=(0, "never"))
    assert world.values(range(50, 51)) == {50: (0, "never")}
    report = world.refresh(ROWS, 2 * HOUR, empty=(0, "still never"))
    assert report.outcome is Outcome.UNCHANGED
    assert world.values(range(50, 51)) == {50: (0, "still never")}


def test_an_older_instant_than_the_watermark_is_not_published(world: World) -> None:
    world.refresh(ROWS, 2 * HOUR)
    report = world.refresh({1: (77, "old")}, HOUR)
    assert (report.outcome, report.pushed, report.removed) == (Outcome.OLDER, 0, 0)
    assert world.values(USERS) == expected(ROWS, USERS)
    # and what the warehouse remembers is still what the store holds
    assert world.refresh(ROWS, 2 * HOUR).outcome is Outcome.UNCHANGED


def test_while_a_newer_instant_is_being_published_an_older_one_is_not(world: World) -> None:
    newer = Lease(b"{fpc:shop:user_orders}:writer", f"{5 * HOUR:020d}:newer".encode(), 60_000)
    assert world.store.acquire(newer)
    report = world.refresh(ROWS, HOUR)
    assert report.outcome is Outcome.OLDER
    assert "being published" in report.reason


@pytest.mark.usefixtures("without_samples")
def test_the_same_instant_is_published_again_with_corrected_values(world: World) -> None:
    world.refresh(ROWS, HOUR)
    rows = {**ROWS, 1: (1000, "corrected")}
    assert world.refresh(rows, HOUR).pushed == 1
    assert world.values(USERS) == expected(rows, USERS)


def test_statuses(world: World) -> None:
    world.view = dataclasses.replace(world.view, online_ttl_us=HOUR)
    world.refresh({1: (5, "placed"), 2: (0, None), 4: (0, "unknown")}, HOUR)
    placed, missing, absent, computed = (world.answer(user, HOUR).features for user in (1, 2, 3, 4))
    assert [(value.value, value.status) for value in placed] == [(5, Status.PRESENT), ("placed", Status.PRESENT)]
    assert [(value.value, value.status) for value in missing] == [(0, Status.PRESENT), ("unknown", Status.DEFAULT)]
    assert [(value.value, value.status) for value in absent] == [(0, Status.PRESENT), ("unknown", Status.DEFAULT)]
    assert [(value.value, value.status) for value in computed] == [(0, Status.PRESENT), ("unknown", Status.PRESENT)]
    assert {value.as_of_us for value in (*placed, *missing, *absent)} == {HOUR}
    assert {value.view for value in placed} == {"user_orders"}


def test_a_value_is_served_up_to_its_ttl_and_not_longer(world: World) -> None:
    world.view = dataclasses.replace(world.view, online_ttl_us=HOUR)
    world.refresh(ROWS, HOUR)
    assert world.answer(1, 2 * HOUR).values() == {"orders": 1, "last_status": "completed"}
    assert world.answer(99, 2 * HOUR).values() == {"orders": 0, "last_status": "unknown"}
    assert {value.reason for value in world.answer(99, 2 * HOUR + 1).features} == {Reason.EXPIRED}
    expired = world.answer(1, 2 * HOUR + 1).features
    assert [(value.value, value.status, value.reason) for value in expired] == [
        (None, Status.NULL, Reason.EXPIRED),
        ("unknown", Status.DEFAULT, Reason.EXPIRED),
    ]
    assert world.answer(1, 2 * HOUR + 1).values() == {"orders": None, "last_status": "unknown"}


def test_a_view_that_was_never_published_says_so(world: World) -> None:
    values = world.answer(1).features
    assert [(value.value, value.status, value.reason, value.as_of_us) for value in values] == [
        (None, Status.NULL, Reason.NOT_PUBLISHED, None),
        ("unknown", Status.DEFAULT, Reason.NOT_PUBLISHED, None),
    ]


@pytest.mark.usefixtures("without_samples")
def test_a_store_that_lost_everything_is_filled_again(world: World, redis_server: Server) -> None:
    world.refresh(ROWS, HOUR)
    redis_server.client().flushall()
    assert world.answer(1).features[0].reason is Reason.NOT_PUBLISHED
    report = world.publish(HOUR)
    assert report.pushed == 10
    assert "lost" in report.reason
    assert world.values(USERS) == expected(ROWS, USERS)


def test_a_store_that_lost_rows_is_filled_again(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.store.delete([stored_key(world, user) for user in range(9)])
    report = world.publish(HOUR)
    assert report.pushed == 10
    assert world.values(USERS) == expected(ROWS, USERS)


def test_a_store_that_lost_rows_is_filled_again_although_the_filling_is_cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.refresh(ROWS, HOUR)
    world.store.delete([stored_key(world, user) for user in range(9)])
    with pytest.raises(Crash):
        publish(world.connection, world.view, CrashingStore(world.store, Fuse(14)), HOUR, repository="shop")
    monkeypatch.setattr(publication._Publication, "_why_sample_differs", lambda _: "")  # it might miss the lost rows
    world.publish(HOUR)
    assert world.values(USERS) == expected(ROWS, USERS)


def test_rows_that_something_else_changed_are_mended(world: World, redis_server: Server) -> None:
    world.refresh(ROWS, HOUR)
    redis_server.client().set(stored_key(world, 3), b"junk")
    assert world.publish(HOUR).pushed == 10
    assert world.values(USERS) == expected(ROWS, USERS)


@pytest.mark.usefixtures("without_samples")
def test_an_older_snapshot_of_the_store_is_noticed(world: World, redis_server: Server) -> None:
    world.refresh(ROWS, HOUR)
    client = redis_server.client()
    snapshot = {key: client.dump(key) for key in client.scan_iter()}
    rows = {1: (7, None), 30: (1, "placed")}
    world.refresh(rows, 2 * HOUR)
    client.flushall()
    for key, value in snapshot.items():
        client.restore(key, 0, value)
    assert world.values(USERS) == expected(ROWS, USERS)
    world.refresh(rows, 3 * HOUR)
    assert world.values(range(40)) == expected(rows, range(40))


@pytest.mark.usefixtures("without_samples")
def test_a_warehouse_that_lost_its_memory_publishes_everything_and_removes_what_is_gone(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.connection.execute("DROP SCHEMA fpc_state CASCADE")
    rows = {1: (7, None)}
    report = world.refresh(rows, 2 * HOUR)
    assert (report.pushed, report.removed) == (1, 9)
    assert world.values(USERS) == expected(rows, USERS)


@pytest.mark.usefixtures("without_samples")
def test_rows_of_the_same_instant_that_are_gone_are_removed_by_a_warehouse_without_memory(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.connection.execute("DROP SCHEMA fpc_state CASCADE")
    world.refresh({1: (7, None)}, HOUR)
    assert world.values(USERS) == expected({1: (7, None)}, USERS)


@pytest.mark.usefixtures("without_samples")
def test_two_warehouses_that_publish_in_turn_stay_right(world: World) -> None:
    with open_warehouse() as connection:
        other = World(connection, world.store)
        world.refresh(ROWS, HOUR)
        rows = {2: (2, "other")}
        other.refresh(rows, 2 * HOUR)
        assert world.values(USERS) == expected(rows, USERS)
        world.refresh(ROWS, 3 * HOUR)
        assert world.values(USERS) == expected(ROWS, USERS)
        other.refresh(ROWS, 4 * HOUR)
        assert world.values(USERS) == expected(ROWS, USERS)


@pytest.mark.usefixtures("without_samples")
def test_what_a_publisher_of_another_warehouse_left_unfinished_is_mended(world: World, tmp_path: Path) -> None:
    """Both warehouses remember the same publication; the other one is cut off while it publishes the next."""
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        World(connection, world.store).refresh(ROWS, HOUR)
    copy = shutil.copy(path, tmp_path / "copy.duckdb")
    with open_warehouse(Path(copy)) as connection:
        other = World(connection, world.store)
        other.build({**ROWS, 1: (100, "other"), 15: (100, "other")}, 2 * HOUR)
        with pytest.raises(Crash):
            publish(connection, VIEW, CrashingStore(world.store, Fuse(8)), 2 * HOUR, repository="shop")
    assert world.values(USERS) != expected(ROWS, USERS)
    with open_warehouse(path) as connection:
        mine = World(connection, world.store)
        report = mine.refresh(ROWS, 3 * HOUR)
        assert "another warehouse" in report.reason
        assert mine.values(USERS) == expected(ROWS, USERS)
        assert mine.publish(3 * HOUR).outcome is Outcome.UNCHANGED


def test_a_record_of_a_newer_fpc_is_left_alone(world: World, redis_server: Server) -> None:
    world.refresh(ROWS, HOUR)
    key = record_key("shop", VIEW.name)
    client = redis_server.client()
    newer = client.get(key).replace(b'"format":1', b'"format":2')
    client.set(key, newer)
    with pytest.raises(FpcRuntimeError, match="newer fpc"):
        world.publish(HOUR)
    assert client.get(key) == newer


def test_a_damaged_record_is_replaced(world: World, redis_server: Server) -> None:
    world.refresh(ROWS, HOUR)
    redis_server.client().set(record_key("shop", VIEW.name), b"{]")
    with pytest.raises(FpcRuntimeError, match="cannot be read: the record is damaged"):
        world.answer(1)
    assert status(world.store, registry_of(world.view), 0)[0].problem == "the record is damaged"
    world.publish(HOUR)
    assert world.values(USERS) == expected(ROWS, USERS)


def test_the_record_survives_its_own_spelling(world: World) -> None:
    world.refresh(ROWS, HOUR)
    (data,) = world.store.get([record_key("shop", VIEW.name)])
    assert data is not None
    assert dump_record(load_record(data)) == data


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        ("DROP TABLE features.user_orders", "`features.user_orders` does not exist"),
        ("DROP TABLE features.user_orders__empty", "`features.user_orders__empty` does not exist"),
        ("ALTER TABLE features.user_orders DROP last_status", "lacks `last_status`"),
        ("ALTER TABLE features.user_orders DROP __defaulted_last_status", "lacks `__defaulted_last_status`"),
        ("ALTER TABLE features.user_orders__empty DROP __defaulted_last_status", "lacks `__defaulted_last_status`"),
        ("DELETE FROM features.user_orders__empty", "does not hold exactly one row"),
        ("UPDATE features.user_orders__empty SET as_of = make_timestamptz(1)", "not as of the instant"),
        ("UPDATE features.user_orders SET as_of = make_timestamptz(7200000000)", "of a later instant"),
        ("UPDATE features.user_orders SET user_id = NULL WHERE user_id = 1", "null key"),
    ],
)
def test_a_table_that_is_not_fit_is_not_published(world: World, break_it: str, message: str) -> None:
    world.refresh(ROWS, HOUR)
    world.build({1: (1, "new")}, HOUR)
    world.connection.execute(break_it)
    with pytest.raises(FpcRuntimeError, match=message) as raised:
        world.publish(HOUR)
    assert raised.value.kept
    assert raised.value.exit_code == 3
    assert world.values(USERS) == expected(ROWS, USERS)


def test_a_changed_definition_takes_over_when_it_is_complete(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.redefine("two")
    assert world.values(USERS) == expected(ROWS, USERS)  # compiled, not published: the old one is served
    rows = {user: (user * 2, "two") for user in range(5)}
    report = world.refresh(rows, 2 * HOUR)
    assert report.flipped
    assert world.values(USERS) == expected(rows, USERS)


def test_features_that_the_served_version_lacks_are_missing(world: World) -> None:
    world.view = dataclasses.replace(world.view, features=world.view.features[:1])
    world.refresh(ROWS, HOUR)
    world.view = dataclasses.replace(VIEW, fingerprint="two")
    values = world.answer(3).features
    assert [(value.value, value.reason) for value in values] == [(3, None), ("unknown", Reason.NOT_IN_VERSION)]
    world.refresh(ROWS, 2 * HOUR)
    assert world.values(USERS) == expected(ROWS, USERS)


def test_only_the_served_version_and_the_one_before_are_kept(world: World, redis_server: Server) -> None:
    for instant, fingerprint in enumerate(["one", "two", "three"], start=1):
        world.redefine(fingerprint)
        world.refresh(ROWS, instant * HOUR)
    keys = redis_server.client().keys("fpc:shop:*")
    assert len(keys) == 20
    tables = world.connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'fpc_state'"
    ).fetchall()
    assert len(tables) == 5  # two for each kept version, and the list of them


@pytest.mark.usefixtures("without_samples")
def test_going_back_to_the_version_before_in_the_definition_works_and_pushes_differences(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.redefine("two")
    world.refresh(ROWS, 2 * HOUR)
    world.redefine("one")
    rows = {**ROWS, 1: (50, None)}
    report = world.refresh(rows, 3 * HOUR)
    assert (report.pushed, report.flipped) == (1, True)
    assert world.values(USERS) == expected(rows, USERS)


def test_another_order_of_the_features_writes_nothing(world: World, redis_server: Server) -> None:
    world.refresh(ROWS, HOUR)
    client = redis_server.client()
    before = {key: client.get(key) for key in client.keys("*")}
    world.view = dataclasses.replace(VIEW, features=VIEW.features[::-1])
    report = world.publish(HOUR)
    assert (report.outcome, report.pushed, report.removed, report.flipped) == (Outcome.UNCHANGED, 0, 0, False)
    assert {key: client.get(key) for key in client.keys("*")} == before
    assert world.answer(3).values() == {"last_status": "completed", "orders": 3}


def test_rows_packed_in_the_order_of_the_spec_are_read_as_such_and_filled_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:  # as it once was
        patch.setattr(ViewContract, "packed", property(lambda view: view.features))
        world.refresh(ROWS, HOUR)
    assert [feature.name for feature in VIEW.packed] != [feature.name for feature in VIEW.features]
    assert world.values(USERS) == expected(ROWS, USERS)
    report = world.publish(HOUR)
    assert (report.pushed, report.flipped) == (10, True)
    assert world.values(USERS) == expected(ROWS, USERS)


@pytest.mark.usefixtures("without_samples")
def test_a_retired_version_that_comes_back_is_filled_anew(world: World) -> None:
    for instant, fingerprint in enumerate(["one", "two", "three", "one"], start=1):
        world.redefine(fingerprint)
        rows = {instant: (instant, fingerprint)}
        world.refresh(rows, instant * HOUR)
        assert world.values(USERS) == expected(rows, USERS)


def test_rollback_serves_the_version_before_and_holds_until_undone(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.redefine("two")
    new = {user: (user * 2, "two") for user in range(10)}
    world.refresh(new, 2 * HOUR)
    registry = registry_of(world.view)
    report = rollback(world.store, registry, "user_orders")
    assert report.watermark_us == HOUR
    assert world.values(USERS) == expected(ROWS, USERS)
    assert status(world.store, registry, 3 * HOUR)[0].problem == "rolled back"
    newer = {user: (user * 3, "two") for user in range(10)}
    refreshed = world.refresh(newer, 3 * HOUR)
    assert not refreshed.flipped
    assert "rolled back" in refreshed.reason
    assert world.values(USERS) == expected(ROWS, USERS)
    with pytest.raises(FpcRuntimeError, match="rolled back already"):
        rollback(world.store, registry, "user_orders")
    rollback(world.store, registry, "user_orders", undo=True)
    assert world.values(USERS) == expected(newer, USERS)
    assert world.refresh(newer, 4 * HOUR).outcome is Outcome.UNCHANGED


def test_a_version_is_read_with_its_own_defaults(world: World) -> None:
    def answers(now: int) -> set[tuple[object, ...]]:
        return {(value.value, value.status) for user in (1, 2) for value in world.answer(user, now).features[1:]}

    orders, last_status = VIEW.features
    world.view = dataclasses.replace(VIEW, online_ttl_us=HOUR)
    world.refresh({1: (1, None)}, HOUR)
    features = (orders, dataclasses.replace(last_status, default="none"))
    world.view = dataclasses.replace(world.view, fingerprint="two", features=features)
    assert answers(HOUR) == {("unknown", Status.DEFAULT)}  # compiled, not published
    world.refresh({1: (1, None)}, 2 * HOUR)
    assert answers(2 * HOUR) == answers(9 * HOUR) == {("none", Status.DEFAULT)}
    rollback(world.store, registry_of(world.view), "user_orders")
    assert answers(HOUR) == answers(9 * HOUR) == {("unknown", Status.DEFAULT)}
    assert world.answer(1, HOUR).values() == {"orders": 1, "last_status": "unknown"}
    rollback(world.store, registry_of(world.view), "user_orders", undo=True)
    assert world.answer(1, 2 * HOUR).values() == {"orders": 1, "last_status": "none"}


def test_a_record_that_does_not_say_its_defaults_is_read_with_those_of_the_reader(world: World) -> None:
    """As an earlier fpc wrote it, with its defaults in the rows."""
    world.refresh({1: (1, "unknown"), 2: (2, None)}, HOUR)
    key = record_key("shop", "user_orders")
    (data,) = world.store.get([key])
    assert data is not None
    document = json.loads(data)
    (entry,) = document["versions"].values()
    assert entry.pop("defaults") == {"last_status": "unknown"}
    assert world.store.replace(key, data, json.dumps(document).encode())
    assert [world.answer(user).values()["last_status"] for user in (1, 2, 3)] == ["unknown"] * 3
    assert world.refresh({1: (1, None), 2: (2, None)}, 2 * HOUR).pushed == 1
    assert {world.answer(user).features[1].status for user in (1, 2, 3)} == {Status.DEFAULT}


def test_a_rollback_ends_when_the_definition_changes(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.redefine("two")
    world.refresh({}, 2 * HOUR)
    rollback(world.store, registry_of(world.view), "user_orders")
    world.redefine("three")
    rows = {1: (3, "three")}
    assert world.refresh(rows, 3 * HOUR).flipped
    assert world.values(USERS) == expected(rows, USERS)


def test_a_rollback_ends_when_the_definition_goes_back_too(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.redefine("two")
    world.refresh({}, 2 * HOUR)
    rollback(world.store, registry_of(world.view), "user_orders")
    world.redefine("one")
    rows = {1: (3, "one")}
    world.refresh(rows, 3 * HOUR)
    assert world.values(USERS) == expected(rows, USERS)
    assert not status(world.store, registry_of(world.view), 3 * HOUR)[0].is_held


def test_what_cannot_be_rolled_back_says_why(world: World) -> None:
    registry = registry_of(world.view)
    with pytest.raises(FpcRuntimeError, match="not published"):
        rollback(world.store, registry, "user_orders")
    world.refresh(ROWS, HOUR)
    with pytest.raises(FpcRuntimeError, match="no version before"):
        rollback(world.store, registry, "user_orders")
    with pytest.raises(FpcRuntimeError, match="not rolled back"):
        rollback(world.store, registry, "user_orders", undo=True)
    with pytest.raises(FpcRuntimeError, match="no view"):
        rollback(world.store, registry, "users")


def test_a_new_definition_of_an_older_instant_does_not_take_over(world: World) -> None:
    world.refresh(ROWS, 2 * HOUR)
    world.redefine("two")
    report = world.refresh({}, HOUR)
    assert not report.flipped
    assert "older instant" in report.reason
    assert world.values(USERS) == expected(ROWS, USERS)
    assert world.refresh({}, 3 * HOUR).flipped
    assert world.values(USERS) == expected({}, USERS)


def test_status_tells_how_fresh_each_view_is(world: World) -> None:
    registry = registry_of(dataclasses.replace(world.view, online_ttl_us=HOUR))
    assert status(world.store, registry, 0)[0].problem == "not published"
    world.refresh(ROWS, HOUR)
    (view,) = status(world.store, registry, 3 * HOUR)
    assert (view.watermark_us, view.rows, view.staleness_us) == (HOUR, 10, 2 * HOUR)
    assert view.is_expired
    assert view.is_current
    (view,) = status(world.store, registry, 2 * HOUR)
    assert not view.is_expired
    assert view.problem == ""
    world.redefine("two")
    (view,) = status(world.store, registry_of(world.view), 2 * HOUR)
    assert not view.is_current


def test_a_foreign_lease_holder_stops_a_publication_and_nothing_is_lost(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.build({}, 2 * HOUR)

    class Overtaken(WrappedStore):
        """In which another publication takes the lease as soon as this one has it."""

        def acquire(self, lease: Lease) -> bool:
            taken = super().acquire(lease)
            super().acquire(Lease(lease.key, f"{9 * HOUR:020d}:other".encode(), 60_000))
            return taken

    report = world.publish(2 * HOUR, Overtaken(world.store))
    assert (report.outcome, report.pushed) == (Outcome.OVERTAKEN, 0)
    assert world.values(USERS) == expected(ROWS, USERS)
