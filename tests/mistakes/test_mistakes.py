"""Every mistake of the corpus is reported with place, code and help; typos name the word that was meant."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.mistakes.corpus import SIZE, Mistake, bases, corpus, kinds, written

from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Diagnostic, Severity
from fpc.pipeline import check_repository

#: The share of typos for which the first proposal is the word that was meant.
_RIGHT = 0.95

Found = Mapping[str, tuple[Mistake, tuple[Diagnostic, ...]]]


def errors(folder: Path) -> tuple[Diagnostic, ...]:
    return tuple(one for one in check_repository(folder).diagnostics if one.severity is Severity.ERROR)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What is found in each broken repository; a raised exception fails everything here."""
    folder = tmp_path_factory.mktemp("mistakes")
    return {
        mistake.name: (mistake, errors(written(mistake, folder / str(number))))
        for number, mistake in enumerate(corpus())
    }


def test_the_specs_are_right_before_a_mistake_is_made(tmp_path: Path) -> None:
    for number, base in enumerate(bases()):
        assert errors(written(Mistake("", base.files, base.view, 1), tmp_path / str(number))) == ()


def test_there_are_two_hundred_mistakes_of_all_kinds(found: Found) -> None:
    counted = dict(kinds([mistake for mistake, _ in found.values()]))
    assert len(found) == SIZE
    assert len(counted) == 15
    assert min(counted.values()) >= 8


def test_every_mistake_is_an_error(found: Found) -> None:
    assert [name for name, (_, diagnostics) in found.items() if not diagnostics] == []


def test_every_error_has_a_place_a_code_and_help(found: Found) -> None:
    known = {code.code for code in codes.ALL}
    for name, (_, diagnostics) in found.items():
        for one in diagnostics:
            assert one.label is not None, name
            assert one.label.span.line >= 1, name
            assert one.code in known, name
            assert one.help, (name, one.message)
            assert not one.help.startswith("`fpc explain"), (name, one.message)


def test_an_error_stands_in_the_file_of_the_mistake(found: Found) -> None:
    """Not always in its line: a bracket that is never closed is missed where something else comes."""
    for name, (mistake, diagnostics) in found.items():
        assert any(one.label is not None and one.label.span.path == mistake.path for one in diagnostics), name


def test_the_first_proposal_for_a_typo_is_the_word_that_was_meant(found: Found) -> None:
    typos = [(mistake, diagnostics) for mistake, diagnostics in found.values() if mistake.meant is not None]
    wrong = [mistake.name for mistake, diagnostics in typos if proposed(mistake, diagnostics) != mistake.meant]
    assert len(typos) >= 100
    assert len(wrong) <= (1 - _RIGHT) * len(typos), wrong


def proposed(mistake: Mistake, diagnostics: tuple[Diagnostic, ...]) -> str | None:
    """The word that the first error in the mistake's line proposes."""
    here = [one for one in diagnostics if one.label is not None and one.label.span.line == mistake.line
            and one.label.span.path == mistake.path]  # fmt: skip
    word = re.match(r"did you mean `([^`]*)`", here[0].help or "") if here else None
    return word[1] if word is not None else None
