"""Stores and warehouses that stop working for good at a chosen step, as those of a killed process do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import duckdb

from fpc.runtime.online import OnlineStore
from fpc.runtime.online.store import Lease, RowBatch


class Crash(BaseException):
    """The process is dead; nothing catches this but the test."""


class Fuse:
    """Counts steps and blows at one of them; from then on every step fails."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.steps = 0

    def step(self) -> None:
        if self.at is not None and self.steps >= self.at:
            raise Crash
        self.steps += 1


class CrashingStore:
    """A store whose every operation is a step, each row of a push too."""

    def __init__(self, inner: OnlineStore, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse
        self.address = inner.address
        self.reads_are_atomic = inner.reads_are_atomic

    def check(self) -> str:
        self._fuse.step()
        return self._inner.check()

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        self._fuse.step()
        return self._inner.get(keys)

    def replace(self, key: bytes, expected: bytes | None, value: bytes, lease: Lease | None = None) -> bool:
        self._fuse.step()
        return self._inner.replace(key, expected, value, lease)

    def acquire(self, lease: Lease) -> bool:
        self._fuse.step()
        return self._inner.acquire(lease)

    def renew(self, lease: Lease) -> bool:
        self._fuse.step()
        return self._inner.renew(lease)

    def release(self, lease: Lease) -> None:
        self._fuse.step()
        self._inner.release(lease)

    def push(self, batches: Iterable[RowBatch], lease: Lease) -> int:
        refused = 0
        for batch in batches:
            for row in _single(batch):
                self._fuse.step()
                refused += self._inner.push(iter([row]), lease)
        return refused

    def scan(self, prefix: bytes) -> Iterator[list[bytes]]:
        for keys in self._inner.scan(prefix):
            self._fuse.step()
            yield keys

    def delete(self, keys: Sequence[bytes], lease: Lease | None = None) -> None:
        for key in keys:
            self._fuse.step()
            self._inner.delete([key], lease)

    def close(self) -> None:
        self._inner.close()


class CrashingWarehouse:
    """A DuckDB connection whose every statement is a step."""

    def __init__(self, inner: duckdb.DuckDBPyConnection, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def execute(self, *arguments: Any) -> Any:
        self._fuse.step()
        return self._inner.execute(*arguments)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        self._fuse.step()
        return self._inner.cursor()


def _single(batch: RowBatch) -> Iterator[RowBatch]:
    start = 0
    for key, end in zip(batch.keys, batch.ends, strict=True):
        row = batch.rows[start:end]
        yield RowBatch([key], row, [len(row)], batch.as_of_us, batch.expire_milliseconds)
        start = end
