"""Reads the zoo: small repositories, each with the world that writes its data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "zoo"
MARK = "leak"
CONFIG = """\
name: zoo
defaults: {owner: "team:zoo"}
default_target: dev
targets: {dev: {engine: duckdb, database: w.duckdb, online: embedded}}
"""
ENTITY = "entity:\n  name: user\n  description: A person.\n  keys: {user_id: bigint}\n"
SPEC = "features/specimen.yml"


@dataclass(frozen=True)
class Table:
    """A raw table: what of which world it holds, how it is kept, and each column's role."""

    kind: str
    how: str
    columns: Mapping[str, str]
    stream: int


@dataclass(frozen=True)
class Specimen:
    """One of the zoo. `code` is what the prover must find, None for the innocent."""

    name: str
    about: str
    code: str | None
    raw: Mapping[str, Table]
    spec: str
    models: Mapping[str, str]

    def write(self, root: Path) -> None:
        """The repository's files, the clock as it is written."""
        for folder in ("features", "dbt_project/models"):
            (root / folder).mkdir(parents=True)
        (root / "fpc.yml").write_text(CONFIG)
        (root / "features" / "user.yml").write_text(ENTITY)
        (root / SPEC).write_text(self.spec)
        for name, text in self.models.items():
            (root / "dbt_project" / "models" / f"{name}.sql").write_text(text)

    def places(self) -> set[tuple[str, int]]:
        """The file and line that are marked as where it leaks."""
        texts = {SPEC: self.spec} | {f"dbt_project/models/{name}.sql": text for name, text in self.models.items()}
        return {
            (path, number)
            for path, text in texts.items()
            for number, line in enumerate(text.splitlines(), start=1)
            if line.endswith((f"# {MARK}", f"-- {MARK}"))
        }


def read(kind: str) -> list[Specimen]:
    """All of a kind, `leaking` or `innocent`, by name."""
    return [_read(path) for path in sorted((FOLDER / kind).glob("*.yml"))]


def _read(path: Path) -> Specimen:
    found = yaml.safe_load(path.read_text())
    raw = {
        name: Table(item["kind"], item["how"], item["columns"], item.get("stream", place))
        for place, (name, item) in enumerate(found["raw"].items())
    }
    return Specimen(path.stem, found["about"], found.get("code"), raw, found["spec"], found.get("models", {}))
