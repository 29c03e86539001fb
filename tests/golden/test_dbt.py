"""The stories under stock dbt, as a user types it: `cd dbt_project && dbt build && dbt docs generate`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from tests.golden.stories import FOLDER, STORIES

from fpc.emit.writer import write
from fpc.pipeline import check_repository, compile_repository


def dbt(root: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FPC_", "DBT_"))}
    finished = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *arguments],
        cwd=root / "dbt_project",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


@pytest.mark.parametrize("story", STORIES)
def test_a_story_builds_by_hand_and_brings_the_golden_rows(story: str, tmp_path: Path) -> None:
    for name in ("features", "data"):
        shutil.copytree(FOLDER / story / name, tmp_path / name)
    shutil.copy(FOLDER / story / "fpc.yml", tmp_path)
    write(tmp_path, compile_repository(tmp_path).value)
    (tmp_path / ".fpc").mkdir()

    said = dbt(tmp_path, "build")
    warned = [line for line in said.splitlines() if "WARN" in line and "WARN=" not in line]
    assert all("refused_" in line or "Got 2 results" in line for line in warned), said
    assert "ERROR=0" in said

    with duckdb.connect(str(tmp_path / ".fpc" / "warehouse.duckdb")) as warehouse:
        for golden in sorted((FOLDER / story / "rows").glob("*.txt")):
            (rows,) = warehouse.execute(f'SELECT COUNT(*) FROM "{golden.stem}"').fetchall()
            assert rows == (len(golden.read_text().splitlines()) - 1,), golden.stem

    model = check_repository(tmp_path).value
    manifest = json.loads((tmp_path / "dbt_project/target/manifest.json").read_text())
    # What the user wrote is what the documentation shows: nothing in it was taken for a template.
    for source in model.sources.values():
        described = manifest["sources"][f"source.{model.config.name}.{model.config.name}.{source.name}"]
        assert described["description"] == source.description
        assert described["config"]["meta"]["owner"] == source.owner
    for view in model.views.values():
        described = manifest["nodes"][f"model.{model.config.name}.{view.name}.v{view.version}"]
        assert described["description"].startswith(view.description)
        for feature in view.features:
            if feature.description:
                assert described["columns"][feature.name]["description"] == feature.description
        examples = [test for test in manifest["unit_tests"].values() if test["model"] == view.name]
        assert examples

    if story != "hostile_text":  # one story's documentation is enough, and it is the one to be careful with
        return
    dbt(tmp_path, "docs", "generate")
    catalog = json.loads((tmp_path / "dbt_project/target/catalog.json").read_text())
    for view in model.views.values():
        columns = catalog["nodes"][f"model.{model.config.name}.{view.name}.v{view.version}"]["columns"]
        # What a refresh keeps for the next one stands behind the features, under names that no feature can have.
        assert [name for name in columns if not name.startswith("_")] == [
            *(key.name for key in view.entity.keys),
            *(output.name for output in view.outputs),
            "as_of",
        ]
