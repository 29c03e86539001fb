"""The SQL of compiled dbt models, as dbt would send it: Jinja rendered, and the table's contract around the SELECT."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

from fpc.emit.dbt.carried import STATEMENTS
from fpc.pipeline import compile_repository


class Models:
    """The compiled models of a repository; sources are read from `files`, which are paths by source name."""

    def __init__(self, root: Path, files: Mapping[str, Path]) -> None:
        self._texts = {str(found.path): found.text for found in compile_repository(root).value}
        self._files = files

    def select(self, name: str, as_of: str = "", since: str | None = None, this: str = "") -> str:
        """The model's SELECT as of an instant; `since` is where the table `this` stands, if it is carried forward."""
        path = next(path for path in self._texts if path.endswith(f"/{name}.sql"))
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
        return environment.from_string(self._texts[path]).render(
            config=lambda **_: "",
            ref=str,
            source=lambda _, table: f"read_parquet('{self._files[table]}')",
            fpc_as_of=lambda **_: f"TIMESTAMPTZ '{as_of}'",
            fpc_since=lambda _: None if since is None else f"TIMESTAMPTZ '{since}'",
            this=this,
        )

    def columns(self, name: str) -> dict[str, str]:
        """The types of the columns that the model's contract promises."""
        return {column["name"]: column["data_type"] for column in self._model(name)["columns"]}

    def _model(self, name: str) -> Any:
        path = next(path for path in self._texts if path.endswith(f"/{name}.yml"))
        (model,) = (found for found in yaml.safe_load(self._texts[path])["models"] if found["name"] == name)
        return model

    def carries(self, name: str, table: str, as_of: str, select: str) -> tuple[str, ...]:
        """The statements by which dbt carries a table forward in place."""
        config = self._model(name)["config"]
        call = "{{ fpc_carry_forward(table, keys, as_of, changed) }}"
        text = jinja2.Template(STATEMENTS + call).render(
            table=table, keys=config["unique_key"], as_of=f"TIMESTAMPTZ '{as_of}'", changed=select
        )
        return ("BEGIN", text, "COMMIT")

    def writes(self, name: str, table: str, select: str) -> tuple[str, ...]:
        """The statements by which dbt makes a table under contract of a SELECT."""
        columns = self.columns(name)
        declared = ", ".join(f'"{column}" {type_}' for column, type_ in columns.items())
        names = ", ".join(f'"{column}"' for column in columns)
        return (
            f"CREATE TABLE {table} ({declared})",
            f"INSERT INTO {table} ({names}) SELECT {names} FROM ({select}\n) AS model_subq",
        )
