"""How a view's record changes: pure functions from record to record."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fpc.contract.published import PublishedVersion, PublishedView


@dataclass(frozen=True, slots=True)
class Completion:
    """The record after a version was completely published; `reason` says why readers were not switched, if so."""

    record: PublishedView
    flipped: bool
    reason: str


def begun(record: PublishedView, version: str, token: str) -> PublishedView:
    """The record while publication `token` writes rows of a version, maybe for the first time."""
    marked = replace(record, writing={**record.writing, version: token})
    if version in record.versions:
        return marked
    others = tuple(name for name in record.filling if name != version)
    retired = tuple(name for name in dict.fromkeys((*record.retired, *others)) if name != version)
    return replace(marked, filling=(version,), retired=retired)


def completed(record: PublishedView, entry: PublishedVersion) -> Completion:
    """The record after `entry` was completely published.

    Readers are switched to it unless they read it already, or an operator has rolled it back, or it is of an older
    instant than what they read. What is then neither read nor kept for a rollback is retired.
    """
    updated = record.with_version(entry)
    updated = replace(
        updated,
        filling=tuple(name for name in record.filling if name != entry.version),
        writing={version: token for version, token in record.writing.items() if version != entry.version},
    )
    serving = record.published(record.active)
    if serving is None:
        return Completion(_tidied(replace(updated, active=entry.version, held=None)), True, "")
    if record.active == entry.version:
        return Completion(_tidied(replace(updated, held=None), entry.version), False, "")
    if record.held == entry.version:
        reason = "it was rolled back; it is kept fresh and readers are not switched to it"
        return Completion(_tidied(updated, entry.version), False, reason)
    if entry.watermark_us < serving.watermark_us:
        reason = "it is of an older instant than what is served, and readers are not switched to it"
        return Completion(_tidied(updated, entry.version), False, reason)
    flipped = replace(updated, active=entry.version, previous=record.active, held=None)
    return Completion(_tidied(flipped), True, "")


def rolled_back(record: PublishedView) -> PublishedView | None:
    """The record after a rollback to the previous version; None where there is none to go back to."""
    if record.previous is None or record.previous not in record.versions:
        return None
    return replace(record, active=record.previous, previous=record.active, held=record.active)


def rollback_undone(record: PublishedView) -> PublishedView | None:
    """The record after a rollback is taken back; None where nothing is held."""
    if record.held is None or record.held not in record.versions:
        return None
    return replace(record, active=record.held, previous=record.active, held=None)


def swept(record: PublishedView, version: str) -> PublishedView:
    """The record after the rows of a retired version were deleted."""
    return replace(
        record,
        retired=tuple(name for name in record.retired if name != version),
        writing={name: token for name, token in record.writing.items() if name != version},
    )


def _tidied(record: PublishedView, *kept: str) -> PublishedView:
    """Retires all versions that are neither served, nor kept for a rollback, nor named."""
    keep = {record.active, record.previous, record.held, *kept}
    leaving = tuple(name for name in record.versions if name not in keep)
    if not leaving:
        return record
    return replace(
        record,
        versions={name: entry for name, entry in record.versions.items() if name in keep},
        retired=tuple(dict.fromkeys((*record.retired, *leaving))),
    )
