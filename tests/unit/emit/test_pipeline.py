"""What only the whole pipeline can say: names that clash in dbt, and files that a refresh cannot read."""

from __future__ import annotations

from pathlib import Path

import pytest

from fpc.pipeline import compile_repository

VIEW = """
source:
  name: orders
  description: Orders.
  owner: team:shop
  path: {path}
  event_time: ordered_at
  columns: {{user_id: bigint, ordered_at: timestamptz}}
---
entity: {{name: user, description: A person., owner: team:shop, keys: {{user_id: bigint}}}}
---
feature_view:
  name: {view}
  description: Orders of a user.
  owner: team:shop
  entity: user
  source: orders
  freshness: 1h
  features:
    - {{name: orders_7d, sql: COUNT(*), window: 7d}}
"""


def compiled(folder: Path, *, view: str = "user_orders", path: str = "data/orders.parquet") -> list[tuple[str, str]]:
    (folder / "features").mkdir()
    (folder / "fpc.yml").write_text("name: shop\ndefault_target: dev\ntargets: {dev: {engine: duckdb}}\n")
    (folder / "features" / "shop.yml").write_text(VIEW.format(view=view, path=path))
    result = compile_repository(folder)
    assert bool(result.value) != result.has_errors
    return [(found.code, found.message) for found in result.diagnostics if found.severity.value == "error"]


def test_a_right_repository_compiles(tmp_path: Path) -> None:
    assert compiled(tmp_path) == []


def test_two_dbt_models_of_one_name_are_an_error(tmp_path: Path) -> None:
    (found,) = compiled(tmp_path, view="stg_orders")
    assert found == ("FPC0201", "the dbt model of feature view `stg_orders` has the name of another: `stg_orders`")


def test_a_source_of_arrow_files_is_not_built_yet(tmp_path: Path) -> None:
    (found,) = compiled(tmp_path, path="data/*.arrow")
    assert found == ("FPC0806", "source `orders` is an Arrow file, which a refresh cannot read yet")


def test_an_unknown_target_is_a_key_error(tmp_path: Path) -> None:
    compiled(tmp_path)
    with pytest.raises(KeyError):
        compile_repository(tmp_path, "prod")
