"""Reading a parsed expression: every node checked, aggregate calls replaced by placeholder columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp
from sqlglot.expressions.dml import DML

from fpc.aggregations import BY_SPELLING
from fpc.diagnostics import codes
from fpc.model.sql_text import SqlText
from fpc.model.vocabulary import CLOCK_FUNCTIONS, FUNCTION_NODES, FUNCTIONS, NODES

PLACEHOLDER: Final = "__a"
AS_OF: Final = "AS_OF"
#: Deeper trees than this are no formula that a person wrote; AND and OR do not count.
DEEPEST: Final = 200

#: How an aggregate's node is spelled. Spellings that sqlglot does not know parse to `exp.Anonymous`, by name.
_AGGREGATE_NODES: Final[dict[type[exp.Expr], str]] = {
    exp.AnyValue: "ANY_VALUE",
    exp.ApproxDistinct: "APPROX_COUNT_DISTINCT",
    exp.ApproxQuantile: "APPROX_QUANTILE",
    exp.Avg: "AVG",
    exp.Count: "COUNT",
    exp.First: "FIRST",
    exp.Last: "LAST",
    exp.LogicalAnd: "BOOL_AND",
    exp.LogicalOr: "BOOL_OR",
    exp.Max: "MAX",
    exp.Median: "MEDIAN",
    exp.Min: "MIN",
    exp.Mode: "MODE",
    exp.PercentileCont: "QUANTILE_CONT",
    exp.Stddev: "STDDEV",
    exp.StddevPop: "STDDEV_POP",
    exp.StddevSamp: "STDDEV_SAMP",
    exp.Sum: "SUM",
    exp.Variance: "VARIANCE",
    exp.VariancePop: "VAR_POP",
}
_WRAPPERS: Final = (exp.Filter, exp.IgnoreNulls, exp.WithinGroup)
_CLOCK_NODES: Final = (
    exp.CurrentDate,
    exp.CurrentDatetime,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.Localtime,
    exp.Localtimestamp,
)
#: Names that DuckDB takes for a clock even without parentheses.
_CLOCK_WORDS: Final = CLOCK_FUNCTIONS - {"AGO", "NOW", "TODAY", "UNIX_TIMESTAMP"}
_RANDOM_NODES: Final = (exp.Rand, exp.Randn, exp.Uuid)
_OUTSIDE_NODES: Final = (exp.CurrentUser, exp.CurrentSchema, exp.CurrentCatalog, exp.SessionUser, exp.Parameter)
_QUERY_NODES: Final = (exp.Query, exp.Subquery, exp.Exists, exp.DDL, DML, exp.Command, exp.In)


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column as written, with what stood before the dot."""

    name: str
    qualifier: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RawCall:
    """One aggregate call, its columns not yet looked up. `function` is the aggregation's name."""

    id: str
    function: str
    arguments: tuple[exp.Expr, ...]
    parameters: tuple[int | float, ...]
    filter: exp.Expr | None
    start: int
    end: int


