"""Types of expressions, asked of DuckDB itself: nobody else knows exactly what `a / b` is.

One in-memory connection binds `DESCRIBE SELECT ...` over columns that are typed nulls, many expressions a statement;
when a statement fails it is halved until the guilty expressions are alone. Nothing is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel

from fpc.types.logical import Kind, LogicalType

if TYPE_CHECKING:
    from fpc.model.binder import Binder

_BATCH: Final = 200
_GROUPS: Final = 8
_UNSIGNED: Final = {
    "utinyint": Kind.INTEGER,
    "usmallint": Kind.INTEGER,
    "uinteger": Kind.BIGINT,
    "ubigint": Kind.HUGEINT,
    "timestamp_s": Kind.TIMESTAMP,
    "timestamp_ms": Kind.TIMESTAMP,
}
_UNDERLINED: Final = re.compile(r"^(LINE \d+: .*)\n( *)(\^+)", re.MULTILINE)
_PIECE: Final = re.compile(r"'(?:[^']|'')*'|\w+|[^\s\"]")
_PLACEHOLDER: Final = re.compile(r"__a\d+")
_NO_FUNCTION: Final = re.compile(r"No function matches the given name and argument types '(\S+?)\((.*)\)'\.")
_NO_COMPARISON: Final = re.compile(r"Cannot compare values of type (.+) and type (.+) - an explicit cast is required")
_QUOTED: Final = re.compile(r'"([^"]+)"')
_AS_OF_SQL: Final = "TIMESTAMPTZ '2000-01-01 00:00:00+00'"

Columns = tuple[tuple[str, LogicalType], ...]


@dataclass(frozen=True, slots=True)
class Untyped:
    """Why an expression has no type: DuckDB's complaint in one line, and the SQL at which it points, if any."""

    message: str
    near: str | None = None
    help: str | None = None

    def find_in(self, text: str, start: int, end: int) -> tuple[int, int]:
        """Where in the text, between two offsets, the complaint is about; all of it when that cannot be told."""
        pieces = [] if self.near is None else _PIECE.findall(self.near)
        if not pieces or len(pieces) > 50 or sum(map(bool, map(_PLACEHOLDER.fullmatch, pieces))) > 3:
            return start, end
        pattern = r"[\s\"]*".join(map(_pattern, pieces))
        found = re.compile(pattern, re.IGNORECASE | re.DOTALL).search(text, start, end)
        return (start, end) if found is None else found.span()


Answer = LogicalType | Untyped
_UNSUPPORTED: Final = Untyped("DuckDB has no such form of this function")


@dataclass(frozen=True, slots=True)
class _Question:
    sql: str
    columns: Columns

    @property
    def key(self) -> str:
        """The question as one text."""
        return "\0".join((self.sql, *(f"{name} {type}" for name, type in self.columns)))


