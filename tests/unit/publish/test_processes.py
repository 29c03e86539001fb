"""Publishers and servers that are killed, writers that race, readers that read all the while; on real servers."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from tests.servers import Server, running, running_cluster
from tests.unit.publish.world import HOUR, World, expected, open_warehouse, registry_of
from tests.unit.publish.wrapped import WrappedStore

from fpc.runtime.online import OnlineReader, OnlineStore, OnlineStoreError, Reason, connect
from fpc.runtime.online.store import Lease, RowBatch
from fpc.runtime.publish import Outcome, rollback

USERS = range(40)
ROWS = {user: (user, "one") for user in range(30)}
LATER = {user: (user + 1, "two") for user in range(10, 40)}


@pytest.fixture(scope="module")
def cluster_url() -> Iterator[str]:
    with running_cluster() as url:
        yield url


@pytest.mark.parametrize("step", [3, 32, 50])
@pytest.mark.parametrize("fingerprint", ["one", "two"])
def test_a_publisher_that_is_killed_leaves_a_readable_store_and_the_next_heals(
    redis_server: Server, tmp_path: Path, fingerprint: str, step: int
) -> None:
    path = tmp_path / "warehouse.duckdb"
    store = connect(redis_server.url)
    with open_warehouse(path) as connection:
        world = World(connection, store)
        world.refresh(ROWS, HOUR)
        world.build(LATER, 2 * HOUR)
    command = [sys.executable, "-m", "tests.unit.publish.dying_publisher", redis_server.url, str(path)]
    command += [fingerprint, str(2 * HOUR), str(step)]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parents[3], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with open_warehouse(path) as connection:
        world = World(connection, store)
        world.redefine(fingerprint)
        for user, values in world.values(USERS).items():
            assert values in (expected(ROWS, USERS)[user], expected(LATER, USERS)[user])
        world.refresh(ROWS, 3 * HOUR)
        assert world.values(USERS) == expected(ROWS, USERS)
        assert world.publish(3 * HOUR).outcome is Outcome.UNCHANGED


def test_a_server_that_is_killed_while_rows_are_pushed_is_filled_again() -> None:
    many = {user: (user, "x" * 50) for user in range(5000)}
    with (
        running("--appendonly", "yes", "--appendfsync", "always", on_port=True) as server,
        open_warehouse() as connection,
    ):
        world = World(connection, connect(server.url))
        world.refresh(ROWS, HOUR)
        world.build(many, 2 * HOUR)
        with pytest.raises(OnlineStoreError, match="cannot be reached"):
            world.publish(2 * HOUR, _during_push(world.store, lambda: server.kill()))
        server.start()
        for user, values in world.values(USERS).items():
            assert values in (expected(ROWS, USERS)[user], expected(many, USERS)[user])
        world.publish(2 * HOUR)
        assert world.values(range(0, 5100, 7)) == expected(many, range(0, 5100, 7))


def test_a_server_that_comes_back_empty_in_the_middle_is_filled_by_the_next_run(redis_server: Server) -> None:
    with open_warehouse() as connection:
        world = World(connection, connect(redis_server.url))
        world.refresh(ROWS, HOUR)
        world.build(LATER, 2 * HOUR)
        with pytest.raises(OnlineStoreError, match="lost data while"):
            world.publish(2 * HOUR, _during_push(world.store, lambda: redis_server.client().flushall()))
        assert world.answer(1).features[0].reason is Reason.NOT_PUBLISHED
        world.publish(2 * HOUR)
        assert world.values(USERS) == expected(LATER, USERS)


def test_of_an_older_and_a_newer_publication_at_once_the_newer_wins(redis_server: Server) -> None:
    """Each has a warehouse of its own, which knows nothing of the other's; whoever is first or last."""
    many = {user: (user, "old") for user in range(3000)}
    newer = {user: (user, "new") for user in range(1500, 4500)}
    for attempt in range(6):
        redis_server.client().flushall()
        with open_warehouse() as one, open_warehouse() as other:
            old, new = World(one, connect(redis_server.url)), World(other, connect(redis_server.url))
            old.build(many, HOUR)
            new.build(newer, 2 * HOUR)
            threads = [
                threading.Thread(target=old.publish, args=(HOUR,)),
                threading.Thread(target=new.publish, args=(2 * HOUR,)),
            ]
            for thread in threads if attempt % 2 else reversed(threads):
                thread.start()
            for thread in threads:
                thread.join()
            users = range(0, 4600, 11)
            assert new.values(users) == expected(newer, users)
            assert old.publish(HOUR).outcome is Outcome.OLDER
            assert new.values(users) == expected(newer, users)


