"""What a scaffold leaves to be filled in, and what only looks like it."""

from pathlib import Path

import pytest

from fpc.pipeline import check_repository

CONFIG = 'name: shop\ndefaults: {owner: "team:shop"}\ntargets: {dev: {engine: duckdb}}\n'
ENTITY = "entity:\n  name: user\n  description: TEXT\n  keys: {user_id: bigint}\n"


def found(root: Path, text: str, config: str = CONFIG) -> list[str]:
    (root / "features").mkdir()
    (root / "fpc.yml").write_text(config)
    (root / "features/a.yml").write_text(text)
    return [one.message for one in check_repository(root).diagnostics if one.code == "FPC0406"]


@pytest.mark.parametrize("text", ["TODO say who", '"TODO: say who"', "A person.  # TODO say who", "A person. #TODO"])
def test_a_line_that_is_marked_is_named(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, ENTITY.replace("TEXT", text)) == ["1 line is still marked TODO in `features/a.yml`: 3"]


@pytest.mark.parametrize("text", ["What is TODO.", "TODOS of a person", "todo", "A person.  # what was TODO is done"])
def test_a_text_that_mentions_it_is_not(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, ENTITY.replace("TEXT", text)) == []


def test_the_lines_of_all_documents_of_a_file_are_told_at_once_and_many_are_cut(tmp_path: Path) -> None:
    text = "---\n".join(ENTITY.replace("user", f"user{n}").replace("TEXT", "TODO  # TODO") for n in range(10))
    (message,) = found(tmp_path, text)
    assert message == "10 lines are still marked TODO in `features/a.yml`: 3, 8, 13, 18, 23, 28, 33, 38 and more"


def test_the_rule_can_be_off(tmp_path: Path) -> None:
    off = CONFIG + 'rules: {severity: {FPC0406: "off"}}\n'
    assert found(tmp_path, ENTITY.replace("TEXT", "TODO"), off) == []
