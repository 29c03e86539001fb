"""What is left in the store of a view that the specs no longer have, and how it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from tests.servers import Server, running_cluster
from tests.unit.publish.crashes import Crash, CrashingStore, Fuse
from tests.unit.publish.world import HOUR, VIEW, World, expected, open_warehouse, registry_of
from tests.unit.publish.wrapped import WrappedStore

from fpc.contract.addresses import record_key, view_of_record, view_of_row, writer_key
from fpc.contract.published import FORMAT
from fpc.contract.registry import Registry
from fpc.runtime.online import OnlineStore, Reason, connect
from fpc.runtime.online.store import Lease
from fpc.runtime.publish import LeftBehind, PruneOutcome, left_behind, prune, publish, still_recorded

USERS = range(3000)
ROWS = {user: (user, "paid") for user in USERS}
#: The repository after the view was removed from its specs.
GONE = Registry("shop", "dev", {}, {}, {}, {})


def keys_of(store: OnlineStore, repository: str = "shop") -> set[bytes]:
    prefixes = (f"fpc:{repository}:".encode(), f"{{fpc:{repository}:".encode())
    return {key for prefix in prefixes for keys in store.scan(prefix) for key in keys}


def published(store: OnlineStore, repository: str = "shop", view: str = "user_orders") -> World:
    """The view under this name, published to the store."""
    world = World(open_warehouse(), store)
    world.build(ROWS, HOUR)
    publish(world.connection, replace(VIEW, name=view), store, HOUR, repository=repository)
    return world


def test_what_the_specs_have_is_never_left_behind(world: World) -> None:
    world.refresh(ROWS, HOUR)
    registry = registry_of(world.view)
    assert left_behind(world.store, registry) == []
    assert still_recorded(world.store, registry, ["user_orders", "never_was"]) == []
    with pytest.raises(AssertionError):
        prune(world.store, registry, "user_orders")


def test_a_view_that_is_gone_is_found_and_removed_with_all_its_versions(world: World) -> None:
    world.refresh(ROWS, HOUR)
    world.redefine("two")
    world.refresh(ROWS, 2 * HOUR)
    assert left_behind(world.store, GONE) == [LeftBehind("user_orders", 6000)]
    assert still_recorded(world.store, GONE, ["user_orders", "never_was"]) == ["user_orders"]
    report = prune(world.store, GONE, "user_orders")
    assert (report.outcome, report.rows) == (PruneOutcome.REMOVED, 6000)
    assert keys_of(world.store) == set()
    assert left_behind(world.store, GONE) == []
    assert world.answer(1).features[0].reason is Reason.NOT_PUBLISHED


def test_neither_another_repository_nor_another_view_is_touched(redis_server: Server) -> None:
    store = connect(redis_server.url)
    neighbours = [("shop2", "user_orders"), ("sho", "user_orders"), ("shop", "user_orders_2"), ("shop", "user")]
    for repository, view in neighbours:
        published(store, repository, view)
    kept = {key for repository, _ in neighbours for key in keys_of(store, repository)}
    published(store)
    alien = [
        b"shop:user_orders:1",
        b"fpc:shop",
        b"fpc:shop:user_orders",
        b"{fpc:shop:user_orders}",
        b"session:fpc:shop:x",
        b"fpc:shop:\xff:0123456789ab:{x}",
    ]
    for key in alien:
        store.replace(key, None, b"not ours")
    registry = Registry("shop", "dev", {}, dict.fromkeys(("user_orders_2", "user"), VIEW), {}, {})
    assert [left.view for left in left_behind(store, registry)] == ["user_orders"]
    prune(store, registry, "user_orders")
    assert {key for repository in ("shop", "shop2", "sho") for key in keys_of(store, repository)} >= kept
    assert None not in store.get(alien)
    assert left_behind(store, registry) == []


def test_a_view_that_is_being_published_is_left_alone(world: World) -> None:
    world.refresh(ROWS, HOUR)
    before = keys_of(world.store)
    lease = Lease(writer_key("shop", "user_orders"), f"{HOUR:020d}:other".encode(), 60_000)
    assert world.store.acquire(lease)
    assert prune(world.store, GONE, "user_orders").outcome is PruneOutcome.BUSY
    world.store.release(lease)
    assert keys_of(world.store) == before
    assert world.values(range(5)) == expected(ROWS, range(5))


@pytest.mark.parametrize("at", [*range(8), -1])
def test_a_publication_that_begins_meanwhile_wins_whenever_it_does(world: World, at: int) -> None:
    """Another checkout, which still has the view, publishes it between any two steps of the removal; -1 is the last."""
    world.refresh(ROWS, HOUR)
    left = {user: row for user, row in ROWS.items() if user % 2}

    class Meddled(WrappedStore):
        steps = 0

        def step(self, *, last: bool = False) -> None:
            if self.steps == at or (last and at == -1):
                world.refresh(left, 2 * HOUR)
            self.steps += 1

        def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
            self.step()
            return super().get(keys)

        def replace(self, key: bytes, expected: bytes | None, value: bytes, lease: Lease | None = None) -> bool:
            self.step()
            return super().replace(key, expected, value, lease)

        def scan(self, prefix: bytes) -> Iterator[list[bytes]]:
            for keys in super().scan(prefix):
                self.step()
                yield keys

        def delete(self, keys: Sequence[bytes], lease: Lease | None = None) -> None:
            self.step(last=list(keys) == [record_key("shop", "user_orders")])
            super().delete(keys, lease)

    meddled = Meddled(world.store)
    assert prune(meddled, GONE, "user_orders").outcome is PruneOutcome.BUSY
    assert meddled.steps > at, "the publication took place"
    assert world.values(range(50)) == expected(left, range(50))


@pytest.mark.parametrize("at", range(7))
def test_a_removal_that_is_cut_off_is_finished_by_the_next_and_healed_by_a_publication(world: World, at: int) -> None:
    world.refresh(ROWS, HOUR)
    with pytest.raises(Crash):
        prune(CrashingStore(world.store, Fuse(at)), GONE, "user_orders")
    for user, values in world.values(range(50)).items():
        assert values in (expected(ROWS, range(50))[user], (None, "unknown")), (
            "never the row of an entity without events"
        )
    left = {user: row for user, row in ROWS.items() if user % 2}
    if at % 2:
        world.refresh(left, 2 * HOUR)
        assert world.values(range(50)) == expected(left, range(50))
    assert prune(world.store, GONE, "user_orders").outcome is PruneOutcome.REMOVED
    assert keys_of(world.store) == set()


def test_the_view_can_come_back(world: World) -> None:
    world.refresh(ROWS, HOUR)
    prune(world.store, GONE, "user_orders")
    report = world.publish(HOUR)
    assert report.reason == "the store had lost this version"
    assert world.values(range(50)) == expected(ROWS, range(50))


def test_a_damaged_record_goes_and_one_of_a_newer_fpc_stays(world: World) -> None:
    world.refresh(ROWS, HOUR)
    key = record_key("shop", "user_orders")
    (held,) = world.store.get([key])
    newer = b'{"format": %d}' % (FORMAT + 1)
    assert world.store.replace(key, held, newer)
    assert prune(world.store, GONE, "user_orders").outcome is PruneOutcome.NEWER
    assert len(keys_of(world.store)) == len(ROWS) + 1
    assert world.store.replace(key, newer, b"{")
    assert prune(world.store, GONE, "user_orders").outcome is PruneOutcome.REMOVED
    assert keys_of(world.store) == set()


def test_rows_of_entities_that_left_do_not_survive_a_damaged_record(world: World) -> None:
    world.refresh(ROWS, HOUR)
    key = record_key("shop", "user_orders")
    (held,) = world.store.get([key])
    assert world.store.replace(key, held, b"{")
    left = {user: row for user, row in ROWS.items() if user % 2}
    world.refresh(left, 2 * HOUR)
    assert world.values(range(50)) == expected(left, range(50))


@pytest.fixture(scope="module")
def cluster_url() -> Iterator[str]:
    with running_cluster() as url:
        yield url


@pytest.mark.parametrize("where", ["cluster", "redis7"])
def test_views_are_removed_from_other_servers_too(request: pytest.FixtureRequest, where: str) -> None:
    url = (
        request.getfixturevalue("cluster_url") if where == "cluster" else request.getfixturevalue(f"{where}_server").url
    )
    store = connect(url)
    for key in keys_of(store):
        store.delete([key])
    published(store)
    assert left_behind(store, GONE) == [LeftBehind("user_orders", 3000)]
    assert prune(store, GONE, "user_orders").outcome is PruneOutcome.REMOVED
    assert keys_of(store) == set()


def test_keys_tell_their_view() -> None:
    assert view_of_row("shop", b"fpc:shop:v:0123456789ab:{i1:2}") == "v"
    assert view_of_row("shop", b"fpc:shop2:v:0123456789ab:{i1}") is None
    assert view_of_row("shop", b"fpc:shop:v") is None
    assert view_of_record("shop", record_key("shop", "v")) == "v"
    assert view_of_record("shop", writer_key("shop", "v")) is None
    assert view_of_record("sho", record_key("shop", "v")) is None
