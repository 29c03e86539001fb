"""The online store on a Redis or Valkey cluster."""

from __future__ import annotations

import binascii
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from redis.cluster import RedisCluster
from redis.exceptions import AskError, ConnectionError, RedisClusterException, ResponseError, TryAgainError

from fpc.runtime.online import scripts
from fpc.runtime.online.frames import get_frame, push_frame
from fpc.runtime.online.redis_errors import explained
from fpc.runtime.online.redis_store import PushStream, lease_lost, scan_server
from fpc.runtime.online.server_check import check_server
from fpc.runtime.online.store import Lease, RowBatch

SLOTS: Final = 16384
# Rows are gathered up to here before they are sent, so that each slot gets several in one command.
_GATHERED_ROWS: Final = 50_000
_ATTEMPTS: Final = 5


class ClusterStore:
    """Bytes under keys on many servers. A command's keys lie in one slot, so rows are sent slot by slot.

    A `get` asks all servers at once, but not at one instant. The lease lies in one slot only: it is looked at before
    and after each gathering of rows, and not inside each write.
    """

    reads_are_atomic = False

    def __init__(self, client: RedisCluster, address: str) -> None:
        """Wrap a client that returns bytes; `address` is what people are shown."""
        self._client: Any = client
        self.address = address

    def check(self) -> str:
        """Raise unless every primary is there, is new enough and takes writes; returns their names and versions."""
        with explained(self.address):
            nodes = [self._client.get_redis_connection(node) for node in self._client.get_primaries()]
            found = {check_server(node.info(), self.address, cluster=True) for node in nodes}
        return ", ".join(sorted(found))

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values under these keys, asked of all their servers at once."""
        if not keys:
            return []
        with explained(self.address):
            try:
                return self._get_at_once(keys)
            except (ResponseError, ConnectionError, RedisClusterException):
                # Slots have moved, or a node is gone: redis-py finds out where to ask.
                pipeline = self._client.pipeline()
                for key in keys:
                    pipeline.execute_command("GET", key)
                values: list[bytes | None] = pipeline.execute()
                return values

    def replace(self, key: bytes, expected: bytes | None, value: bytes, lease: Lease | None = None) -> bool:
        """Set `key` to `value` if it holds `expected` and the lease is held."""
        keys = (key,) if lease is None else (key, lease.key)
        known = b"0" if expected is None else b"1"
        token = b"" if lease is None else lease.value
        return self._eval(scripts.REPLACE, keys, known, expected or b"", value, token) == 1

    def acquire(self, lease: Lease) -> bool:
        """Take the lease unless a greater one is held."""
        rank = lease.value.partition(b":")[0]
        return self._eval(scripts.ACQUIRE, (lease.key,), lease.value, lease.milliseconds, rank) == 1

    def renew(self, lease: Lease) -> bool:
        """Hold the lease for its whole time again."""
        return self._eval(scripts.RENEW, (lease.key,), lease.value, lease.milliseconds) == 1

    def release(self, lease: Lease) -> None:
        """Give the lease back, if it is still held."""
        self._eval(scripts.RELEASE, (lease.key,), lease.value)

    def push(self, batches: Iterable[RowBatch], lease: Lease) -> int:
        """Write rows, each unless a newer one is there; returns how many were not written."""
        refused = 0
        for gathered in _gather(batches):
            self._hold(lease)
            with explained(self.address):
                refused += self._push_slots(gathered)
        self._hold(lease)
        return refused

    def scan(self, prefix: bytes) -> Iterator[list[bytes]]:
        """All keys that begin with `prefix`, server by server, in slices."""
        for node in self._client.get_primaries():
            yield from scan_server(self._client.get_redis_connection(node), self.address, prefix)

    def delete(self, keys: Sequence[bytes], lease: Lease | None = None) -> None:
        """Delete these keys, the lease looked at before; the servers free their memory beside their other work."""
        if lease is not None:
            self._hold(lease)
        if keys:
            with explained(self.address):
                pipeline = self._client.pipeline()
                for key in keys:
                    pipeline.execute_command("UNLINK", key)
                pipeline.execute()

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()

    def _eval(self, script: str, keys: tuple[bytes, ...], *arguments: bytes | int) -> int:
        with explained(self.address):
            answer: int = self._client.execute_command("EVAL", script, len(keys), *keys, *arguments)
        return answer

    def _hold(self, lease: Lease) -> None:
        if not self.renew(lease):
            raise lease_lost()

    def _get_at_once(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Send every node its part before the first answer is read."""
        parts: defaultdict[Any, list[int]] = defaultdict(list)
        for at, key in enumerate(keys):
            parts[self._client.nodes_manager.get_node_from_slot(slot_of(key))].append(at)
        values: list[bytes | None] = [None] * len(keys)
        with ExitStack() as stack:
            connections = []
            for node, places in parts.items():
                connection = stack.enter_context(_connection(self._client.get_redis_connection(node)))
                connection.send_packed_command([get_frame([keys[at] for at in places])])
                connections.append((connection, places))
            for connection, places in connections:
                for at in places:
                    values[at] = connection.read_response()
        return values

    def _push_slots(self, batches: Sequence[RowBatch]) -> int:
        """Send every slot's rows to the node that has it; slots that are being moved are asked for again."""
        for attempt in range(_ATTEMPTS):
            try:
                return self._push_once(batches)
            except (AskError, TryAgainError, ConnectionError, ResponseError, RedisClusterException) as error:
                moved = isinstance(error, (AskError, TryAgainError, ConnectionError)) or "CLUSTERDOWN" in str(error)
                if not moved or attempt == _ATTEMPTS - 1:
                    raise
                self._client.nodes_manager.initialize()
        raise AssertionError("the last attempt returns or raises")

    def _push_once(self, batches: Sequence[RowBatch]) -> int:
        streams: dict[str, PushStream] = {}
        try:
            for batch in batches:
                for slot, part in _by_slot(batch):
                    node = self._client.nodes_manager.get_node_from_slot(slot)
                    stream = streams.get(node.name)
                    if stream is None:
                        stream = streams[node.name] = PushStream(self._client.get_redis_connection(node))
                    stream.send(push_frame(part, None))
            return sum(stream.finish() for stream in streams.values())
        finally:
            for stream in streams.values():
                stream.close()


