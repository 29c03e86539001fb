"""What stands in the way of a proof."""

from __future__ import annotations

from dataclasses import dataclass

from fpc.diagnostics import codes
from fpc.diagnostics.codes import Code
from fpc.diagnostics.diagnostic import Severity
from fpc.diagnostics.span import Span


@dataclass(frozen=True, slots=True)
class Hop:
    """One stop on the way from where a value leaks to the feature that it reaches: what is there, and where."""

    what: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A value that may depend on what was known only later: the rule, the place, the reason and the way out.

    `trail` leads from the place outwards to the source: the expressions of dbt models that hand the value on.
    """

    code: Code
    severity: Severity
    message: str
    span: Span
    label: str
    help: str
    trail: tuple[Hop, ...] = ()

    @property
    def rests_on_a_name(self) -> bool:
        """Whether nothing but what a column is called speaks against it."""
        return self.code in (codes.OUTCOME_COLUMN, codes.OVERWRITTEN_COLUMN)
