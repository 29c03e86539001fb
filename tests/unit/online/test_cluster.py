"""What only a cluster has: slots, and slots that move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot
from tests.servers import running_cluster

from fpc.contract.rows import RowCodec
from fpc.runtime.online import connect
from fpc.runtime.online.cluster_store import slot_of
from fpc.runtime.online.store import Lease, RowBatch

LEASE = Lease(b"{fpc:r:v}:writer", b"0" * 20 + b":a", 60_000)
CODEC = RowCodec(["bigint"])


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_cluster() as found:
        yield found


@given(st.binary(max_size=12) | st.sampled_from([b"{a}b", b"x{a}y{b}", b"{}a", b"a{", b"fpc:r:v:1:{i7}"]))
def test_slots_are_those_of_redis(key: bytes) -> None:
    assert slot_of(key) == key_slot(key)


def test_rows_are_pushed_and_read_where_their_slots_have_moved(url: str) -> None:
    keys = [b"fpc:r:v:1:{i%d}" % number for number in range(300)]
    store = connect(url)
    assert store.acquire(LEASE)
    for key in keys[:10]:
        _move(url, slot_of(key))
    packed = [CODEC.encode([number], 1) for number in range(len(keys))]
    width = len(packed[0])
    batch = RowBatch(keys, b"".join(packed), range(width, (len(keys) + 1) * width, width), 1)
    assert store.push(iter([batch]), LEASE) == 0
    assert store.get(keys) == packed
    store.delete(keys)
    for key in keys[10:20]:
        _move(url, slot_of(key))
    assert store.get(keys) == [None] * len(keys)


def _move(url: str, slot: int) -> None:
    """Give an empty slot to the next node."""
    clients: list[Any] = [
        redis.Redis.from_url(f"redis://{node}", protocol=2, decode_responses=True)
        for node in url.removeprefix("redis+cluster://").split(",")
    ]
    ids = [client.execute_command("CLUSTER", "MYID") for client in clients]
    owner = next(at for at, client in enumerate(clients) if _owns(client, slot))
    target = ids[(owner + 1) % len(ids)]
    for client in (clients[(owner + 1) % len(ids)], clients[owner], *clients):
        client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", target)


def _owns(client: Any, slot: int) -> bool:
    own = client.execute_command("CLUSTER", "MYID")
    for start, end, (_, _, node, *_), *_ in client.execute_command("CLUSTER", "SLOTS"):
        if start <= slot <= end:
            return bool(node == own)
    return False
