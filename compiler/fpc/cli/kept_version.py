"""The texts that keep a version: the view as it was under another name, the new one raised, its readers moved."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import yaml

from fpc.cli.editor_files import modeline
from fpc.spec.documents import ServiceSpec, ViewSpec
from fpc.spec.located import Place

_BORDER: Final = re.compile(r"^(?:---|\.\.\.)(?=\s|\Z)", re.MULTILINE)
_MODELINE: Final = re.compile(r"^# yaml-language-server: .*\r?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` to `end` (exclusive) of the file at `path` become `text`."""

    path: str
    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The file's text after edits that do not overlap."""
    for edit in sorted(edits, key=lambda each: each.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def kept_text(view: ViewSpec, name: str, deprecated: str, path: str) -> str:
    """The text of a file at `path` that holds this document alone, comments included, under another name.

    `deprecated` is the mapping of that key, as YAML writes it on one line.
    """
    text = view.place.file.text
    renamed = _in_place_of(view.name.place, name)
    alone = edited(text, [renamed, _after(view, (view.version or view.name).place, f"deprecated: {deprecated}")])
    start = view.place.node.start_mark.index
    borders = list(_BORDER.finditer(alone))
    first = max((border.end() for border in borders if border.end() <= start), default=0)
    last = min((border.start() for border in borders if border.start() > start), default=len(alone))
    return modeline(path) + _MODELINE.sub("", alone[first:last]).strip() + "\n"


def raised(view: ViewSpec, version: int) -> Edit:
    """The view with that version."""
    if view.version is None:
        return _after(view, view.name.place, f"version: {version}")
    return _in_place_of(view.version.place, str(version))


def moved(service: ServiceSpec, view: str, kept: str, lacking: Collection[str]) -> Iterator[Edit]:
    """A service that reads `kept` where it read `view`, except for features that the kept version lacks."""
    for reference in service.features:
        of, _, feature = reference.value.partition(".")
        if of == view and feature not in lacking:
            yield _in_place_of(reference.place, f"{kept}.{feature}")


def _in_place_of(place: Place, text: str) -> Edit:
    """A scalar with another value, in the quotes that it had."""
    node = place.node
    quote = node.style if isinstance(node, yaml.ScalarNode) and node.style in ("'", '"') else ""
    return Edit(place.file.path, node.start_mark.index, node.end_mark.index, f"{quote}{text}{quote}")


def _after(view: ViewSpec, place: Place, entry: str) -> Edit:
    """A further entry of the view's mapping behind the one whose value stands at `place`."""
    node, text = view.place.node, place.file.text
    at = place.node.end_mark.index
    if isinstance(node, yaml.CollectionNode) and node.flow_style:
        return Edit(place.file.path, at, at, f", {entry}")
    end = text.find("\n", at)
    ending = "\r\n" if text[max(end - 1, 0) : end + 1] == "\r\n" else "\n"
    at = len(text) if end < 0 else end + 1 - len(ending)
    return Edit(place.file.path, at, at, f"{ending}{' ' * node.start_mark.column}{entry}")
