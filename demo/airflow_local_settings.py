"""Read by Airflow at its start, from `config/` of its home: how it uses SQLite.

Airflow makes the runs of a backfill within savepoints. Outside of a transaction a savepoint begins one that reads first
and writes later; where another process has written meanwhile, SQLite refuses that write at once ("database is locked"),
whatever the timeout. Begun as one that writes, it waits for its turn.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy import Connection, Engine, event


@event.listens_for(Engine, "savepoint")
def begin_as_writer(connection: Connection, name: str | None) -> None:
    """Begin the transaction before its first savepoint would."""
    driver = connection.connection.dbapi_connection
    if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
