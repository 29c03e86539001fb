"""An online store in this process's memory: for examples and fast tests. It passes the same conformance suite."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from fpc.contract.rows import AS_OF_OFFSET
from fpc.runtime.online.store import Lease, LeaseLostError, RowBatch

_SLICE = 1000


class MemoryStore:
    """Bytes under keys in a dictionary, one lock around it; gone with the process."""

    address = "memory"
    reads_are_atomic = True

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """An empty store; `clock` counts seconds for what expires."""
        self._clock = clock
        self._lock = threading.Lock()
        self._values: dict[bytes, bytes] = {}
        self._expiries: dict[bytes, float] = {}

    def check(self) -> str:
        """Nothing can be wrong with it."""
        return "memory"

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values under these keys."""
        with self._lock:
            return [self._value(key) for key in keys]

    def replace(self, key: bytes, expected: bytes | None, value: bytes, lease: Lease | None = None) -> bool:
        """Set `key` to `value` if it holds `expected` and the lease is held."""
        with self._lock:
            if self._value(key) != expected or (lease is not None and self._value(lease.key) != lease.value):
                return False
            self._set(key, value, None)
            return True

    def acquire(self, lease: Lease) -> bool:
        """Take the lease unless a greater one is held."""
        with self._lock:
            held = self._value(lease.key)
            if held is not None and held.partition(b":")[0] > lease.value.partition(b":")[0]:
                return False
            self._set(lease.key, lease.value, lease.milliseconds)
            return True

    def renew(self, lease: Lease) -> bool:
        """Hold the lease for its whole time again."""
        with self._lock:
            if self._value(lease.key) != lease.value:
                return False
            self._set(lease.key, lease.value, lease.milliseconds)
            return True

    def release(self, lease: Lease) -> None:
        """Give the lease back, if it is still held."""
        with self._lock:
            if self._value(lease.key) == lease.value:
                del self._values[lease.key]

    def push(self, batches: Iterable[RowBatch], lease: Lease) -> int:
        """Write rows, each unless a newer one is there; returns how many were not written."""
        refused = 0
        for batch in batches:
            with self._lock:
                if self._value(lease.key) != lease.value:
                    raise LeaseLostError("another publication of this view took over")
                self._set(lease.key, lease.value, lease.milliseconds)
                start = 0
                for key, end in zip(batch.keys, batch.ends, strict=True):
                    held = self._value(key)
                    if held is None or _as_of(held) <= batch.as_of_us:
                        self._set(key, bytes(batch.rows[start:end]), batch.expire_milliseconds)
                    else:
                        refused += 1
                    start = end
        return refused

    def scan(self, prefix: bytes) -> Iterator[list[bytes]]:
        """All keys that begin with `prefix`, in slices."""
        with self._lock:
            found = [key for key in self._values if key.startswith(prefix) and self._value(key) is not None]
        for start in range(0, len(found), _SLICE):
            yield found[start : start + _SLICE]

    def delete(self, keys: Sequence[bytes], lease: Lease | None = None) -> None:
        """Delete these keys, those that exist, while the lease is held."""
        with self._lock:
            if lease is not None and self._value(lease.key) != lease.value:
                raise LeaseLostError("another publication of this view took over")
            for key in keys:
                self._values.pop(key, None)

    def close(self) -> None:
        """Nothing to give up."""

    def _value(self, key: bytes) -> bytes | None:
        expiry = self._expiries.get(key)
        if expiry is not None and expiry <= self._clock():
            del self._expiries[key]
            self._values.pop(key, None)
        return self._values.get(key)

    def _set(self, key: bytes, value: bytes, milliseconds: int | None) -> None:
        self._values[key] = value
        if milliseconds is None:
            self._expiries.pop(key, None)
        else:
            self._expiries[key] = self._clock() + milliseconds / 1000


def _as_of(row: bytes) -> int:
    return int.from_bytes(row[AS_OF_OFFSET : AS_OF_OFFSET + 8], "little", signed=True)
