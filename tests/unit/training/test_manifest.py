"""The manifest says what a training set was made of, and verifying it says what has changed since."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.unit.training.conftest import day, labels, write_orders

from fpc.repository import Repository
from fpc.runtime.content import ContentHash
from fpc.runtime.errors import FpcRuntimeError


@pytest.fixture
def written(shop: Repository) -> Path:
    with shop.training_set(shop.root / "data" / "labels.parquet", "churn", mode="exact", threads=1) as made:
        made.write(shop.root / "made.parquet")
    return shop.root / "made.parquet.manifest.json"


def test_it_names_everything_that_decided_the_content(shop: Repository, written: Path) -> None:
    found = json.loads(written.read_text())
    assert found["mode"] == "exact"
    assert found["service"] == "churn"
    assert found["spine"]["where"] == "data/labels.parquet"
    assert found["spine"]["rows"] == found["rows"] == 5
    assert [file["path"] for file in found["sources"]["orders"]] == ["data/orders.parquet"]
    assert found["views"]["user_orders"]["fingerprint"] == shop.model.views["user_orders"].fingerprint
    assert found["content"].startswith("sha256:")
    assert str(shop.root) not in written.read_text()


def test_made_again_it_is_the_same(shop: Repository, written: Path) -> None:
    found = Repository(shop.root).verify(written, threads=2)
    assert found.same
    assert found.differences == ()


def test_a_changed_source_is_named(shop: Repository, written: Path) -> None:
    write_orders(shop.root, [(1, 7, day(1, 9), "11.00", "paid")])
    found = shop.verify(written)
    assert not found.same
    assert found.differences == ("source `orders`: `data/orders.parquet` changed",)


def test_a_changed_definition_is_named(shop: Repository, written: Path) -> None:
    spec = shop.root / "features" / "shop.yml"
    spec.write_text(spec.read_text().replace("SUM(amount)", "MAX(amount)"))
    found = Repository(shop.root).verify(written)
    assert "view `user_orders`: its definition changed" in found.differences
    assert not any("user_paid" in difference for difference in found.differences)


def test_a_changed_spine_is_named(shop: Repository, written: Path) -> None:
    parquet.write_table(labels().slice(1), shop.root / "data" / "labels.parquet")
    found = shop.verify(written)
    assert "the spine changed" in found.differences
    assert "5 rows then, 4 now" in found.differences


def test_a_change_that_does_not_matter_is_still_told(shop: Repository, written: Path) -> None:
    path = shop.root / "data" / "orders.parquet"
    parquet.write_table(parquet.read_table(path), path, compression="none")
    found = shop.verify(written)
    assert found.same
    assert found.differences == ("source `orders`: `data/orders.parquet` changed",)


def test_a_spine_of_memory_cannot_be_made_again(shop: Repository) -> None:
    with shop.training_set(labels(), "churn") as made:
        made.write(shop.root / "made.csv")
    with pytest.raises(FpcRuntimeError, match="the spine was a table in memory"):
        shop.verify(shop.root / "made.csv.manifest.json")


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": 1}'])
def test_what_is_no_manifest_is_refused(shop: Repository, text: str) -> None:
    path = shop.root / "x.manifest.json"
    path.write_text(text)
    with pytest.raises(FpcRuntimeError):
        shop.verify(path)
    with pytest.raises(FpcRuntimeError, match="there is no manifest"):
        shop.verify(shop.root / "none.json")


def digest(table: pa.Table, rows: int) -> str:
    found = ContentHash(table.schema)
    for batch in table.to_batches(max_chunksize=rows):
        found.update(batch)
    return found.digest()


def test_the_content_hash_is_over_values_in_order_and_not_over_batches() -> None:
    table = pa.table(
        {
            "n": pa.array([1, None, 3, 4], pa.int64()),
            "s": ["a", "bc", None, ""],
            "l": [["x", None], [], None, ["y"]],
            "b": [True, None, False, True],
        }
    )
    assert digest(table, 1) == digest(table, 4) == digest(pa.concat_tables([table.slice(0, 3), table.slice(3)]), 2)
    assert digest(table, 4) != digest(table.take([1, 0, 2, 3]), 4)
    assert digest(table, 4) != digest(table.set_column(1, "s", pa.array(["ab", "c", None, ""])), 4)
    assert digest(table, 4) != digest(table.set_column(0, "n", pa.array([1, 0, 3, 4], pa.int64())), 4)
    assert digest(table, 4) != digest(table.rename_columns(["m", "s", "l", "b"]), 4)
