"""What a rule is: a code, its page, and a check where no earlier stage does the finding."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from fpc.diagnostics.codes import Code
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.spec.documents import Spec

Check = Callable[[Spec, Model, Findings], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `docstring` is its module's; `check` is None where loading or analysing finds the problem itself.

    A check is pure: it reads the spec and the model and adds what it finds. It may be given an incomplete model,
    from which whatever could not be resolved is missing.
    """

    code: Code
    docstring: str | None
    check: Check | None = None

    @property
    def page(self) -> str:
        """The rule's page in Markdown, under a heading with its code and name."""
        return f"# {self.code.code} {self.code.name}\n\n{inspect.cleandoc(self.docstring or '')}\n"
