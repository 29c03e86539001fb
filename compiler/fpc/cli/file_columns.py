"""What a data file tells of the source that it could be: columns, types, when a row happened, what makes it one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from fpc.cli.failure import user_fault, wrong_usage
from fpc.runtime.quoting import literal, quoted
from fpc.types.logical import LogicalType

_COLUMN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
#: As many rows as are looked at to tell keys and times; the columns and types are those of all rows.
_LOOKED_AT: Final = 200_000
_KNOWN_NAMES: Final = re.compile(
    r"(?:_?(?:loaded|ingested|inserted|received|recorded|processed|synced|updated|modified|known|arrived|landed)"
    r"(?:_(?:at|on|time|ts))?)$"
)
_EVENT_NAMES: Final = re.compile(r"(?:event|occurred|happened|timestamp|ts$|time$|created|_at$)")
_KEY_NAMES: Final = re.compile(r"(?:^|_)(?:id|key|uuid|number|no)$")
_TIMES: Final = ("timestamptz", "timestamp")
_PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
#: From 2000 on and before 2100, in seconds since 1970.
_CENTURY: Final = (946_684_800, 4_102_444_800)
_LIKE_A_DAY: Final = re.compile(r"\d{1,4}[./ -](?:\d{1,2}|[A-Za-z]{3,9})[./ -]\d{1,4}\b")
_JSON: Final = (".json", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class FileColumns:
    """The columns of a file with their logical types, in its order, and what its rows suggest of them.

    `path` is what a source reads: of a JSON file, the Parquet file that it has to be made to, which `convert` does.
    `left_out` are columns that no spec can declare, each with the reason. `event_unit` is the unit of an event time
    that is a number since 1970. `keys` look like keys of what the rows are about. `in_doubt` says of each column that
    looks like a time, and cannot be taken for one, what it holds.
    """

    path: str
    columns: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...]
    event_time: str | None
    event_unit: str | None
    known_time: str | None
    unique_key: tuple[str, ...]
    keys: tuple[str, ...]
    rows: int
    in_doubt: tuple[str, ...]

    def type_of(self, name: str) -> str:
        """The logical type of a column that there is."""
        return dict(self.columns)[name]


def read_columns(root: Path, pattern: str, event_time: str | None = None) -> FileColumns:
    """Look at a file, or the first of a glob, under the repository; `event_time` is taken as given.

    Stops with exit code 1 where the file is missing or unreadable, and 2 for another format or a column that it lacks.
    """
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        raise wrong_usage(f"--path `{pattern}` leaves the repository", help="copy or link the file into it")
    found = sorted(root.glob(pattern))
    if not found:
        raise user_fault(
            f"there is no file `{pattern}` in the repository", help=f"paths are relative to its root, `{root.name}`"
        )
    path = found[0]
    try:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            relation = _relation(connection, path, pattern)
            described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
            pairs = [(str(name), str(kind)) for name, kind, *_ in described]
            columns = [(name, kind) for name, kind in ((n, _logical(k)) for n, k in pairs) if kind and _fits(name)]
            left_out = [(name, _reason(name, kind)) for name, kind in pairs if name not in dict(columns)]
            if event_time is not None and event_time not in dict(columns):
                raise wrong_usage(
                    f"the file has no column `{event_time}`", help=f"it has: {', '.join(name for name, _ in columns)}"
                )
            connection.execute(f"CREATE TEMP TABLE seen AS SELECT * FROM {relation} LIMIT {_LOOKED_AT}")
            if path.suffix == ".csv":
                columns = [(name, _exact(connection, path, name, kind)) for name, kind in columns]
            return _suggested(connection, _readable(pattern), columns, left_out, event_time)
    except duckdb.Error as error:
        raise user_fault(f"`{pattern}` cannot be read: {str(error).splitlines()[0]}") from error


def convert(root: Path, pattern: str, path: str) -> None:
    """Write the JSON files of a pattern as one Parquet file, which is what a refresh reads."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        source = literal(str(root / pattern))
        target = literal(str(root / path))
        connection.execute(f"COPY (SELECT * FROM read_json_auto({source})) TO {target} (FORMAT parquet)")


def is_json(pattern: str) -> bool:
    """Whether the pattern's files have to be made to Parquet first."""
    return pattern.endswith(_JSON)


def _readable(pattern: str) -> str:
    if not is_json(pattern):
        return pattern
    plain = re.sub(r"[*?\[\]]+", "all", pattern)
    return str(Path(plain).with_suffix(".parquet").as_posix())


def _relation(connection: duckdb.DuckDBPyConnection, path: Path, pattern: str) -> str:
    match path.suffix:
        case ".parquet":
            return f"read_parquet({literal(str(path))})"
        case ".csv":
            return f"read_csv({literal(str(path))}, header = true)"
        case ".json" | ".jsonl" | ".ndjson":
            return f"read_json_auto({literal(str(path))})"
        case ".arrow" | ".feather":
            import pyarrow.feather  # needed for this format alone

            connection.register("arrow_file", pyarrow.feather.read_table(path, memory_map=True))
            return "arrow_file"
        case _ if path.is_dir():
            raise wrong_usage(
                f"`{pattern}` is a folder", help=f"name its files: --path '{pattern.rstrip('/')}/**/*.parquet'"
            )
        case _:
            raise wrong_usage(f"`{pattern}` is of no known format", help="use .parquet, .csv, .json or .arrow")


def _fits(name: str) -> bool:
    return _COLUMN.fullmatch(name) is not None


