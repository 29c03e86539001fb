from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.golden.stories import FOLDER, STORIES, UPDATE, Warehouse, kept

from fpc.diagnostics.diagnostic import Severity
from fpc.emit.writer import write
from fpc.examples import run_examples
from fpc.pipeline import check_repository, compile_repository


@pytest.mark.parametrize("story", STORIES)
def test_specs_compile_to_the_golden_artefacts(story: str) -> None:
    root = FOLDER / story
    compiled = compile_repository(root)
    assert [found for found in compiled.diagnostics if found.severity is Severity.ERROR] == []
    artefacts = {artefact.path: artefact.text for artefact in kept(compiled.value)}
    if UPDATE:
        shutil.rmtree(root / "compiled", ignore_errors=True)
        for path, text in artefacts.items():
            (root / "compiled" / path).parent.mkdir(parents=True, exist_ok=True)
            (root / "compiled" / path).write_text(text)
    golden = {
        path.relative_to(root / "compiled").as_posix(): path.read_text()
        for path in (root / "compiled").rglob("*")
        if path.is_file()
    }
    assert sorted(artefacts) == sorted(golden)
    for path, text in artefacts.items():
        assert text == golden[path], path


@pytest.mark.parametrize("story", STORIES)
def test_golden_artefacts_bring_the_golden_rows(story: str) -> None:
    root = FOLDER / story
    warehouse = Warehouse(root, root / "compiled" / "dbt_project")
    warehouse.build()
    tables = [name for view in warehouse.registry.views for name in (view, f"{view}__empty")]
    tables += warehouse.registry.training_sets
    for table in tables:
        golden = root / "rows" / f"{table}.txt"
        if UPDATE:
            golden.parent.mkdir(exist_ok=True)
            golden.write_text(warehouse.rows(table))
        assert warehouse.rows(table) == golden.read_text(), table
    assert {name: rows for name, rows in warehouse.failures().items() if not name.startswith("refused_")} == {
        name: 0 for name in warehouse.failures() if not name.startswith("refused_")
    }


@pytest.mark.parametrize("story", STORIES)
def test_the_examples_of_a_story_hold(story: str) -> None:
    results = list(run_examples(check_repository(FOLDER / story).value))
    assert results
    assert [(r.example.name, r.mismatches, r.problem) for r in results if not r.passed] == []


@pytest.mark.parametrize("story", STORIES)
def test_compiling_twice_writes_nothing_the_second_time(story: str, tmp_path: Path) -> None:
    write(tmp_path, compile_repository(FOLDER / story).value)
    assert write(tmp_path, compile_repository(FOLDER / story).value).differences == ()


def test_staging_refuses_rows_and_says_why() -> None:
    root = FOLDER / "versions"
    warehouse = Warehouse(root, root / "compiled" / "dbt_project")
    warehouse.build()
    path = root / "compiled" / "dbt_project" / "tests" / "refused_orders.sql"
    refused = dict(warehouse.connection.execute(warehouse.rendered(path)).fetchall())
    assert refused == {"event time is null": 1, "known before it happened": 1}
