"""Whether views keep their promised freshness, by how long their refreshes have taken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.findings import Findings
from fpc.types.duration import Duration

if TYPE_CHECKING:
    from fpc.contract.registry import TargetContract
    from fpc.model.nodes import Model

#: Fewer refreshes than these tell nothing, and older ones than the last twenty no longer do.
_LEAST, _LATEST = 3, 20
_RECORDS: Final = ".fpc/refreshes"


def past_freshness(root: Path, model: Model) -> tuple[Diagnostic, ...]:
    """What past refreshes of the default target add to what the specs alone tell; nothing where there are none."""
    # What brings the model: it is there already, where this is asked at all.
    from fpc.contract.registry import TargetContract
    from fpc.rules.freshness_out_of_reach import binding, report

    findings = Findings()
    chosen = model.config.targets.get(model.config.default_target)
    if chosen is None:
        return ()
    target = TargetContract(chosen.name, chosen.engine, chosen.database, chosen.online, chosen.as_of)
    recorded = {path.stem for path in (root / _RECORDS / target.name).glob("*.json")}
    for view in model.views.values():
        if view.name not in recorded or view.freshness is None or binding(view) is not None:
            continue
        takes = usual_duration(_past_durations(root, target, view.name))
        found = None if takes is None else binding(view, takes)
        if found is not None:
            report(view, found, view.span, findings)
    return findings.sorted()


def freshness_records(root: Path) -> dict[str, bytes]:
    """What `past_freshness` reads beside the model, by view: the records of all targets."""
    found: dict[str, bytes] = {}
    for path in sorted((root / _RECORDS).glob("*/*.json")):
        found[path.stem] = found.get(path.stem, b"") + f"{path.parent.name} {path.stat().st_size} ".encode()
        found[path.stem] += path.read_bytes()
    return found


def usual_duration(durations: Sequence[int]) -> Duration | None:
    """What nine of ten refreshes did not exceed, of the last ones in microseconds, newest first; None for too few.

    >>> usual_duration([60_000_000, 30_000_000, 40_000_000])
    Duration(microseconds=60000000)
    """
    latest = sorted(durations[:_LATEST])
    if len(latest) < _LEAST:
        return None
    return Duration(latest[-(-len(latest) * 9 // 10) - 1])


def _past_durations(root: Path, target: TargetContract, view: str) -> list[int]:
    """From the start of each refresh to its publication, newest first."""
    from fpc.runtime.refresh.record import read_record  # brings the Redis client

    record = read_record(root, target, view)
    published = () if record is None else record.published
    return [refresh.ended_us - refresh.started_us for refresh in published if refresh.started_us]
