"""A view's table carried forward by SQL alone, as its materialization has dbt do."""

from __future__ import annotations

import duckdb
import jinja2

from fpc.emit.dbt.carried import STATEMENTS
from fpc.plan.advance import Carrying

_CALL = "{{ fpc_carry_forward(table, keys, as_of, select) }}"


def carry_forward(connection: duckdb.DuckDBPyConnection, plan: Carrying, table: str, as_of: str, select: str) -> None:
    """Bring the table of a view to the instant `as_of` (SQL), by what the model of the view selects then."""
    if not plan.in_place:
        connection.execute(f"CREATE TABLE next AS {select}")
        connection.execute(f"DROP TABLE {table}; ALTER TABLE next RENAME TO {table}")
        return
    keys = [key.name for key in plan.view.entity.keys]
    statements = jinja2.Template(STATEMENTS + _CALL).render(table=table, keys=keys, as_of=as_of, select=select)
    connection.execute(f"BEGIN; {statements}; COMMIT")
