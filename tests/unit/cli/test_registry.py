"""`fpc registry` as it is typed, on what `fpc init` makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.cli.command_line import CommandLine

from fpc.cli.main import run


@pytest.fixture(scope="module")
def compiled(new_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import shutil

    root = Path(shutil.copytree(new_repository, tmp_path_factory.mktemp("registry") / "shop"))
    assert run(["compile", "--repo", str(root)]) == 0
    return root


@pytest.fixture
def fpc(compiled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(compiled, capsys, monkeypatch)


def test_search_with_a_slip_leads_to_show_and_lineage(fpc: CommandLine) -> None:
    done = fpc("registry", "search", "amuont")
    assert done.code == 0
    name = next(line.split()[1] for line in done.out.splitlines() if line.startswith("feature"))
    assert "amount" in name
    assert f"next: fpc registry show {name}" in done.err

    card = fpc("registry", "show", name)
    assert card.code == 0
    assert "sql " in card.out
    assert "reads columns" in card.out

    up = fpc("registry", "lineage", name, "--up")
    assert "down" not in up.out
    assert "event time" in up.out


def test_json_says_what_the_table_says(fpc: CommandLine) -> None:
    table = fpc("registry", "search", "orders").out.splitlines()[1:]
    hits = json.loads(fpc("registry", "search", "orders", "--json").out)["hits"]
    assert [hit["name"] for hit in hits] == [line.split()[1] for line in table]
    name = hits[0]["name"]
    (thing,) = json.loads(fpc("registry", "show", name, "--json").out)["things"]
    assert thing["name"] == name
    assert thing["versions"] == []
    edges = json.loads(fpc("registry", "lineage", name, "--json").out)
    assert set(edges) == {"up", "down"}
    assert json.loads(fpc("registry", "owners", "--json").out)["owners"]
    assert set(json.loads(fpc("registry", "unused", "--json").out)) == {"features", "columns"}
    assert set(json.loads(fpc("registry", "duplicates", "--json").out)) == {"same", "derivable"}


def test_an_unknown_name_is_answered_with_the_nearest(fpc: CommandLine) -> None:
    done = fpc("registry", "show", "user_order")
    assert (done.code, done.out) == (2, "")
    assert "did you mean" in done.err


def test_nothing_found_is_exit_code_1(fpc: CommandLine) -> None:
    done = fpc("registry", "search", "zzzzzzz")
    assert (done.code, done.out) == (1, "")
    assert json.loads(fpc("registry", "search", "zzzzzzz", "--json").out) == {"hits": []}


def test_owners_of_one_team_are_listed_with_their_specs(fpc: CommandLine) -> None:
    first = fpc("registry", "owners").out.splitlines()[1].split()[0]
    done = fpc("registry", "owners", first)
    assert done.code == 0
    assert "features/" in done.out
    assert fpc("registry", "owners", "nobody-of-that-name").code == 2


def test_without_a_registry_it_says_what_to_do(fpc: CommandLine, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = fpc("registry", "unused", "--repo", str(shop))
    assert done.code == 1
    assert "fpc compile" in done.err
