"""One text for expressions that mean the same, however they are spelled.

Two expressions get one text only where they have the same value, null included, for every row: conditions are compared
in three-valued logic, and floats are never regrouped. Beyond spelling, spacing, case and parentheses that is so for

    a > 5                 5 < a, NOT a <= 5
    a BETWEEN 1 AND 2     a >= 1 AND a <= 2, in any order and grouping
    a IN (1, 2)           a = 2 OR a = 1
    NOT (a AND b)         NOT a OR NOT b
    CASE a WHEN 1 THEN x END    CASE WHEN a = 1 THEN x ELSE NULL END, IF(a = 1, x, NULL)
    a = 5                 a = 5.0, where `a` is a number that holds both exactly
    DATE_PART('hour', a)  EXTRACT(hour FROM a), HOUR(a)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from sqlglot import exp

from fpc.types.logical import Kind, LogicalType

#: a > b is b < a: the names of comparisons, and the arguments that come first and second.
_COMPARISONS: Final[dict[type[exp.Expr], tuple[str, str, str]]] = {
    exp.LT: ("LT", "this", "expression"),
    exp.LTE: ("LTE", "this", "expression"),
    exp.GT: ("LT", "expression", "this"),
    exp.GTE: ("LTE", "expression", "this"),
}
_EQUALITIES: Final[dict[type[exp.Expr], str]] = {
    exp.EQ: "EQ",
    exp.NEQ: "NEQ",
    exp.NullSafeEQ: "NullSafeEQ",
    exp.NullSafeNEQ: "NullSafeNEQ",
}
#: What is true exactly where the other is false, and null where it is null. NaN is the greatest number here.
_OPPOSITES: Final = {
    "LT": "LTE",
    "LTE": "LT",
    "EQ": "NEQ",
    "NEQ": "EQ",
    "NullSafeEQ": "NullSafeNEQ",
    "NullSafeNEQ": "NullSafeEQ",
}
#: Two operands whose order does not matter. Sums of three are not regrouped: floats are not associative.
_SYMMETRIC: Final = (exp.Add, exp.Mul, exp.BitwiseAnd, exp.BitwiseOr)
#: Nodes that are true, false or null, and nothing else.
_BOOLEAN: Final = frozenset(
    (
        *_COMPARISONS, *_EQUALITIES, exp.And, exp.Between, exp.Boolean, exp.ILike, exp.In, exp.Is, exp.Like, exp.Not,
        exp.Or, exp.RegexpFullMatch, exp.RegexpLike, exp.SimilarTo, exp.StartsWith,
    )
)  # fmt: skip
_JUNCTIONS: Final = frozenset((exp.And, exp.Or, exp.Between, exp.In))
#: Functions that are a part of a time.
_PARTS: Final[dict[type[exp.Expr], str]] = {
    exp.Day: "DAY",
    exp.DayOfMonth: "DAY",
    exp.Hour: "HOUR",
    exp.Minute: "MINUTE",
    exp.Month: "MONTH",
    exp.Quarter: "QUARTER",
    exp.Second: "SECOND",
    exp.Year: "YEAR",
}
_PART_FUNCTIONS: Final = frozenset(("DATEPART", "DATE_PART"))
_UNITS: Final = frozenset(
    ("MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "DECADE")
)
_IGNORED: Final = frozenset(("big_int", "dialect"))
_TRUE: Final = "true"
_FALSE: Final = "false"
#: Numbers of at most so many digits are the same as BIGINT, DECIMAL and DOUBLE.
_EXACT_DIGITS: Final = 15
_NO_TYPES: Final[Mapping[str, LogicalType]] = MappingProxyType({})


def canonical(node: exp.Expr, names: Mapping[str, str], types: Mapping[str, LogicalType] = _NO_TYPES) -> str:
    """The canonical text of an expression; `names` says what a column stands for, a column not in it is itself.

    `types` are those of columns: where the type of one is not known, fewer spellings are taken to be the same.
    """
    return _Writer(names, types).write(node)


def canonical_query(query: exp.Expr) -> str:
    """The canonical text of a whole query, whatever its tables are called within it."""
    renamed = query.copy()
    aliases = [alias for alias in renamed.find_all(exp.TableAlias) if alias.this is not None]
    names = [alias.name.casefold() for alias in aliases]
    if len(set(names)) == len(names):
        new = {name: f"_{place}" for place, name in enumerate(names)}
        for alias in aliases:
            alias.set("this", exp.to_identifier(new[alias.name.casefold()]))
        for reference in (*renamed.find_all(exp.Column), *renamed.find_all(exp.Table)):
            key = "table" if isinstance(reference, exp.Column) else "this"
            found = reference.args.get(key)
            if isinstance(found, exp.Identifier) and found.name.casefold() in new:
                reference.set(key, exp.to_identifier(new[found.name.casefold()]))
    return _QueryWriter({}, _NO_TYPES).write(renamed)


def every(conditions: list[str]) -> str:
    """The canonical text of several conditions, all of which must hold; empty where there is none."""
    return _joined("And", set(conditions)) if conditions else ""


class _Writer:
    def __init__(self, names: Mapping[str, str], types: Mapping[str, LogicalType]) -> None:
        self.names = names
        self.types = types

    def write(self, node: exp.Expr) -> str:
        kind = type(node)
        if kind in _BOOLEAN:
            return self.boolean(node, negated=False)
        special = _SPECIAL.get(kind)
        if special is not None:
            return special(self, node)
        if isinstance(node, _SYMMETRIC):
            return f"{kind.__name__}({', '.join(sorted((self.write(node.this), self.write(node.expression))))})"
        part = _PARTS.get(kind)
        if part is not None:
            return f"Part({part}, {self.write(node.this)})"
        return self.generic(node)

    def generic(self, node: exp.Expr) -> str:
        parts = []
        for key, value in sorted(node.args.items()):
            if value is None or value is False or key in _IGNORED or (isinstance(value, list) and not value):
                continue
            parts.append(f"{key}={self._value(value)}")
        return f"{type(node).__name__}({', '.join(parts)})"

    def _value(self, value: object) -> str:
        if isinstance(value, exp.Expr):
            return self.write(value)
        if isinstance(value, list):
            return f"[{', '.join(self._value(item) for item in value)}]"
        return repr(value)

    # -- conditions ------------------------------------------------------------------------------------------------

    def boolean(self, node: exp.Expr, *, negated: bool) -> str:
        """The text of what is true, false or null; `negated`, of NOT that."""
        kind = type(node)
        if kind in _JUNCTIONS:
            return self._junction(node, negated)
        if kind in _COMPARISONS:
            name, first, second = _COMPARISONS[kind]
            one, other = self._pair(node.args[first], node.args[second])
            return self._compared(name, one, other, negated)
        if kind in _EQUALITIES:
            one, other = sorted(self._pair(node.this, node.expression))
            return self._compared(_EQUALITIES[kind], one, other, negated)
        if kind is exp.Not:
            inner = node.this.unnest()
            if type(inner) in _BOOLEAN:
                return self.boolean(inner, negated=not negated)
            return f"Not({self.write(inner)})" if not negated else f"Not(Not({self.write(inner)}))"
        if kind is exp.Boolean:
            return _TRUE if bool(node.this) is not negated else _FALSE
        if node.args.get("negate"):  # NOT LIKE
            node = node.copy()
            node.set("negate", None)
            negated = not negated
        text = self.generic(node)
        return f"Not({text})" if negated else text

    @staticmethod
    def _compared(name: str, one: str, other: str, negated: bool) -> str:
        if not negated:
            return f"{name}({one}, {other})"
        if name in ("LT", "LTE"):  # NOT a < b is b <= a
            one, other = other, one
        return f"{_OPPOSITES[name]}({one}, {other})"

    def _junction(self, node: exp.Expr, negated: bool) -> str:
        """AND and OR over all their operands, however these are grouped, ordered and repeated."""
        kind = _meets(node, negated)
        operands: set[str] = set()
        certain = True
        stack = [(node, negated)]
        while stack:
            operand, opposite = stack.pop()
            operand = operand.unnest()
            if type(operand) is exp.Not:
                stack.append((operand.this, not opposite))
            elif type(operand) in (exp.And, exp.Or) and _meets(operand, opposite) == kind:
                stack += [(operand.this, opposite), (operand.expression, opposite)]
            elif type(operand) in (exp.Between, exp.In):
                operands.update(self._members(operand, opposite, kind))
            elif type(operand) in _BOOLEAN:
                operands.add(self.boolean(operand, negated=opposite))
            else:
                text = self.write(operand)
                operands.add(f"Not({text})" if opposite else text)
                certain = certain and opposite
        return _joined(kind, operands, certain=certain)

    def _members(self, node: exp.Expr, negated: bool, kind: str) -> set[str]:
        """What BETWEEN or IN adds to the operands of a junction: its comparisons, or itself as one operand."""
        parts = self._comparisons(node, negated)
        if parts is None:
            choices = sorted({self.write(choice) for choice in node.expressions})
            text = f"In({self.write(node.this)}, {', '.join(choices)})"
            return {f"Not({text})" if negated else text}
        own = _meets(node, negated)
        return parts if own == kind else {_joined(own, parts)}

    def _comparisons(self, node: exp.Expr, negated: bool) -> set[str] | None:
        """The comparisons that BETWEEN or IN stands for; None of choices that change how others are compared."""
        if type(node) is exp.Between:
            value, low, high = node.this, node.args["low"], node.args["high"]
            pairs = (self._pair(low, value), self._pair(value, high))
            return {self._compared("LTE", one, other, negated) for one, other in pairs}
        choices = [choice.unnest() for choice in node.expressions]
        if len(choices) > 1 and not _one_kind(choices):
            return None
        equal = (sorted(self._pair(node.this, choice)) for choice in choices)
        return {self._compared("EQ", one, other, negated) for one, other in equal}

    def _pair(self, one: exp.Expr, other: exp.Expr) -> tuple[str, str]:
        """Two sides of a comparison; a number beside a column of numbers is written by its value alone."""
        one, other = one.unnest(), other.unnest()
        return self._side(one, other), self._side(other, one)

    def _side(self, node: exp.Expr, beside: exp.Expr) -> str:
        if type(beside) is exp.Column and _holds_exactly(self.types.get(beside.name)):
            number = _number(node)
            if number is not None:
                return number
        return self.write(node)

    # -- single nodes ----------------------------------------------------------------------------------------------

    def column(self, node: exp.Expr) -> str:
        name = node.name.casefold()
        return self.names.get(name, f"column {name}")

    def paren(self, node: exp.Expr) -> str:
        return self.write(node.this)

    def cast(self, node: exp.Expr) -> str:
        inner, to = node.this.unnest(), node.args["to"].sql("duckdb").lower()
        known = self.types.get(inner.name) if type(inner) is exp.Column else None
        if known is not None and str(known) == to:
            return self.write(inner)
        return f"{type(node).__name__}({self.write(inner)} as {to})"

    def literal(self, node: exp.Expr) -> str:
        if node.args.get("is_string"):
            return repr(node.this)
        text = str(node.this).lower()
        return str(int(text)) if text.isdecimal() else text

    def call(self, node: exp.Expr) -> str:
        name = node.name.upper()
        if name in _PART_FUNCTIONS and node.expressions[0].is_string:
            return f"Part({_unit(node.expressions[0].name)}, {self.write(node.expressions[1])})"
        return f"{name}({', '.join(self.write(argument) for argument in node.expressions)})"

    def extract(self, node: exp.Expr) -> str:
        return f"Part({_unit(node.name)}, {self.write(node.expression)})"

    def case(self, node: exp.Expr) -> str:
        subject = node.args.get("this")
        branches = []
        for branch in node.args["ifs"]:
            condition = branch.this if subject is None else exp.EQ(this=subject.copy(), expression=branch.this.copy())
            branches.append(f"{self.write(condition)}: {self.write(branch.args['true'])}")
        return self._choice(branches, node.args.get("default"))

    def choose(self, node: exp.Expr) -> str:
        return self._choice([f"{self.write(node.this)}: {self.write(node.args['true'])}"], node.args.get("false"))

    def _choice(self, branches: list[str], otherwise: exp.Expr | None) -> str:
        is_null = otherwise is None or isinstance(otherwise.unnest(), exp.Null)
        return f"Case({', '.join(branches)}; {'' if is_null or otherwise is None else self.write(otherwise)})"

    def interval(self, node: exp.Expr) -> str:
        count, unit = node.this, node.args.get("unit")
        if count is None or unit is None:
            return self.generic(node)
        text = str(int(count.name)) if count.name.isdecimal() else self.write(count)
        return f"Interval({text} {_unit(unit.name)})"

    def word(self, node: exp.Expr) -> str:
        return _unit(node.name)


class _QueryWriter(_Writer):
    """As for expressions, but a column also says from which table it is."""

    def column(self, node: exp.Expr) -> str:
        table = node.args.get("table")
        if table is None:
            return super().column(node)
        return f"column {table.name.casefold()}.{node.name.casefold()}"


def _meets(node: exp.Expr, negated: bool) -> str:
    """Whether a junction holds when all its operands do, or when one does."""
    return "And" if (type(node) in (exp.And, exp.Between)) is not negated else "Or"


def _joined(kind: str, operands: set[str], *, certain: bool = True) -> str:
    neutral, absorbing = (_TRUE, _FALSE) if kind == "And" else (_FALSE, _TRUE)
    if absorbing in operands:
        return absorbing
    left = sorted(operands - {neutral})
    if not left:
        return neutral
    return left[0] if len(left) == 1 and certain else f"{kind}({', '.join(left)})"


def _one_kind(choices: list[exp.Expr]) -> bool:
    """Whether all are texts, or all whole numbers: then no choice changes how another is compared."""
    if all(choice.is_string for choice in choices):
        return True
    return all((choice.this if isinstance(choice, exp.Neg) else choice).is_int for choice in choices)


def _holds_exactly(type: LogicalType | None) -> bool:
    if type is None:
        return False
    if type.kind is Kind.DECIMAL:
        return (type.precision or 0) + _EXACT_DIGITS <= 38
    return type.kind in (Kind.INTEGER, Kind.BIGINT, Kind.DOUBLE)


def _number(node: exp.Expr) -> str | None:
    """A number by its value; None for anything else, and for a number of too many digits."""
    sign = ""
    if isinstance(node, exp.Neg):
        node, sign = node.this.unnest(), "-"
    if not isinstance(node, exp.Literal) or node.is_string:
        return None
    try:
        value = Decimal(str(node.this))
    except InvalidOperation:
        return None
    digits = value.normalize().as_tuple()
    if not isinstance(digits.exponent, int) or len(digits.digits) + max(digits.exponent, 0) > _EXACT_DIGITS:
        return None
    text = f"{value.normalize():f}"
    return f"number {'' if text == '0' else sign}{text}"


def _unit(word: str) -> str:
    upper = word.upper()
    return upper[:-1] if upper.endswith("S") and upper[:-1] in _UNITS else upper


_SPECIAL: Final[dict[type[exp.Expr], Callable[[_Writer, exp.Expr], str]]] = {
    exp.Anonymous: _Writer.call,
    exp.Case: _Writer.case,
    exp.Cast: _Writer.cast,
    exp.Column: lambda writer, node: writer.column(node),
    exp.Extract: _Writer.extract,
    exp.If: _Writer.choose,
    exp.Interval: _Writer.interval,
    exp.Literal: _Writer.literal,
    exp.Paren: _Writer.paren,
    exp.TryCast: _Writer.cast,
    exp.Var: _Writer.word,
}