@contextmanager
def _connection(client: Any) -> Iterator[Any]:
    """A connection out of a client's pool; closed where something fails, as answers may still be on their way."""
    connection = client.connection_pool.get_connection()
    try:
        yield connection
    except BaseException:
        connection.disconnect()
        raise
    finally:
        client.connection_pool.release(connection)


def slot_of(key: bytes) -> int:
    """The cluster slot of a key: CRC16 of what stands in its first braces, else of the whole key."""
    start = key.find(b"{")
    if start >= 0:
        end = key.find(b"}", start + 1)
        if end > start + 1:
            key = key[start + 1 : end]
    return binascii.crc_hqx(key, 0) % SLOTS


def _gather(batches: Iterable[RowBatch]) -> Iterator[list[RowBatch]]:
    gathered: list[RowBatch] = []
    rows = 0
    for batch in batches:
        gathered.append(batch)
        rows += len(batch.keys)
        if rows >= _GATHERED_ROWS:
            yield _merge(gathered)
            gathered, rows = [], 0
    if gathered:
        yield _merge(gathered)


def _merge(batches: Sequence[RowBatch]) -> list[RowBatch]:
    """Batches with the same instant and expiry as one, so that a slot's rows come together."""
    alike: defaultdict[tuple[int, int | None], list[RowBatch]] = defaultdict(list)
    for batch in batches:
        alike[batch.as_of_us, batch.expire_milliseconds].append(batch)
    merged = []
    for (as_of_us, expiry), group in alike.items():
        ends: list[int] = []
        offset = 0
        for batch in group:
            ends.extend(end + offset for end in batch.ends)
            offset += len(batch.rows)
        keys = [key for batch in group for key in batch.keys]
        merged.append(RowBatch(keys, b"".join(batch.rows for batch in group), ends, as_of_us, expiry))
    return merged


def _by_slot(batch: RowBatch) -> Iterator[tuple[int, RowBatch]]:
    slots: defaultdict[int, list[int]] = defaultdict(list)
    for at, key in enumerate(batch.keys):
        slots[slot_of(key)].append(at)
    for slot, places in slots.items():
        rows = [batch.rows[batch.ends[at - 1] if at else 0 : batch.ends[at]] for at in places]
        keys = [batch.keys[at] for at in places]
        yield slot, RowBatch(keys, b"".join(rows), _ends(rows), batch.as_of_us, batch.expire_milliseconds)


def _ends(rows: Sequence[bytes | memoryview]) -> list[int]:
    ends, end = [], 0
    for row in rows:
        end += len(row)
        ends.append(end)
    return ends
