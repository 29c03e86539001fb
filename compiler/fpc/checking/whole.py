"""A check: load, analyse, apply the rules; first file by file, then over the whole repository.

Cold and repeated checks are made of the same steps. `examine` finds what single files and their neighbours decide, and
gathers the facts of each; `judge` judges all facts. A repeated check examines less, and judges everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fpc import model, spec
from fpc.checking import name_clashes
from fpc.checking.order import ordered
from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.graded import graded
from fpc.diagnostics.result import Result
from fpc.model.nodes import FileLocation, Model
from fpc.model.typing import Typing
from fpc.rules.checks import SURVEYS, check_documents
from fpc.rules.rule import Fact, Survey
from fpc.spec.collector import paused_collector
from fpc.spec.documents import Spec

_ARROW: Final = (".arrow", ".feather", ".ipc")
_SURVEYS: Final[Mapping[str, Survey]] = {**SURVEYS, name_clashes.NAME: name_clashes.SURVEY}

#: A fact with the survey that gathered it and the path of the file that it is of.
OwnFact = tuple[str, str, Fact]


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found file by file; the facts are still to be judged."""

    spec: Spec
    model: Model
    diagnostics: tuple[Diagnostic, ...]
    facts: tuple[OwnFact, ...]


def check_repository(root: Path) -> Result[Model]:
    """Everything that can be known without a database: the model, and all that was found on the way, sorted."""
    with paused_collector():
        examined = examine(spec.load(root), Typing())
        judged = judge((survey, fact) for survey, _, fact in examined.facts)
        return Result(examined.model, ordered([*examined.diagnostics, *judged]))


def examine(loaded: Result[Spec], typing: Typing) -> Examined:
    """Analyse what was loaded, and apply the rules that look at one document and what is around it."""
    analysed = model.analyse(loaded.value, typing)
    found = [*loaded.diagnostics, *analysed.diagnostics, *check_documents(loaded.value, analysed.value)]
    found += _unreadable_files(analysed.value).sorted()
    found = list(graded(found, loaded.value.severities()))
    facts = tuple(
        (name, path, fact)
        for name, survey in _SURVEYS.items()
        for path, fact in survey.gather(loaded.value, analysed.value)
    )
    return Examined(loaded.value, analysed.value, tuple(found), facts)


def judge(facts: Iterable[tuple[str, Fact]]) -> tuple[Diagnostic, ...]:
    """What the facts of the whole repository come to, each with the survey that gathered it."""
    by_survey: dict[str, list[Fact]] = defaultdict(list)
    for name, fact in facts:
        by_survey[name].append(fact)
    findings = Findings()
    for name, survey in _SURVEYS.items():
        survey.judge(sorted(by_survey[name]), findings)
    wanted = {str(code): str(word) for code, word in by_survey[codes.UNKNOWN_CODE.code]}
    return tuple(graded(findings.sorted(), wanted))


def _unreadable_files(checked: Model) -> Findings:
    """Arrow files, which the engine of a refresh does not read (a training set asked for ad hoc does)."""
    findings = Findings()
    places = [
        (f"source `{source.name}`", source.location.path, source.span)
        for source in checked.sources.values()
        if isinstance(source.location, FileLocation)
    ]
    places += [
        (f"the spine of training set `{declared.name}`", declared.spine.path or "", declared.span)
        for declared in checked.training_sets.values()
    ]
    for what, path, span in places:
        if path.lower().endswith(_ARROW):
            findings.error(
                codes.ENGINE_NOT_BUILT,
                f"{what} is an Arrow file, which a refresh cannot read yet",
                span,
                "declared here",
                help="write it as Parquet",
            )
    return findings
