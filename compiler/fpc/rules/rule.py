"""What a rule is: a code, its page, and a check where no earlier stage does the finding.

A check that looks at one document and what it refers to says so (`Reach.DOCUMENT`): after an edit it is run again for
the documents around it alone. What needs the whole repository is best written as a survey: facts of each file, which
are kept, and a judgement of all of them. A check of neither kind makes every edit cost a whole check.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from fpc.diagnostics.codes import Code
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.spec.documents import Spec

Check = Callable[[Spec, Model, Findings], None]
#: What a survey knows of one file: texts and numbers, so that it can be kept as JSON.
Fact = tuple[str | int, ...]


class Reach(Enum):
    """What decides a check's findings in one file.

    DOCUMENT: the file's documents, `fpc.yml`, what they name and what names them, and what these name; for a view, not
    what other views of its source are, for a source, what all its views are (`fpc.checking.shape.neighbourhood`).
    REPOSITORY: anything.
    """

    DOCUMENT = "document"
    REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class Survey:
    """A check of the whole repository in two steps.

    `gather` gives the facts of an incomplete model, each with the path of the file that alone, with what its documents
    name, decides it. `judge` gets those of the whole repository, sorted, and adds what it finds.
    """

    gather: Callable[[Spec, Model], Iterable[tuple[str, Fact]]]
    judge: Callable[[Sequence[Fact], Findings], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `docstring` is its module's; loading or analysing finds the problem where it has no check or survey.

    A check is pure: it reads the spec and the model and adds what it finds. It may be given an incomplete model,
    from which whatever could not be resolved is missing.
    """

    code: Code
    docstring: str | None
    check: Check | None = None
    reach: Reach = Reach.REPOSITORY
    survey: Survey | None = None

    @property
    def page(self) -> str:
        """The rule's page in Markdown, under a heading with its code and name."""
        return f"# {self.code.code} {self.code.name}\n\n{inspect.cleandoc(self.docstring or '')}\n"
