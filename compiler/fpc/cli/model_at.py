"""What the specs of a commit meant, beside what they mean now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fpc import spec
from fpc.checking.whole import Examined
from fpc.cli.failure import user_fault
from fpc.cli.git_state import Commit, specs_at, written
from fpc.cli.report import errors_of, in_words, talk_about
from fpc.contract.spec_files import CONFIG
from fpc.model import Model
from fpc.model.earlier import analyse_earlier
from fpc.model.typing import Typing
from fpc.spec.documents import Spec


def model_at(root: Path, commit: Commit, later: Examined, typing: Typing) -> Model:
    """The model of the commit's specs; exit code 1 where they have errors. Files that are the same are read once."""
    contents = specs_at(root, commit)
    same = frozenset(path for path, content in contents.items() if _holds(root / path, content))
    others = {path: content for path, content in contents.items() if path not in same or path == CONFIG}
    with written(others) as folder:
        loaded = spec.load(folder)
        analysed = analyse_earlier(_joined(loaded.value, later.spec, same), later.model, same, typing)
        errors = errors_of((*loaded.diagnostics, *analysed.diagnostics))
        if errors:
            talk_about(errors, folder)
            raise user_fault(
                f"the specs of `{commit.ref}` ({commit.short}) have {in_words(errors)}",
                help="there is nothing to compare with; choose a commit whose specs were right with --against",
            )
        return analysed.value


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _joined(changed: Spec, later: Spec, same: frozenset[str]) -> Spec:
    """The earlier specs: the documents of files that changed, and of the later ones those whose files did not."""
    return replace(
        changed,
        sources=(*changed.sources, *(item for item in later.sources if item.place.file.path in same)),
        entities=(*changed.entities, *(item for item in later.entities if item.place.file.path in same)),
        views=(*changed.views, *(item for item in later.views if item.place.file.path in same)),
        services=(*changed.services, *(item for item in later.services if item.place.file.path in same)),
        training_sets=(*changed.training_sets, *(item for item in later.training_sets if item.place.file.path in same)),
    )
