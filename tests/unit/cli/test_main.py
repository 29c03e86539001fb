import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.unit.cli.command_line import CommandLine

from fpc.cli import commands
from fpc.runtime.errors import FpcRuntimeError


def command_of(entry: commands.Entry) -> click.Command:
    command: click.Command = importlib.import_module(f"fpc.cli.{entry.module}").command
    return command


def replace_check(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let `fpc check` raise."""

    def callback(**_parameters: object) -> None:
        raise error

    monkeypatch.setattr(importlib.import_module("fpc.cli.check").command, "callback", callback)


def test_help_lists_every_command(fpc: CommandLine) -> None:
    done = fpc("--help")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.partition("Commands:\n")[2].splitlines() if line[2] != " "] == [
        entry.name for entry in commands.ALL
    ]


@pytest.mark.parametrize("entry", commands.ALL, ids=lambda entry: entry.name)
def test_the_summary_is_the_commands_own(entry: commands.Entry) -> None:
    assert command_of(entry).short_help == entry.summary
    assert command_of(entry).name == entry.name


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from fpc.cli.main import run; run(['--help']);"
        "print([m for m in ('sqlglot', 'duckdb', 'redis', 'yaml', 'dbt', 'pyarrow', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_version_is_printed(fpc: CommandLine) -> None:
    assert fpc("--version").out.startswith("fpc 0.")


def test_no_command_shows_help_as_wrong_usage(fpc: CommandLine) -> None:
    done = fpc()
    assert done.code == 2
    assert "Commands:" in done.err


def test_a_misspelt_command_is_suggested(fpc: CommandLine) -> None:
    done = fpc("chek")
    assert (done.code, done.out) == (2, "")
    assert "did you mean `check`?" in done.err


@pytest.mark.parametrize("name", commands.NOT_BUILT)
def test_a_later_releases_command_says_so_and_is_not_listed(name: str, fpc: CommandLine) -> None:
    done = fpc(name, "anything")
    assert (done.code, done.out) == (1, "")
    assert "FPC0807" in done.err
    assert f"\n  {name} " not in fpc("--help").out


@pytest.mark.parametrize(
    "arguments", [("check", "--nope"), ("get",), ("explain",), ("preview",), ("check", "--format", "x")]
)
def test_wrong_usage_is_two_and_points_to_help(arguments: tuple[str, ...], fpc: CommandLine) -> None:
    done = fpc(*arguments)
    assert (done.code, done.out) == (2, "")
    assert f"see `fpc {arguments[0]} --help`" in done.err


@pytest.mark.parametrize(
    "arguments", [("check",), ("compile",), ("run",), ("status",), ("get", "churn"), ("redis", "stop")]
)
def test_outside_of_a_repository_is_two(arguments: tuple[str, ...], fpc: CommandLine, tmp_path: Path) -> None:
    fpc.folder = tmp_path
    done = fpc(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "fpc init DIR" in done.err


def test_the_repository_is_found_from_below(fpc: CommandLine) -> None:
    fpc.folder = fpc.folder / "features" / "shop"
    assert fpc("check").code == 0


def test_a_repository_can_be_named(fpc: CommandLine, shop: Path) -> None:
    fpc.folder = Path("/")
    assert fpc("check", "--repo", str(shop)).code == 0
    assert fpc("check", "--repo", str(shop / "nowhere")).code == 2
    assert fpc("check", "--repo", str(shop / "features")).code == 2


def test_a_crash_is_three_without_a_stack(fpc: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_check(monkeypatch, RuntimeError("boom"))
    done = fpc("check")
    assert done.code == 3
    assert "fpc has a fault: RuntimeError" in done.err
    assert "Traceback" not in done.err


def test_a_crash_has_a_stack_with_debug(fpc: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_check(monkeypatch, RuntimeError("boom"))
    assert "Traceback" in fpc("check", "--debug").err


def test_ctrl_c_is_clean(fpc: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_check(monkeypatch, KeyboardInterrupt())
    done = fpc("check")
    assert done.code == 130
    assert "Traceback" not in done.err


def test_a_run_time_error_says_what_was_kept(fpc: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_check(monkeypatch, FpcRuntimeError("no store\x1b[2J", kept="all rows", help="start it", exit_code=1))
    done = fpc("check")
    assert done.code == 1
    assert done.err == "error: no store\\u{1b}[2J\n  = note: kept: all rows\n  = help: start it\n"


def test_a_file_that_cannot_be_written_is_named(fpc: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_check(monkeypatch, PermissionError(13, "Permission denied", "registry/x.json"))
    done = fpc("check")
    assert done.code == 3
    assert "`registry/x.json`: Permission denied" in done.err


def test_a_closed_pipe_is_no_fault(shop: Path) -> None:
    program = [sys.executable, "-m", "fpc.cli.main", "explain", "FPC0203"]
    with subprocess.Popen(program, cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_colour_only_on_a_terminal(fpc: CommandLine, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "features" / "bad.yml").write_text("entity: {nam: x}\n")
    assert "\x1b" not in fpc("check").out
    monkeypatch.setattr("fpc.cli.console.is_terminal", lambda _stream: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31merror" in fpc("check").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in fpc("check").out
