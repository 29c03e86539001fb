"""What an online store can do: the few operations that publishing and reading are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from fpc.runtime.errors import FpcRuntimeError


class OnlineStoreError(FpcRuntimeError):
    """The online store cannot do what was asked of it; exit code 3."""


class LeaseLostError(OnlineStoreError):
    """Another publication of the same view took over; nothing of the newer one was overwritten."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one view's rows: `value` under `key`, as long as nobody else takes it.

    A view has one writer at a time. A publication of an older instant cannot take the lease from one of a newer, a
    newer or equal one can; who lost it cannot write another row. The lease of a dead writer ends by itself.
    """

    key: bytes
    value: bytes
    milliseconds: int


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Rows on their way to the store: `keys[i]` gets `rows[ends[i - 1] : ends[i]]`, a packed row.

    `expire_milliseconds` is for tombstones: after that time they are gone.
    """

    keys: Sequence[bytes]
    rows: bytes | memoryview
    ends: Sequence[int]
    as_of_us: int
    expire_milliseconds: int | None = None


class OnlineStore(Protocol):
    """A store of bytes under keys, with compare-and-set. All calls raise `OnlineStoreError`, with one clear message."""

    @property
    def address(self) -> str:
        """Where the store is, for people; never with a password."""
        ...

    @property
    def reads_are_atomic(self) -> bool:
        """Whether one `get` sees one instant of the whole store; not so where it is spread over several servers."""
        ...

    def check(self) -> str:
        """Raise unless the store is there, is new enough and takes writes; returns what it is: `Redis 7.0.15`."""
        ...

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values under these keys, in one round trip."""
        ...

    def replace(self, key: bytes, expected: bytes | None, value: bytes, lease: Lease | None = None) -> bool:
        """Set `key` to `value` if it holds `expected` (None: nothing) and the lease, if given, is still held.

        Returns whether it was set. The lease's key must lie in the same cluster slot as `key`.
        """
        ...

    def acquire(self, lease: Lease) -> bool:
        """Take the lease unless a greater one, by the order of the bytes before the colon, is held by another."""
        ...

    def renew(self, lease: Lease) -> bool:
        """Hold the lease from now on for its whole time again; False if it was lost."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease back, if it is still held."""
        ...

    def push(self, batches: Iterable[RowBatch], lease: Lease) -> int:
        """Write rows, each unless the store holds a newer one under its key; returns how many were not written.

        Rows are written in any order, each as a whole. Raises `LeaseLostError` as soon as the lease is gone.
        """
        ...

    def scan(self, prefix: bytes) -> Iterator[list[bytes]]:
        """All keys that begin with `prefix`, in slices; a key may come twice, and what is written meanwhile or not."""
        ...

    def delete(self, keys: Sequence[bytes], lease: Lease | None = None) -> None:
        """Delete these keys, those that exist; with a lease only while it is held, else raise `LeaseLostError`."""
        ...

    def close(self) -> None:
        """Give up the connections."""
        ...
