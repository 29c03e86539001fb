"""Looking up the columns that an expression names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.codes import Code
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.diagnostics.suggestion import did_you_mean, meant_or_known
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
    before a column, `owner` what messages call it: "source `orders`"; `hint` is the help for a name that is like none.
    """

    table: str
    owner: str
    code: Code
    noun: str
    types: Mapping[str, LogicalType]
    folded: Mapping[str, str]
    note: str | None = None
    hint: str | None = None

    @staticmethod
    def of(
        table: str,
        owner: str,
        code: Code,
        noun: str,
        types: Mapping[str, LogicalType],
        note: str | None = None,
        hint: str | None = None,
    ) -> Scope:
        """A scope over these columns."""
        return Scope(table, owner, code, noun, types, {name.casefold(): name for name in types}, note, hint)

    def find(self, name: Located[str], findings: Findings) -> str | None:
        """The declared name of a column that a spec names outside of SQL."""
        found = self.folded.get(name.value.casefold())
        if found is None:
            self._report(name.value, name.span, findings)
        return found

    def check(self, expression: Expression, text: Located[str], findings: Findings) -> bool:
        """Report every column of the expression that is not in scope; whether all are."""
        fits = self.check_tables(expression, text, findings)
        missing = [use for use in expression.columns if use.name.casefold() not in self.folded and self._owns(use)]
        for use in missing[:MOST_PROBLEMS]:
            self._report(use.name, text.place.within(use.start, use.end), findings)
        return fits and not missing

    def check_tables(self, expression: Expression, text: Located[str], findings: Findings) -> bool:
        """Report every column that is said to be another table's; whether there is none."""
        foreign = [use for use in expression.columns if not self._owns(use)]
        for use in foreign[:MOST_PROBLEMS]:
            span = text.place.within(use.start, use.end)
            if use.qualifier is not None and use.qualifier.casefold() == REQUEST:
                message = f"`REQUEST.{use.name}` is for views with `freshness: request`"
                findings.error(codes.OTHER_TABLE, message, span, "there is no request when this is computed")
            else:
                message = f"`{use.qualifier}` is not {self.owner}"
                help = f"write `{use.name}` alone"
                findings.error(codes.OTHER_TABLE, message, span, "names another table", help=help)
        return not foreign

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

    def _owns(self, use: ColumnUse) -> bool:
        return use.qualifier is None or use.qualifier.casefold() == self.table

    def _report(self, name: str, span: Span, findings: Findings) -> None:
        findings.error(
            self.code,
            f"unknown {self.noun} `{name}` in {self.owner}",
            span,
            f"not a {self.noun} of this {self.owner.split(' ')[0]}",
            notes=() if self.note is None else (self.note,),
            help=did_you_mean(name, self.types) or self.hint or meant_or_known(name, self.types),
        )


def column_of(name: str) -> exp.Column:
    """A column node, quoted where SQL needs it."""
    return exp.column(name, quoted=name.casefold() in RESERVED_WORDS)


def report(problems: tuple[Problem, ...], text: Located[str], findings: Findings) -> None:
    """Report what is wrong with an expression's text at its places in the file."""
    for problem in problems:
        span = text.place.within(problem.start, problem.end)
        findings.error(problem.code, problem.message, span, problem.label, help=problem.help)