class Typing:
    """Answers what type an expression has over typed columns; each distinct question is asked once.

    Ask with `want`, then `answer` all that is wanted in one go, then look answers up with `type_of`.
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        """Open nothing yet: a repository whose features are all plain aggregates never needs DuckDB.

        `known` are the `answers` of an earlier check, by the same version of DuckDB.
        """
        self._binder: Binder | None = None
        self._known = {} if known is None else known
        self._generator = DuckDB().generator(identify=True, comments=False, unsupported_level=ErrorLevel.IGNORE)
        self._texts: dict[int, tuple[exp.Expr, str, tuple[str, ...]]] = {}
        self._answers: dict[_Question, Answer] = {}
        self._wanted: dict[_Question, None] = {}

    def want(self, tree: exp.Expr, columns: Mapping[str, LogicalType]) -> None:
        """Note that the type of `tree` over `columns` will be looked up; plain columns need no asking."""
        if type(tree) is exp.Column:
            return
        question = self._question(tree, columns)
        if question in self._answers:
            return
        known = self._known.get(question.key)
        if known is None:
            self._wanted[question] = None
        else:
            self._answers[question] = LogicalType.parse(known)

    def type_of(self, tree: exp.Expr, columns: Mapping[str, LogicalType]) -> Answer:
        """The type of an expression that was wanted and answered."""
        if type(tree) is exp.Column:
            return columns[tree.name]
        return self._answers[self._question(tree, columns)]

    def answer(self) -> None:
        """Ask DuckDB all that is wanted."""
        groups: list[tuple[dict[str, LogicalType], list[_Question]]] = []
        for question in self._wanted:
            for environment, questions in groups[-_GROUPS:]:
                if len(questions) < _BATCH and all(environment.get(n, t) == t for n, t in question.columns):
                    break
            else:
                environment, questions = {}, []
                groups.append((environment, questions))
            environment.update(question.columns)
            questions.append(question)
        self._wanted.clear()
        for environment, questions in groups:
            self._ask(questions, environment)

    def answers(self) -> dict[str, str]:
        """The types that were found, to be `known` another time; complaints are not among them."""
        return {question.key: str(answer) for question, answer in self._answers.items() if type(answer) is LogicalType}

    def describe(self, query: exp.Expr, columns: Iterable[tuple[str, LogicalType]]) -> Untyped | None:
        """Why a whole query over the relation `this` of these columns does not bind; None when it does."""
        fields = ", ".join(f"{_null(type)} AS {_quote(name)}" for name, type in columns)
        described = self._describe(
            f"WITH this AS (SELECT {fields}) SELECT * FROM (\n{self._generator.generate(query)}\n)"
        )
        return _untyped(described) if isinstance(described, str) else None

    def _question(self, tree: exp.Expr, columns: Mapping[str, LogicalType]) -> _Question:
        known = self._texts.get(id(tree))
        if known is None:
            names = tuple(sorted({column.name for column in tree.find_all(exp.Column)}))
            sql = self._generate(tree)
            known = self._texts[id(tree)] = (tree, sql, names)
        return _Question(known[1], tuple((name, columns[name]) for name in known[2]))

    def _generate(self, tree: exp.Expr) -> str:
        """The SQL of a tree, which generating a scalar expression leaves as it is; empty where DuckDB lacks a part."""
        sql = self._generator.generate(tree, copy=False)
        # sqlglot doubts EXTRACT from an instant because of session time zones; here every session runs in UTC.
        lacks = [text for text in self._generator.unsupported_messages if not text.startswith("EXTRACT from")]
        return "" if lacks else sql.replace("AS_OF()", _AS_OF_SQL)

    def _ask(self, questions: list[_Question], environment: Mapping[str, LogicalType]) -> None:
        items = ",\n".join(f"({question.sql}) AS c{index}" for index, question in enumerate(questions))
        fields = ", ".join(f"{_null(type)} AS {_quote(name)}" for name, type in environment.items())
        described = self._describe(f"SELECT {items}\nFROM (SELECT {fields or '1'})")
        if isinstance(described, str):
            if len(questions) == 1:
                self._answers[questions[0]] = _untyped(described) if questions[0].sql else _UNSUPPORTED
                return
            half = len(questions) // 2
            self._ask(questions[:half], environment)
            self._ask(questions[half:], environment)
            return
        for question, type in zip(questions, described, strict=True):
            self._answers[question] = _logical(type)

    def _describe(self, query: str) -> list[str] | str:
        if self._binder is None:
            from fpc.model.binder import Binder  # brings DuckDB, which an answer that is known does not need

            self._binder = Binder()
        return self._binder.describe(query)


def _null(type: LogicalType) -> str:
    return f"CAST(NULL AS {type})"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _logical(text: str) -> Answer:
    """DuckDB's spelling of a type as a logical type; unsigned ones widen to the next signed one."""
    name = text.lower()
    if name in _UNSIGNED:
        return LogicalType(_UNSIGNED[name])
    try:
        return LogicalType.parse(name)
    except ValueError:
        if name == '"null"':
            return Untyped("a bare NULL has no type", help="write `CAST(NULL AS bigint)`, or another type")
        return Untyped(f"values of type {text} cannot be features", help="cast it, for instance to `varchar`")


def _untyped(text: str) -> Untyped:
    """DuckDB's message in the words of diagnostics."""
    message = text.split("\n")[0].split("Error: ", 1)[-1].strip()
    near, help = None, None
    underlined = _UNDERLINED.search(text)
    if underlined is not None:
        start = len(underlined[2])
        near = underlined[1][start : start + len(underlined[3])]
    else:
        quoted = _QUOTED.search(message)
        near = None if quoted is None else quoted[1]
    no_function, no_comparison = _NO_FUNCTION.search(message), _NO_COMPARISON.search(message)
    if no_function is not None:
        message = f"no form of `{no_function[1].upper()}` takes ({_types(no_function[2])})"
        help = "cast an argument to a type that it takes"
    elif no_comparison is not None:
        message = f"cannot compare {_types(no_comparison[1])} with {_types(no_comparison[2])}"
        help = "cast one of the two"
    return Untyped(message[:1].lower() + message[1:], near, help)


def _pattern(piece: str) -> str:
    """What one word or sign of generated SQL looks like in the text that it was generated from."""
    if _PLACEHOLDER.fullmatch(piece):
        return ".*?"
    return rf"\b{piece}\b" if piece.isidentifier() else re.escape(piece)


def _types(text: str) -> str:
    return text.replace("_LITERAL", "").lower()
