"""`fpc new`: scaffolds of a source and of a feature view, and the next version of one."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from fpc.cli import options
from fpc.cli.console import say, suggest
from fpc.cli.editor_files import modeline
from fpc.cli.failure import CommandError, user_fault, wrong_usage
from fpc.cli.names import unknown
from fpc.cli.new_files import write_new

if TYPE_CHECKING:
    from fpc.cli.file_columns import FileColumns
    from fpc.model.nodes import Entity, Model, Source

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


@click.group("new", short_help="Add a source, a feature view, or the next version of one.")
def command() -> None:
    """Add a source or a feature view from a scaffold, or the next version of a view. Files that exist are kept."""


@command.command("source", short_help="A source, read off a file of its rows.")
@click.argument("name", required=False)
@click.option("--path", "pattern", metavar="FILE", required=True, help="A Parquet, CSV, JSON or Arrow file, or a glob.")
@click.option("--event-time", metavar="COLUMN", help="When it happened; told from names and values by default.")
@options.repository
def new_source(name: str | None, pattern: str, event_time: str | None, root: Path) -> None:
    """Write features/NAME.yml with a source whose columns, types, times and key are read off a file.

    NAME is the file's by default. The path is relative to the repository, and has to lie inside it. A JSON file is
    written as Parquet beside it, since that is what a refresh reads.
    """
    from fpc.cli.file_columns import convert, is_json, read_columns  # brings DuckDB

    chosen = _name_of(pattern) if name is None else name
    _check_name(chosen)
    found = read_columns(root, pattern, event_time)
    for reason in dict.fromkeys(reason for _, reason in found.left_out):
        say(f"  left out {', '.join(f'`{column}`' for column, why in found.left_out if why == reason)}: {reason}")
    if found.event_time is None:
        raise _without_time(pattern, found, event_time)
    if is_json(pattern):
        if (root / found.path).exists():
            say(f"  kept     {found.path}")
        else:
            convert(root, pattern, found.path)
            say(f"  wrote    {found.path}")
    path = f"features/{chosen}.yml"
    write_new(root, {path: modeline(path) + _source_text(chosen, found, _owner(root, path))})
    say(f"  rows happen at `{found.event_time}`" + _told(found))
    suggest(f"fpc new view {chosen}_features --source {chosen}{_entity_hint(root, found)}", "begins a view of it")


@command.command("view", short_help="A feature view with four lines to fill in.")
@click.argument("name")
@click.option("--entity", metavar="NAME", help="What the features describe; by default the only entity that fits.")
@click.option("--source", metavar="NAME", help="The events that they are computed from; by default the only source.")
@click.option("--key", "key", metavar="COLUMN", help="Declare the entity, too: the source's column that names it.")
@options.repository
def new_view(name: str, entity: str | None, source: str | None, key: str | None, root: Path) -> None:
    """Write features/NAME.yml with a feature view that works, and four lines that wait for you, marked TODO.

    An entity that is not declared yet is declared in the same file: --key names the column that holds it.
    """
    from fpc.pipeline import check_repository  # brings sqlglot and DuckDB

    _check_name(name)
    model = check_repository(root).value
    if name in model.views:
        raise wrong_usage(f"there is a feature view `{name}` already", help=f"`fpc explain {name}` tells about it")
    of = _source(model, source)
    described = _entity(model, of, entity, key)
    path = f"features/{name}.yml"
    write_new(root, {path: modeline(path) + _view_text(name, of, described, entity or "", key, _owner(root, path))})
    suggest("fpc check", f"names the lines of {path} to be filled in; `fpc preview {name}` shows values as it is")


@command.command("version", short_help="Keep a view as it was, beside its new version.")
@click.argument("view")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The old version's last day; in 90 days by default.")
@click.option("--against", "ref", metavar="REF", default="HEAD", show_default=True, help="The commit with the old one.")
@click.option("--merge-base", is_flag=True, help="Take it from where this branch left REF, not from REF itself.")
@click.option("--name", metavar="NAME", help="What the old version is called; VIEW_v1 by default, after its version.")
@options.repository
def new_version(view: str, until: datetime | None, ref: str, merge_base: bool, name: str | None, root: Path) -> None:
    """Keep VIEW as it was in a commit under a name of its own, deprecated, and raise the version of what it is now.

    Services that read it go on reading what they read, unless their owners have agreed to the change (`changes` of
    the view). What is done already is left as it is.
    """
    from fpc.cli.new_version import keep_version  # brings sqlglot and DuckDB

    if name is not None:
        _check_name(name)
    day = None if until is None else until.date()
    keep_version(root, view, ref=ref, merge_base=merge_base, until=day, name=name)


def _without_time(pattern: str, found: FileColumns, wanted: str | None) -> CommandError:
    if not found.rows:
        return user_fault(f"`{pattern}` has no rows to tell anything from", help="take a file with some of its rows")
    message = "no column of the file says when a row happened" if wanted is None else f"`{wanted}` is no time"
    return user_fault(
        message,
        notes=found.in_doubt,
        help="make it a timestamp, such as 2024-03-01T12:00:00Z, or a whole number since 1970, in the file or in a dbt "
        "model that the source reads",
    )


def _owner(root: Path, path: str) -> list[str]:
    """The line for an owner, where neither the file's folder nor the repository has one."""
    from fpc import spec  # brings the YAML reader

    loaded = spec.load(root).value
    if loaded.config is None or loaded.defaults_of(path).owner is not None:
        return []
    return ["  owner: team:NAME                # TODO who answers for it"]


