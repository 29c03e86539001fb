"""Back to the version that was served before, at once, and held until the definition changes."""

from __future__ import annotations

from dataclasses import dataclass

from fpc.contract.addresses import record_key
from fpc.contract.published import PublishedView, RecordError, dump_record, load_record
from fpc.contract.registry import Registry
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online.store import OnlineStore
from fpc.runtime.publish.transitions import rollback_undone, rolled_back

_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class RollbackReport:
    """Which version of the view is served now, up to when it is complete, and which one was served before."""

    view: str
    active: str
    watermark_us: int
    left: str


def rollback(store: OnlineStore, registry: Registry, view: str, *, undo: bool = False) -> RollbackReport:
    """Switch the readers of `view` to the version before, or with `undo` back again: one compare-and-set.

    The version left is kept, and kept fresh by later runs, but they do not switch readers to it again until its
    definition changes or the rollback is undone. Raises `FpcRuntimeError` where there is nothing to go back to.
    """
    if view not in registry.views:
        raise FpcRuntimeError(f"there is no view `{view}`", help="`fpc status` lists the views", exit_code=2)
    key = record_key(registry.name, view)
    for _ in range(_ATTEMPTS):
        (data,) = store.get([key])
        record = _read(data, view)
        after = _after(record, view, undo=undo)
        if store.replace(key, data, dump_record(after)):
            assert after.active is not None and record.active is not None
            return RollbackReport(view, after.active, after.versions[after.active].watermark_us, record.active)
    raise FpcRuntimeError(f"view `{view}` is being published again and again; it was not rolled back", help="try again")


def _read(data: bytes | None, view: str) -> PublishedView:
    if data is None:
        raise FpcRuntimeError(f"view `{view}` is not published", help="publish it: fpc run", exit_code=1)
    try:
        return load_record(data)
    except RecordError as error:
        raise FpcRuntimeError(f"view `{view}`: {error}", help="publish it again: fpc run") from error


def _after(record: PublishedView, view: str, *, undo: bool) -> PublishedView:
    if undo:
        after = rollback_undone(record)
        if after is None:
            raise FpcRuntimeError(f"view `{view}` is not rolled back", kept="what is served", exit_code=1)
        return after
    if record.held is not None:
        raise FpcRuntimeError(
            f"view `{view}` is rolled back already",
            kept="what is served",
            help=f"take it back: fpc rollback {view} --undo",
            exit_code=1,
        )
    after = rolled_back(record)
    if after is None:
        raise FpcRuntimeError(f"view `{view}` has no version before this one", kept="what is served", exit_code=1)
    return after
