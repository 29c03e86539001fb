from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import duckdb
import pytest
from tests.unit.run.repository import Repository, make_repository

from fpc.runtime import dbt
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online.store import OnlineStoreError
from fpc.runtime.refresh.record import read_record


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = make_repository(tmp_path / "repository")
    made.add("orders")
    made.compile()
    return made


def test_a_locked_warehouse_names_the_process_that_holds_it(repository: Repository) -> None:
    path = repository.root / ".fpc" / "warehouse.duckdb"
    path.parent.mkdir()
    code = f"import duckdb, sys; c = duckdb.connect({str(path)!r}); print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdin is not None
    try:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(FpcRuntimeError, match=rf"locked by process {holder.pid}") as caught:
            repository.run()
        assert caught.value.exit_code == 3
        assert "still served" in caught.value.kept
        assert any(f"waiting for process {holder.pid}" in step for step in repository.steps)
    finally:
        holder.stdin.close()
        holder.wait()


def test_a_file_that_is_no_warehouse_is_not_touched(repository: Repository) -> None:
    path = repository.root / ".fpc" / "warehouse.duckdb"
    path.parent.mkdir()
    path.write_text("not a database" * 1000)
    with pytest.raises(FpcRuntimeError, match="not a DuckDB file"):
        repository.run()
    assert path.read_text().startswith("not a database")


def test_without_dbt_it_says_what_to_install(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.version

    def without_dbt(name: str) -> str:
        if name == "dbt-core":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", without_dbt)
    with pytest.raises(FpcRuntimeError, match="dbt-core is not installed") as caught:
        repository.run()
    assert caught.value.exit_code == 3


def test_an_unknown_view_is_answered_with_the_nearest(repository: Repository) -> None:
    with pytest.raises(FpcRuntimeError, match="no feature view `user_order`") as caught:
        repository.run("user_order")
    assert caught.value.help == "did you mean `user_orders`?"
    assert caught.value.exit_code == 1


def test_without_a_project_it_asks_to_compile(repository: Repository) -> None:
    (repository.root / "dbt_project" / "dbt_project.yml").unlink()
    with pytest.raises(FpcRuntimeError, match="no dbt project") as caught:
        repository.run()
    assert caught.value.help == "fpc compile"


def test_a_store_that_is_down_stops_the_run_before_anything_is_built(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise OnlineStoreError("the online store does not answer")

    monkeypatch.setattr(type(repository.store), "check", lambda self: down())
    with pytest.raises(FpcRuntimeError, match="does not answer"):
        repository.run()
    assert not (repository.root / "dbt_project" / "target").exists()


def test_dbt_that_fails_is_told_in_one_line(repository: Repository) -> None:
    (repository.root / "dbt_project" / "profiles.yml").write_text("shop: {}\n")
    with pytest.raises(FpcRuntimeError, match=r"dbt stopped with exit code 2: .+") as caught:
        repository.run()
    assert "\n" not in caught.value.message
    assert "still served" in caught.value.kept
    record = read_record(repository.root, repository.registry.targets["dev"], "user_orders")
    assert record is not None
    assert (record.last.outcome, record.last.message) == ("failed", caught.value.message)


def test_the_last_error_is_found_in_what_dbt_says() -> None:
    said = "04:00:00  Running with dbt=1.12.6\n04:00:01  Encountered an error:\nRuntime Error\n  Database Error: no\n"
    assert dbt.last_error(said) == "Database Error: no"
    assert dbt.last_error("") == "it said nothing"


def test_the_warehouse_is_opened_in_utc(tmp_path: Path) -> None:
    from fpc.runtime.warehouse import open_warehouse

    connection = open_warehouse(tmp_path / "a" / "w.duckdb", print)
    assert connection.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
    assert isinstance(connection, duckdb.DuckDBPyConnection)
