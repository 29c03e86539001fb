"""CODEOWNERS: a code host asks the team behind a spec's owner to review its changes.

A folder's own owner has one line, and a spec file one only where its documents are owned by others, so that a new spec
of the folder's team changes nothing here. The last line that matches decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from fpc.emit.artefact import Artefact
from fpc.emit.header import yaml_header
from fpc.model.nodes import Codeowners, Model

_SPECIAL: Final = re.compile(r"([\\\\ #!*?\[\]])")


def codeowners(model: Model) -> Iterator[Artefact]:
    """The file, where fpc.yml says which teams are behind the owners."""
    wanted = model.config.codeowners
    if wanted is not None:
        lines = [*wanted.first, *_folders(wanted), *_files(model, wanted)]
        yield Artefact(wanted.file, yaml_header() + "".join(f"{line}\n" for line in lines))


def _folders(wanted: Codeowners) -> Iterator[str]:
    for folder, owner in sorted(wanted.folders.items()):
        teams = wanted.teams.get(owner, ())
        if teams:
            yield _line(f"/{folder}/", teams)


def _files(model: Model, wanted: Codeowners) -> Iterator[str]:
    for path, owners in sorted(_owners(model).items()):
        teams = tuple(dict.fromkeys(team for owner in sorted(owners) for team in wanted.teams.get(owner, ())))
        if teams and teams != _inherited(path, wanted.folders, wanted.teams):
            yield _line(f"/{path}", teams)


def _owners(model: Model) -> dict[str, set[str]]:
    """The owners of the documents in each file."""
    found: dict[str, set[str]] = {}
    kinds = (model.sources, model.entities, model.views, model.services, model.training_sets)
    for kind in kinds:
        for one in kind.values():
            if one.owner:
                found.setdefault(one.span.path, set()).add(one.owner)
    return found


def _inherited(path: str, folders: Mapping[str, str], teams: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The teams that a file has by the lines of its folders."""
    above = [folder for folder, owner in folders.items() if path.startswith(f"{folder}/") and teams.get(owner)]
    return teams[folders[max(above, key=len)]] if above else ()


def _line(pattern: str, teams: tuple[str, ...]) -> str:
    return f"{_SPECIAL.sub(_escaped, pattern)} {' '.join(teams)}"


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[1]}"
