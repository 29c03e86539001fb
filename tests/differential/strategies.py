"""Hypothesis strategies of whole cases: specs as text, and dense events and spines on which edges and ties happen.

All times stand on a small lattice of half units around one base, moved by a microsecond here and there, and all
windows, offsets and delays are whole units: so events fall exactly on edges, versions are known at equal times, and
spine rows repeat. Values come from short lists, so that they tie and repeat as well.
"""

from __future__ import annotations

import decimal
import math
import re
import struct
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from hypothesis import strategies as st
from tests.differential.case import Case, Clock, Derived, duration, instant
from tests.differential.dice import Dice
from tests.differential.formulas import LISTS, Formula, formula, functions_of, result_kind
from tests.differential.scalar import NUMBERS, arguments, conditions
from tests.oracle.oracle import Call, Event, Feature, Row, View

SECOND = 1_000_000
UNITS = (SECOND, 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND)
#: The lattice is so many half units wide.
WIDTH = 16
#: 2024-01-08, a Monday, the same of 1970, and 1931-01-05: no change to or from summer time is near any of them.
BASES = (1_704_672_000 * SECOND, 345_600 * SECOND, -1_230_422_400 * SECOND)
#: When New York's clocks go back and forward, in 2024: a few units before it a lattice may begin, too.
CLOCK_CHANGES = (1_730_613_600 * SECOND, 1_710_054_000 * SECOND)
TEXTS = ("a", "b", "it's", "{{ ref('x') }}", "zz %s\n-- é😀", "")
HUGE = 3_000_000_000_000_000.0
#: A sum of DECIMAL has up to 38 digits, of which Python would keep 28.
decimal.getcontext().prec = 77


class NotANumber(float):
    """NaN as SQL orders it: equal to itself and above every other number; so the oracle needs no rule for it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and math.isnan(other)

    def __hash__(self) -> int:
        return 0

    def __lt__(self, other: float) -> bool:
        return False

    def __gt__(self, other: float) -> bool:
        return self != other


#: Columns that are null only seldom, and that no feature is made of.
IDENTITY = ("user_id", "friend_id", "city", "id", "part")

VALUES: dict[str, tuple[Any, ...]] = {
    "integer": (1, 2, 3, None, 0, -5, 400_000_000),
    "bigint": (1, 2, 3, None, 0, -5, 1_000_000_000_000),
    "decimal": tuple(
        Decimal(text) if text else None for text in ("1.50", "0.10", "", "2.50", "0.00", "-3.33", "9999999999.99")
    ),
    "double": (0.1, 0.2, 0.7, None, 0.0, 3.3, HUGE),
    "real": (0.5, 1.25, None, 0.0, 8.0),
    "boolean": (True, False, None),
    "varchar": (*TEXTS[:4], None, *TEXTS[4:]),
    "extreme": (2**63 - 1, -(2**63), 2**63 - 2, 0, None, 2**53 + 1),
    "long": tuple(
        Decimal(text) if text else None
        for text in ("1.5", "99999999999999999999999999.9999999999", "", "-99999999999999999999999999.9999999998",
                     "0.0000000001", "1.5")
    ),
    "wild": (NotANumber("nan"), math.inf, -math.inf, -0.0, 0.0, 1.0, None, 5e-324, 1.7976931348623157e308),
    "date": tuple(
        None if text is None else date.fromisoformat(text)
        for text in ("2024-01-01", "2024-01-02", None, "1969-12-31", "0001-01-01", "9999-12-31")
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What of a source the rest of a case depends on."""

    unit: int
    base: int
    columns: Mapping[str, str]
    clocks: Mapping[str, Clock]
    kinds: Mapping[str, str]
    key_columns: tuple[tuple[str, str], ...]
    users: tuple[Any, ...]
    unique_key: tuple[str, ...]
    has_known_time: bool
    closed: str
    #: What the spec calls each column and each key of the entity.
    names: Mapping[str, str]
    key_types: Mapping[str, str]
    #: Whether all rows become known in loads, many at once.
    loads: bool


