"""Shell completion: asked in a real bash, and compared with the commands themselves."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.missing import missing

from fpc.cli import commands
from fpc.cli.command_source import options_of, subcommands_of
from fpc.cli.complete import FILES, complete
from fpc.cli.completion_scripts import SCRIPTS
from fpc.cli.main import cli

BIN = Path(sys.executable).parent


def words(*typed: str, folder: Path) -> list[str]:
    return [line.split("\t")[0] for line in complete(typed, folder)]


@pytest.mark.parametrize("entry", commands.ALL, ids=lambda entry: entry.name)
def test_options_are_those_of_the_command(entry: commands.Entry) -> None:
    command = cli.get_command(click.Context(cli), entry.name)
    assert command is not None
    groups = command.commands if isinstance(command, click.Group) else {"": command}
    assert set(subcommands_of(entry.module)) == set(groups) - {""}
    for name, each in groups.items():
        real = {max(option.opts, key=len): option for option in each.params if isinstance(option, click.Option)}
        read = {option.name: option for option in options_of(entry.module, name)}
        assert set(read) == set(real)
        for option in read.values():
            assert option.is_flag == bool(real[option.name].is_flag)


@pytest.mark.parametrize(
    ("typed", "some"),
    [
        (("",), {"init", "preview", "completion"}),
        (("pre",), {"preview"}),
        (("preview", ""), {"user_orders"}),
        (("example", "user_orders", "--from"), {"--from-data"}),
        (("get", ""), {"churn"}),
        (("new", ""), {"source", "view"}),
        (("new", "view", "x", "--entity", ""), {"user"}),
        (("new", "view", "x", "--source", ""), {"orders"}),
        (("check", "--format", ""), {"text", "json", "github", "sarif"}),
        (("run", "--target", ""), {"dev"}),
        (("explain", "FPC020"), {"FPC0201", "FPC0203"}),
        (("explain", "unknown-c"), {"unknown-column"}),
        (("completion", ""), {"bash", "zsh", "fish"}),
    ],
)
def test_what_is_offered(shop: Path, typed: tuple[str, ...], some: set[str]) -> None:
    assert some <= set(words(*typed, folder=shop))


def test_features_are_offered_behind_their_view(fpc: object, shop: Path) -> None:
    assert fpc("compile").code == 0  # type: ignore[operator]
    assert "user_orders.orders_7d" in words("explain", "user_orders.or", folder=shop)


def test_paths_are_left_to_the_shell(shop: Path) -> None:
    assert words("fmt", "", folder=shop) == [FILES]
    assert words("new", "source", "--path", "", folder=shop) == [FILES]


def test_a_broken_repository_offers_what_it_can(tmp_path: Path) -> None:
    (tmp_path / "fpc.yml").write_text("targets: [\n")
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "x.yml").write_text("feature_view: {name: \x1b[31mred\nsource:\n  name: ok\n")
    assert words("run", "--target", "", folder=tmp_path) == []
    assert words("new", "view", "x", "--source", "", folder=tmp_path) == ["ok"]


def test_ten_thousand_lines_of_specs_are_searched_at_once(tmp_path: Path) -> None:
    (tmp_path / "fpc.yml").write_text("name: x\n")
    (tmp_path / "features").mkdir()
    text = "feature_view:\n" + "  # nothing\n" * 200 + "  name: v\n"
    for number in range(50):
        (tmp_path / "features" / f"{number}.yml").write_text(text)
    assert words("preview", "", folder=tmp_path) == ["v"] * 50


def test_nothing_heavy_is_imported() -> None:
    code = "import sys, fpc.cli.main; print([m for m in ('yaml', 'sqlglot', 'duckdb', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_real_bash_completes(shop: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    script = f"""{SCRIPTS["bash"][0]}
try() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fpc_complete; echo "${{COMPREPLY[*]}}"; }}
try fpc prev
try fpc preview us
try fpc new view x --entity ''
try fpc fmt feat
"""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run([bash, "--norc", "-c", script], cwd=shop, env=environment, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["preview", "user_orders", "user", "features"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_read_their_script(shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        missing(f"{shell} is not installed")
    subprocess.run([program, "-n", "-c", SCRIPTS[shell][0]], check=True)
