"""One refresh of a view, as dbt would write its table: from all events, or carried forward from the day before.

The carried form is compared with the full one afterwards, untimed: both tables must hold the same, bit for bit.
`selected` is the carried form up to its table: the rows that change, in memory.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from benchmarks import data, repository
from benchmarks.dbt_models import Models
from benchmarks.measure import timed

VIEW = "payer_payments"
DAY_BEFORE, TODAY = "2023-12-30 00:00:00+00", "2023-12-31 00:00:00+00"


def main(size: str, features: str, form: str) -> None:
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        root = repository.make(size, features, Path(folder))
        models = Models(root, {"payments": data.events(size)})
        connection = duckdb.connect(str(root / "warehouse.duckdb"), config={"threads": 2})
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE VIEW stg_payments AS {models.select('stg_payments')}")
        full = models.writes(VIEW, "full_form", models.select(VIEW, TODAY))
        carried = models.select(VIEW, TODAY, DAY_BEFORE, "carried_form")
        writes = {
            "full": full,
            "carried": models.carries(VIEW, "carried_form", TODAY, carried),
            "selected": (f"CREATE TEMP TABLE selected_form AS {carried}",),
        }

        def write(statements: tuple[str, ...]) -> None:
            for statement in statements:
                connection.execute(statement)

        if form != "full":
            write(models.writes(VIEW, "carried_form", models.select(VIEW, DAY_BEFORE)))
            connection.execute("CHECKPOINT")

        def refresh() -> Mapping[str, object]:
            # What dbt leaves in the log is written into the database's file when dbt ends.
            write((*writes[form], "CHECKPOINT"))
            return {}

        def compare() -> Mapping[str, object]:
            if form == "carried":
                write(full)
                _must_be_equal(connection)
            return {"entities": connection.execute(f"SELECT COUNT(*) FROM {form}_form").fetchall()[0][0]}

        timed(refresh, compare)


def _must_be_equal(connection: duckdb.DuckDBPyConnection) -> None:
    """Whole rows are compared as text, in which every double has all its digits."""
    different = (
        "SELECT COUNT(*) FROM full_form AS f FULL JOIN carried_form AS c USING (entity_id)"
        " WHERE CAST(f AS VARCHAR) IS DISTINCT FROM CAST(c AS VARCHAR)"
    )
    count = connection.execute(different).fetchall()[0][0]
    if count:
        raise SystemExit(f"{count} entities differ between the two forms of the refresh")


if __name__ == "__main__":
    main(*sys.argv[1:])
