"""A server that is down, full, read-only, locked or busy: one clear message each, and nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis
from tests.servers import Server, free_ports, running, until
from tests.unit.publish.world import HOUR, World, expected, open_warehouse

from fpc.runtime.online import OnlineStoreError, connect
from fpc.runtime.online.server_check import check_server
from fpc.runtime.online.store import Lease

ROWS = {user: (user, "one") for user in range(2000)}
LATER = {user: (user, "x" * 500) for user in range(2000)}


@pytest.fixture
def server() -> Iterator[Server]:
    with running("--dbfilename", "blocked.rdb", on_port=True) as running_server:
        yield running_server


def make_full(server: Server) -> Callable[[], object]:
    client = server.client()
    client.config_set("maxmemory", int(client.info("memory")["used_memory"]) + 150_000)
    return lambda: client.config_set("maxmemory", 0)


def make_read_only(server: Server) -> Callable[[], object]:
    client = server.client()
    client.config_set("min-replicas-to-write", 1)
    return lambda: client.config_set("min-replicas-to-write", 0)


def make_disk_fail(server: Server) -> Callable[[], object]:
    client = server.client()
    (server.folder / "blocked.rdb").mkdir()
    client.config_set("save", "3600 1")
    client.bgsave()
    until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", "saving has failed")
    return lambda: client.config_set("save", "")


def make_busy(server: Server) -> Callable[[], object]:
    client = server.client()
    client.execute_command("CLIENT", "PAUSE", 3000, "ALL")

    def answers() -> bool:
        try:
            return bool(client.ping())
        except redis.TimeoutError:
            return False

    return lambda: until(answers, "the pause is over")


def make_dead(server: Server) -> Callable[[], object]:
    server.client().save()
    server.kill()
    return server.start


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (make_full, "is full"),
        (make_read_only, "takes no writes, as too few of its replicas"),
        (make_disk_fail, "takes no writes, as it cannot save"),
        (make_busy, "does not answer in time"),
        (make_dead, "cannot be reached"),
    ],
)
def test_a_publication_that_fails_keeps_what_was_served_and_the_next_heals(
    server: Server, break_it: Callable[[Server], Callable[[], object]], message: str
) -> None:
    with open_warehouse() as connection:
        world = World(connection, connect(f"{server.url}?socket_timeout=0.3"))
        world.refresh(ROWS, HOUR)
        world.build(LATER, 2 * HOUR)
        mend = break_it(server)
        with pytest.raises(OnlineStoreError, match=message) as raised:
            world.publish(2 * HOUR)
        assert raised.value.exit_code == 3
        assert raised.value.kept
        assert raised.value.help
        mend()
        users = range(0, 2100, 50)
        for user, values in world.values(users).items():
            assert values in (expected(ROWS, users)[user], expected(LATER, users)[user])
        world.publish(2 * HOUR)
        assert world.values(users) == expected(LATER, users)


def test_a_server_that_is_not_there() -> None:
    (port,) = free_ports(1)
    store = connect(f"redis://:secret@127.0.0.1:{port}")
    with pytest.raises(OnlineStoreError, match=f"redis://127.0.0.1:{port} cannot be reached") as raised:
        store.check()
    assert "secret" not in str(raised.value)


def test_a_socket_that_is_not_there() -> None:
    with pytest.raises(OnlineStoreError, match="cannot be reached"):
        connect("unix:///nowhere/redis.sock").check()


def test_a_password_that_is_missing_or_wrong() -> None:
    with running("--requirepass", "right", url="unix://:right@{socket}") as server:
        with pytest.raises(OnlineStoreError, match="asks for a password"):
            connect(server.url.replace(":right@", "")).check()
        with pytest.raises(OnlineStoreError, match="refuses the user name or password"):
            connect(server.url.replace(":right@", ":wrong@")).check()
    with running() as server, pytest.raises(OnlineStoreError, match="password"):
        connect(server.url.replace("unix://", "unix://:secret@")).check()


def test_a_user_without_the_rights() -> None:
    with running("--user", "reader", "on", ">secret", "~fpc:*", "+mget", url="unix://{socket}") as server:
        store = connect(server.url.replace("unix://", "unix://reader:secret@"))
        with pytest.raises(OnlineStoreError, match="does not permit"):
            store.replace(b"fpc:x", None, b"y")


def test_a_database_that_is_not_there() -> None:
    with running("--databases", "2") as server, pytest.raises(OnlineStoreError, match="does not have that database"):
        connect(f"{server.url}?db=9").check()


def test_a_replica(server: Server) -> None:
    port = server.url.rpartition(":")[2]
    with running("--replicaof", f"127.0.0.1 {port}", on_port=True) as replica:
        store = connect(replica.url)
        with pytest.raises(OnlineStoreError, match="read-only replica"):
            store.check()
        with pytest.raises(OnlineStoreError, match="read-only replica"):
            store.replace(b"fpc:x", None, b"y")
        with pytest.raises(OnlineStoreError, match="read-only replica"):
            store.acquire(Lease(b"w", b"0" * 20 + b":a", 1000))


def test_a_server_that_is_still_loading() -> None:
    with running("--save", "3600 1") as server:
        client = server.client()
        for number in range(300):
            client.set(f"filler:{number}", "x" * 20_000)
        client.save()
        server.kill()
        server.arguments += ["--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024"]
        server.arguments += ["--rdbcompression", "no"]
        server.start(loaded=False)
        with pytest.raises(OnlineStoreError, match="is still loading"):
            connect(server.url).get([b"fpc:x"])


def test_a_server_that_throws_rows_away_when_it_is_full(server: Server) -> None:
    client = server.client()
    client.config_set("maxmemory-policy", "allkeys-lru")
    connect(server.url).check()  # it has no limit
    client.config_set("maxmemory", "100mb")
    with pytest.raises(OnlineStoreError, match="throws rows away"):
        connect(server.url).check()
    client.config_set("maxmemory-policy", "volatile-lru")
    connect(server.url).check()


def test_a_server_that_is_too_old() -> None:
    with pytest.raises(OnlineStoreError, match=r"is Redis 5\.0\.7, which is too old"):
        check_server({"redis_version": "5.0.7"}, "redis://host")
    assert check_server({"redis_version": "6.2.0"}, "redis://host") == "Redis 6.2.0"
    assert check_server({"redis_version": "7.2.4", "valkey_version": "9.1.2"}, "redis://host") == "Valkey 9.1.2"
    check_server({}, "redis://host")