def clock(dice: Dice, timezone: str) -> Clock:
    kind = dice.choose(("timestamptz", "timestamptz", "timestamp", "epoch"))
    if kind == "epoch":
        return Clock("bigint", dice.choose(("us", "ms", "s", "ns")))
    return Clock(kind, timezone=timezone)


def shape(dice: Dice) -> Shape:
    timezone = dice.choose(("UTC", "UTC", "America/New_York", "Asia/Kolkata"))
    composite, role, has_known_time = dice.one_in(3), dice.one_in(4), dice.one_in(2)
    unique_key: tuple[str, ...] = dice.choose(((), (), ("id",), ("id",), ("part", "id")))
    user_type = dice.choose(("bigint", "bigint", "varchar", "integer"))
    spelled = {name: clock(dice, timezone) for name in ("ts", "loaded", "moment")}
    spelled["moment"] = Clock("timestamp" if spelled["moment"].type == "timestamp" else "timestamptz", None, timezone)
    columns = {"ts": spelled["ts"].type, "user_id": user_type}
    if has_known_time:
        columns["loaded"] = spelled["loaded"].type
    if role:
        columns["friend_id"] = user_type
    if composite:
        columns["city"] = "varchar"
    columns |= {name: {"id": "bigint", "part": "varchar"}[name] for name in unique_key}
    types = {
        "n": dice.choose(("bigint", "integer")), "price": "decimal(12,2)", "x": "double", "flag": "boolean",
        "kind": "varchar", "moment": spelled["moment"].type, "day": "date", "r": "real",
        "big": "bigint", "long": "decimal(38,10)", "wild": "double",
    }  # fmt: skip
    columns |= {name: types[name] for name in dice.several(list(types), 6)}
    columns = {name: columns[name] for name in dice.shuffled(list(columns))}
    kinds = {name: "timestamptz" if "timestamp" in text else text.split("(")[0] for name, text in columns.items()}
    # Numbers of seconds since 1970 have so little spread for their size that no double holds their variance.
    kinds |= {name: "epoch" for name in ("ts", "loaded") if columns.get(name) == "bigint"}
    kinds |= {name: kind for name, kind in (("big", "extreme"), ("long", "long"), ("wild", "wild")) if name in columns}
    unit = dice.choose(UNITS)
    base = dice.choose((*BASES[:1] * 5, *BASES[1:], dice.choose(CLOCK_CHANGES) - 4 * unit))
    names = _names(dice, columns)
    keys = {"who" if dice.one_in(9) else "user_id": "friend_id" if role else "user_id"}
    key_types = dict.fromkeys(keys, "bigint" if user_type == "integer" and dice.one_in(2) else user_type)
    if composite:
        keys["city"], key_types["city"] = "city", "varchar"
    return Shape(
        unit=unit,
        base=base,
        columns=columns,
        clocks={name: spelling for name, spelling in spelled.items() if name in columns},
        kinds=kinds,
        key_columns=tuple(keys.items()),
        names=names,
        key_types=key_types,
        loads=dice.one_in(4),
        users=("u'1", "u2", "u:3") if user_type == "varchar" else (1, 2, 3),
        unique_key=unique_key,
        has_known_time=has_known_time,
        closed=dice.choose(("left", "left", "right", "both")),
    )


#: Names that mean something in generated SQL, in a template of it, or to DuckDB.
HOSTILE = (
    "x", "p", "f", "t", "ask", "asked", "asked_us", "at_us", "bucket", "events", "event_us", "known_us", "features",
    "spans", "staged", "spine", "spine_row", "total", "value", "value_0", "input_0", "raw_n", "visible_from", "item",
)  # fmt: skip
RESERVED = ("order", "group")