def _reason(name: str, kind: str) -> str:
    if _fits(name):
        return f"features cannot read type {kind}"
    return "a name is of letters, digits and underscores, and begins with no digit: rename it in the file"


def _logical(kind: str) -> str | None:
    try:
        return str(LogicalType.parse(kind))
    except ValueError:
        return None


def _exact(connection: duckdb.DuckDBPyConnection, path: Path, name: str, kind: str) -> str:
    """A CSV's numbers are text: where all have few digits behind the point, a decimal holds them exactly."""
    if kind != "double":
        return kind
    text = f"SELECT {quoted(name)} AS x FROM read_csv({literal(str(path))}, header = true, all_varchar = true)"
    row = connection.execute(
        f"SELECT MAX(LENGTH(SPLIT_PART(x, '.', 2))), MAX(LENGTH(SPLIT_PART(LTRIM(x, '-'), '.', 1))), "
        f"BOOL_AND(REGEXP_FULL_MATCH(x, '-?[0-9]+(\\.[0-9]+)?')) FROM ({text} LIMIT {_LOOKED_AT}) WHERE x IS NOT NULL"
    ).fetchone()
    if row is None or not row[2] or row[0] > 2 or row[1] > 9:
        return kind
    return "decimal(12,2)"


def _suggested(
    connection: duckdb.DuckDBPyConnection,
    path: str,
    columns: list[tuple[str, str]],
    left_out: list[tuple[str, str]],
    given: str | None,
) -> FileColumns:
    counted = connection.execute("SELECT COUNT(*) FROM seen").fetchone()
    rows = int(counted[0]) if counted is not None else 0
    times = [name for name, kind in columns if kind in _TIMES and _is_full(connection, name)]
    units = _units(connection, columns)
    event = given or _likely_event_time(times) or _likely_event_time(list(units))
    unit = None if event is None else units.get(event)
    in_doubt = () if unit is not None else _in_doubt(connection, columns)
    if event is not None and unit is None and dict(columns)[event] not in _TIMES:
        event = None
    known = None if event is None else _likely_known_time(connection, times, event)
    keys = tuple(name for name, kind in columns if _KEY_NAMES.search(name) and kind in ("bigint", "integer", "varchar"))
    unique = () if not rows else _likely_key(connection, keys or tuple(n for n, _ in columns[:1]), known)
    about = tuple(name for name in keys if name not in unique)
    return FileColumns(path, tuple(columns), tuple(left_out), event, unit, known, unique, about, rows, in_doubt)


def _units(connection: duckdb.DuckDBPyConnection, columns: list[tuple[str, str]]) -> dict[str, str]:
    """The whole numbers that are instants since 1970, if they are of this century, and in which unit."""
    found = {}
    for name, kind in columns:
        if kind not in ("bigint", "integer") or not _EVENT_NAMES.search(name.lower()):
            continue
        row = connection.execute(f"SELECT MIN({quoted(name)}), MAX({quoted(name)}), COUNT(*) > 0 FROM seen").fetchone()
        if row is None or row[0] is None or not row[2] or not _is_full(connection, name):
            continue
        for unit, per_second in _PER_SECOND.items():
            if _CENTURY[0] * per_second <= row[0] and row[1] < _CENTURY[1] * per_second:
                found[name] = unit
    return found


def _in_doubt(connection: duckdb.DuckDBPyConnection, columns: list[tuple[str, str]]) -> tuple[str, ...]:
    found = []
    for name, kind in columns:
        if kind == "date":
            found.append(f"`{name}` holds days, which are no instants")
        elif kind in _TIMES and not _is_full(connection, name):
            found.append(f"`{name}` is empty in some rows; --event-time {name} takes it all the same")
        elif kind == "varchar":
            row = connection.execute(f"SELECT ANY_VALUE({quoted(name)}) FROM seen").fetchone()
            if row is not None and row[0] is not None and _LIKE_A_DAY.match(str(row[0])):
                found.append(f"`{name}` holds text, such as `{row[0]}`")
    return tuple(found)


def _is_full(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    row = connection.execute(f"SELECT COUNT(*) = COUNT({quoted(name)}) FROM seen").fetchone()
    return bool(row and row[0])


def _likely_event_time(times: list[str]) -> str | None:
    """The first full time column that sounds like an event's, else one that does not sound like a load's, else any."""
    happened = [name for name in times if not _KNOWN_NAMES.search(name.lower())]
    named = [name for name in happened if _EVENT_NAMES.search(name.lower())]
    return next(iter([*named, *happened, *times]), None)


def _likely_known_time(connection: duckdb.DuckDBPyConnection, times: list[str], event: str) -> str | None:
    """A time column that sounds like a load's, is never before the event's and somewhere behind it."""
    for name in times:
        if name == event or not _KNOWN_NAMES.search(name.lower()):
            continue
        one, other = quoted(name), quoted(event)
        row = connection.execute(f"SELECT BOOL_AND({one} >= {other}) AND BOOL_OR({one} > {other}) FROM seen").fetchone()
        if row and row[0]:
            return name
    return None


def _likely_key(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...], known: str | None) -> tuple[str, ...]:
    """The column of which each value is one event: one row each, or one for each time that it became known."""
    for name in names:
        versions = quoted(name) if known is None else f"({quoted(name)}, {quoted(known)})"
        row = connection.execute(
            f"SELECT COUNT(*) = COUNT(DISTINCT {versions}), COUNT(DISTINCT {quoted(name)}) > COUNT(*) / 8 FROM seen"
        ).fetchone()
        if row and row[0] and row[1]:
            return (name,)
    return ()
