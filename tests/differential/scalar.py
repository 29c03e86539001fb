"""Scalar expressions twice over: as SQL for the spec, and as Python for the oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tests.oracle.oracle import Row

#: Families of types that the expressions know; those of NUMBERS take every numeric aggregate.
NUMBERS = ("integer", "bigint", "decimal", "double", "real")


class Scalar(NamedTuple):
    """One expression over a source's columns; `read` gives its value for a row, None for null."""

    sql: str
    kind: str
    read: Callable[[Row], Any]


def strict(function: Callable[..., Any], *arguments: Callable[[Row], Any]) -> Callable[[Row], Any]:
    """SQL's rule of most functions: null when any argument is null."""

    def read(row: Row) -> Any:
        values = [argument(row) for argument in arguments]
        return None if any(value is None for value in values) else function(*values)

    return read


def column(name: str, kind: str) -> Scalar:
    return Scalar(name, kind, lambda row: row[name])


def both(left: Scalar, right: Scalar) -> Scalar:
    """AND of three-valued logic: false beats null beats true."""

    def read(row: Row) -> bool | None:
        sides = (left.read(row), right.read(row))
        return False if False in sides else None if None in sides else True

    return Scalar(f"{left.sql} AND {right.sql}", "boolean", read)


def either(left: Scalar, right: Scalar) -> Scalar:
    """OR of three-valued logic: true beats null beats false."""

    def read(row: Row) -> bool | None:
        sides = (left.read(row), right.read(row))
        return True if True in sides else None if None in sides else False

    return Scalar(f"({left.sql} OR {right.sql})", "boolean", read)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _coalesced(of: Scalar, sql: str, fallback: Any) -> Scalar:
    def read(row: Row) -> Any:
        value = of.read(row)
        return fallback if value is None else value

    return Scalar(f"COALESCE({of.sql}, {sql})", of.kind, read)


def arguments(columns: Mapping[str, str], texts: tuple[str, ...]) -> list[Scalar]:
    """What an aggregate may be of: a column mostly, and some simple expressions over columns."""
    plain = [column(name, kind) for name, kind in columns.items()]
    by_name = {scalar.sql: scalar for scalar in plain}
    made: list[Scalar] = []
    if "n" in by_name:
        n = by_name["n"]
        made += [
            Scalar("n * 2", n.kind, strict(lambda v: v * 2, n.read)),
            Scalar("ABS(n - 3)", n.kind, strict(lambda v: abs(v - 3), n.read)),
            _coalesced(n, "0", 0),
        ]
        if "flag" in by_name:
            flag = by_name["flag"]
            made.append(
                Scalar("CASE WHEN flag THEN n ELSE -1 END", n.kind, lambda row: n.read(row) if flag.read(row) else -1)
            )
    if "price" in by_name:
        price = by_name["price"]
        made += [
            Scalar("price * 2", "decimal", strict(lambda v: v * 2, price.read)),
            Scalar("price > 1.5", "boolean", strict(lambda v: v * 2 > 3, price.read)),
        ]
    if "x" in by_name:
        x = by_name["x"]
        made += [Scalar("x / 2", "double", strict(lambda v: v / 2, x.read)), _coalesced(x, "0.5", 0.5)]
    if "kind" in by_name:
        kind = by_name["kind"]
        made += [
            Scalar("UPPER(kind)", "varchar", strict(str.upper, kind.read)),
            _coalesced(kind, quoted(texts[-1]), texts[-1]),
            Scalar("kind || '%'", "varchar", strict(lambda v: v + "%", kind.read)),
        ]
    if "ts" in by_name and by_name["ts"].kind == "timestamptz" and "moment" in by_name:
        made.append(
            Scalar(
                "DATE_DIFF('second', ts, moment)",
                "bigint",
                strict(_seconds, by_name["ts"].read, by_name["moment"].read),
            )
        )
    return plain * 3 + made


def microseconds(instant: datetime) -> int:
    """An aware instant as microseconds since 1970, exactly."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _seconds(start: datetime, end: datetime) -> int:
    return microseconds(end) // 1_000_000 - microseconds(start) // 1_000_000


def conditions(columns: Mapping[str, str], texts: tuple[str, ...]) -> list[Scalar]:
    """Row conditions: comparisons, null tests, and AND and OR of two."""
    atoms = [atom for name, kind in columns.items() for atom in _atoms(column(name, kind), texts)]
    pairs = list(zip(atoms, atoms[1:] + atoms[:1], strict=True))
    return atoms * 2 + [both(*pair) for pair in pairs] + [either(*pair) for pair in pairs]


def _condition(of: Scalar, sql: str, holds: Callable[[Any], bool]) -> Scalar:
    return Scalar(f"{of.sql} {sql}", "boolean", strict(holds, of.read))


def _atoms(of: Scalar, texts: tuple[str, ...]) -> list[Scalar]:
    """The simple conditions on a column."""
    null_tests = [
        Scalar(f"{of.sql} IS NOT NULL", "boolean", lambda row: of.read(row) is not None),
        Scalar(f"{of.sql} IS NULL", "boolean", lambda row: of.read(row) is None),
    ]
    first, last = texts[0], texts[-1]
    match of.sql:
        case "n":
            made = [_condition(of, "> 1", lambda v: v > 1), _condition(of, "BETWEEN 0 AND 3", lambda v: 0 <= v <= 3)]
        case "kind":
            made = [_condition(of, f"= {quoted(text)}", text.__eq__) for text in texts]
            made.append(_condition(of, f"<> {quoted(first)}", lambda v: v != first))
            made.append(_condition(of, f"IN ({quoted(first)}, {quoted(last)})", lambda v: v in (first, last)))
        case "flag":
            made = [of, Scalar("NOT flag", "boolean", strict(lambda v: not v, of.read))]
        case "x":
            made = [_condition(of, ">= 0.5", lambda v: v >= 0.5)]
        case "price":
            made = [_condition(of, "< 2.50", lambda v: v * 2 < 5)]
        case _:
            made = []
    return made * 2 + null_tests
