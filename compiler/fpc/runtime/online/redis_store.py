"""The online store on one Redis or Valkey server, or on the primary that Sentinel names."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import redis

from fpc.runtime.online import scripts
from fpc.runtime.online.frames import push_frame
from fpc.runtime.online.redis_errors import explained
from fpc.runtime.online.server_check import check_server
from fpc.runtime.online.store import Lease, LeaseLostError, RowBatch

# Batches on their way before the first answer is awaited: the server never waits for the client, nor the other way.
IN_FLIGHT: Final = 8
SCAN_COUNT: Final = 1000


class RedisStore:
    """Bytes under keys on one server, through redis-py; compare-and-set runs inside the server."""

    reads_are_atomic = True

    def __init__(self, client: redis.Redis, address: str) -> None:
        """Wrap a client that returns bytes; `address` is what people are shown."""
        self._client: Any = client
        self.address = address

    def check(self) -> str:
        """Raise unless the server is there, is new enough and takes writes; returns its name and version."""
        with explained(self.address):
            return check_server(self._client.info(), self.address)

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values under these keys: one MGET, which sees one instant."""
        if not keys:
            return []
        with explained(self.address):
            values: list[bytes | None] = self._client.execute_command("MGET", *keys)
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
        with explained(self.address):
            stream = PushStream(self._client)
            try:
                for batch in batches:
                    stream.send(push_frame(batch, lease))
                return stream.finish()
            finally:
                stream.close()

    def scan(self, prefix: bytes) -> Iterator[list[bytes]]:
        """All keys that begin with `prefix`, in slices."""
        yield from scan_server(self._client, self.address, prefix)

    def delete(self, keys: Sequence[bytes], lease: Lease | None = None) -> None:
        """Delete these keys, in one step with the look at the lease; the server frees their memory beside its work."""
        if lease is not None:
            if self._eval(scripts.DELETE, (lease.key, *keys), lease.value, lease.milliseconds) != 1:
                raise lease_lost()
        elif keys:
            with explained(self.address):
                self._client.execute_command("UNLINK", *keys)

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()

    def _eval(self, script: str, keys: tuple[bytes, ...], *arguments: bytes | int) -> int:
        with explained(self.address):
            answer: int = self._client.execute_command("EVAL", script, len(keys), *keys, *arguments)
        return answer


class PushStream:
    """Batches sent over one connection of a client, answers read while further ones are on their way."""

    def __init__(self, client: Any) -> None:
        """Take a connection out of the client's pool."""
        self._pool = client.connection_pool
        self._connection = self._pool.get_connection()
        self._waiting: deque[None] = deque()
        self._refused = 0

    def send(self, frame: list[bytes | memoryview]) -> None:
        """Send one batch; waits for an old answer when enough are outstanding."""
        if len(self._waiting) >= IN_FLIGHT:
            self._answer()
        self._waiting.append(None)
        self._connection.send_packed_command(frame, check_health=False)

    def finish(self) -> int:
        """Wait for all answers; returns how many rows were refused."""
        while self._waiting:
            self._answer()
        return self._refused

    def close(self) -> None:
        """Give the connection back; one with answers still to come is closed, so that nobody else reads them."""
        if self._waiting:
            self._connection.disconnect()
        self._pool.release(self._connection)

    def _answer(self) -> None:
        answer = self._connection.read_response()
        self._waiting.popleft()
        if answer == -1:
            raise lease_lost()
        self._refused += answer


def lease_lost() -> LeaseLostError:
    """What is raised where another publication has the lease."""
    return LeaseLostError("another publication of this view took over")


def scan_server(client: Any, address: str, prefix: bytes) -> Iterator[list[bytes]]:
    """All keys of one server that begin with `prefix`, in slices; other clients are served in between."""
    pattern = b"".join(b"\\" + bytes((byte,)) if byte in b"*?[]\\^-" else bytes((byte,)) for byte in prefix) + b"*"
    cursor: int | bytes = 0
    while True:
        with explained(address):
            cursor, keys = client.execute_command("SCAN", cursor, "MATCH", pattern, "COUNT", SCAN_COUNT)
        if keys:
            yield keys
        if int(cursor) == 0:
            return
