"""However a repository is written, it is the same one; and whichever key says something else, the plan tells it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.unit.change.every_key import DOCUMENTS, EDITS, UNBUILT, edited
from tests.unit.change.layouts import CONFIG, Document, relaid

from fpc.change import compare
from fpc.cli.editor_schema import SCHEMA
from fpc.model import Model, analyse
from fpc.model.typing import Typing
from fpc.spec import load

#: With the 800 of `test_rewrites`, a thousand.
MANY = 200
_KNOWN = Typing()


def _model(folder: Path, documents: list[Document], seed: int) -> tuple[Model, str]:
    """What the documents mean, and how they were written."""
    files = relaid(documents, Random(seed))
    for path, text in files.items():
        (folder / "features" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "features" / path).write_text(text)
    (folder / "fpc.yml").write_text(CONFIG)
    loaded = load(folder)
    found = analyse(loaded.value, _KNOWN)
    assert not loaded.has_errors and not found.has_errors, (*loaded.diagnostics, *found.diagnostics, files)
    return found.value, "\n".join(f"# {path}\n{text}" for path, text in files.items())


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return _model(tmp_path_factory.mktemp("base"), DOCUMENTS, 0)[0]


def test_another_way_to_write_the_same_is_no_change(base: Model, tmp_path: Path) -> None:
    for seed in range(1, MANY + 1):
        after, text = _model(tmp_path / str(seed), DOCUMENTS, seed)
        plan = compare(base, after, "2026-11-22")
        assert plan.is_empty, f"seed {seed}: {plan.changes[0]}\n{text}"


@pytest.mark.parametrize("key", EDITS)
def test_another_value_of_a_key_is_told(key: str, base: Model, tmp_path: Path) -> None:
    for at, edit in enumerate(EDITS[key]):
        after, _ = _model(tmp_path / str(at), edited(edit), at + 1)
        assert edit.as_ in _told(base, after).get(edit.told, ()), edit


def test_every_key_of_the_language_has_an_edit() -> None:
    assert {key for key in _keys(SCHEMA) if not key.startswith(tuple(UNBUILT))} == {*EDITS}
    assert all(EDITS.values())


def _told(before: Model, after: Model) -> dict[str, tuple[object, ...]]:
    plan = compare(before, after, "2026-11-22")
    return {f"{change.kind.value} {change.name}": change.classes for change in plan.every()}


def _keys(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """The keys of the language by the keys that they stand under, lists and names of the user's passed over."""
    for name, inner in schema.get("properties", {}).items():
        key = f"{path}.{name}" if path else name
        if path:
            yield key
        yield from _keys(inner, key)
    for inner in (schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ())):
        if isinstance(inner, dict):
            yield from _keys(inner, path)