def _source(model: Model, name: str | None) -> Source:
    if name is None:
        if len(model.sources) != 1:
            raise wrong_usage("say which source the view reads", help=f"--source, one of: {', '.join(model.sources)}")
        (name,) = model.sources
    if name not in model.sources:
        raise unknown("source", name, model.sources)
    return model.sources[name]


def _entity(model: Model, source: Source, name: str | None, key: str | None) -> Entity | None:
    """The entity that the view is to describe; None where it is to be declared with `key`."""
    columns = {column.name for column in source.columns}
    if key is not None:
        if key not in columns:
            raise unknown(f"column of `{source.name}`", key, columns)
        if name is None:
            raise wrong_usage("--key declares an entity", help="name it with --entity")
        if name in model.entities:
            raise wrong_usage(f"there is an entity `{name}` already", help="leave --key out")
        _check_name(name)
        return None
    if name is None:
        fitting = [one for one in model.entities.values() if all(each.name in columns for each in one.keys)]
        if len(fitting) != 1:
            raise wrong_usage(
                f"say what the features of `{source.name}` describe",
                help=f"--entity, one of: {', '.join(model.entities) or 'none yet'}; with --key COLUMN, a new one",
            )
        return fitting[0]
    if name not in model.entities:
        error = unknown("entity", name, model.entities)
        raise wrong_usage(error.message, help=f"{error.help}, or add --key COLUMN to declare it")
    return model.entities[name]


def _view_text(
    name: str, source: Source, entity: Entity | None, entity_name: str, key: str | None, owner: list[str]
) -> str:
    columns = {column.name: str(column.type) for column in source.columns}
    lines: list[str] = []
    if entity is None:
        assert key is not None
        kind = columns[key]
        lines += ["entity:", f"  name: {entity_name}", *owner, f"  keys: {{{key}: {_quoted(kind)}}}", "---"]
    lines += ["feature_view:", f"  name: {name}", "  description: TODO say what it tells about whom", *owner]
    lines += [f"  entity: {entity_name if entity is None else entity.name}", f"  source: {source.name}"]
    missing = [] if entity is None else [each.name for each in entity.keys if each.name not in columns]
    if missing:
        lines.append(f"  keys: {{{', '.join(f'{each}: {_nearest(each, columns)}' for each in missing)}}}")
    first = f"    - name: {source.name}_{{window}}"
    column = max(33, len(first) + 2)
    lines += [
        "  freshness: 1h",
        "  features:",
        f"{first:<{column}}# TODO name what is counted or summed",
        f"{'      sql: COUNT(*)':<{column}}# TODO such as {_sql_hint(columns)}",
        f"{'      windows: [7d, 30d]':<{column}}# TODO how far back it looks",
        f"      description: Rows of {source.name} in the window.",
        "",
    ]
    return "\n".join(lines)


