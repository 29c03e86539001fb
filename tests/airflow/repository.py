"""A small repository for Airflow: a view of the flights, one of the marketplace, one by asset, one with bad batches."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from fpc.emit.writer import write
from fpc.pipeline import compile_repository

ROOT = Path(__file__).parents[2]
CONFIG = """
name: airfield
defaults: {owner: "team:feature-platform"}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded, as_of: "2013-12-31T00:00:00Z"}
"""
# Reads the table of another view, and so runs after it.
BOARD = """
source:
  name: published_departures
  description: What was last published of the carriers.
  table: carrier_departures
  append_only: true
  event_time: as_of
  columns: {carrier: varchar, as_of: timestamptz, departures_1d: bigint}
---
feature_view:
  name: carrier_board
  description: What the board at the airport shows of an airline.
  entity: carrier
  source: published_departures
  closed: right
  freshness: 1h
  features:
    - name: flights_shown
      sql: LAST(departures_1d)
      window: 1d
"""
TILLS = """
source:
  name: tills
  description: What was rung up.
  path: batches/tills.parquet
  event_time: rung_at
  columns: {till: bigint, rung_at: timestamptz, amount: double}
---
entity:
  name: till
  description: A till at the airport.
  keys: {till: bigint}
---
feature_view:
  name: till_takings
  description: What a till takes. <script>alert("not code")</script> {{ 6 * 7 }} `neither`
  entity: till
  source: tills
  freshness: 1d
  features:
    - name: takings_7d
      sql: SUM(amount)
      window: 7d
  tests:
    - range: {feature: takings_7d, min: 0}
"""
# Reads a model of the project's own, which somebody else's DAG makes.
TARIFFS = """
source:
  name: tariffs
  description: What a till charges.
  dbt_model: tariffs
  event_time: set_at
  append_only: true
  columns: {till: bigint, set_at: timestamptz, tariff: double}
---
feature_view:
  name: till_tariff
  description: What a till charges by now.
  entity: till
  source: tariffs
  freshness: 1w
  features:
    - {name: tariff, latest: tariff, window: 30d}
"""
TARIFFS_MODEL = """{{ config(materialized='table') }}
select cast(till as bigint) as till, cast(set_at as timestamptz) as set_at, cast(tariff as double) as tariff
from (values (1, '2013-12-20T00:00:00Z', 2.5)) as t(till, set_at, tariff)
"""
TEAM_DAG = '''"""An Airflow DAG of the team that makes the model `tariffs`."""

import time
from datetime import timedelta

from airflow.sdk import DAG, Asset, task

from fpc.runtime.airflow import published_within

with DAG(dag_id="tariffs", schedule=None):

    @task(outlets=[Asset("fpc://airfield/model/tariffs")])
    def load() -> None:
        """What makes the model, somewhere else."""

    load()

with DAG(dag_id="slow", schedule=None, deadline=published_within("slow_view", timedelta(seconds=1))):

    @task
    def wait() -> None:
        """Longer than allowed, and than the scheduler takes to see it."""
        time.sleep(20)

    wait()
'''
SERVICES = """
feature_service:
  name: carriers
  description: All that is known of an airline.
  features: [carrier_departures.*, carrier_board.*]
---
feature_service:
  name: users
  description: Who the user is.
  features: [user_profile.*]
---
feature_service:
  name: tills
  description: What a till takes.
  features: [till_takings.*]
"""
GOOD = "(1, '2013-12-30T10:00:00Z', 12.5), (2, '2013-12-30T11:00:00Z', 3.0)"
BETTER = "(1, '2013-12-30T10:00:00Z', 20.0), (2, '2013-12-30T11:00:00Z', 3.0)"
BAD = "(1, '2013-12-30T10:00:00Z', -99.0), (2, '2013-12-30T11:00:00Z', 3.0)"


def make(root: Path) -> None:
    """The repository, compiled, with its data."""
    taken = {
        "flights": ("sources", "entities", "carrier_departures"),
        "marketplace": ("sources", "entities", "user_profile"),
    }
    for domain, names in taken.items():
        (root / "features" / domain).mkdir(parents=True)
        for name in names:
            shutil.copy2(ROOT / "features" / domain / f"{name}.yml", root / "features" / domain / f"{name}.yml")
    (root / "data").symlink_to(ROOT / "data")
    (root / "batches").mkdir()
    (root / "fpc.yml").write_text(CONFIG)
    for name, text in (("board", BOARD), ("tills", TILLS), ("tariffs", TARIFFS), ("services", SERVICES)):
        (root / "features" / f"{name}.yml").write_text(text)
    own = root / "dbt_project" / "models" / "own"
    own.mkdir(parents=True)
    (own / "tariffs.sql").write_text(TARIFFS_MODEL)
    batch(root, GOOD)
    compiled = compile_repository(root)
    assert not compiled.has_errors, compiled.diagnostics
    write(root, compiled.value)
    (root / "dags" / "team.py").write_text(TEAM_DAG)


def batch(root: Path, rows: str) -> None:
    """Put a new batch of the tills in place of the last."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = (
            "CAST(till AS BIGINT) AS till, CAST(rung_at AS TIMESTAMPTZ) AS rung_at, CAST(amount AS DOUBLE) AS amount"
        )
        found = connection.sql(f"SELECT {columns} FROM (VALUES {rows}) t(till, rung_at, amount)")
        found.write_parquet(str(root / "batches" / "tills.parquet"))