def test_a_slow_older_publication_writes_nothing_after_a_newer_one(redis_server: Server) -> None:
    with open_warehouse() as one, open_warehouse() as other:
        old, new = World(one, connect(redis_server.url)), World(other, connect(redis_server.url))
        old.build(ROWS, HOUR)
        new.build(LATER, 2 * HOUR)
        report = old.publish(HOUR, _during_push(old.store, lambda: new.publish(2 * HOUR)))
        assert report.outcome is Outcome.OVERTAKEN
        assert new.values(USERS) == expected(LATER, USERS)
        for value in new.answer(5).features:
            assert value.as_of_us == 2 * HOUR


@pytest.mark.parametrize("where", ["valkey", "redis7", "cluster"])
def test_readers_always_get_an_answer_of_one_refresh_while_versions_come_and_go(
    request: pytest.FixtureRequest, where: str
) -> None:
    url = (
        request.getfixturevalue("cluster_url") if where == "cluster" else request.getfixturevalue(f"{where}_server").url
    )
    _empty(connect(url))
    users = range(8)
    done = threading.Event()
    problems: list[object] = []
    reads = [0, 0]
    with open_warehouse() as connection:
        world = World(connection, connect(url))
        world.refresh(dict.fromkeys(users, (1, "r1")), HOUR)
        registry = registry_of(world.view)

        def read(place: int) -> None:
            reader = OnlineReader(connect(url), registry)
            newest = dict.fromkeys(users, 0)  # of each entity alone: a refresh writes them one after another
            while not done.is_set():
                answers = reader.read_many("churn", [{"user_id": user} for user in users], 0)
                for user, answer in zip(users, answers, strict=True):
                    orders, status = answer.features
                    refresh = (orders.as_of_us or 0) // HOUR
                    if orders.value != refresh or status.value != f"r{refresh}" or refresh < newest[user]:
                        problems.append((newest[user], answer.features))
                    newest[user] = 0 if refresh >= 9 else refresh  # from there on it is rolled back and forth
                reads[place] += 1

        readers = [threading.Thread(target=read, args=(place,)) for place in range(2)]
        for reader in readers:
            reader.start()
        try:
            for instant in range(2, 14):
                if instant % 3 == 0:
                    world.redefine(f"version {instant}")
                world.refresh(dict.fromkeys(users, (instant, f"r{instant}")), instant * HOUR)
                if instant == 9:
                    rollback(world.store, registry_of(world.view), "user_orders")
                    rollback(world.store, registry_of(world.view), "user_orders", undo=True)
        finally:
            done.set()
            for reader in readers:
                reader.join()
    assert not problems, problems[:3]
    assert min(reads) > 10


@pytest.mark.parametrize("where", ["cluster", "redis7"])
def test_the_whole_life_of_a_view_on_other_servers(request: pytest.FixtureRequest, where: str) -> None:
    url = (
        request.getfixturevalue("cluster_url") if where == "cluster" else request.getfixturevalue(f"{where}_server").url
    )
    _empty(connect(url))
    with open_warehouse() as connection:
        world = World(connection, connect(url))
        world.refresh(ROWS, HOUR)
        assert world.values(USERS) == expected(ROWS, USERS)
        assert world.refresh(LATER, 2 * HOUR).removed == 10
        assert world.values(USERS) == expected(LATER, USERS)
        for number, fingerprint in enumerate(["two", "three", "four"], start=3):
            world.redefine(fingerprint)
            world.refresh(ROWS, number * HOUR)
            assert world.values(USERS) == expected(ROWS, USERS)
        rollback(world.store, registry_of(world.view), "user_orders")
        assert world.values(USERS) == expected(ROWS, USERS)
        _empty(world.store)
        world.redefine("five")
        world.refresh(LATER, 9 * HOUR)
        assert world.values(USERS) == expected(LATER, USERS)
        assert world.publish(9 * HOUR).outcome is Outcome.UNCHANGED


def _empty(store: OnlineStore) -> None:
    for prefix in (b"fpc:", b"{fpc:"):
        for keys in store.scan(prefix):
            store.delete(keys)


def _during_push(store: OnlineStore, act: Callable[[], object]) -> OnlineStore:
    """The store, in which something happens after the first batch of rows has been written."""

    class Interrupted(WrappedStore):
        def push(self, batches: Iterable[RowBatch], lease: Lease) -> int:
            refused = 0
            for number, batch in enumerate(batches):
                refused += super().push(iter([batch]), lease)
                if number == 0:
                    act()
                    refused += super().push(iter([batch]), lease)
            return refused

    return Interrupted(store)
