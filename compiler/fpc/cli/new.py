"""`fpc new`: scaffolds of a source and of a feature view."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

from fpc.cli import options
from fpc.cli.console import say, suggest
from fpc.cli.failure import user_fault, wrong_usage
from fpc.cli.new_files import write_new

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


@click.group("new", short_help="Add a source or a feature view from a scaffold.")
def command() -> None:
    """Add a source or a feature view from a scaffold. Files that exist are kept."""


@command.command("source", short_help="A source, its columns read from a file.")
@click.argument("name")
@click.option("--path", "pattern", metavar="FILE", required=True, help="A Parquet, CSV or Arrow file, or a glob.")
@click.option("--event-time", metavar="COLUMN", help="When it happened; by default the first timestamp column.")
@options.repository
def new_source(name: str, pattern: str, event_time: str | None, root: Path) -> None:
    """Write features/NAME.yml with a source whose columns are read from a file.

    The path is taken relative to the repository, and has to lie inside it.
    """
    from fpc.cli.file_columns import read_columns  # brings DuckDB

    _check_name(name)
    columns, left_out = read_columns(root, pattern)
    for column, kind in left_out:
        say(f"  left out column `{column}`: features cannot read type {kind}")
    time = _event_time(columns, event_time)
    lines = [
        "source:",
        f"  name: {name}",
        "  description: TODO",
        f"  path: {_quoted(pattern)}",
        f"  event_time: {time}",
        "  # known_time: loaded_at     # when the platform could first have known a row, if that was later",
        "  # unique_key: id            # if rows that share it are versions of one event",
        "  columns:",
        *(f"    {column}: {_quoted(kind)}" for column, kind in columns),
        "",
    ]
    write_new(root, {f"features/{name}.yml": "\n".join(lines)})
    suggest(f"fpc new view NAME --entity E --source {name}", "begins a view of it")


@command.command("view", short_help="A feature view with one feature to begin with.")
@click.argument("name")
@click.option("--entity", metavar="NAME", required=True, help="What the features describe.")
@click.option("--source", metavar="NAME", required=True, help="The events that they are computed from.")
@options.repository
def new_view(name: str, entity: str, source: str, root: Path) -> None:
    """Write features/NAME.yml with a feature view of an entity, from a source."""
    for each in (name, entity, source):
        _check_name(each)
    text = f"""\
feature_view:
  name: {name}
  version: 1
  description: TODO
  entity: {entity}
  source: {source}
  freshness: 1h
  features:
    - name: {source}_{{window}}
      sql: COUNT(*)
      windows: [7d, 30d]
      description: Rows of {source} in the window.
"""
    write_new(root, {f"features/{name}.yml": text})
    suggest("fpc check", "says what is missing")


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise wrong_usage(
            f"`{name}` cannot be a name", help="begin with a lower-case letter, then letters, digits and underscores"
        )


def _event_time(columns: list[tuple[str, str]], given: str | None) -> str:
    names = [name for name, _ in columns]
    if given is not None:
        if given not in names:
            raise wrong_usage(f"the file has no column `{given}`", help=f"it has: {', '.join(names)}")
        return given
    for name, kind in columns:
        if kind in ("timestamptz", "timestamp"):
            return name
    raise user_fault(
        "no column of the file is a timestamp", help="name the column that holds when it happened with --event-time"
    )


def _quoted(text: str) -> str:
    plain = re.fullmatch(r"[A-Za-z0-9_./*-]+", text) is not None and not text.startswith(("*", "-", "."))
    return text if plain else "'" + text.replace("'", "''") + "'"