class TreeReader:
    """The state of reading one tree; problems go to its text."""

    def __init__(self, text: SqlText) -> None:
        """Begin with nothing found."""
        self.text = text
        self.calls: list[RawCall] = []
        self._ids: dict[tuple[object, ...], str] = {}
        self.inner: list[ColumnUse] = []
        self.outer: list[ColumnUse] = []
        self.as_of: list[tuple[int, int]] = []

    def read(self, root: exp.Expr) -> exp.Expr:
        """The tree with every outermost aggregate replaced by its placeholder; changes the tree in place."""
        top = exp.Paren(this=root)
        if self.text.words & {"LOG2", "LOG10"}:
            self._keep_logarithms(top)
        found = self._check(top.this, self.outer, aggregates_allowed=True)
        located = [(self.text.aggregate_extent(node), node) for node in found]
        located.sort(key=lambda pair: pair[0])
        for (start, end), node in located:
            call = self._call(node, start, end)
            if call is not None:
                node.replace(exp.column(self._id(call)))
        tree: exp.Expr = top.this
        return tree.pop()

    def _id(self, call: RawCall) -> str:
        """The placeholder of a call: that of an equal one before it, or the next."""
        known = self._ids.setdefault((call.function, call.parameters, call.arguments, call.filter), call.id)
        if known == call.id:
            self.calls.append(call)
        return known

    def _keep_logarithms(self, top: exp.Expr) -> None:
        """LOG10(x) and LOG2(x) are parsed to LOG(10, x), which rounds in another way; they keep their own names."""
        for node in list(top.find_all(exp.Log)):
            start = node.meta.get("start")
            word = "" if start is None else self.text.sql[start : node.meta["end"] + 1].upper()
            if word in ("LOG2", "LOG10"):
                node.replace(exp.Anonymous(this=word, expressions=[node.expression]))

    # -- single nodes ------------------------------------------------------------------------------------------

    def _check(self, root: exp.Expr, columns: list[ColumnUse], *, aggregates_allowed: bool) -> list[exp.Expr]:
        """Check every node outside of aggregates; the outermost aggregates, which are not looked into."""
        found: list[exp.Expr] = []
        stack = [(root, 0)]
        while stack:
            node, depth = stack.pop()
            word = _aggregate_word(node)
            if word is not None:
                if aggregates_allowed:
                    found.append(node)
                else:
                    self._add_nested(node, word)
            elif self._is_known(node, columns):
                if not isinstance(node, exp.Connector):
                    depth += 1
                if depth > DEEPEST:
                    raise RecursionError
                stack.extend((inner, depth) for inner in node.iter_expressions())
        return found

    def _add_nested(self, node: exp.Expr, word: str) -> None:
        self.text.add(
            codes.NESTED_AGGREGATE,
            f"`{word}` stands inside another aggregate",
            *self.text.aggregate_extent(node),
            "an aggregate of aggregates",
            "compute the inner one in a feature of its own",
        )

    def _is_known(self, node: exp.Expr, columns: list[ColumnUse]) -> bool:
        """Whether to look into the node; reports it when it may not stand in a spec."""
        kind = type(node)
        if node.comments:
            node.comments = None
        if isinstance(node, exp.Column):
            self._check_column(node, columns)
            return False
        if kind is exp.In and (node.args.get("query") or node.args.get("unnest") or node.args.get("field")):
            self._refuse(node)
            return False
        if kind is exp.DataType:
            if node.this is exp.DType.USERDEFINED:
                self._refuse(node.parent or node)
            return False
        if kind in NODES or kind in FUNCTION_NODES:
            self.text.add_clock_text(node)
            return True
        if kind is exp.Anonymous:
            return self._is_known_call(node)
        self._refuse(node)
        return False

    def _is_known_call(self, node: exp.Expr) -> bool:
        name = node.name.upper()
        if name == AS_OF:
            self.as_of.append(self.text.extent(node))
            node.set("this", AS_OF)
            return True
        if name in FUNCTIONS:
            return True
        self.text.add_unknown_function(name, *self.text.extent(node))
        return False

    def _check_column(self, node: exp.Column, columns: list[ColumnUse]) -> None:
        identifier, table = node.this, node.args.get("table")
        if not isinstance(identifier, exp.Identifier) or node.args.get("db") or identifier.meta.get("start") is None:
            self._refuse(node)
            return
        start, end = identifier.meta["start"], identifier.meta["end"] + 1
        if table is not None:
            start = table.meta.get("start", start)
        elif identifier.this.upper() in _CLOCK_WORDS and not identifier.args.get("quoted"):
            self.text.add_clock(identifier.this.upper(), start, end)
            return
        columns.append(ColumnUse(identifier.this, None if table is None else table.name, start, end))

    def _refuse(self, node: exp.Expr) -> None:
        start, end = self.text.extent(node)
        word = self.text.sql[start:end].split("(")[0].upper().strip()
        text = self.text
        if isinstance(node, _CLOCK_NODES):
            text.add_clock(word, start, end)
        elif isinstance(node, _RANDOM_NODES):
            text.add_unknown_function("RANDOM", start, end)
        elif isinstance(node, _OUTSIDE_NODES):
            message = "the SQL reaches outside of the source's rows"
            text.add(codes.FILE_ACCESS, message, start, end, "not allowed in a spec")
        elif isinstance(node, exp.Window):
            text.add(
                codes.WINDOW_FUNCTION,
                "a feature's SQL cannot use OVER",
                start,
                end,
                "a window function",
                "say how far back to look with `window`; `LAST_K` and `FIRST_K` give events in order",
            )
        elif isinstance(node, _QUERY_NODES):
            text.add(
                codes.NOT_AN_EXPRESSION,
                "a feature's SQL cannot hold a query",
                start,
                end,
                "reads another table",
                "declare what it reads as a source, and join features in a service",
            )
        elif isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
            message = "`*` stands for no single value"
            text.add(codes.NOT_AN_EXPRESSION, message, start, end, "every column", "name one, or write `COUNT(*)`")
        elif isinstance(node, exp.AggFunc):
            text.add_unsupported_aggregate(word, start, end)
        else:
            message = "this syntax is not supported in specs"
            text.add(codes.UNSUPPORTED_SYNTAX, message, start, end, "not part of the expressions of features")

    # -- aggregate calls ---------------------------------------------------------------------------------------

    def _call(self, node: exp.Expr, start: int, end: int) -> RawCall | None:
        """The call that a node is, or None after reporting what is wrong with it."""
        before = len(self.text.problems)
        condition: exp.Expr | None = None
        ordered: exp.Expr | None = None
        while isinstance(node, _WRAPPERS):
            if isinstance(node, exp.Filter):
                filtered: exp.Expr = node.expression.this
                condition = filtered
                self._check(filtered, self.inner, aggregates_allowed=False)
            elif isinstance(node, exp.WithinGroup):
                ordered = self._ordered(node, start, end)
            node = node.this
        word = _AGGREGATE_NODES.get(type(node)) or node.name.upper()
        values = _values(node)
        if ordered is not None:
            values.insert(0, ordered)
        if len(values) == 1 and isinstance(values[0], exp.Distinct):
            if word != "COUNT":
                message = f"`{word}(DISTINCT ...)` is not supported"
                self.text.add(codes.UNSUPPORTED_AGGREGATE, message, start, end, "DISTINCT goes with COUNT alone")
                return None
            word, values = "COUNT_DISTINCT", list(values[0].expressions)
        elif len(values) == 1 and isinstance(values[0], exp.Star) and word == "COUNT":
            values = []
        read = self._arguments(word, values, start, end)
        if read is None or len(self.text.problems) > before:
            return None
        arguments, parameters = read
        id = f"{PLACEHOLDER}{len(self.calls)}"
        return RawCall(id, BY_SPELLING[word].name, arguments, parameters, condition, start, end)

    def _ordered(self, node: exp.Expr, start: int, end: int) -> exp.Expr | None:
        """The expression that WITHIN GROUP orders by."""
        order = node.expression.expressions
        if len(order) == 1 and not order[0].args.get("desc"):
            inner: exp.Expr = order[0].this
            return inner
        message = "WITHIN GROUP orders by one expression, ascending"
        self.text.add(codes.UNSUPPORTED_SYNTAX, message, start, end, "another order", "write `QUANTILE_CONT(x, p)`")
        return None

    def _arguments(
        self, word: str, values: list[exp.Expr], start: int, end: int
    ) -> tuple[tuple[exp.Expr, ...], tuple[int | float, ...]] | None:
        aggregation = BY_SPELLING[word]
        count = len(values) - aggregation.parameters
        if count not in aggregation.arguments:
            message = f"`{word}` has other arguments than it takes"
            self.text.add(codes.AGGREGATE_ARGUMENT, message, start, end, f"has {len(values)}")
            return None
        arguments, constants = values[:count], values[count:]
        for argument in arguments:
            self._check(argument, self.inner, aggregates_allowed=False)
        parameters = tuple(number for number in map(_number, constants) if number is not None)
        problem = None
        if len(parameters) < len(constants):
            problem = "must be a constant number"
        elif constants:
            problem = aggregation.problem(parameters)
        if problem is not None:
            place = self.text.extent(constants[0])
            self.text.add(codes.AGGREGATE_ARGUMENT, f"the last argument of `{word}` {problem}", *place, problem)
            return None
        return tuple(arguments), parameters


def _aggregate_word(node: exp.Expr) -> str | None:
    """The spelling of the aggregate that a node is, looked at through FILTER and its like; None for other nodes."""
    while isinstance(node, _WRAPPERS):
        node = node.this
    word = _AGGREGATE_NODES.get(type(node))
    if word is None and type(node) is exp.Anonymous and node.name.upper() in BY_SPELLING:
        return node.name.upper()
    return word


def _values(node: exp.Expr) -> list[exp.Expr]:
    """The arguments of a call in the order in which they are written."""
    found: list[exp.Expr] = []
    for value in node.args.values():
        if isinstance(value, exp.Expr):
            found.append(value)
        elif isinstance(value, list):
            found.extend(item for item in value if isinstance(item, exp.Expr))
    return found


def _number(node: exp.Expr) -> int | float | None:
    """The number that a constant spells."""
    while isinstance(node, exp.Paren):
        node = node.this
    negative = isinstance(node, exp.Neg)
    literal = node.this if negative else node
    if not isinstance(literal, exp.Literal) or literal.is_string:
        return None
    try:
        value = int(literal.this) if literal.is_int else float(literal.this)
    except ValueError:
        return None
    return -value if negative else value
