"""Opens the DuckDB file of a target, which only one process at a time may write."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb

from fpc.contract.registry import TargetContract
from fpc.runtime.errors import FpcRuntimeError

DEFAULT_DATABASE: Final = ".fpc/warehouse.duckdb"
_LOCKED: Final = "Could not set lock on file"
_HOLDER: Final = re.compile(r"held in (.*?) ?\(PID (\d+)\)")
_POLL_SECONDS: Final = 0.5


class WarehouseError(FpcRuntimeError):
    """The warehouse cannot be opened or written; exit code 3."""


def warehouse_path(root: Path, target: TargetContract) -> Path:
    """Where the target's DuckDB file is."""
    return root / (target.database or DEFAULT_DATABASE)


def open_warehouse(path: Path, say: Callable[[str], None], wait_seconds: float = 20.0) -> duckdb.DuckDBPyConnection:
    """A connection for writing, in UTC; waits a while for another process to let go of the file."""
    deadline, told = time.monotonic() + wait_seconds, False
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = duckdb.connect(str(path))
            connection.execute("SET TimeZone = 'UTC'")
            return connection
        except duckdb.IOException as error:
            text = str(error)
            if _LOCKED not in text or time.monotonic() >= deadline:
                raise unopenable(path.name, text) from None
            if not told:
                say(f"waiting for {holder(text)} to let go of {path.name}")
                told = True
        except (OSError, duckdb.Error) as error:
            raise unopenable(path.name, str(error)) from None
        time.sleep(_POLL_SECONDS)


def holder(text: str) -> str:
    """Which process holds the file, by DuckDB's message."""
    found = _HOLDER.search(text)
    return f"process {found[2]} ({Path(found[1].strip()).name})" if found else "another process"


def unopenable(name: str, text: str) -> WarehouseError:
    """The error for a file that cannot be opened, by DuckDB's message."""
    kept = "nothing was changed; what was served is still served"
    if _LOCKED in text:
        return WarehouseError(
            f"the warehouse {name} is locked by {holder(text)}",
            kept=kept,
            help="wait for it to end, or close it, and run again",
        )
    if "not a valid DuckDB" in text or "version number" in text or "Corrupt" in text:
        return WarehouseError(
            f"the warehouse {name} is not a DuckDB file that this version reads",
            kept=kept,
            help="move the file away: `fpc run` builds it again from the sources",
        )
    if "No space left" in text:
        return disk_full(name)
    return WarehouseError(
        f"the warehouse {name} cannot be opened: {text.splitlines()[0] if text else 'no reason given'}",
        kept=kept,
        help="see that its folder exists and may be written",
    )


def disk_full(name: str) -> WarehouseError:
    """The error for a disk without room."""
    return WarehouseError(
        f"the disk that holds the warehouse {name} is full",
        kept="what was served is still served, and the tables of the last complete refresh are kept",
        help="make room and run again",
    )
