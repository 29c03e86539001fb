"""Runs the rules that look at the whole model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.rules.all import ALL
from fpc.rules.rule import Reach, Survey
from fpc.spec.documents import Spec

#: Whether no check looks at more than a document and what is around it.
FOLLOWS_EDITS: Final = all(rule.check is None or rule.reach is Reach.DOCUMENT for rule in ALL)
#: The surveys, by the code of their rule.
SURVEYS: Final[Mapping[str, Survey]] = {rule.code.code: rule.survey for rule in ALL if rule.survey is not None}


def check(spec: Spec, model: Model) -> tuple[Diagnostic, ...]:
    """Everything that the rules find, sorted by place; pure, and linear in the number of features."""
    findings = Findings()
    for survey in SURVEYS.values():
        survey.judge(sorted(fact for _, fact in survey.gather(spec, model)), findings)
    return (*check_documents(spec, model), *findings.sorted())


def check_documents(spec: Spec, model: Model) -> tuple[Diagnostic, ...]:
    """What the rules find without their surveys, sorted by place."""
    findings = Findings()
    for rule in ALL:
        if rule.check is not None:
            rule.check(spec, model, findings)
    return findings.sorted()
