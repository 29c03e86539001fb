"""Deleting from the store what nobody reads any more; needed rarely, as it walks over all of the store's keys."""

from __future__ import annotations

from collections.abc import Iterator

from fpc.contract.addresses import row_prefix
from fpc.contract.published import RecordError, dump_record, load_record
from fpc.contract.rows import HEADER
from fpc.runtime.online.store import Lease, LeaseLostError, OnlineStore, RowBatch
from fpc.runtime.publish.state import WarehouseState
from fpc.runtime.publish.table import Stamp, tombstones
from fpc.runtime.publish.transitions import swept


def remove_stale(store: OnlineStore, lease: Lease, prefix: bytes, stamp: Stamp, tombstone: bytes) -> int:
    """Remove the rows that a publication of everything did not write, older ones and of the same instant.

    Returns how many. Rows of a later instant stay.
    """
    removed = 0

    def stale() -> Iterator[RowBatch]:
        nonlocal removed
        for keys in store.scan(prefix):
            store.renew(lease)
            leaving = [key for key, row in zip(keys, store.get(keys), strict=True) if _is_stale(row, stamp)]
            removed += len(leaving)
            if leaving:
                yield tombstones(leaving, tombstone, stamp.as_of_us)

    store.push(stale(), lease)
    return removed


def sweep_retired(
    store: OnlineStore, lease: Lease, record_key: bytes, repository: str, view: str, state: WarehouseState
) -> None:
    """Delete the rows of all retired versions, in slices; cut off, the next publication goes on with it."""
    (data,) = store.get([record_key])
    if data is None:
        return
    try:
        record = load_record(data)
    except RecordError:
        return
    for version in record.retired:
        try:
            for keys in store.scan(row_prefix(repository, view, version)):
                store.delete(keys, lease)
        except LeaseLostError:
            return  # what is done is done; who took over goes on
        remaining = swept(record, version)
        if not store.replace(record_key, dump_record(record), dump_record(remaining), lease):
            return
        record = remaining
        state.drop(version)


def _is_stale(row: bytes | None, stamp: Stamp) -> bool:
    if row is None:
        return False
    if len(row) < HEADER.size:
        return True
    _, _, flags, _, as_of_us, run = HEADER.unpack_from(row)
    return bool(flags == 0 and as_of_us <= stamp.as_of_us and run != stamp.run)
