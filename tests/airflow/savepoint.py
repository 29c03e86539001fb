"""Run by Airflow's Python: read and then write within a savepoint, while somebody else wants to write."""

from __future__ import annotations

import importlib
import sqlite3
import sys
import threading
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session


def main(path: str, *modules: str) -> None:
    """Print `written`, or how SQLite refuses; the modules are imported before, for what they set."""
    for module in modules:
        importlib.import_module(module)
    Path(path).unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE numbers (n INTEGER)")
    other = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    begun = threading.Event()

    def write_meanwhile() -> None:
        begun.set()
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO numbers VALUES (1)")
        other.execute("COMMIT")

    writer = threading.Thread(target=write_meanwhile)
    said = "written"
    with Session(create_engine(f"sqlite:///{path}?timeout=60")) as session:
        try:
            with session.begin_nested():
                session.execute(text("SELECT COUNT(*) FROM numbers")).scalar()
                writer.start()
                begun.wait()
                writer.join(1)
                session.execute(text("INSERT INTO numbers VALUES (2)"))
            session.commit()
        except OperationalError as error:
            said = str(error.orig)
            session.rollback()
    writer.join()
    print(said)


if __name__ == "__main__":
    main(*sys.argv[1:])
