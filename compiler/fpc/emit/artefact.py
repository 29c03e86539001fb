"""What the compiler makes: files, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Artefact:
    """One generated file: a path relative to the repository's root, with forward slashes, and its whole text."""

    path: str
    text: str
