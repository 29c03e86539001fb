"""CODEOWNERS: what is written, that it is checked, and that nobody's own file is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from fpc.emit.writer import Change, Difference, difference, write
from fpc.pipeline import compile_repository

CONFIG = """\
name: shop
targets: {dev: {engine: duckdb}}
defaults: {owner: "team:all"}
folders: {features/shop: {owner: "team:shop"}}
codeowners:
  first: ["* @acme/everybody"]
  teams: {"team:all": "@acme/all", "team:shop": ["@acme/shop", "@jane"], "team:risk": "@acme/risk"}
"""
PERSON = "entity: {name: NAME, description: A person., keys: {id: bigint}}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "fpc.yml").write_text(CONFIG)
    person(tmp_path, "shop/user", "user")
    return tmp_path


def person(root: Path, path: str, name: str, owner: str = "") -> None:
    (root / "features" / path).parent.mkdir(parents=True, exist_ok=True)
    text = PERSON.replace("NAME", name)
    (root / "features" / f"{path}.yml").write_text(text.replace("keys", f'owner: "{owner}", keys') if owner else text)


def lines(root: Path) -> list[str]:
    compiled = compile_repository(root)
    assert not compiled.has_errors
    (found,) = [one.text for one in compiled.value if one.path == ".github/CODEOWNERS"]
    return found.splitlines()[1:]


FOLDERS = ["* @acme/everybody", "/features/ @acme/all", "/features/shop/ @acme/shop @jane"]


def test_a_folder_has_a_line_and_its_own_specs_have_none(root: Path) -> None:
    assert lines(root) == FOLDERS
    person(root, "shop/other", "other")
    assert lines(root) == FOLDERS


def test_a_spec_of_another_owner_has_a_line_and_one_of_two_has_both(root: Path) -> None:
    person(root, "shop/fraud", "fraud", "team:risk")
    with (root / "features/shop/user.yml").open("a") as stream:
        stream.write("---\n" + PERSON.replace("NAME", "second").replace("keys", 'owner: "team:risk", keys'))
    assert lines(root)[3:] == [
        "/features/shop/fraud.yml @acme/risk",
        "/features/shop/user.yml @acme/risk @acme/shop @jane",
    ]


def test_an_owner_without_a_team_is_told_and_left_to_the_folder(root: Path) -> None:
    person(root, "shop/fraud", "fraud", "team:rsik")
    assert lines(root) == FOLDERS
    (warning,) = [one for one in compile_repository(root).diagnostics if one.code == "FPC0605"]
    assert warning.help == "did you mean `team:risk`?"


def test_a_path_means_itself(root: Path) -> None:
    person(root, "shop/a b#c[d]", "fraud", "team:risk")
    assert lines(root)[3:] == ["/features/shop/a\\ b\\#c\\[d\\].yml @acme/risk"]


def test_it_is_compared_removed_and_never_taken_from_its_user(root: Path) -> None:
    place = root / ".github/CODEOWNERS"
    place.parent.mkdir()
    place.write_text("* @acme/ours\n")
    assert Difference(".github/CODEOWNERS", Change.KEPT) in difference(root, compile_repository(root).value)
    place.unlink()
    write(root, compile_repository(root).value)
    assert place.exists()
    person(root, "shop/fraud", "fraud", "team:risk")
    assert Difference(".github/CODEOWNERS", Change.CHANGED) in difference(root, compile_repository(root).value)
    (root / "fpc.yml").write_text(CONFIG.split("codeowners")[0])
    assert Difference(".github/CODEOWNERS", Change.REMOVED) in difference(root, compile_repository(root).value)


@pytest.mark.parametrize("team", ["acme/all", "'@acme all'", '"@a\\n* @evil"', '"#"', '""', "'@a#b'"])
def test_what_no_code_host_takes_for_a_team_is_refused(root: Path, team: str) -> None:
    (root / "fpc.yml").write_text(CONFIG.replace('"@acme/all"', team))
    assert "FPC0114" in {one.code for one in compile_repository(root).diagnostics}


def test_a_line_of_ones_own_is_one_line(root: Path) -> None:
    (root / "fpc.yml").write_text(CONFIG.replace('"* @acme/everybody"', '"a\\nb"'))
    assert "FPC0114" in {one.code for one in compile_repository(root).diagnostics}
