from pathlib import Path

import pytest
from tests.unit.rules.pages import SECTIONS, diagnostics_of, example, found_in, sections

from fpc import rules
from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.rules.rule import Rule

WITH_SPECS = [rule for rule in rules.ALL if example(rule, "Example").language == "yaml"]
IN_WORDS = [rule for rule in rules.ALL if example(rule, "Example").language == "text"]


def name_of(rule: Rule) -> str:
    return rule.code.name


def codes_of(found: tuple[Diagnostic, ...]) -> set[str]:
    return {one.code for one in found}


def test_every_code_has_a_page_in_order() -> None:
    assert [rule.code for rule in rules.ALL] == list(codes.ALL)


def test_codes_and_names_are_unique_and_sorted() -> None:
    assert [code.code for code in codes.ALL] == sorted({code.code for code in codes.ALL})
    assert len({code.name for code in codes.ALL}) == len(codes.ALL)


@pytest.mark.parametrize("rule", rules.ALL, ids=name_of)
def test_a_page_has_its_title_and_sections(rule: Rule) -> None:
    assert tuple(sections(rule)) == SECTIONS
    assert rule.page.splitlines()[0] == f"# {rule.code.code} {rule.code.name}"
    assert all(sections(rule).values())


@pytest.mark.parametrize("rule", WITH_SPECS, ids=name_of)
def test_the_example_of_a_page_yields_its_code(rule: Rule, tmp_path: Path) -> None:
    found = diagnostics_of(example(rule, "Example"), tmp_path)
    assert rule.code.code in codes_of(found), [f"{one.code} {one.message}" for one in found]


@pytest.mark.parametrize("rule", WITH_SPECS, ids=name_of)
def test_what_a_page_advises_does_not_yield_its_code(rule: Rule, tmp_path: Path) -> None:
    found = diagnostics_of(example(rule, "Use instead"), tmp_path)
    assert rule.code.code not in codes_of(found)
    assert not [one.message for one in found if one.severity.value == "error"]


def write(root: Path, path: str, content: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content)


#: What cannot be shown on a page: the bytes of a spec file, by the code that they yield.
BYTES = {
    "FPC0102": ("features/a.yml", b"name: caf\xe9\n"),
    "FPC0103": ("features/a.yml", b"entity: {name: a\x1b[2J}\n"),
    "FPC0104": ("features/a.yml", b"# " + b"x" * 300_000),
    "FPC0105": ("features/a.yml", b"entity: " + b"[" * 40 + b"]" * 40 + b"\n"),
    "FPC0117": ("features/a.yaml", b""),
    "FPC0505": ("features/a.yml", "entity: {name: \u202ea}\n".encode()),
}


@pytest.mark.parametrize("code", sorted(BYTES))
def test_bytes_that_no_page_can_show_yield_their_code(code: str, tmp_path: Path) -> None:
    write(tmp_path, "fpc.yml", b"name: a\ntargets: {dev: {engine: duckdb}}\n")
    write(tmp_path, *BYTES[code])
    assert code in codes_of(found_in(tmp_path))


def test_a_folder_without_fpc_yml_yields_its_code(tmp_path: Path) -> None:
    assert "FPC0116" in codes_of(found_in(tmp_path))


def test_every_page_without_a_spec_is_tested_otherwise() -> None:
    # Above, in tests/unit/cli, and in tests/unit/change, where two states of a repository are compared.
    elsewhere = {"FPC0116", "FPC0233", "FPC0405", "FPC0807", "FPC0640", "FPC0641", "FPC0642"}
    assert {rule.code.code for rule in IN_WORDS} == set(BYTES) | elsewhere
