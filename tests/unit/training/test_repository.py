"""Training sets from Python: spines of every kind, results in every form, in the spine's order."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import yaml
from pyarrow import csv as arrow_csv
from pyarrow import feather, parquet
from tests.unit.training.conftest import EXACT, FEATURES, day, labels, write_orders

import fpc
from fpc.pipeline import compile_repository
from fpc.repository import Repository
from fpc.runtime.spine import QuerySpine, TableSpine


def features_of(table: pa.Table) -> dict[str, list[object]]:
    return {name: table.column(name).to_pylist() for name in FEATURES}


def test_the_spine_comes_first_unchanged_then_the_features(shop: Repository) -> None:
    with shop.training_set(labels(), "churn", mode="exact") as made:
        table = made.to_arrow()
    assert table.column_names == ["churned", "user_id", "at", *FEATURES]
    assert table.select(["churned", "user_id", "at"]).equals(labels())
    assert features_of(table) == EXACT


def test_fpc_exports_the_repository() -> None:
    assert fpc.Repository is Repository


@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow", "feather"])
def test_a_file_is_a_spine(shop: Repository, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"spine.{ending}"
    match ending:
        case "parquet":
            parquet.write_table(labels(), path)
        case "csv":
            arrow_csv.write_csv(labels(), path)
        case _:
            feather.write_feather(labels(), str(path), compression="uncompressed")
    with shop.training_set(path, "churn", mode="exact", time="at") as made:
        assert features_of(made.to_arrow()) == EXACT


def test_frames_are_spines_and_results(shop: Repository) -> None:
    frame = labels().to_pandas()
    # pandas holds whole numbers with nulls as doubles, and times without a zone as often as with one.
    frame["at"] = frame["at"].dt.tz_localize(None)
    with shop.training_set(frame, "churn", mode="exact") as made:
        result = made.to_pandas()
    assert isinstance(result, pd.DataFrame)
    assert result["user_orders__orders_1d"].tolist() == EXACT["user_orders__orders_1d"]
    with shop.training_set(pl.from_arrow(labels()), "churn", mode="exact") as made:
        polars_result = made.to_polars()
    assert isinstance(polars_result, pl.DataFrame)
    assert polars_result["last_status"].to_list() == EXACT["last_status"]


def test_a_spine_in_memory_keeps_its_own_types(shop: Repository, tmp_path: Path) -> None:
    zone = pa.timestamp("ms", "America/New_York")
    spine = pa.table({"at": labels()["at"].cast(zone), "user_id": labels()["user_id"].cast(pa.int32())})
    spine = spine.append_column("kind", pa.array(list("abcde")).dictionary_encode())
    # In two pieces, as frames and datasets often are.
    spine = pa.concat_tables([spine.slice(0, 2), spine.slice(2)])
    with shop.training_set(spine, "churn", mode="exact") as made:
        table = made.to_arrow()
        made.write(tmp_path / "made.arrow")
    assert table.select(spine.column_names).equals(spine)
    assert features_of(table) == EXACT
    assert feather.read_table(str(tmp_path / "made.arrow")).equals(table)


BY_STATUS = """
entity: {name: state, description: A state., owner: team:shop, keys: {status: varchar}}
---
feature_view:
  name: states
  description: Orders by state.
  owner: team:shop
  entity: state
  source: orders
  freshness: 1h
  features: [{name: orders_ever, sql: COUNT(*), window: lifetime, description: Orders.}]
---
feature_service: {name: by_state, description: All., owner: team:shop, features: [states.*]}
---
training_set:
  name: states_training
  description: States.
  owner: team:shop
  service: by_state
  spine: {path: data/states.csv, time: at}
