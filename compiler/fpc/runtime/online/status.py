"""How fresh each view is in the online store: what `fpc status` shows of it."""

from __future__ import annotations

from dataclasses import dataclass

from fpc.contract.addresses import record_key, version_of
from fpc.contract.published import PublishedView, RecordError, load_record
from fpc.contract.registry import Registry
from fpc.runtime.online.store import OnlineStore


@dataclass(frozen=True, slots=True)
class ViewStatus:
    """One view as served now. All but the name are None or false where it is not published.

    `is_current` says whether the served version is the one that is compiled; `is_held` whether an operator's rollback
    keeps it from being so; `staleness_us` is how old the served values are, `is_expired` whether that is too old.
    """

    view: str
    version: str | None
    watermark_us: int | None
    rows: int | None
    staleness_us: int | None
    is_expired: bool
    is_current: bool
    is_held: bool
    problem: str


def status(store: OnlineStore, registry: Registry, now_us: int) -> list[ViewStatus]:
    """The state of every view of the registry, in one round trip."""
    names = list(registry.views)
    records = store.get([record_key(registry.name, name) for name in names])
    return [_view(registry, name, data, now_us) for name, data in zip(names, records, strict=True)]


def _view(registry: Registry, name: str, data: bytes | None, now_us: int) -> ViewStatus:
    view = registry.views[name]
    problem = "not published"
    record = PublishedView()
    if data is not None:
        try:
            record = load_record(data)
        except RecordError as error:
            problem = str(error)
    serving = record.published(record.active)
    if serving is None:
        return ViewStatus(name, None, None, None, None, False, False, False, problem)
    staleness = now_us - serving.watermark_us
    expired = view.online_ttl_us is not None and staleness > view.online_ttl_us
    current, held = serving.version == version_of(view), record.held is not None
    if expired:
        problem = "expired: its values are older than its online_ttl"
    elif held:
        problem = "rolled back"
    elif not current:
        problem = "the compiled definition is not published yet"
    else:
        problem = ""
    return ViewStatus(
        name, serving.version, serving.watermark_us, serving.rows, staleness, expired, current, held, problem
    )
