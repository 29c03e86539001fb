import importlib
import re
import shlex
from pathlib import Path

import click
import pytest
from tests.unit.cli.command_line import CommandLine

from fpc.cli import commands

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
BLOCKS = [
    [line.removeprefix("$ ") for line in block.splitlines()]
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
]
FPC_LINES = [line for block in BLOCKS for line in block if line.startswith("fpc ")]


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that a line names, and its arguments."""
    entry = next(entry for entry in commands.ALL if entry.name == words[1])
    command: click.Command = importlib.import_module(f"fpc.cli.{entry.module}").command
    rest = words[2:]
    while isinstance(command, click.Group):
        command = command.commands[rest.pop(0)]
    return command, rest


@pytest.mark.parametrize("line", FPC_LINES)
def test_every_option_that_the_readme_uses_exists(line: str) -> None:
    command, arguments = command_of(shlex.split(line, comments=True))
    known = {name for option in command.params for name in option.opts}
    assert {word.partition("=")[0] for word in arguments if word.startswith("-")} <= known


def test_the_readmes_own_repository_goes_all_the_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fpc = CommandLine(tmp_path, capsys, monkeypatch)
    (block,) = (block for block in BLOCKS if "fpc init shop" in block)
    try:
        for line in block:
            words = shlex.split(line, comments=True)
            if words[0] == "cd":
                fpc.folder = fpc.folder / words[1]
            else:
                done = fpc(*words[1:])
                assert done.code == 0, f"{line}\n{done.out}{done.err}"
    finally:
        fpc("redis", "stop")
    assert (tmp_path / "shop" / "training.parquet").exists()
    monkeypatch.chdir(tmp_path)
    (python,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    found: dict[str, object] = {}
    exec(python, found)
    assert (
        getattr(found["frame"], "num_rows", 0) == len((tmp_path / "shop/data/labels.csv").read_text().splitlines()) - 1
    )
