import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from fpc.cli import commands

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "cli.md").read_text()
SHARED = {"--repo", "--target", "--format", "--debug", "--help"}


def leaves(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from leaves(inner, f"{path} {name}")
    else:
        yield path, command


COMMANDS = [
    leaf
    for entry in commands.ALL
    for leaf in leaves(importlib.import_module(f"fpc.cli.{entry.module}").command, f"fpc {entry.name}")
]


def section(path: str) -> str:
    """The part of the page under the heading that names the command."""
    found = re.search(rf"^### [^\n]*`{re.escape(path)}[ `\[].*?(?=^##|\Z)", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/cli.md has no section for {path}"
    return found[0]


def options_of(command: click.Command) -> set[str]:
    return {name for option in command.params if isinstance(option, click.Option) for name in option.opts}


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_every_option_is_documented(path: str, command: click.Command) -> None:
    documented = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", section(path)))
    missing = options_of(command) - documented - SHARED
    assert not missing


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_every_documented_option_exists(path: str, command: click.Command) -> None:
    documented = set(re.findall(r"^\| `(--[a-z-]+)", section(path), flags=re.MULTILINE))
    assert documented <= options_of(command)


def test_every_heading_is_a_command() -> None:
    groups = "|".join({path.split()[1] for path, _ in COMMANDS if len(path.split()) == 3})
    headings = "\n".join(line for line in TEXT.splitlines() if line.startswith("### "))
    named = re.findall(rf"`(fpc (?:(?:{groups}) [a-z]+|[a-z-]+))", headings)
    assert set(named) == {path for path, _ in COMMANDS}


def test_shared_options_are_on_the_commands_that_need_them() -> None:
    for path, command in COMMANDS:
        if path not in ("fpc init", "fpc completion"):  # which need no repository yet
            assert {"--repo", "--debug"} <= options_of(command), path


def test_what_is_not_built_is_said_to_be() -> None:
    later = TEXT.partition("## Later")[2]
    assert all(f"`{name}`" in later for name in commands.NOT_BUILT)
