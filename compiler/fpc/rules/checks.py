"""Runs the rules that look at the whole model."""

from __future__ import annotations

from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.rules.all import ALL
from fpc.spec.documents import Spec


def check(spec: Spec, model: Model) -> tuple[Diagnostic, ...]:
    """Everything that the rules find, sorted by place; pure, and linear in the number of features."""
    findings = Findings()
    for rule in ALL:
        if rule.check is not None:
            rule.check(spec, model, findings)
    return findings.sorted()
