"""Whatever is wrong with spine, sources or disk: one clear message, nothing written, nothing left behind."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.unit.training.conftest import day, labels

from fpc.repository import Repository, SpecError
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.spine import TableSpine


def refused(shop: Repository, spine: object, **options: Any) -> FpcRuntimeError:
    with pytest.raises(FpcRuntimeError) as caught:
        shop.training_set(spine, options.pop("service", "churn"), mode="exact", **options)
    return caught.value


def with_column(name: str, values: pa.Array) -> pa.Table:
    table = labels()
    return table.set_column(table.column_names.index(name), name, values)


SPINES: list[tuple[str, Callable[[], pa.Table], dict[str, Any], str]] = [
    ("no key", lambda: labels().drop_columns(["user_id"]), {}, "has no column `user_id` to find entities by"),
    ("no time", lambda: labels(), {"time": "label_time"}, "has no column `label_time` to take each row's time from"),
    ("no times at all", lambda: labels().drop_columns(["at"]), {}, "has no column with times"),
    (
        "two times",
        lambda: labels().append_column("born", labels()["at"]),
        {},
        "has several columns with times",
    ),
    (
        "null times",
        lambda: with_column("at", pa.array([day(1), None, day(2), None, day(3)], pa.timestamp("us", "UTC"))),
        {},
        "`at` is null in 2 rows, first in row 2",
    ),
    (
        "numbers for times",
        lambda: with_column("at", pa.array([1, 2, 3, 4, 5])),
        {"time": "at"},
        "is BIGINT, not a time",
    ),
    (
        "no times in a text",
        lambda: with_column("at", pa.array(["2024-03-01", "yesterday", "2024-03-01", "", "2024-03-01"])),
        {"time": "at"},
        "is not a time in 2 rows, first in row 2",
    ),
    (
        "keys of another kind",
        lambda: with_column("user_id", pa.array(["7", "seven", "8", None, "9"])),
        {},
        "`user_id` (VARCHAR) is no bigint in 1 of its rows, first in row 2",
    ),
    (
        "keys with fractions",
        lambda: with_column("user_id", pa.array([7.0, 7.5, 8.0, None, float("nan")])),
        {},
        "`user_id` (DOUBLE) is no bigint in 1 of its rows, first in row 2",
    ),
    (
        "keys with fractions in a text",
        lambda: with_column("user_id", pa.array(["7", "7.5", "8.0", None, " 9 "])),
        {},
        "`user_id` (VARCHAR) is no bigint in 1 of its rows, first in row 2",
    ),
    (
        "times without end",
        lambda: with_column("at", pa.array(["2024-03-01", "infinity", "-infinity", "10000-01-01", "2024-03-01"])),
        {"time": "at"},
        "is not a time in 3 rows, first in row 2",
    ),
    (
        "two columns of one name",
        lambda: labels().append_column("USER_ID", labels()["user_id"]),
        {},
        "two columns `user_id` and `USER_ID`",
    ),
    (
        "another name for a key that nobody has",
        lambda: labels(),
        {"keys": {"user": "user_id"}},
        "has an entity key `user`",
    ),
    (
        "a column named as a feature",
        lambda: labels().append_column("spent", pa.array([1, 2, 3, 4, 5])),
        {},
        "column `spent` has the name of a feature",
    ),
]


@pytest.mark.parametrize(
    ("make", "options", "message"), [case[1:] for case in SPINES], ids=[case[0] for case in SPINES]
)
def test_a_spine_that_cannot_be_asked_for_is_refused(
    shop: Repository, make: Callable[[], pa.Table], options: dict[str, Any], message: str
) -> None:
    error = refused(shop, make(), **options)
    assert message in error.message
    assert error.exit_code == 1
    assert error.help


def test_a_spine_file_that_is_missing_or_damaged_is_named(shop: Repository, tmp_path: Path) -> None:
    assert "no file: nothing matches" in refused(shop, tmp_path / "none.parquet").message
    for ending in ("parquet", "arrow"):
        damaged = tmp_path / f"damaged.{ending}"
        damaged.write_bytes(b"PAR1 not a table")
        assert f"`damaged.{ending}` can't be read" in refused(shop, damaged).message


def test_what_is_no_spine_is_refused(shop: Repository) -> None:
    assert "not dict" in refused(shop, {"user_id": [1]}).message
    assert "not LazyFrame" in refused(shop, pl.LazyFrame({"user_id": [1]})).message


def test_unknown_services_and_features_are_proposed(shop: Repository) -> None:
    assert refused(shop, labels(), service="chrun").help == "did you mean `churn`?"
    error = refused(shop, labels(), service=None, features=["user_orders.spend"])
    assert "unknown feature `user_orders.spend`" in error.message
    assert "`user_orders.spent`" in error.help


def test_specs_with_errors_are_all_listed(shop: Repository) -> None:
    spec = shop.root / "features" / "shop.yml"
    spec.write_text(spec.read_text().replace("SUM(amount)", "SUM(amuont)"))
    with pytest.raises(SpecError, match="amuont"):
        shop.training_set(labels(), "churn")


def test_a_missing_source_file_is_named(shop: Repository) -> None:
    (shop.root / "data" / "orders.parquet").unlink()
    error = refused(shop, labels())
    assert error.message == "source `orders` has no file: nothing matches `data/orders.parquet`"


def test_an_unreadable_source_file_is_named(shop: Repository) -> None:
    (shop.root / "data" / "orders.parquet").write_bytes(b"not a table")
    assert "source `orders` can't be read" in refused(shop, labels()).message


def test_a_source_without_a_declared_column_is_named(shop: Repository) -> None:
    path = shop.root / "data" / "orders.parquet"
    parquet.write_table(parquet.read_table(path).drop_columns(["amount"]), path)
    assert refused(shop, labels()).message == "source `orders` has no column `amount`"


def test_a_column_that_changed_its_type_is_named(shop: Repository) -> None:
    path = shop.root / "data" / "orders.parquet"
    table = parquet.read_table(path)
    spoiled = table.set_column(3, "amount", pa.array(["ten", "5.50", None, "99"]))
    parquet.write_table(spoiled, path)
    error = refused(shop, labels())
    assert "`amount` is VARCHAR, declared decimal(12,2)" in error.message
    assert error.exit_code == 1


def test_of_a_csv_file_the_columns_that_hold_something_else_are_named(shop: Repository) -> None:
    spec = shop.root / "features" / "shop.yml"
    spec.write_text(spec.read_text().replace("data/orders.parquet", "data/orders.csv"))
    rows = ("1,7,2024-03-01T09:00:00Z,1.5,a", "2,7,2024-03-01T09:00:00Z,much,b", "3,7,2024-03-01T09:00:00Z,,c")
    (shop.root / "data" / "orders.csv").write_text("\n".join(["order_id,user_id,ordered_at,amount,status", *rows, ""]))
    error = refused(shop, labels())
    assert error.message.endswith("declared type: `amount` is no decimal(12,2) in 1 of its rows")
    assert "much" not in error.message and error.exit_code == 1


def test_a_changed_type_that_still_holds_the_values_is_read(shop: Repository) -> None:
    path = shop.root / "data" / "orders.parquet"
    table = parquet.read_table(path)
    parquet.write_table(table.set_column(3, "amount", pa.array(["10.00", "5.50", None, "99"])), path)
    with shop.training_set(labels(), "churn", mode="exact") as made:
        assert [str(spent) for spent in made.to_arrow()["spent"].to_pylist()] == [
            "0.00",
            "10.00",
            "0.00",
            "10.00",
            "0.00",
        ]


def test_a_missing_warehouse_is_named(shop: Repository) -> None:
    assert "`.fpc/warehouse.duckdb` does not exist" in refused(shop, TableSpine("labels")).message


def test_a_locked_warehouse_is_told_from_a_broken_one(shop: Repository) -> None:
    (shop.root / ".fpc").mkdir()
    path = shop.root / ".fpc" / "warehouse.duckdb"
    holder = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        error = refused(shop, TableSpine("labels"))
        process.communicate()
    assert error.message == "the warehouse `.fpc/warehouse.duckdb` is in use by another process"
    assert error.exit_code == 3
    path.write_bytes(b"no database")
    assert "unreadable" in refused(shop, TableSpine("labels")).message


def test_a_full_disk_leaves_the_old_file(shop: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "made.parquet"
    path.write_text("as it was")

    class FullDisk:
        def __init__(self, *_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(parquet, "ParquetWriter", FullDisk)
    with shop.training_set(labels(), "churn") as made, pytest.raises(FpcRuntimeError) as caught:
        made.write(path)
    assert caught.value.message == "`made.parquet` was not written: the disk is full"
    assert caught.value.exit_code == 3
    assert path.read_text() == "as it was"
    assert [found.name for found in tmp_path.glob("*.part")] == []


@pytest.mark.parametrize("name", ["spine.parquet", "data/orders.parquet"])
def test_what_a_training_set_is_made_of_is_never_written_over(
    shop: Repository, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    parquet.write_table(labels(), tmp_path / "spine.parquet")
    before = (tmp_path / name).read_bytes()
    with shop.training_set(tmp_path / "spine.parquet", "churn") as made, pytest.raises(FpcRuntimeError) as caught:
        made.write(Path(name))
    assert "itself" in caught.value.message and caught.value.exit_code == 1
    assert (tmp_path / name).read_bytes() == before


def test_an_unknown_ending_is_refused_before_anything_is_computed(shop: Repository, tmp_path: Path) -> None:
    with shop.training_set(labels(), "churn") as made, pytest.raises(FpcRuntimeError, match="ends in none of"):
        made.write(tmp_path / "made.xlsx")


def test_a_memory_limit_that_is_none_is_refused(shop: Repository) -> None:
    assert "`lots` is not a memory limit" in refused(shop, labels(), memory_limit="lots").message


def test_nothing_is_left_in_the_temporary_folder(
    shop: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    refused(shop, labels().drop_columns(["user_id"]))
    with shop.training_set(labels(), "churn"):
        assert len(list(scratch.iterdir())) == 1
    assert list(scratch.iterdir()) == []


def test_what_a_crash_left_is_removed_by_the_next_run(
    shop: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    crash = "import os; from pathlib import Path; from fpc.runtime.scratch import Limits, Scratch; import sys; "
    crash += "Scratch(Limits(), Path(sys.argv[1])); os._exit(9)"
    subprocess.run([sys.executable, "-c", crash, str(scratch)], check=False)
    assert len(list(scratch.iterdir())) == 1
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with shop.training_set(labels(), "churn"):
        assert len(list(scratch.iterdir())) == 1
    assert list(scratch.iterdir()) == []
