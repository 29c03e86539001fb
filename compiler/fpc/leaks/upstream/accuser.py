"""Making obstacles of what is found in the SQL of one file, each at its place."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from fpc.diagnostics import codes
from fpc.diagnostics.codes import Code
from fpc.diagnostics.diagnostic import Severity
from fpc.diagnostics.span import Span
from fpc.leaks.names import is_outcome, is_state, is_validity
from fpc.leaks.obstacle import Obstacle
from fpc.spec.text_file import TextFile

_AS_OF_HELP: Final = (
    "join the version that was current then: `ON d.key = o.key AND d.changed_at <= o.ordered_at` (or ASOF JOIN), "
    "or make the table a source of its own"
)
_STATISTIC_HELP: Final = (
    "look back alone: ORDER BY the time at which rows are known, up to the current row; or let a feature aggregate"
)


class Accuser:
    """Says what stands in the way, and where in its file."""

    def __init__(self, file: TextFile, *, timed: bool) -> None:
        """Take the file, and whether its rows bear the time at which they were written (`known_time`)."""
        self._file = file
        self._timed = timed

    def whole(self, node: exp.Expr, label: str) -> Obstacle:
        """A value over rows that come later too."""
        message = "a value is computed with rows that may come later"
        return self._error(codes.WHOLE_TABLE_STATISTIC, node, message, label, _STATISTIC_HELP)

    def join(self, item: exp.Expr, label: str) -> Obstacle:
        """A relation whose rows nothing bounds."""
        shown = item.name if isinstance(item, exp.Table) else item.alias_or_name or "a query"
        message = f"`{shown}` is joined without an as-of"
        return self._error(codes.JOIN_WITHOUT_AS_OF, item, message, label, _AS_OF_HELP)

    def stamped(self, node: exp.Expr) -> Obstacle:
        """A time that nothing holds to be after that of the row."""
        message, label = "rows bear an instant that may be before they were known", "not bounded by a time of the row"
        help = "give the source a `known_time` that no row is known after, such as the end of the day"
        return self._error(codes.STAMPED_TOO_EARLY, node, message, label, help)

    def clock(self, node: exp.Expr) -> Obstacle:
        """A call of the clock."""
        message = f"`{node.sql(dialect='duckdb')}` reads the clock"
        help = "leave the time to the reader: features take it as AS_OF()"
        return self._error(codes.UPSTREAM_CLOCK, node, message, "differs from run to run", help)

    def newest(self, node: exp.Expr) -> Obstacle:
        """A rank that starts from the newest row."""
        message, label = "rows are numbered from the newest on", "which is the newest changes with each row that comes"
        help = "keep all versions: name their key as `unique_key` and their time as `known_time` of the source"
        return self._error(codes.KEEPS_LAST_VERSION, node, message, label, help)

    def evidence(self, column: exp.Column) -> Obstacle | None:
        """What a column's name says against it, if it does; for one that comes from a table as it is."""
        name = column.name.casefold()
        if is_validity(name) or (is_outcome(name) and not self._timed):
            return Obstacle(
                codes.OUTCOME_COLUMN, Severity.WARNING, f"`{column.name}` is known only after its row",
                self.span(column), "says what happened later", "leave it out, or read it from rows of their own",
            )  # fmt: skip
        if is_state(name) and not self._timed:
            return Obstacle(
                codes.OVERWRITTEN_COLUMN, Severity.WARNING, f"`{column.name}` says how things stand, which changes",
                self.span(column), "as it is now, not as it was then",
                "keep a row for each change, with `unique_key` and `known_time` on the source",
            )  # fmt: skip
        return None

    def unproven(self, node: exp.Expr, what: str) -> Obstacle:
        """Something that the proof does not know."""
        message = f"{what} cannot be followed by the proof"
        help = "write it in another way, or declare what is sure as `immutable: [...]` on the source"
        return Obstacle(
            codes.UNPROVEN_UPSTREAM, Severity.WARNING, message, self.span(node), "the proof ends here", help
        )

    def span(self, node: exp.Expr) -> Span:
        """Where the node stands: from the first to the last of its words that have a mark."""
        marks = [(int(part.meta["start"]), int(part.meta["end"]) + 1) for part in node.walk() if "start" in part.meta]
        if not marks:
            return self._file.span(*self._without_mark(node))
        return self._file.span(min(start for start, _ in marks), max(end for _, end in marks))

    def _error(self, code: Code, node: exp.Expr, message: str, label: str, help: str) -> Obstacle:
        return Obstacle(code, Severity.ERROR, message, self.span(node), label, help)

    def _without_mark(self, node: exp.Expr) -> tuple[int, int]:
        """Where a word without arguments stands (`CURRENT_DATE`): its first occurrence."""
        text = self._file.text.casefold()
        words = [name.casefold() for name in node.sql_names()] if isinstance(node, exp.Func) else []
        spelled = [*words, node.sql(dialect="duckdb").casefold().split("(")[0], "now", "today", "current_timestamp"]
        for word in spelled:
            at = text.find(word)
            if word and at >= 0:
                return at, at + len(word)
        return 0, 1
