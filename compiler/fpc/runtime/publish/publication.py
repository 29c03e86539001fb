"""From a view's table to the online store: only what changed, safe at every point where it may be cut off.

The order of steps is what makes it so:

1. The keys about to be written are written down in the warehouse (or: that nothing is remembered any more), and in
   the view's record in the store that rows are being written, and by which publication.
2. Rows go to the store, each with the instant that it is as of; the store refuses one that is older than its own.
3. The view's record is replaced: watermark, generation, and for a new version the switch of its readers.
4. The warehouse remembers the rows as published.

Cut off before 3, readers see rows of the new instant and rows of the old, each true as of the instant it says; the
keys of step 1 are pushed again by the next run, whatever their values are then. Cut off before 4, likewise. A store
whose record, generation or sampled rows are not those that the warehouse remembers, or in which a publication of
another warehouse was cut off, is filled anew.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain

import duckdb

from fpc.contract.addresses import record_key, row_prefix, version_of, writer_key
from fpc.contract.published import (
    NewerRecordError,
    PublishedVersion,
    PublishedView,
    RecordError,
    dump_record,
    load_record,
)
from fpc.contract.registry import ViewContract
from fpc.contract.rows import HEADER, RowCodec, RowError
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online.store import Lease, LeaseLostError, OnlineStore, OnlineStoreError, RowBatch
from fpc.runtime.publish.ahead import ahead
from fpc.runtime.publish.report import Outcome, PublishReport
from fpc.runtime.publish.state import WarehouseState
from fpc.runtime.publish.statements import Statements
from fpc.runtime.publish.sweep import remove_stale, sweep_retired
from fpc.runtime.publish.table import Stamp, ViewTable
from fpc.runtime.publish.transitions import begun, completed

# Longer than any pause between two signs of life; a dead writer's lease holds up nothing but older instants.
LEASE_MILLISECONDS = 900_000
_ATTEMPTS = 10


def publish(
    connection: duckdb.DuckDBPyConnection, view: ViewContract, store: OnlineStore, as_of_us: int, *, repository: str
) -> PublishReport:
    """Bring the store to the view's table, which must be as of `as_of_us`; `repository` is the registry's name.

    Memory does not grow with the table. The connection must be the warehouse's only writer, outside a transaction.
    Raises `FpcRuntimeError`; then what was served before is still served, and publishing again heals.
    """
    started = time.perf_counter()
    publication = _Publication(connection, view, store, as_of_us, repository)
    try:
        report = publication.run()
    except OnlineStoreError as error:
        error.kept = error.kept or f"what was served of view `{view.name}` before is kept; the next run pushes the rest"
        raise
    except duckdb.Error as error:
        raise _warehouse_failed(view.name, error) from error
    return replace(report, seconds=time.perf_counter() - started)


def _warehouse_failed(view: str, error: duckdb.Error) -> FpcRuntimeError:
    """What went wrong in the warehouse; a value that does not fit is not shown, as it may be a key."""
    kept = f"what was served of view `{view}` before is kept; the next run pushes the rest"
    if isinstance(error, (duckdb.ConversionException, duckdb.OutOfRangeException)):
        return FpcRuntimeError(
            f"view `{view}` has a value that does not fit its column's declared type",
            kept=kept,
            help="declare a wider type, or cast the feature's SQL, then run again",
            exit_code=1,
        )
    if "No space left" in str(error):
        return FpcRuntimeError(
            f"view `{view}` was not published: the disk is full", kept=kept, help="make room and run again"
        )
    reason = str(error).partition("\n")[0]
    return FpcRuntimeError(f"view `{view}` was not published, the warehouse failed: {reason}", kept=kept)


@dataclass(frozen=True, slots=True)
class _Written:
    """What went to the store: rows, removals, those refused as older than what is there; and why it was everything."""

    pushed: int
    removed: int
    refused: int
    reason: str


@dataclass(slots=True)
class _Tally:
    """Counts rows as they pass."""

    rows: int = 0

    def count(self, batches: Iterable[RowBatch]) -> Iterator[RowBatch]:
        for batch in batches:
            self.rows += len(batch.keys)
            yield batch


class _Publication:
    """One publication of one view."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        view: ViewContract,
        store: OnlineStore,
        as_of_us: int,
        repository: str,
    ) -> None:
        self.view, self.store, self.as_of_us = view, store, as_of_us
        self.version = version_of(view)
        self.codec = RowCodec([feature.type for feature in view.packed])
        self.token = secrets.token_hex(8)
        self.stamp = Stamp(as_of_us, int(self.token[:8], 16))
        self.record_key = record_key(repository, view.name)
        self.row_prefix = row_prefix(repository, view.name, self.version)
        self.repository = repository
        self.lease = Lease(
            writer_key(repository, view.name), f"{max(as_of_us, 0):020d}:{self.token}".encode(), LEASE_MILLISECONDS
        )
        statements = Statements(view, self.version, self.row_prefix)
        self.table = ViewTable(connection, statements, self.codec)
        self.connection, self.statements = connection, statements

    def run(self) -> PublishReport:
        """All steps, under the view's lease."""
        empty = self.table.check(self.as_of_us)
        self.store.check()
        if not self.store.acquire(self.lease):
            return self._nothing(Outcome.OLDER, "a newer instant is being published now")
        try:
            return self._run_leased(empty)
        except LeaseLostError as error:
            return self._overtaken(error)
        finally:
            self._release()

    def _run_leased(self, empty: bytes) -> PublishReport:
        data, record = self._record()
        entry = record.published(self.version)
        if entry is not None and self.as_of_us < entry.watermark_us:
            return self._nothing(Outcome.OLDER, "the store already holds a newer instant")
        state = WarehouseState(self.connection, self.statements)
        total = self.table.count()
        lost = self._why_lost(data, record, entry, state)
        if lost:
            written = self._fill(data, record, state, empty, lost)
        else:
            assert entry is not None
            written = self._push_changes(entry, state, empty)
        changed = bool(written.pushed or written.removed or lost)
        generation = self.token if changed or entry is None else entry.generation
        features = tuple((feature.name, feature.type) for feature in self.view.packed)
        defaults = {feature.name: feature.default for feature in self.view.packed if feature.default is not None}
        flipped, held_back = self._complete(
            PublishedVersion(self.version, features, self.as_of_us, generation, total, empty, defaults)
        )
        if changed:
            state.settle(generation, everything_written=not written.refused)
            if written.refused and lost:
                state.forget()
        sweep_retired(self.store, self.lease, self.record_key, self.repository, self.view.name, state)
        return PublishReport(
            view=self.view.name,
            version=self.version,
            as_of_us=self.as_of_us,
            outcome=Outcome.PUBLISHED if changed or flipped else Outcome.UNCHANGED,
            pushed=written.pushed,
            removed=written.removed,
            unchanged=total - written.pushed,
            total=total,
            seconds=0.0,
            flipped=flipped,
            reason="; ".join(filter(None, (written.reason, held_back))),
        )

    def _why_lost(
        self, data: bytes | None, record: PublishedView, entry: PublishedVersion | None, state: WarehouseState
    ) -> str:
        """Why everything must be pushed; empty where the store holds what the warehouse remembers."""
        memory = state.memory()
        if entry is None:
            if memory.generation is None:
                return "first publication of this version" if data is not None else "first publication"
            return "the store had lost this version"
        if memory.generation is None:
            return "the warehouse did not remember what it had published"
        if not memory.matches(entry.generation):
            return "the store is not as this warehouse left it"
        if record.writing.get(self.version, memory.intent) != memory.intent:
            return "a publication of another warehouse was cut off"
        return self._why_sample_differs()

    def _why_sample_differs(self) -> str:
        keys, rows = self.table.sample(seed=int(self.token[:7], 16))
        for row, stored in zip(rows, self.store.get(keys), strict=True):
            if stored is None:
                return "the store had lost rows"
            try:
                held = self.codec.decode(stored)
            except RowError:
                return "the store held damaged rows"
            if held.tombstone or (stored[HEADER.size :] != row[HEADER.size :] and held.as_of_us <= self.as_of_us):
                return "the store held other rows than were published"
        return ""

    def _fill(
        self, data: bytes | None, record: PublishedView, state: WarehouseState, empty: bytes, reason: str
    ) -> _Written:
        """Push every row; what the store held of this version besides is removed."""
        # Without a record, with a damaged one, or with one that was emptied, rows may lie there that nobody knows of.
        nameless = data is None or record == PublishedView()
        known = nameless or self.version in (*record.versions, *record.filling, *record.retired)
        fresh = not known or not any(self.store.scan(self.row_prefix))
        state.forget()
        self._mark()
        pushed = _Tally()
        refused = self._push(pushed.count(self.table.all_rows(self.stamp)))
        removed = 0
        if not fresh:
            removed = remove_stale(self.store, self.lease, self.row_prefix, self.stamp, self._tombstone(empty))
        return _Written(pushed.rows, removed, refused, reason)

    def _push_changes(self, entry: PublishedVersion, state: WarehouseState, empty: bytes) -> _Written:
        """Push the rows that changed, remove those that are gone, and those that an unfinished run left open."""
        if not state.prepare_difference(entry.generation, self.token):
            return _Written(0, 0, 0, "")
        self._mark()
        pushed, removed = _Tally(), _Tally()
        batches = chain(
            pushed.count(self.table.pending_rows(self.stamp)),
            removed.count(self.table.removed_rows(self.stamp, self._tombstone(empty))),
        )
        refused = self._push(batches)
        return _Written(pushed.rows, removed.rows, refused, "")

    def _mark(self) -> None:
        """Write into the record that rows are being written, for publishers of other warehouses."""
        self._change_record(lambda current: begun(current, self.version, self.token))

    def _complete(self, entry: PublishedVersion) -> tuple[bool, str]:
        """Replace the record; an operator's rollback meanwhile is not undone by it."""
        before = self._change_record(lambda current: completed(current, entry).record)
        completion = completed(before, entry)
        return completion.flipped, completion.reason

    def _change_record(self, change: Callable[[PublishedView], PublishedView]) -> PublishedView:
        """Replace the record by what `change` makes of it; returns the one that was replaced."""
        for _ in range(_ATTEMPTS):
            data, record = self._record()
            changed = dump_record(change(record))
            if changed == data or self.store.replace(self.record_key, data, changed, self.lease):
                return record
            if not self.store.renew(self.lease):
                raise LeaseLostError(f"another publication of view `{self.view.name}` took over")
        raise OnlineStoreError(
            f"view `{self.view.name}`: its record in the online store is being changed by something else",
            help="see that only one repository of this name publishes there, then run again",
        )

    def _push(self, batches: Iterator[RowBatch]) -> int:
        """Send rows while the next ones are read and packed."""
        with closing(ahead(batches)) as rows:
            return self.store.push(rows, self.lease)

    def _tombstone(self, empty: bytes) -> bytes:
        return self.codec.encode(self.codec.decode(empty).values, self.as_of_us, self.stamp.run, tombstone=True)

    def _record(self) -> tuple[bytes | None, PublishedView]:
        (data,) = self.store.get([self.record_key])
        if data is None:
            return None, PublishedView()
        try:
            return data, load_record(data)
        except NewerRecordError as error:
            raise OnlineStoreError(
                f"view `{self.view.name}` was published by a newer fpc", help="use that version of fpc here too"
            ) from error
        except RecordError:
            return data, PublishedView()

    def _overtaken(self, error: LeaseLostError) -> PublishReport:
        """The report where another publication took the lease and goes on or is done; raises where nobody did."""
        (holder,) = self.store.get([self.lease.key])
        _, record = self._record()
        entry = record.published(self.version)
        if holder is not None or (entry is not None and entry.watermark_us >= self.as_of_us):
            return self._nothing(Outcome.OVERTAKEN, "another publication of this view took over")
        raise OnlineStoreError(
            f"the online store lost data while view `{self.view.name}` was published",
            help="see whether it was restarted or emptied, then run again",
        ) from error

    def _nothing(self, outcome: Outcome, reason: str) -> PublishReport:
        total = self.table.count()
        return PublishReport(
            self.view.name, self.version, self.as_of_us, outcome, 0, 0, total, total, 0.0, False, reason
        )

    def _release(self) -> None:
        try:
            self.store.release(self.lease)
        except OnlineStoreError:
            return  # it ends by itself; the reason that the publication failed, if it did, is the one to be told
