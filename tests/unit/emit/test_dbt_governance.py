"""What specs say of owners, versions and deprecation, as dbt itself reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from fpc.emit.writer import write
from fpc.pipeline import compile_repository

CONFIG = """\
name: shop
folders: {features: {owner: "team:growth ml"}}
targets: {dev: {engine: duckdb, as_of: "2024-01-01T00:00:00Z"}}
"""
SPECS = """\
source:
  name: orders
  description: Orders.
  owner: team:data
  path: data/orders.parquet
  event_time: at
  columns: {user_id: bigint, at: timestamptz, amount: double}
---
entity: {name: user, description: A person., keys: {user_id: bigint}}
---
feature_view:
  name: user_orders
  version: 3
  description: Orders.
  tags: [growth]
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: COUNT(*), window: 7d}
  deprecated: {since: 2023-11-01, remove_after: 2024-06-01, use: user_sums, reason: counts tests}
---
feature_view:
  name: user_sums
  description: Sums.
  owner: team:risk
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: spent_7d, sql: SUM(amount), window: 7d}
    - name: paid_7d
      sql: COUNT(amount)
      window: 7d
      deprecated: {since: 2023-11-01, remove_after: 2024-06-01, use: user_orders.orders_7d, reason: counts tests.}
---
feature_service: {name: churn, description: Churn., model: churn_model, features: ["user_sums.*"]}
"""


def test_dbt_takes_groups_access_versions_and_dates(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "fpc.yml").write_text(CONFIG)
    (tmp_path / "features" / "all.yml").write_text(SPECS)
    compiled = compile_repository(tmp_path)
    assert not compiled.has_errors
    write(tmp_path, compiled.value)
    (tmp_path / ".fpc").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "parse"],
        cwd=tmp_path / "dbt_project",
        env={name: value for name, value in os.environ.items() if not name.startswith("DBT_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    manifest = json.loads((tmp_path / "dbt_project/target/manifest.json").read_text())

    groups = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    assert groups == {"team_growth_ml": "team:growth ml", "team_data": "team:data", "team_risk": "team:risk"}
    view = manifest["nodes"]["model.shop.user_orders.v3"]
    assert (view["group"], view["access"]) == ("team_growth_ml", "public")
    assert (view["version"], view["latest_version"]) == (3, 3)
    assert view["deprecation_date"].startswith("2024-06-01")
    paid = manifest["nodes"]["model.shop.user_sums.v1"]["columns"]["paid_7d"]
    end = {
        "since": "2023-11-01",
        "remove_after": "2024-06-01",
        "use": "user_orders.orders_7d",
        "reason": "counts tests.",
    }
    assert paid["config"]["meta"]["deprecated"] == end
    assert paid["description"].endswith("Deprecated since 2023-11-01: counts tests. Use user_orders.orders_7d.")
    assert "Use user_sums." in view["description"]
    assert view["config"]["tags"] == ["growth"]
    assert manifest["nodes"]["model.shop.user_sums.v1"]["deprecation_date"] is None
    empty = manifest["nodes"]["model.shop.user_orders__empty"]
    assert (empty["group"], empty["access"]) == ("team_growth_ml", "private")
    staged = manifest["nodes"]["model.shop.stg_orders"]
    assert (staged["group"], staged["access"]) == ("team_data", "protected")
    exposure = manifest["exposures"]["exposure.shop.churn"]
    assert exposure["owner"]["name"] == "team:growth ml"
    assert exposure["depends_on"]["nodes"] == ["model.shop.user_sums.v1"]
