"""A store around another one, for tests that change one thing about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fpc.runtime.online import OnlineStore
from fpc.runtime.online.store import Lease, RowBatch


class WrappedStore:
    """Does what the inner store does."""

    def __init__(self, inner: OnlineStore) -> None:
        self.inner = inner
        self.address = inner.address
        self.reads_are_atomic = inner.reads_are_atomic

    def check(self) -> str:
        return self.inner.check()

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        return self.inner.get(keys)

    def replace(self, key: bytes, expected: bytes | None, value: bytes, lease: Lease | None = None) -> bool:
        return self.inner.replace(key, expected, value, lease)

    def acquire(self, lease: Lease) -> bool:
        return self.inner.acquire(lease)

    def renew(self, lease: Lease) -> bool:
        return self.inner.renew(lease)

    def release(self, lease: Lease) -> None:
        self.inner.release(lease)

    def push(self, batches: Iterable[RowBatch], lease: Lease) -> int:
        return self.inner.push(batches, lease)

    def scan(self, prefix: bytes) -> Iterator[list[bytes]]:
        yield from self.inner.scan(prefix)

    def delete(self, keys: Sequence[bytes], lease: Lease | None = None) -> None:
        self.inner.delete(keys, lease)

    def close(self) -> None:
        self.inner.close()