def _names(dice: Dice, columns: Iterable[str]) -> dict[str, str]:
    """Another name for some of the columns, once in a while."""
    names = {name: name for name in columns}
    if dice.one_in(3):
        for name in dice.several(list(columns), 4):
            chosen = dice.choose((*HOSTILE, *RESERVED, "Mixed_Case" if name in IDENTITY else "e"))
            if chosen not in names.values():
                names[name] = chosen
    return names


def respelled(sql: str, names: Mapping[str, str]) -> str:
    """SQL over columns under their other names; a text in quotes stays as it is."""

    def put(match: re.Match[str]) -> str:
        name = match[1]
        return match[0] if name is None else f'"{names[name]}"' if names[name] in RESERVED else names[name]

    return re.sub(rf"'(?:[^']|'')*'|\b({'|'.join(names)})\b", put, sql)


def moment(dice: Dice, shape: Shape, width: int = WIDTH) -> int:
    """An instant of the lattice, a microsecond off at times."""
    return shape.base + dice.upto(width) * shape.unit // 2 + dice.choose((0, 0, 0, 0, -1, 1))


def event(dice: Dice, shape: Shape) -> tuple[Row, Event]:
    """One row as stored, and as the oracle reads it."""
    e = moment(dice, shape)
    lateness = dice.choose((0, 0, 0, 1, shape.unit // 2, shape.unit, 3 * shape.unit, 9 * shape.unit))
    # Rows come singly, late or not, or in loads every three units, which makes many known at once.
    load = shape.base - (shape.base - e) // (3 * shape.unit) * 3 * shape.unit
    loaded = load if shape.loads or dice.one_in(6) else e + lateness
    times: dict[str, int | None] = {"ts": e, "loaded": e - 1 if dice.one_in(50) else loaded}
    if dice.one_in(50):
        times[dice.choose(("ts", "loaded"))] = None
    stored: Row = {}
    seen: Row = {}
    for name in shape.columns:
        if name in shape.clocks:
            us = times.get(name)
            if name == "moment":
                us = None if dice.one_in(4) else moment(dice, shape)
            if us is not None:
                us = times[name] = shape.clocks[name].rounded(us)
            stored[name], seen[name] = shape.clocks[name].stored(us), shape.clocks[name].staged(us)
        else:
            missing = name in IDENTITY and dice.one_in(20)
            stored[name] = seen[name] = None if missing else dice.choose(choices(shape, name))
    known = times["loaded"] if shape.has_known_time else times["ts"]
    return stored, Event(times["ts"], known, seen)


def choices(shape: Shape, name: str) -> Sequence[Any]:
    match name:
        case "user_id" | "friend_id":
            return shape.users
        case "city":
            return ("x", "y")
        case "id":
            return range(1, 6)
        case "part":
            return ("p", "q")
    return VALUES[shape.kinds[name]]


def window(dice: Dice, shape: Shape) -> int | None:
    length = dice.choose((1, 2, 3, 5, 6, None))
    return None if length is None else length * shape.unit


def spelled_window(length: int | None) -> str:
    return "lifetime" if length is None else duration(length)


DEFAULTS: dict[str, tuple[Any, ...]] = {
    "bigint": (0, -1), "integer": (0, 7), "decimal": (Decimal("0"), Decimal("1.5")), "double": (0.0, -0.5, 3.0),
    "real": (0.0,), "varchar": ("none", "it's {{ x }}"), "boolean": (False, True),
}  # fmt: skip


class Made(NamedTuple):
    """One entry of `features:`, the oracle's features that it makes, and their families of types."""

    entry: dict[str, Any]
    features: dict[str, Feature]
    kinds: dict[str, str]


def item(dice: Dice, shape: Shape, number: int, values: Mapping[str, str], taken: Container[str]) -> Made:
    style = dice.choose(("sql", "sql", "sql", "windows", "matrix", "latest"))
    lengths = [window(dice, shape) for _ in range(3)]
    lengths = list(
        dict.fromkeys(lengths[: dice.choose((1, 2, 2, 3))] if style in ("windows", "matrix") else lengths[:1])
    )
    offset = dice.choose((0, 0, 0, 1, 2, 4)) * shape.unit
    entry: dict[str, Any] = {"offset": duration(offset)} if offset else {}
    if style == "matrix":
        return _matrix(dice, shape, entry, offset, lengths, values)
    if style == "latest":
        name = dice.choose(sorted(values))
        entry |= {"latest": shape.names[name]}
        made = Formula("", values[name], (Call("last", lambda row: row[name]),), lambda found, t: found[0])
    else:
        made = formula(dice, arguments(values, TEXTS[:4]), conditions(values, TEXTS[:4]))
        entry |= {"sql": respelled(made.sql, shape.names)}
    default = None
    if made.kind in DEFAULTS and dice.one_in(2):
        entry["default"] = default = dice.choose(DEFAULTS[made.kind])
    called = dice.choose(HOSTILE) if dice.one_in(5) else f"f{number}"
    called = f"f{number}" if called in taken else called
    if style == "windows":
        entry |= {"name": f"{called}_{{window}}", "windows": [spelled_window(length) for length in lengths]}
    else:
        entry |= {"name": called, "window": spelled_window(lengths[0])}
    features = {
        entry["name"].replace("{window}", spelled_window(length)): Feature(
            made.calls, made.finish, length, offset, default
        )
        for length in lengths
    }
    return Made(entry, features, dict.fromkeys(features, made.kind))


def _matrix(
    dice: Dice,
    shape: Shape,
    entry: dict[str, Any],
    offset: int,
    lengths: Sequence[int | None],
    values: Mapping[str, str],
) -> Made:
    name = dice.choose(sorted(values))
    plain = [f for f in sorted(functions_of(values[name])) if f not in LISTS and "percentile" not in f]
    functions = dice.several(plain, 2)
    made = Made(
        {"aggregate": {shape.names[name]: functions}, "windows": [spelled_window(length) for length in lengths]}
        | entry,
        {},
        {},
    )
    for function in functions:
        for length in lengths:
            output = f"{shape.names[name]}_{function}_{spelled_window(length)}"
            call = Call(function, lambda row: row[name])
            made.features[output] = Feature((call,), lambda found, t: found[0], length, offset)
            made.kinds[output] = result_kind(function, values[name])
    return made


def to_real(number: Any) -> float:
    """The nearest 32-bit floating-point number."""
    (nearest,) = struct.unpack("f", struct.pack("f", number))
    return float(nearest)


def derived(dice: Dice, number: int, kinds: Mapping[str, str]) -> tuple[dict[str, Any], Derived]:
    """A derived feature over one or two of the view's features."""
    name = dice.choose(sorted(kinds))
    made: list[tuple[str, str, Callable[[Mapping[str, Any]], Any]]] = [
        (f"{name} IS NULL", "boolean", lambda values: values[name] is None)
    ]
    if kinds[name] in NUMBERS:
        made.append((f"{name} > 1", "boolean", lambda v: None if v[name] is None else v[name] > 1))
        other = dice.choose(sorted(kind for kind in kinds if kinds[kind] == "bigint") or [name])

        def ratio(values: Mapping[str, Any]) -> float | None:
            top, bottom = values[name], values[other]
            return None if top is None or not bottom else narrow(narrow(top) / narrow(bottom))

        # Of a REAL and a whole number, or another REAL, SQL computes in 32 bits.
        kind = "real" if kinds[name] == "real" else "double"
        narrow = to_real if kind == "real" else float
        made.append((f"{name} / NULLIF({other}, 0)", kind, ratio))
    if kinds[name] == "varchar":
        made.append((f"COALESCE({name}, 'none')", "varchar", lambda v: "none" if v[name] is None else v[name]))
    sql, kind, finish = dice.choose(made)
    entry: dict[str, Any] = {"name": f"d{number}", "sql": sql}
    default = None
    if dice.one_in(2):
        entry["default"] = default = dice.choose(DEFAULTS[kind])
    return entry, Derived(finish, default)


#: Crons, and whether a minute of UTC is one of their times.
CRONS: dict[int, dict[str, Callable[[datetime], bool]]] = {
    60 * SECOND: {"*/3 * * * *": lambda at: at.minute % 3 == 0, "7 * * * *": lambda at: at.minute == 7},
    3_600 * SECOND: {"5 * * * *": lambda at: at.minute == 5, "0 */3 * * *": lambda at: at.hour % 3 == at.minute == 0},
    86_400 * SECOND: {
        "30 6 * * *": lambda at: (at.hour, at.minute) == (6, 30),
        "0 0 * * 1": lambda at: (at.weekday(), at.hour, at.minute) == (0, 0, 0),
    },
}


@lru_cache(maxsize=64)
def cron_times(cron: str, unit: int, start: int, end: int) -> tuple[int, ...]:
    """Every time of one of CRONS between two instants, by trying each minute."""
    matches = CRONS[unit][cron]
    minute = 60 * SECOND
    return tuple(us for us in range(start // minute * minute, end, minute) if matches(instant(us)))


class Schedule(NamedTuple):
    """What of a view says when it is refreshed, and the grid's points around the lattice."""

    entry: dict[str, Any]
    grid: Sequence[int]
    delay: int
    ttl: int | None


def schedule(dice: Dice, shape: Shape) -> Schedule:
    start, end = shape.base - 80 * shape.unit, shape.base + 2 * WIDTH * shape.unit
    entry: dict[str, Any] = {}
    if shape.unit in CRONS and dice.one_in(4):
        entry["schedule"] = dice.choose(sorted(CRONS[shape.unit]))
        grid: Sequence[int] = cron_times(entry["schedule"], shape.unit, start, end)
    else:
        every = dice.choose((1, 2, 3, 7)) * shape.unit
        entry["freshness"] = duration(every)
        grid = range(start // every * every, end, every)
    delay = dice.choose((0, 0, 1, 3)) * shape.unit
    if delay:
        entry["delay"] = duration(delay)
    ttl = dice.choose((8, 11, 15)) * shape.unit if dice.one_in(4) else None
    if ttl is not None:
        entry["online_ttl"] = duration(ttl)
    return Schedule(entry, grid, delay, ttl)


#: How many bytes spell a spec, and each row.
SPEC, ROW = 300, 24


@st.composite
def cases(draw: st.DrawFn, most_events: int = 24, most_rows: int = 14) -> Case:
    """Whole cases, each of one draw: Hypothesis repeats parts of what it drew before only where there are parts."""
    size = SPEC + (most_events + most_rows) * ROW
    return case(draw(st.binary(min_size=size, max_size=size)), most_events, most_rows)


def case(thrown: bytes, most_events: int, most_rows: int) -> Case:
    """The case that these bytes spell."""
    spec, rest = thrown[:SPEC], [thrown[place : place + ROW] for place in range(SPEC, len(thrown), ROW)]
    dice = Dice(spec)
    events = rest[: most_events * dice.choose((8, 7, 5, 3, 1, 0, 8, 7, 6)) // 8]
    asked = rest[most_events : most_events + 1 + dice.upto(most_rows - 1)]
    shape_ = shape(dice)
    made = [event(Dice(thrown), shape_) for thrown in events]
    rows = [spine_row(Dice(thrown), shape_) for thrown in asked]
    if dice.one_in(3):
        made, rows = made + made[1:4], rows + rows[:2]
    values = {name: kind for name, kind in shape_.kinds.items() if name not in IDENTITY}
    where = dice.choose(conditions(values, TEXTS[:4])) if dice.one_in(3) else None
    planned = schedule(dice, shape_)
    items: list[Made] = []
    taken = {key for key, _ in shape_.key_columns}
    for number in range(dice.choose((1, 1, 2, 2, 3, 5))):
        candidate = item(dice, shape_, number, values, taken)
        if not candidate.features.keys() & taken:
            items.append(candidate)
            taken |= candidate.features.keys()
    kinds = {name: kind for made_item in items for name, kind in made_item.kinds.items()}
    outputs = [derived(dice, number, kinds) for number in range(dice.choose((0, 0, 1, 2)))]
    view: dict[str, Any] = {
        "name": "v", "version": 1, "description": "A made-up view.", "owner": "team:test", "entity": "u", "source": "s",
    }  # fmt: skip
    keys = {key: shape_.names[column] for key, column in shape_.key_columns}
    if any(key != column for key, column in keys.items()):
        view["keys"] = keys
    if where is not None:
        view["where"] = respelled(where.sql, shape_.names)
    if shape_.closed != "left" or dice.one_in(2):
        view["closed"] = shape_.closed
    view |= planned.entry | {"features": [made_item.entry for made_item in items]}
    if outputs:
        view["derived"] = [entry for entry, _ in outputs]
    return Case(
        config={"name": "t", "defaults": {"owner": "team:test"}, "tiers": {"streaming_below": "1s"},
                "default_target": "dev",
                "targets": {"dev": {"engine": "duckdb", "database": ".fpc/w.duckdb", "online": "embedded"}}},
        source=_source(shape_),
        entity={"name": "u", "description": "Someone.", "owner": "team:test",
                "keys": dict(shape_.key_types)},
        view_spec=view,
        columns={shape_.names[name]: text for name, text in shape_.columns.items()},
        rows=[{shape_.names[name]: value for name, value in stored.items()} for stored, _ in made],
        view=View(
            tuple(column for _, column in shape_.key_columns),
            tuple(shape_.columns),
            shape_.unique_key,
            shape_.closed,
            (lambda row: True) if where is None else where.read,
        ),
        features={name: feature for made_item in items for name, feature in made_item.features.items()},
        derived={entry["name"]: output for entry, output in outputs},
        events=[seen for _, seen in made],
        spine=rows,
        spine_type=dice.choose((0, 1, 2, 3, 4)),
        grid=planned.grid,
        delay=planned.delay,
        ttl=planned.ttl,
        variant=dice.upto(15),
    )  # fmt: skip


def _source(shape: Shape) -> dict[str, Any]:
    def time(name: str) -> Any:
        unit = shape.clocks[name].unit
        return shape.names[name] if unit is None else {"column": shape.names[name], "unit": unit}

    source: dict[str, Any] = {
        "name": "s", "description": "Made-up events.", "owner": "team:test", "path": "data/s.parquet",
        "event_time": time("ts"), "columns": {shape.names[name]: text for name, text in shape.columns.items()},
    }  # fmt: skip
    if shape.has_known_time:
        source["known_time"] = time("loaded")
    if shape.unique_key:
        unique = [shape.names[name] for name in shape.unique_key]
        source["unique_key"] = unique[0] if len(unique) == 1 else unique
    zones = {clock.timezone for clock in shape.clocks.values() if clock.type == "timestamp"}
    if zones - {"UTC"}:
        source["timezone"] = zones.pop()
    return source


def spine_row(dice: Dice, shape: Shape) -> tuple[tuple[Any, ...], int]:
    """One row of entity and instant; the entity is unknown at times."""
    unknown = "nobody" if shape.columns["user_id"] == "varchar" else 99
    parts: list[Any] = [dice.choose((*shape.users * 3, unknown, None))]
    if len(shape.key_columns) == 2:
        parts.append(dice.choose(("x", "y", "x", "y", "nowhere")))
    return tuple(parts), moment(dice, shape, WIDTH + WIDTH // 2)
