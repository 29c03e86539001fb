"""What a stage returns: a value and the diagnostics found so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from fpc.diagnostics.diagnostic import Diagnostic, Severity

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """A stage's value with everything found until then; the value is as complete as the input allowed."""

    value: T
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether any diagnostic is an error, so that no artefact may be written."""
        return any(found.severity is Severity.ERROR for found in self.diagnostics)