"""


def test_text_keys_of_a_csv_file_stay_text(shop: Repository) -> None:
    codes = ["1e5", "501", "1.50", "00501", "12:00", "2024/05/01"]
    write_orders(shop.root, [(n, 7, day(1, 9), None, code) for n, code in enumerate(codes)])
    (shop.root / "features" / "states.yml").write_text(BY_STATUS)
    for spelled in (codes, codes[:2], codes[2:3], codes[4:5], codes[5:]):
        path = shop.root / "data" / "states.csv"
        path.write_text("\n".join(["STATUS,at", *(f"{code},2024-03-02" for code in spelled), ""]))
        with shop.declared_training_set("states_training") as made:
            assert made.to_arrow().select(["STATUS", "orders_ever"]).to_pylist() == [
                {"STATUS": code, "orders_ever": 1} for code in spelled
            ]
    compiled = {artefact.path: artefact.text for artefact in compile_repository(shop.root).value}
    source = yaml.safe_load(compiled["dbt_project/models/training_sets/states_training.yml"])["sources"][0]
    location = re.sub(r"\{\{.*?\}\}", str(shop.root), source["tables"][0]["config"]["external_location"])
    with duckdb.connect() as connection:
        assert connection.sql(f"SELECT status FROM {location}").fetchall() == [("2024/05/01",)]


def test_columns_may_stand_in_any_order_and_keys_have_other_names(shop: Repository) -> None:
    renamed = pa.table({"when": labels()["at"], "born": labels()["at"], "buyer": labels()["user_id"].cast(pa.string())})
    with shop.training_set(renamed, "churn", mode="exact", time="when", keys={"user_id": "buyer"}) as made:
        assert features_of(made.to_arrow()) == EXACT


def test_tables_and_queries_of_the_warehouse_are_spines(shop: Repository) -> None:
    (shop.root / ".fpc").mkdir()
    with duckdb.connect(str(shop.root / ".fpc" / "warehouse.duckdb")) as connection:
        found = labels()
        connection.register("found", found)
        connection.execute("CREATE SCHEMA marts")
        connection.execute("CREATE TABLE marts.labels AS SELECT * FROM found")
    for spine in (TableSpine("marts.labels"), QuerySpine("SELECT * FROM marts.labels WHERE user_id = 7")):
        with shop.training_set(spine, "churn", mode="exact") as made:
            table = made.to_arrow()
        wanted = [(7, 1), (7, 1)] if isinstance(spine, QuerySpine) else [(8, 1), (7, 1), (None, 0), (7, 1), (99, 0)]
        assert list(zip(table["user_id"].to_pylist(), table[FEATURES[0]].to_pylist(), strict=True)) == wanted


def test_features_are_named_one_by_one_or_by_a_star(shop: Repository) -> None:
    with shop.training_set(labels(), features=["user_paid.*"], mode="exact") as made:
        assert made.columns == ("churned", "user_id", "at", "orders_1d")
    with shop.training_set(labels(), features=["user_orders.spent", "user_*.orders_1d"], mode="exact") as made:
        assert made.columns[3:] == ("spent", "user_orders__orders_1d", "user_paid__orders_1d")


def test_as_served_answers_with_the_last_published_grid_point(shop: Repository) -> None:
    spine = pa.table(
        {
            "user_id": pa.array([7, 7, 7, 7], pa.int64()),
            "at": pa.array(
                [
                    day(2, 9),  # 8:00 was published at 8:10; the event is at 9:00
                    day(2, 10).replace(minute=9),  # still 9:00, before which nothing happened
                    day(2, 10).replace(minute=10),  # 10:00
                    day(2, 10).replace(minute=59),  # 10:00 again
                ],
                pa.timestamp("us", "UTC"),
            ),
        }
    )
    with shop.training_set(spine, features=["user_orders.*"]) as made:
        table = made.to_arrow()
    assert table["orders_1d"].to_pylist() == [1, 1, 1, 1]
    assert [str(spent) for spent in table["spent"].to_pylist()] == ["10.00", "10.00", "15.50", "15.50"]
    assert table["last_status"].to_pylist() == ["paid", "paid", "placed", "placed"]


def test_a_declared_training_set_brings_its_spine_and_mode(shop: Repository) -> None:
    with shop.declared_training_set("churn_training") as made:
        assert features_of(made.to_arrow()) == EXACT


@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow"])
def test_every_format_is_written_whole(shop: Repository, tmp_path: Path, ending: str) -> None:
    path = tmp_path / "out" / f"made.{ending}"
    with shop.training_set(labels(), "churn", mode="exact") as made:
        manifest = made.write(path)
        table = made.to_arrow()
    match ending:
        case "parquet":
            assert parquet.read_table(path).equals(table)
        case "arrow":
            assert pa.ipc.open_file(path).read_all().equals(table)
        case _:
            with path.open() as file:
                rows = list(csv.DictReader(file))
            assert [row["spent"] for row in rows] == ["0.00", "10.00", "0.00", "10.00", "0.00"]
            assert [row["user_id"] for row in rows] == ["8", "7", "", "7", "99"]
    assert manifest.rows == 5
    assert sorted(found.name for found in path.parent.iterdir()) == [path.name, f"{path.name}.manifest.json"]


def test_csv_to_csv_leaves_the_spines_text_alone(shop: Repository, tmp_path: Path) -> None:
    spine = tmp_path / "spine.csv"
    spine.write_text("zip,user_id,at,odds\n00501,7,2024-03-02 09:00:00,1.50\n,8,2024-03-03T00:00:00Z,1e3\n")
    with shop.training_set(spine, "churn", mode="exact", time="at") as made:
        made.write(tmp_path / "made.csv")
    lines = (tmp_path / "made.csv").read_text().splitlines()
    assert lines[1].startswith("00501,7,2024-03-02 09:00:00,1.50,1,10.00,paid,1")
    assert lines[2].startswith(",8,2024-03-03T00:00:00Z,1e3,1,0.00,paid,1")


def test_an_empty_source_gives_the_values_of_nothing(shop: Repository) -> None:
    write_orders(shop.root, [])
    with shop.training_set(labels(), "churn", mode="exact") as made:
        found = features_of(made.to_arrow())
    assert found["user_orders__orders_1d"] == [0] * 5
    assert found["last_status"] == [None] * 5


def test_an_empty_spine_gives_no_rows(shop: Repository) -> None:
    for mode in ("exact", "as_served"):
        with shop.training_set(labels().slice(0, 0), "churn", mode=mode) as made:
            assert made.to_arrow().num_rows == 0
