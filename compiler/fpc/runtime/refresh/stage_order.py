"""What a stage answers when the one before it has not been run for its instant."""

from __future__ import annotations

from fpc.contract.registry import ViewContract
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.grid import instant_text
from fpc.runtime.refresh.report import ViewOutcome, ViewRun
from fpc.runtime.refresh.state import Build


def missing_build(view: ViewContract, as_of_us: int, known: Build | None, stage: str) -> ViewRun:
    """`OVERTAKEN` where the tables are as of a newer instant by now, else `FAILED`, with the stage to run first."""
    if known is not None and known.as_of_us > as_of_us:
        return ViewRun(view.name, as_of_us, ViewOutcome.OVERTAKEN)
    at = instant_text(as_of_us)
    done = {"build": "built", "gate": "through the gate", "publish": "published"}[stage]
    error = FpcRuntimeError(
        f"view `{view.name}` as of {at} is not {done} yet",
        kept=f"what was served of view `{view.name}` is still served",
        help=f"fpc run --select {view.name} --as-of {at} --stage {stage}",
    )
    return ViewRun(view.name, as_of_us, ViewOutcome.FAILED, error=error)
