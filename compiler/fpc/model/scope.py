"""Looking up the columns that an expression names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.codes import Code
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.aggregate_calls import ColumnUse
from fpc.model.expressions import Expression
from fpc.model.sql_text import MOST_PROBLEMS, Problem
from fpc.model.vocabulary import RESERVED_WORDS
from fpc.spec.located import Located
from fpc.types.logical import LogicalType

#: What a request-time view calls the fields of its request.
REQUEST: Final = "request"


@dataclass(frozen=True, slots=True)
class Scope:
    """The columns that an expression may use.

    `types` is by declared name; `folded` finds that name from any spelling. `table` is the qualifier that may stand
    before a column, `owner` what messages call it: "source `orders`".
    """

    table: str
    owner: str
    code: Code
    noun: str
    types: Mapping[str, LogicalType]
    folded: Mapping[str, str]
    note: str | None = None

    @staticmethod
    def of(
        table: str, owner: str, code: Code, noun: str, types: Mapping[str, LogicalType], note: str | None = None
    ) -> Scope:
        """A scope over these columns."""
        return Scope(table, owner, code, noun, types, {name.casefold(): name for name in types}, note)

    def find(self, name: Located[str], findings: Findings) -> str | None:
        """The declared name of a column that a spec names outside of SQL."""
        found = self.folded.get(name.value.casefold())
        if found is None:
            self._report(name.value, name.span, findings)
        return found

    def check(self, expression: Expression, text: Located[str], findings: Findings) -> bool:
        """Report every column of the expression that is not in scope; whether all are."""
        missing = [use for use in expression.columns if not self._knows(use)]
        for use in missing[:MOST_PROBLEMS]:
            span = text.place.within(use.start, use.end)
            if use.qualifier is not None and use.qualifier.casefold() != self.table:
                if use.qualifier.casefold() == REQUEST:
                    findings.error(
                        codes.OTHER_TABLE,
                        f"`REQUEST.{use.name}` is for views with `freshness: request`",
                        span,
                        "there is no request when this is computed",
                    )
                    continue
                findings.error(
                    codes.OTHER_TABLE,
                    f"`{use.qualifier}` is not {self.owner}",
                    span,
                    "names another table",
                    help=f"write `{use.name}` alone",
                )
                continue
            self._report(use.name, span, findings)
        return not missing

    def named(self, expression: Expression, tree: exp.Expr) -> exp.Expr:
        """The tree with every column by its declared name, unqualified; the very same tree where it is so already."""
        if all(use.qualifier is None and use.name in self.types for use in expression.columns):
            return tree
        copy = tree.copy()
        for column in list(copy.find_all(exp.Column)):
            declared = self.folded.get(column.name.casefold())
            if declared is not None:
                named = column_of(declared)
                if column is copy:
                    return named
                column.replace(named)
        return copy

    def _knows(self, use: ColumnUse) -> bool:
        if use.qualifier is not None and use.qualifier.casefold() != self.table:
            return False
        return use.name in self.types or use.name.casefold() in self.folded

    def _report(self, name: str, span: object, findings: Findings) -> None:
        findings.error(
            self.code,
            f"unknown {self.noun} `{name}` in {self.owner}",
            span,  # type: ignore[arg-type]
            f"not a {self.noun} of this {self.owner.split(' ')[0]}",
            notes=() if self.note is None else (self.note,),
            help=did_you_mean(name, self.types),
        )


def column_of(name: str) -> exp.Column:
    """A column node, quoted where SQL needs it."""
    return exp.column(name, quoted=name.casefold() in RESERVED_WORDS)


def report(problems: tuple[Problem, ...], text: Located[str], findings: Findings) -> None:
    """Report what is wrong with an expression's text at its places in the file."""
    for problem in problems:
        span = text.place.within(problem.start, problem.end)
        findings.error(problem.code, problem.message, span, problem.label, help=problem.help)
