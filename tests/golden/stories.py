"""Golden stories: a small repository each, the artefacts that it compiles to, and the rows that they bring.

A story is a folder with `fpc.yml`, `features/` and `data/`; `compiled/` holds its artefacts and `rows/` what each
view's table holds as of the story's frozen clock. `FPC_UPDATE_GOLDEN=1 pytest tests/golden` writes both anew, to be
reviewed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb
import jinja2
import yaml

from fpc.contract.registry import Registry
from fpc.contract.registry_json import load
from fpc.emit.artefact import Artefact
from fpc.runtime.grid import instant_of, instant_text, latest_point

FOLDER = Path(__file__).parent
STORIES = sorted(path.name for path in FOLDER.iterdir() if (path / "fpc.yml").exists())
UPDATE = bool(os.environ.get("FPC_UPDATE_GOLDEN"))
# The same in every story; their own tests hold them.
_LEFT_OUT = re.compile(r"dbt_project/(macros/.*|\.gitignore)")


def kept(artefacts: tuple[Artefact, ...]) -> list[Artefact]:
    """The artefacts that a story keeps."""
    return [artefact for artefact in artefacts if not _LEFT_OUT.fullmatch(artefact.path)]


class Warehouse:
    """Runs a dbt project's models on DuckDB in memory, with just enough of dbt to do so."""

    def __init__(self, root: Path, project: Path) -> None:
        self.root, self.project = root, project
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.sources = self._sources()
        self.registry: Registry = load(project.parent)
        target = self.registry.targets[self.registry.default_target]
        assert target.as_of is not None
        self.clock_us = instant_of(target.as_of)

    def build(self) -> None:
        for folder in ("staging", "features", "training_sets"):
            for path in sorted((self.project / "models" / folder).glob("*.sql")):
                self.connection.execute(f'CREATE TABLE "{path.stem}" AS {self.rendered(path)}')

    def rendered(self, path: Path) -> str:
        view = self.registry.views.get(path.stem.removesuffix("__empty"))
        point = "" if view is None else instant_text(latest_point(view.grid, self.clock_us))
        context = {
            "ref": lambda name: f'"{name}"',
            "source": lambda source, table: self.sources[source, table],
            "config": lambda **_: "",
            "fpc_since": lambda view: None,
            "fpc_as_of": lambda **_: f"TIMESTAMPTZ '{point}'",
            "fpc_as_of_cron": lambda **_: f"TIMESTAMPTZ '{point}'",
        }
        return jinja2.Environment().from_string(path.read_text()).render(context)

    def rows(self, table: str) -> str:
        """The table as text, one row a line, in the order of its rows' texts."""
        columns = [name for (name, *_) in self.connection.execute(f'DESCRIBE "{table}"').fetchall()]
        texts = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in columns)
        found = self.connection.execute(f'SELECT {texts} FROM "{table}"').fetchall()
        lines = sorted(" | ".join("null" if value is None else value for value in row) for row in found)
        return "\n".join([" | ".join(columns), *lines]) + "\n"

    def failures(self) -> dict[str, int]:
        """Rows that each singular test of the project brings."""
        return {
            path.stem: len(self.connection.execute(self.rendered(path)).fetchall())
            for path in sorted((self.project / "tests").glob("*.sql"))
        }

    def _sources(self) -> dict[tuple[str, str], str]:
        environment = jinja2.Environment()
        found = {}
        for path in self.project.glob("models/**/*.yml"):
            for source in yaml.safe_load(path.read_text()).get("sources", []):
                for table in source["tables"]:
                    location = environment.from_string(table["config"]["external_location"]).render(
                        env_var=lambda name, default: str(self.root)
                    )
                    found[source["name"], table["name"]] = location.format_map({})
        return found
