"""Removing from the store what is left of views that the specs no longer have."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from fpc.contract.addresses import record_key, record_prefix, view_of_record, view_of_row, view_prefix, writer_key
from fpc.contract.published import NewerRecordError, PublishedView, RecordError, dump_record, load_record
from fpc.contract.registry import Registry
from fpc.runtime.online.store import Lease, LeaseLostError, OnlineStore

# Below every publication's: it waits for none, and takes no view from one that is being published.
_LAST_RANK = "0" * 20
_LEASE_MILLISECONDS = 60_000


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A view that is in the store under this repository's name and not in its registry; tombstones count as rows."""

    view: str
    rows: int


class PruneOutcome(Enum):
    """How the removal of one view ended."""

    REMOVED = "removed"
    BUSY = "being published"  # by another checkout of the repository, which has the view; it was left to it
    NEWER = "of a newer fpc"  # whose record this one must leave alone


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What became of one view, and how many of its rows are gone."""

    view: str
    outcome: PruneOutcome
    rows: int


def left_behind(store: OnlineStore, registry: Registry) -> list[LeftBehind]:
    """All views left behind, by name. Walks over all keys of the store once or twice; changes nothing."""
    rows: Counter[str] = Counter()
    for keys in store.scan(record_prefix(registry.name)):
        for view in filter(None, (view_of_record(registry.name, key) for key in keys)):
            rows[view] += 0
    for keys in store.scan(view_prefix(registry.name)):
        # A key may be told twice; what is counted here is shown to people and decides nothing.
        for view in filter(None, (view_of_row(registry.name, key) for key in keys)):
            rows[view] += 1
    return [LeftBehind(view, count) for view, count in sorted(rows.items()) if view not in registry.views]


def still_recorded(store: OnlineStore, registry: Registry, views: Iterable[str]) -> list[str]:
    """Those of the named views that are in the store and not in the registry: one round trip."""
    gone = sorted(set(views) - set(registry.views))
    records = store.get([record_key(registry.name, view) for view in gone])
    return [view for view, record in zip(gone, records, strict=True) if record is not None]


def prune(store: OnlineStore, registry: Registry, view: str) -> PruneReport:
    """Remove one view that the registry does not have: its readers' record first, then its rows.

    From the first step on the view reads as not published. Cut off anywhere, the next call goes on. A publication of
    the view by somebody else is never disturbed: where one runs, nothing is done, and where one begins, this ends.
    """
    assert view not in registry.views, "a view of the specs is never pruned"
    lease = Lease(writer_key(registry.name, view), f"{_LAST_RANK}:{secrets.token_hex(8)}".encode(), _LEASE_MILLISECONDS)
    if not store.acquire(lease):
        return PruneReport(view, PruneOutcome.BUSY, 0)
    removed = 0
    try:
        if not _close(store, registry.name, view, lease):
            return PruneReport(view, PruneOutcome.NEWER, 0)
        for keys in store.scan(view_prefix(registry.name, view)):
            store.delete(keys, lease)
            removed += len(set(keys))
        store.delete([record_key(registry.name, view)], lease)
    except LeaseLostError:
        return PruneReport(view, PruneOutcome.BUSY, removed)
    finally:
        store.release(lease)
    return PruneReport(view, PruneOutcome.REMOVED, removed)


def _close(store: OnlineStore, repository: str, view: str, lease: Lease) -> bool:
    """Let the view's record serve nothing any more, and so name nothing whose rows are about to go."""
    key = record_key(repository, view)
    (data,) = store.get([key])
    if data is None:
        return True
    if _is_newer(data):
        return False
    if not store.replace(key, data, dump_record(PublishedView()), lease):
        raise LeaseLostError("another publication of this view took over")
    return True


def _is_newer(data: bytes) -> bool:
    try:
        load_record(data)
    except NewerRecordError:
        return True
    except RecordError:
        return False  # damaged: it serves nothing already
    return False
