"""DuckDB's SQL on one line, in lower case, spelled as people spell it."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.generators.duckdb import DuckDBGenerator

from fpc.sql.trees import rebuild

# Words that DuckDB reads as operators or joins, and that the generator would leave bare where they name a column.
_UNSAFE: Final = frozenset(
    {
        "anti",
        "asof",
        "at",
        "authorization",
        "binary",
        "by",
        "collation",
        "concurrently",
        "cross",
        "freeze",
        "full",
        "glob",
        "ilike",
        "inner",
        "is",
        "isnull",
        "join",
        "left",
        "like",
        "natural",
        "notnull",
        "outer",
        "overlaps",
        "positional",
        "right",
        "semi",
        "similar",
        "tablesample",
        "unpack",
        "verbose",
    }
)
# Types by the names that specs and DuckDB's DESCRIBE use, where sqlglot's generator has others.
_TYPE_NAMES: Final = {exp.DType.TEXT: "VARCHAR", exp.DType.INT: "INTEGER", exp.DType.INT128: "HUGEINT"}


_GENERATOR: Final = DuckDBGenerator(dialect=DuckDB(), normalize_functions="lower", comments=False)
_NAME: Final = r"(?:\w+|\"(?:[^\"]|\"\")*\")(?:\.(?:\w+|\"(?:[^\"]|\"\")*\"))*"
# Strings and quoted names are passed over; words change their case; two spellings of the generator are put right.
_PIECE: Final = re.compile(
    rf"""(?P<kept> '(?:[^']|'')*' | "(?:[^"]|"")*" )
       | \bNOT\ (?P<operand>{_NAME})\ (?P<operator>IN|LIKE|ILIKE|BETWEEN)\b
       | \b(?P<filter>FILTER)\(
       | \b(?P<unit>date_(?:diff|trunc|sub|part|add)\('[A-Z]+')
       | (?P<word>[A-Za-z_]\w*)
    """,
    re.VERBOSE,
)

# The same of a text in lower case that has neither strings nor quoted names.
_UNQUOTED: Final = re.compile(
    r"""\bnot\ (?P<operand>\w+(?:\.\w+)*)\ (?P<operator>in|like|ilike|between)\b | \bfilter\(""", re.VERBOSE
)


def flat(expression: exp.Expr) -> str:
    """The expression (see `spell`) as DuckDB's SQL on one line, in lower case but for strings and quoted names.

    >>> from sqlglot import parse_one
    >>> flat(spell(parse_one("NOT Status IS NULL AND CAST(x AS TEXT) = a AND a NOT IN ('New')", dialect="duckdb")))
    "status is not null and cast(x as varchar) = a and a not in ('New')"
    """
    text = _GENERATOR.generate(expression, copy=False)
    if text.isascii() and "'" not in text and '"' not in text:
        # Nothing in it is kept as it is: words need not be looked at one by one, which takes longest of all printing.
        return _UNQUOTED.sub(_rewrite_unquoted, text.lower())
    return _PIECE.sub(_rewrite, text)


def spell(query: exp.Expr) -> exp.Expr:
    """A copy of the query: `is not` where a negation stands outside, unsafe names quoted, types by our names."""
    return rebuild(query, _spelled)


def _spelled(node: exp.Expr) -> exp.Expr | None:
    match node:
        case exp.Identifier() if node.name in _UNSAFE:
            return exp.Identifier(**{**node.args, "quoted": True})
        case exp.DataType() if node.this in _TYPE_NAMES:
            name = {"this": exp.DType.USERDEFINED, "kind": _TYPE_NAMES[node.this], "expressions": None}
            return exp.DataType(**{**node.args, **name})
        case exp.Not(this=exp.Is() as test):
            return exp.Is(this=spell(test.this), expression=exp.Not(this=spell(test.expression)))
        case _:
            return None


def _rewrite(match: re.Match[str]) -> str:
    if match["kept"]:
        return match["kept"]
    if match["operand"]:
        return f"{_lower(match['operand'])} not {match['operator'].lower()}"
    return "filter (" if match["filter"] else match[0].lower()


def _rewrite_unquoted(match: re.Match[str]) -> str:
    return f"{match['operand']} not {match['operator']}" if match["operand"] else "filter ("


def _lower(name: str) -> str:
    return name if '"' in name else name.lower()
