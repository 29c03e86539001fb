"""A view that is carried forward, by real dbt, through everything that may happen to its past."""

from __future__ import annotations

from pathlib import Path

import duckdb
from tests.unit.run.repository import Repository, make_repository

MIDNIGHT = 1_709_856_000_000_000  # 2024-03-08T00:00:00Z
HOUR = 3_600_000_000
SPECS = """
source:
  name: visits
  description: Events, a file an hour.
  path: data/visits/*.parquet
  event_time: seen_at
  columns: {user_id: bigint, seen_at: timestamptz, amount: "decimal(9,2)", page: varchar}
---
feature_view:
  name: user_visits
  description: All that a user ever did.
  entity: user
  source: visits
  freshness: 1h
  features:
    - aggregate: {amount: [sum, max, last], page: [count_distinct]}
      windows: [3h, lifetime]
  examples:
    - name: a visit counts for ever
      at: 2024-03-08T00:00:00Z
      given:
        - {user_id: 1, seen_at: 2023-01-01T00:00:00Z, amount: 2, page: a}
      expect:
        - {user_id: 1, amount_sum_3h: null, amount_sum_lifetime: 2, page_count_distinct_3h: 0}
"""
STEP = "carried forward from their last refresh: 1 view"


def file(repository: Repository, name: str, rows: str) -> None:
    path = repository.root / "data" / "visits" / f"{name}.parquet"
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = "user_id, seen_at::TIMESTAMPTZ AS seen_at, amount::DECIMAL(9, 2) AS amount, page"
        connection.sql(f"SELECT {columns} FROM (VALUES {rows}) t(user_id, seen_at, amount, page)").write_parquet(
            str(path)
        )


def table(root: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(root / ".fpc" / "warehouse.duckdb")) as warehouse:
        warehouse.execute("SET TimeZone = 'UTC'")
        return sorted(warehouse.execute("SELECT * EXCLUDE (as_of), CAST(as_of AS VARCHAR) FROM user_visits").fetchall())


def test_a_view_is_carried_forward_only_while_its_past_is_as_it_was(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository")
    (repository.root / "features" / "visits.yml").write_text(SPECS)
    file(
        repository,
        "a",
        "(1, '2024-03-07T20:30:00Z', 5, 'x'), (1, '2024-03-07T21:30:00Z', 1, 'y'), (2, '2024-03-07T01:00:00Z', 7, 'x')",
    )
    repository.compile()

    def refresh(hour: int, *, full: bool = False) -> bool:
        report = repository.run(as_of_us=MIDNIGHT + hour * HOUR, full_refresh=full)
        assert report.exit_code == 0, report
        return STEP in repository.steps

    assert not refresh(0)
    # New files bring new events; the old ones are as they were.
    file(repository, "b", "(1, '2024-03-08T00:30:00Z', 2, 'z'), (3, '2024-03-08T00:59:59Z', 4, 'x')")
    assert refresh(1)
    carried = table(repository.root)
    assert not refresh(1, full=True)
    assert carried == table(repository.root)
    assert len(carried) == 3

    # A file that says something about the past makes everything anew; so does one that was changed.
    file(repository, "c", "(2, '2024-03-07T23:00:00Z', 100, 'late'), (2, '2024-03-08T01:30:00Z', 1, 'x')")
    assert not refresh(2)
    assert any(100 in row for row in table(repository.root))
    file(repository, "a", "(1, '2024-03-07T20:30:00Z', 6, 'x')")
    assert not refresh(3)
    assert refresh(4)
