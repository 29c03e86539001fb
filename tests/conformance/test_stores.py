"""Every online store keeps the promises of the protocol: one suite, walked for each of them on a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest
from tests.servers import Server, running_cluster, until

from fpc.contract.rows import RowCodec
from fpc.runtime.online import OnlineStore, connect
from fpc.runtime.online.store import Lease, LeaseLostError, RowBatch

CODEC = RowCodec(["bigint", "varchar"])


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    with running_cluster() as url:
        yield url


@pytest.fixture(params=["memory", "valkey", "redis7", "cluster"])
def store(request: pytest.FixtureRequest) -> Iterator[OnlineStore]:
    if request.param == "memory":
        opened = connect("memory://")
    elif request.param == "cluster":
        opened = connect(request.getfixturevalue("cluster_url"))
    else:
        server: Server = request.getfixturevalue(f"{request.param}_server")
        opened = connect(server.url)
    for prefix in (b"fpc:", b"{fpc:"):
        for keys in opened.scan(prefix):
            opened.delete(keys)
    yield opened
    opened.close()


def lease(as_of_us: int = 50, token: str = "a", milliseconds: int = 60_000) -> Lease:
    return Lease(b"{fpc:r:v}:writer", f"{as_of_us:020d}:{token}".encode(), milliseconds)


def key(number: int) -> bytes:
    return b"fpc:r:v:1:{i%d}" % number


def batch(rows: dict[int, tuple[int, str]], as_of_us: int, expire_milliseconds: int | None = None) -> RowBatch:
    packed = [CODEC.encode(values, as_of_us) for values in rows.values()]
    ends = [sum(map(len, packed[: at + 1])) for at in range(len(packed))]
    return RowBatch([key(number) for number in rows], b"".join(packed), ends, as_of_us, expire_milliseconds)


def push(store: OnlineStore, rows: dict[int, tuple[int, str]], as_of_us: int, expire: int | None = None) -> int:
    held = lease()
    assert store.acquire(held)
    return store.push(iter([batch(rows, as_of_us, expire)]), held)


def held(store: OnlineStore, numbers: Sequence[int]) -> dict[int, tuple[object, ...]]:
    values = store.get([key(number) for number in numbers])
    return {n: CODEC.decode(value).values for n, value in zip(numbers, values, strict=True) if value is not None}


def test_what_is_pushed_is_read_in_the_order_of_the_keys(store: OnlineStore) -> None:
    rows = {number: (number, "x" * (number % 7)) for number in range(5000)}
    assert push(store, rows, 5) == 0
    assert held(store, list(reversed(range(5000)))) == rows
    assert store.get([key(3), key(9999), key(3)])[1] is None
    assert store.get([]) == []


def test_an_older_row_never_replaces_a_newer_one(store: OnlineStore) -> None:
    assert push(store, {1: (1, "new"), 2: (2, "old")}, 10) == 0
    assert push(store, {1: (1, "late"), 2: (2, "late"), 3: (3, "first")}, 9) == 2
    assert held(store, [1, 2, 3]) == {1: (1, "new"), 2: (2, "old"), 3: (3, "first")}


def test_a_row_of_the_same_instant_replaces(store: OnlineStore) -> None:
    push(store, {1: (1, "wrong")}, 10)
    assert push(store, {1: (1, "corrected")}, 10) == 0
    assert held(store, [1]) == {1: (1, "corrected")}


@pytest.mark.parametrize("older", [-5, -1, 0, 2**32 - 1, 253402300798999998])
def test_instants_are_compared_as_numbers(store: OnlineStore, older: int) -> None:
    push(store, {1: (1, "newer")}, older + 1)
    assert push(store, {1: (1, "older")}, older) == 1


def test_a_row_with_an_expiry_goes_and_one_without_stays(store: OnlineStore) -> None:
    push(store, {1: (1, "brief"), 2: (2, "brief")}, 5, 300)
    push(store, {2: (2, "back")}, 6)
    until(lambda: held(store, [1]) == {}, "the row has expired")
    assert held(store, [1, 2]) == {2: (2, "back")}


def test_a_value_that_is_no_row_is_replaced(store: OnlineStore) -> None:
    assert store.replace(key(1), None, b"junk")
    assert push(store, {1: (1, "good")}, 0) == 0
    assert held(store, [1]) == {1: (1, "good")}


def test_replace_compares_and_sets(store: OnlineStore) -> None:
    record = b"{fpc:r:v}:record"
    assert not store.replace(record, b"a", b"b")
    assert store.replace(record, None, b"a")
    assert not store.replace(record, None, b"b")
    assert not store.replace(record, b"", b"b")
    assert store.replace(record, b"a", b"\x00b\xff")
    assert store.get([record]) == [b"\x00b\xff"]


def test_replace_needs_the_lease_if_one_is_given(store: OnlineStore) -> None:
    record = b"{fpc:r:v}:record"
    assert not store.replace(record, None, b"a", lease())
    assert store.acquire(lease())
    assert store.replace(record, None, b"a", lease())
    assert not store.replace(record, b"a", b"b", lease(token="other"))


def test_a_lease_is_taken_by_a_newer_or_equal_instant_alone(store: OnlineStore) -> None:
    assert store.acquire(lease(10, "a"))
    assert not store.acquire(lease(9, "b"))
    assert store.acquire(lease(10, "c"))
    assert store.acquire(lease(11, "d"))
    assert not store.renew(lease(10, "c"))
    assert store.renew(lease(11, "d"))
    store.release(lease(10, "c"))
    assert not store.acquire(lease(9, "b"))
    store.release(lease(11, "d"))
    assert store.acquire(lease(9, "b"))
    assert store.acquire(lease(2**63, "far"))
    assert not store.acquire(lease(2**63 - 1, "near"))


def test_a_lease_ends_by_itself(store: OnlineStore) -> None:
    assert store.acquire(lease(10, "dead", milliseconds=200))
    until(lambda: store.acquire(lease(9, "next")), "the dead writer's lease has ended")


def test_who_lost_the_lease_writes_nothing(store: OnlineStore) -> None:
    assert store.acquire(lease(50, "slow"))
    push(store, {1: (1, "newer")}, 4)
    with pytest.raises(LeaseLostError):
        store.push(iter([batch({1: (1, "slow"), 2: (2, "slow")}, 5)]), lease(50, "slow"))
    assert held(store, [1, 2]) == {1: (1, "newer")}


def test_a_push_holds_the_lease(store: OnlineStore) -> None:
    brief = lease(milliseconds=400)
    assert store.acquire(brief)
    store.push(iter([batch({1: (1, "x")}, 0)]), Lease(brief.key, brief.value, 60_000))
    clock = Lease(b"{fpc:r:clock}:writer", lease(2).value, 500)
    assert store.acquire(clock)
    until(lambda: store.acquire(Lease(clock.key, lease(1).value, 500)), "more than the brief time has passed")
    assert not store.acquire(lease(49, "b"))


def test_scan_finds_every_key_of_a_prefix_and_no_other(store: OnlineStore) -> None:
    push(store, {number: (number, "") for number in range(3000)}, 0)
    assert store.replace(b"fpc:r:v:10:{i1}", None, b"other version")
    assert store.replace(b"fpc:r:v*:1:{i1}", None, b"other view")
    assert {found for keys in store.scan(b"fpc:r:v:1:") for found in keys} == {key(n) for n in range(3000)}
    assert list(store.scan(b"fpc:r:v*:1:")) == [[b"fpc:r:v*:1:{i1}"]]
    assert list(store.scan(b"fpc:r:[v]:1:")) == []


def test_delete_deletes(store: OnlineStore) -> None:
    push(store, {1: (1, ""), 2: (2, ""), 3: (3, "")}, 0)
    store.delete([key(1), key(3), key(99)])
    store.delete([])
    assert set(held(store, [1, 2, 3])) == {2}


def test_check_is_content(store: OnlineStore) -> None:
    store.check()


def test_an_interrupted_push_leaves_whole_rows_and_a_usable_store(store: OnlineStore) -> None:
    held_lease = lease()
    assert store.acquire(held_lease)

    def breaking() -> Iterator[RowBatch]:
        for start in range(0, 20_000, 1000):
            if start == 12_000:
                raise RuntimeError("cut off")
            yield batch({number: (number, "x") for number in range(start, start + 1000)}, 1)

    with pytest.raises(RuntimeError, match="cut off"):
        store.push(breaking(), held_lease)
    for number, values in held(store, list(range(0, 20_000, 500))).items():
        assert values == (number, "x")
    assert push(store, {1: (1, "after")}, 2) == 0


def test_a_reader_never_sees_half_a_row(store: OnlineStore) -> None:
    """Writers replace a row of two columns that always belong together; every read finds them so."""
    done = threading.Event()
    push(store, dict.fromkeys(range(50), (0, "0")), 0)

    def write() -> None:
        for instant in range(1, 150):
            push(store, {number: (instant, str(instant)) for number in range(50)}, instant)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    reads = 0
    while not done.is_set():
        for values in held(store, list(range(50))).values():
            assert str(values[0]) == values[1]
        reads += 1
    writer.join()
    assert reads > 5
    assert set(held(store, list(range(50))).values()) == {(149, "149")}


def test_a_delete_with_a_lease_needs_it(store: OnlineStore) -> None:
    rows = {number: (number, "x") for number in range(2500)}
    push(store, rows, 5)
    with pytest.raises(LeaseLostError):
        store.delete([key(number) for number in rows], lease(60, "b"))
    assert len(held(store, list(rows))) == len(rows)
    store.delete([key(number) for number in rows], lease())
    assert held(store, list(rows)) == {}
    assert store.renew(lease()), "the lease is still held"


def test_a_check_tells_what_the_store_is(store: OnlineStore) -> None:
    assert store.check().partition(" ")[0] in ("memory", "Redis", "Valkey")
