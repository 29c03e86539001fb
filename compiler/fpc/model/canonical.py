"""One text for expressions that mean the same, whatever their case, spacing, order of operands or parentheses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlglot import exp

#: a > b is b < a: the names of comparisons, and the arguments that come first and second.
_COMPARISONS: Final[dict[type[exp.Expr], tuple[str, str, str]]] = {
    exp.LT: ("LT", "this", "expression"),
    exp.LTE: ("LTE", "this", "expression"),
    exp.GT: ("LT", "expression", "this"),
    exp.GTE: ("LTE", "expression", "this"),
}
#: Two operands whose order does not matter. Sums of three are not regrouped: floats are not associative.
_SYMMETRIC: Final = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Mul, exp.BitwiseAnd, exp.BitwiseOr)
_IGNORED: Final = frozenset(("big_int", "dialect"))


def canonical(node: exp.Expr, names: Mapping[str, str]) -> str:
    """The canonical text of an expression; `names` says what a column stands for, a column not in it is itself."""
    return _Writer(names).write(node)


class _Writer:
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def write(self, node: exp.Expr) -> str:
        special = _SPECIAL.get(type(node))
        if special is not None:
            return special(self, node)
        if isinstance(node, _SYMMETRIC):
            return f"{type(node).__name__}({', '.join(sorted((self.write(node.this), self.write(node.expression))))})"
        comparison = _COMPARISONS.get(type(node))
        if comparison is not None:
            name, first, second = comparison
            return f"{name}({self.write(node.args[first])}, {self.write(node.args[second])})"
        return self._generic(node)

    def _generic(self, node: exp.Expr) -> str:
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

    def column(self, node: exp.Expr) -> str:
        name = node.name.casefold()
        return self.names.get(name, f"column {name}")

    def paren(self, node: exp.Expr) -> str:
        return self.write(node.this)

    def connected(self, node: exp.Expr) -> str:
        kind = type(node)
        operands, stack = set(), [node]
        while stack:
            operand = stack.pop().unnest()
            if type(operand) is kind:
                stack.extend((operand.this, operand.expression))
            else:
                operands.add(self.write(operand))
        return f"{kind.__name__}({', '.join(sorted(operands))})"

    def between(self, node: exp.Expr) -> str:
        value, low, high = (self.write(node.args[key]) for key in ("this", "low", "high"))
        bounds = ", ".join(sorted((f"LTE({low}, {value})", f"LTE({value}, {high})")))
        return f"And({bounds})"

    def within(self, node: exp.Expr) -> str:
        choices = sorted({self.write(choice) for choice in node.expressions})
        return f"In({self.write(node.this)}, {', '.join(choices)})"

    def cast(self, node: exp.Expr) -> str:
        return f"{type(node).__name__}({self.write(node.this)} as {node.args['to'].sql('duckdb').lower()})"

    def literal(self, node: exp.Expr) -> str:
        return repr(node.this) if node.args.get("is_string") else str(node.this)

    def call(self, node: exp.Expr) -> str:
        return f"{node.name.upper()}({', '.join(self.write(argument) for argument in node.expressions)})"


_SPECIAL: Final[dict[type[exp.Expr], Callable[[_Writer, exp.Expr], str]]] = {
    exp.And: _Writer.connected,
    exp.Or: _Writer.connected,
    exp.Anonymous: _Writer.call,
    exp.Between: _Writer.between,
    exp.Cast: _Writer.cast,
    exp.TryCast: _Writer.cast,
    exp.Column: _Writer.column,
    exp.In: _Writer.within,
    exp.Literal: _Writer.literal,
    exp.Paren: _Writer.paren,
}
