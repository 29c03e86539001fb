"""Whether a change may be merged as it is: what services read keeps its meaning, or somebody agreed."""

from __future__ import annotations

from collections.abc import Sequence

from fpc.change.nodes import Change, Impact
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model


def problems_of(
    before: Model, after: Model, changes: Sequence[Change], impacts: Sequence[Impact], today: str
) -> tuple[Diagnostic, ...]:
    """What forbids to merge the change, by place."""
    return Findings().sorted()
