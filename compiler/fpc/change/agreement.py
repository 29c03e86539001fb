"""Whether a change may be merged as it is: what services read keeps its meaning, or their owners agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fpc.change.nodes import Bump, Change, Class, Impact, Reader
from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.findings import Findings
from fpc.model.deprecations import deprecated_outputs
from fpc.model.nodes import FeatureView, Model

_MOST = 5


def judged(
    before: Model, after: Model, changes: Sequence[Change], impacts: Sequence[Impact], today: str
) -> tuple[tuple[Impact, ...], tuple[Diagnostic, ...]]:
    """The impacts with what was agreed, and what forbids to merge, by place; `today` is an ISO date."""
    findings = Findings()
    told = []
    for change, impact in zip(changes, impacts, strict=True):
        old, new = before.views.get(change.before_name), after.views.get(change.name)
        if old is not None and new is None:
            _judge_removal(old, after, impact, today, findings)
        elif old is not None and new is not None and impact.bump is not Bump.NOT_NEEDED:
            impact = _judge_change(old, new, after, impact, findings)
        if old is not None and new is not None:
            _judge_removed_features(change, old, new, impact, today, findings)
        told.append(impact)
    return tuple(told), findings.sorted()


def _judge_change(old: FeatureView, new: FeatureView, after: Model, impact: Impact, findings: Findings) -> Impact:
    against = unwilling(old, new, impact)
    if impact.bump is Bump.DUE:
        if not impact.readers:
            return impact
        if not against:
            return replace(impact, bump=Bump.AGREED)
        _report_unagreed(new, against, findings)
        return impact
    kept = [view for view in after.views.values() if view.fingerprint == old.fingerprint and view is not new]
    moved = [reader for reader in against if _still_reads(after, reader, new)]
    if moved:
        _report_moved(old, new, moved, kept, findings)
    return impact


def unwilling(old: FeatureView, new: FeatureView, impact: Impact) -> list[Reader]:
    """Those readers of a changed view whose owner has not agreed to the change."""
    agreed = _agreed(old, new)
    return [reader for reader in impact.readers if not (reader.owner and reader.owner in agreed)]


def _agreed(old: FeatureView, new: FeatureView) -> frozenset[str]:
    """Who agreed to this change: what was written down before it, was about another."""
    entries = [entry for entry in new.changes if entry.version == new.version and entry not in old.changes]
    return frozenset(owner for entry in entries for owner in entry.agreed_by)


def _still_reads(after: Model, reader: Reader, view: FeatureView) -> bool:
    service = after.services.get(reader.service)
    return service is not None and any(reference.view == view.name for reference in service.features)


def _report_unagreed(view: FeatureView, against: list[Reader], findings: Findings) -> None:
    owners = sorted({reader.owner for reader in against if reader.owner})
    findings.error(
        codes.UNAGREED_CHANGE,
        f"version {view.version} of view `{view.name}` comes to mean something else, and services read it",
        view.span,
        "changed, but not its version",
        notes=_readers(against),
        help=f"`fpc new version {view.name}` raises it and keeps the old one; or have {_names(owners)} agree: "
        f"`changes: [{{version: {view.version}, reason: ..., agreed_by: [{', '.join(owners)}]}}]`",
    )


def _report_moved(
    old: FeatureView, new: FeatureView, moved: list[Reader], kept: list[FeatureView], findings: Findings
) -> None:
    owners = sorted({reader.owner for reader in moved if reader.owner})
    if kept:
        keep = f"read `{kept[0].name}` in these services until their owners move on"
    else:
        keep = f"`fpc new version {new.name}` keeps the view as it was under a name of its own, for these services"
    findings.error(
        codes.VERSION_NOT_KEPT,
        f"view `{new.name}` goes from version {old.version} to {new.version}, and takes services along",
        new.span,
        "their owners have not agreed",
        notes=_readers(moved),
        help=f"{keep}; or have {_names(owners)} agree, in `changes`",
    )


def _judge_removal(old: FeatureView, after: Model, impact: Impact, today: str, findings: Findings) -> None:
    gone = old.deprecated
    if gone is None or gone.remove_after is None or today > gone.remove_after or not impact.readers:
        return
    successor = after.views.get(gone.use or "")
    agreed = frozenset[str]() if successor is None else frozenset(
        owner for entry in successor.changes for owner in entry.agreed_by
    )  # fmt: skip
    against = [reader for reader in impact.readers if reader.owner not in agreed]
    if against:
        findings.error(
            codes.REMOVED_TOO_EARLY,
            f"view `{old.name}` is to be served until {gone.remove_after}, and services read it",
            None,
            notes=_readers(against),
            help=f"leave it until then, or name {_names(sorted({r.owner for r in against}))} under `agreed_by` in "
            f"`changes` of `{gone.use or 'its successor'}`",
        )


def _judge_removed_features(
    change: Change, old: FeatureView, new: FeatureView, impact: Impact, today: str, findings: Findings
) -> None:
    if impact.bump is Bump.DUE:
        return  # told already, with what removes it
    gone = {f"{new.name}.{output.name}": (output.name, deprecated) for output, deprecated in deprecated_outputs(old)}
    for part in change.parts:
        name, deprecated = gone.get(part.name, ("", None))
        until = None if deprecated is None or Class.REMOVED not in part else deprecated.remove_after
        if until is None or today > until:
            continue
        against = [one for one in impact.readers if name in one.features and one.owner not in _agreed(old, new)]
        if against:
            findings.error(
                codes.REMOVED_TOO_EARLY,
                f"feature `{part.name}` is to be served until {until}, and services read it",
                new.span,
                notes=_readers(against),
                help=f"leave it until then, or have {_names(sorted({r.owner for r in against}))} agree, in `changes`",
            )


def _readers(readers: list[Reader]) -> tuple[str, ...]:
    notes = [
        f"service `{reader.service}` of {reader.owner or 'nobody'} reads "
        + ", ".join(f"`{name}`" for name in reader.features[:_MOST])
        + (f" and {len(reader.features) - _MOST} more" if len(reader.features) > _MOST else "")
        for reader in readers[:_MOST]
    ]
    return (*notes, *([f"so do {len(readers) - _MOST} more services"] if len(readers) > _MOST else []))


def _names(owners: list[str]) -> str:
    return " and ".join(owner for owner in owners if owner) or "an owner (the services have none)"
