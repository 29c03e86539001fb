"""Made-up SQL of features, rewrites of it that keep its meaning, and ones that change it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import Final

import sqlglot
from sqlglot import exp

#: The columns of the table that everything is over, and what fills them.
COLUMNS: Final = {
    "small": "bigint",
    "whole": "integer",
    "amount": "decimal(12,2)",
    "score": "double",
    "status": "varchar",
    "note": "varchar",
    "gift": "boolean",
    "day": "date",
    "placed_at": "timestamptz",
}
_NUMBERS: Final = ("small", "whole", "amount", "score")
_STATUSES: Final = ("placed", "completed", "cancelled", "Placed", "")
_WORDS: Final = re.compile(r"'(?:[^']|'')*'|[A-Za-z_]+|[^A-Za-z_']+")
Rewrite = Callable[[exp.Expr, random.Random], exp.Expr | None]


def table_sql(rows: int, seed: int) -> str:
    """A query that makes the table: `rows` events of some forty keys, with nulls in every column, and ties."""
    dice = random.Random(seed)
    lines = []
    for _ in range(rows):
        values = (
            dice.randint(-3, 8), dice.randint(0, 9), dice.choice((0, 0.5, 1, 2.25, 5, 5.01, 99.99)),
            dice.choice((0.0, 0.25, 1.0, 2.0, 4.5, 5.0, 7.75)), dice.choice(_STATUSES),
            dice.choice(("ab", "AB", "b", "abc", "a%")), dice.choice((True, False)),
            f"2024-0{dice.randint(1, 3)}-{dice.randint(1, 28):02}",
            f"2024-03-{dice.randint(1, 28):02} {dice.randint(0, 23):02}:{dice.randint(0, 59):02}:00+00",
        )  # fmt: skip
        written = ("null" if dice.random() < 0.12 else f"'{value}'" for value in values)
        lines.append(f"('{dice.randint(1, 40)}', {', '.join(written)})")
    typed = ", ".join(f"cast({name} as {type}) as {name}" for name, type in COLUMNS.items())
    return (
        f"select cast(user_id as bigint) as user_id, {typed} "
        f"from (values {', '.join(lines)}) as t(user_id, {', '.join(COLUMNS)})"
    )


def feature(dice: random.Random) -> exp.Expr:
    """The tree of a feature: scalar SQL over aggregates, each with a filter or without."""
    match dice.randint(0, 6):
        case 0:
            return _parsed(f"{_number(dice)} / NULLIF({_number(dice)}, 0)")
        case 1:
            return _parsed(f"COALESCE({_number(dice)}, {dice.randint(0, 9)})")
        case 2:
            return _parsed(f"CASE WHEN {_number(dice)} > {dice.randint(0, 9)} THEN 'many' ELSE 'few' END")
        case 3:
            return _parsed(f"{_number(dice)} + {_number(dice)} * {dice.randint(2, 9)}")
        case 4:
            return _parsed(f"{_number(dice)} - {_number(dice)}")
        case _:
            return _parsed(_call(dice))


def spelled(tree: exp.Expr, dice: random.Random) -> str:
    """The tree as somebody might have typed it: any case, spacing, comments and needless parentheses."""
    text = tree.sql(dialect="duckdb")
    if dice.random() < 0.5:
        text = re.sub(r"CAST\((\w+) AS BIGINT\)", r"\1::INT8", text)
        text = re.sub(r"CAST\((\w+) AS TEXT\)", r"\1::string", text)
    words = []
    for word in _WORDS.findall(text):
        if word[0] == "'":
            words.append(word)
        elif word[0].isalpha() or word[0] == "_":
            words.append(dice.choice((word, word.lower(), word.upper(), word)))
        else:
            words.append(word.replace(" ", dice.choice((" ", "  ", "\n  ", " /* why */ ", " "))))
    spaced = "".join(words)
    return dice.choice((spaced, f"({spaced})", f"{spaced} -- so it is", f" {spaced} "))


def kept(tree: exp.Expr, dice: random.Random) -> exp.Expr:
    """Another tree of the same meaning: some of its nodes, at random, said in another way."""
    return _rewritten(tree, dice, _KEEPING, share=0.6)


def changed(tree: exp.Expr, dice: random.Random) -> exp.Expr | None:
    """A tree that says something else in one place; whether that ever shows is for data to tell."""
    copy = tree.copy()
    nodes = list(copy.walk())
    dice.shuffle(nodes)
    for node in nodes:
        for rewrite in dice.sample(_CHANGING, len(_CHANGING)):
            new = rewrite(node, dice)
            if new is not None:
                if node is copy:
                    return new
                node.replace(new)
                return copy
    return None


# -- what there is to rewrite -----------------------------------------------------------------------------------------


def _parsed(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="duckdb")


def _call(dice: random.Random) -> str:
    return _number(dice) if dice.random() < 0.7 else _any(dice)


def _number(dice: random.Random) -> str:
    column = dice.choice(_NUMBERS)
    call = dice.choice(
        (
            "COUNT(*)", f"COUNT({dice.choice(list(COLUMNS))})", f"SUM({column})", f"MAX({column})", f"MIN({column})",
            f"AVG({column})", f"COUNT(DISTINCT {dice.choice(list(COLUMNS))})", "SUM(small + whole)",
            f"SUM(CASE WHEN {_condition(dice, 1)} THEN {column} ELSE 0 END)", "MAX(DATE_PART('hour', placed_at))",
            "SUM(CAST(whole AS BIGINT))", "MAX(LENGTH(note))", f"STDDEV({column})",
        )
    )  # fmt: skip
    return call if dice.random() < 0.3 else f"{call} FILTER (WHERE {_condition(dice, 3)})"


def _any(dice: random.Random) -> str:
    call = dice.choice(("MAX(status)", "MIN(note)", "BOOL_OR(gift)", f"BOOL_OR({_condition(dice, 2)})", "MAX(day)"))
    return call if dice.random() < 0.5 else f"{call} FILTER (WHERE {_condition(dice, 2)})"


def _condition(dice: random.Random, depth: int) -> str:
    if depth and dice.random() < 0.65:
        word = dice.choice((" AND ", " OR "))
        parts = [_condition(dice, depth - 1) for _ in range(dice.randint(2, 3))]
        both = f"({word.join(parts)})"
        return both if dice.random() < 0.75 else f"NOT {both}"
    column = dice.choice(_NUMBERS)
    return dice.choice(
        (
            f"{column} {dice.choice(('<', '<=', '>', '>=', '=', '<>'))} {dice.randint(0, 6)}",
            f"{column} {dice.choice(('<', '>'))} {dice.choice(_NUMBERS)}",
            f"{column} BETWEEN {dice.randint(-2, 2)} AND {dice.randint(3, 7)}",
            f"{column} NOT BETWEEN {dice.randint(-2, 2)} AND {dice.randint(3, 7)}",
            f"small IN ({', '.join(str(n) for n in dice.sample(range(8), dice.randint(1, 4)))})",
            f"status {dice.choice(('IN', 'NOT IN'))} ('placed', 'completed')",
            f"status {dice.choice(('=', '<>'))} '{dice.choice(_STATUSES)}'",
            f"{dice.choice(list(COLUMNS))} IS {dice.choice(('', 'NOT '))}NULL",
            f"note {dice.choice(('LIKE', 'NOT LIKE', 'ILIKE'))} 'a%'",
            "gift", "NOT gift", f"small IS DISTINCT FROM {column}", "COALESCE(gift, FALSE)",
            "DATE_PART('hour', placed_at) < 12", "day >= DATE '2024-02-01'", "LOWER(status) = 'placed'",
        )
    )  # fmt: skip


# -- rewrites that keep the meaning -----------------------------------------------------------------------------------

_MIRRORED: Final[dict[type[exp.Expr], type[exp.Binary]]] = {
    exp.LT: exp.GT,
    exp.GT: exp.LT,
    exp.LTE: exp.GTE,
    exp.GTE: exp.LTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}
_OPPOSITE: Final[dict[type[exp.Expr], type[exp.Binary]]] = {
    exp.LT: exp.GTE,
    exp.GTE: exp.LT,
    exp.GT: exp.LTE,
    exp.LTE: exp.GT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}
_CONDITIONS: Final = (*_MIRRORED, exp.And, exp.Or, exp.Between, exp.In, exp.Is, exp.Like, exp.Not)


def _rewritten(tree: exp.Expr, dice: random.Random, rewrites: tuple[Rewrite, ...], share: float) -> exp.Expr:
    """Bottom up, so that what was rewritten stands inside of what is rewritten next."""
    tree = tree.copy()
    for node in reversed(list(tree.walk())):
        if dice.random() > share:
            continue
        new = dice.choice(rewrites)(node, dice)
        if new is None:
            continue
        if node is tree:
            tree = new
        else:
            node.replace(new)
    return tree


def _copy(node: exp.Expr) -> exp.Expr:
    return node.copy()


def _paren(node: exp.Expr) -> exp.Expr:
    return exp.Paren(this=node.copy())


def _mirror(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    kind = _MIRRORED.get(type(node))
    return None if kind is None else kind(this=node.expression.copy(), expression=node.this.copy())


def _swap(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.Add | exp.Mul):
        return None
    return type(node)(this=_paren(node.expression), expression=_paren(node.this))


def _shuffle(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.And | exp.Or):
        return None
    operands = [operand.copy() for operand in node.flatten()]
    operands += [dice.choice(operands).copy()] if dice.random() < 0.3 else []
    dice.shuffle(operands)
    while len(operands) > 1:
        at = dice.randrange(len(operands) - 1)
        both = type(node)(this=_paren(operands[at]), expression=_paren(operands[at + 1]))
        operands[at : at + 2] = [both]
    return exp.Paren(this=operands[0])


def _between(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.Between):
        return None
    low = exp.GTE(this=_paren(node.this), expression=node.args["low"].copy())
    high = exp.LTE(this=_paren(node.this), expression=node.args["high"].copy())
    parts = dice.sample([low, high], 2)
    return exp.Paren(this=exp.And(this=parts[0], expression=parts[1]))


def _within(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.In):
        return None
    choices = [choice.copy() for choice in node.expressions]
    dice.shuffle(choices)
    if dice.random() < 0.5:
        return exp.In(this=node.this.copy(), expressions=[*choices, choices[0].copy()])
    tests: list[exp.Expr] = [exp.EQ(this=node.this.copy(), expression=choice) for choice in choices]
    whole = tests[0]
    for test in tests[1:]:
        whole = exp.Or(this=whole, expression=test)
    return exp.Paren(this=whole)


def _deny(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    kind = _OPPOSITE.get(type(node))
    if kind is None:
        return None
    return exp.Paren(this=exp.Not(this=_paren(kind(this=node.this.copy(), expression=node.expression.copy()))))


def _de_morgan(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.And | exp.Or):
        return None
    kind = exp.Or if isinstance(node, exp.And) else exp.And
    sides = (exp.Not(this=_paren(side)) for side in (node.this, node.expression))
    return exp.Paren(this=exp.Not(this=exp.Paren(this=kind(this=next(sides), expression=next(sides)))))


def _twice(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    if not isinstance(node, _CONDITIONS):
        return None
    return exp.Paren(this=exp.Not(this=exp.Paren(this=exp.Not(this=_paren(node)))))


def _alias(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    """Functions and forms under their other names."""
    match node:
        case exp.Coalesce() if len(node.expressions) == 1:
            return exp.Anonymous(this="IFNULL", expressions=[node.this.copy(), node.expressions[0].copy()])
        case exp.Case() if len(node.args["ifs"]) == 1 and node.args.get("default") is not None:
            branch = node.args["ifs"][0]
            given = [branch.this.copy(), branch.args["true"].copy(), node.args["default"].copy()]
            return exp.Anonymous(this="IF", expressions=given)
        case exp.Lower():
            return exp.Anonymous(this="LCASE", expressions=[node.this.copy()])
        case exp.Length():
            return exp.Anonymous(this=dice.choice(("LEN", "CHAR_LENGTH")), expressions=[node.this.copy()])
        case exp.Stddev():
            return exp.Anonymous(this="STDDEV_SAMP", expressions=[node.this.copy()])
        case exp.Anonymous() if node.name.upper() == "DATE_PART":
            return dice.choice(
                (
                    exp.Extract(this=exp.var("hour"), expression=node.expressions[1].copy()),
                    exp.Anonymous(this="HOUR", expressions=[node.expressions[1].copy()]),
                )
            )
    return None


def _count(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    """COUNT(*) FILTER (WHERE c), COUNT(CASE WHEN c THEN 1 END), and other calls likewise."""
    if isinstance(node, exp.Filter) and isinstance(node.this, exp.Count | exp.Sum | exp.Max | exp.Min | exp.LogicalOr):
        argument, condition = node.this.this, node.expression.this
        if isinstance(argument, exp.Distinct):
            return None
        if isinstance(argument, exp.Star):
            argument = exp.Literal.number(1)
        return type(node.this)(this=exp.Case(ifs=[exp.If(this=condition.copy(), true=argument.copy())]))
    if isinstance(node, exp.Count) and not isinstance(node.parent, exp.Filter):
        if isinstance(node.this, exp.Star):
            return exp.Count(this=exp.Literal.number(1))
        if isinstance(node.this, exp.Column):
            here = exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.Null()))
            return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=here))
    return None


def _exact(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    """A number beside a column of numbers, with a point or without."""
    beside = node.parent
    if beside is None or type(beside) not in _MIRRORED or not (isinstance(node, exp.Literal) and node.is_int):
        return None
    if not isinstance(beside.this, exp.Column) or beside.this.name not in _NUMBERS:
        return None
    return exp.Literal.number(f"{node.this}{dice.choice(('.0', '.00'))}")


def _qualified(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    return exp.column(node.name, table="orders") if isinstance(node, exp.Column) and node.name in COLUMNS else None


_KEEPING: Final[tuple[Rewrite, ...]] = (
    _mirror, _swap, _shuffle, _between, _within, _deny, _de_morgan, _twice, _alias, _count, _exact, _qualified,
)  # fmt: skip

# -- rewrites that change it ------------------------------------------------------------------------------------------


def _other_comparison(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    if type(node) not in _MIRRORED:
        return None
    others = [kind for kind in _MIRRORED if kind is not type(node)]
    return dice.choice(others)(this=node.this.copy(), expression=node.expression.copy())


def _other_number(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.Literal) or node.is_string or isinstance(node.parent, exp.DataTypeParam):
        return None
    return exp.Literal.number(int(float(node.this)) + dice.choice((1, 2, 3)))


def _other_text(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.Literal) or not node.is_string or node.this not in _STATUSES:
        return None
    return exp.Literal.string(dice.choice([status for status in _STATUSES if status != node.this]))


def _other_column(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.Column) or node.name not in _NUMBERS:
        return None
    return exp.column(dice.choice([name for name in _NUMBERS if name != node.name]))


def _other_junction(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.And | exp.Or):
        return None
    kind = exp.Or if isinstance(node, exp.And) else exp.And
    return exp.Paren(this=kind(this=_paren(node.this), expression=_paren(node.expression)))


def _drop_operand(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    return dice.choice((node.this, node.expression)).copy() if isinstance(node, exp.And | exp.Or) else None


def _drop_filter(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    return _copy(node.this) if isinstance(node, exp.Filter) else None


def _negate(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    if isinstance(node, exp.Not):
        return _copy(node.this)
    return exp.Paren(this=exp.Not(this=_paren(node))) if isinstance(node, _CONDITIONS) else None


def _reverse(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.Sub | exp.Div):
        return None
    return type(node)(this=_paren(node.expression), expression=_paren(node.this))


def _other_function(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    kinds = (exp.Sum, exp.Max, exp.Min, exp.Avg)
    if not isinstance(node, kinds) or not isinstance(node.this, exp.Column) or node.this.name not in _NUMBERS:
        return None
    return dice.choice([kind for kind in kinds if kind is not type(node)])(this=node.this.copy())


def _other_choices(node: exp.Expr, dice: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.In) or len(node.expressions) < 2:
        return None
    fewer = dice.sample(node.expressions, len(node.expressions) - 1)
    return exp.In(this=node.this.copy(), expressions=[choice.copy() for choice in fewer])


def _ignore_case(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.Like) or node.args.get("negate"):
        return None
    return exp.ILike(this=node.this.copy(), expression=node.expression.copy())


def _other_branches(node: exp.Expr, _: random.Random) -> exp.Expr | None:
    if not isinstance(node, exp.Case) or len(node.args["ifs"]) != 1 or node.args.get("default") is None:
        return None
    branch, otherwise = node.args["ifs"][0], node.args["default"]
    if branch.args["true"] == otherwise:
        return None
    new = exp.If(this=branch.this.copy(), true=otherwise.copy())
    return exp.Case(ifs=[new], default=branch.args["true"].copy())


_CHANGING: Final[tuple[Rewrite, ...]] = (
    _other_comparison, _other_number, _other_text, _other_column, _other_junction, _drop_operand, _drop_filter,
    _negate, _reverse, _other_function, _other_choices, _ignore_case, _other_branches,
)  # fmt: skip


def cases(seed: int, rewrite: Callable[[exp.Expr, random.Random], exp.Expr | None]) -> Iterator[tuple[str, str]]:
    """Pairs of SQL, before and after the rewrite, without end."""
    dice = random.Random(seed)
    while True:
        tree = feature(dice)
        new = rewrite(tree, dice)
        if new is not None:
            yield tree.sql(dialect="duckdb"), spelled(new, dice)