def _sql_hint(columns: dict[str, str]) -> str:
    """An expression that the source's columns allow."""
    number = next((name for name, kind in columns.items() if kind.startswith(("decimal", "double", "real"))), None)
    word = next((name for name, kind in columns.items() if kind == "varchar"), None)
    if number is not None:
        return f"SUM({number})" if word is None else f"SUM({number}) FILTER (WHERE {word} = '...')"
    return "COUNT(*)" if word is None else f"COUNT(*) FILTER (WHERE {word} = '...')"


def _nearest(key: str, columns: dict[str, str]) -> str:
    from fpc.diagnostics.suggestion import nearest

    return nearest(key, columns) or next(iter(columns))


def _source_text(name: str, found: FileColumns, owner: list[str]) -> str:
    known = (
        f"  known_time: {found.known_time}"
        if found.known_time is not None
        else "  # known_time: loaded_at   # the column of when a row could first be known, if that was later"
    )
    unique = (
        f"  unique_key: {found.unique_key[0]}"
        if found.unique_key
        else "  # unique_key: id          # the column that versions of one event share"
    )
    lines = [
        "source:",
        f"  name: {name}",
        "  description: TODO say what one row is",
        *owner,
        f"  path: {_quoted(found.path)}",
        f"  event_time: {_event_time(found)}",
        known,
        unique,
        "  columns:",
        *(f"    {column}: {_quoted(kind)}" for column, kind in found.columns),
        "",
    ]
    return "\n".join(lines)


def _event_time(found: FileColumns) -> str:
    unit = found.event_unit
    return f"{found.event_time}" if unit is None else f"{{column: {found.event_time}, unit: {unit}}}"


def _told(found: FileColumns) -> str:
    text = ""
    if found.known_time is not None:
        text += f", are known at `{found.known_time}`"
    if found.unique_key:
        text += f", and one `{found.unique_key[0]}` is one event"
    return f"{text}: told from {found.rows:,} rows, so have a look"


def _entity_hint(root: Path, found: FileColumns) -> str:
    """What `fpc new view` needs to be told of the entity, as far as the columns' names tell."""
    from fpc.pipeline import check_repository  # brings sqlglot and DuckDB

    columns = dict(found.columns)
    entities = check_repository(root).value.entities
    fitting = [name for name, one in entities.items() if all(key.name in columns for key in one.keys)]
    if len(fitting) == 1:
        return ""
    if fitting:
        return f" --entity {fitting[0]}"
    key = next(iter(found.keys or found.unique_key), None)
    if key is None:
        return " --entity NAME --key COLUMN"
    entity = re.sub(r"_?(?:id|key|uuid|number|no)$", "", key.lower()) or "thing"
    return f" --entity {entity} --key {key}"


def _name_of(pattern: str) -> str:
    """The name of a source that is read from a file: its own, or that of the nearest folder where it is a glob."""
    parts = [part for part in Path(pattern).with_suffix("").parts if not re.search(r"[*?\[]|^(?:data|\.)$", part)]
    stem = parts[-1] if parts else ""
    name = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")[:63]
    if not _NAME.fullmatch(name):
        raise wrong_usage(f"the source cannot be named after `{pattern}`", help="fpc new source NAME --path FILE")
    return name


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise wrong_usage(
            f"`{name}` cannot be a name", help="begin with a lower-case letter, then letters, digits and underscores"
        )


def _quoted(text: str) -> str:
    plain = re.fullmatch(r"[A-Za-z0-9_./*-]+", text) is not None and not text.startswith(("*", "-", "."))
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
