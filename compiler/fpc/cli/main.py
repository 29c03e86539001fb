"""The entry point: finds the command, runs it, and turns what went wrong into a message and an exit code."""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

import click

from fpc.cli import commands
from fpc.cli.complete import ASKED, answer
from fpc.cli.console import fail
from fpc.cli.failure import CommandError, ExitCode, user_fault
from fpc.runtime.errors import FpcRuntimeError

# Commands whose objects all stay until they end: looking for garbage among them takes long and finds none.
_SHORT: Final = (["check"],)


class LazyCommands(click.Group):
    """Commands by name, each module imported when its command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a day's work."""
        return [entry.name for entry in commands.ALL]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; None for a name that is not one."""
        for entry in commands.ALL:
            if entry.name == cmd_name:
                command: click.Command = importlib.import_module(f"fpc.cli.{entry.module}").command
                return command
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was meant."""
        name = args[0]
        if name in commands.NOT_BUILT:
            raise user_fault(
                f"FPC0807: `fpc {name}` is not built yet", help="it comes with a later release; see CHANGELOG.md"
            )
        if not name.startswith("-") and name not in self.list_commands(ctx):
            near = get_close_matches(name, self.list_commands(ctx), n=1)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            raise click.UsageError(f"there is no command `{name}`{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from their table, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.summary) for entry in commands.ALL])


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version  # slow to import, and wanted here alone

        click.echo(f"fpc {version('fpc')}")
        ctx.exit()


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def cli() -> None:
    """Compile feature specs to dbt, training sets and an online store that agree on every value.

    Exit codes: 0 done, 1 specs or data are at fault, 2 wrong usage, 3 a fault of fpc or of what it depends on.
    """


def main() -> None:
    """Run the command line of this process and leave with its exit code; or answer a shell that completes one."""
    if os.environ.get(ASKED):
        answer()
        return
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:]
    if arguments[:1] in _SHORT:
        gc.disable()
    sys.exit(run(arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code; no exception of any kind leaves."""
    try:
        code = cli.main(args=list(arguments), prog_name="fpc", standalone_mode=False)
        sys.stdout.flush()
        return int(code or ExitCode.DONE)
    except CommandError as failure:
        fail(failure.message, failure.notes, failure.help)
        return failure.code
    except FpcRuntimeError as error:
        fail(error.message, (f"kept: {error.kept}",) if error.kept else (), error.help or None)
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        return ExitCode.WRONG_USAGE
    except click.ClickException as usage:
        fail(usage.format_message(), help=_usage_help(usage))
        return ExitCode.WRONG_USAGE
    except (click.Abort, KeyboardInterrupt):
        fail("stopped by Ctrl-C; the command can be repeated")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of stdout has gone, as in `fpc ... | head`. Python would complain again when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except OSError as error:
        if error.filename is None:
            return _crash(error, _wants_stack(arguments))
        fail(f"`{error.filename}`: {error.strerror}", help="see that it exists, may be written, and the disk has room")
        return ExitCode.FPC_FAULT
    except Exception as crash:
        return _crash(crash, _wants_stack(arguments))


def _wants_stack(arguments: Sequence[str]) -> bool:
    return "--debug" in arguments or bool(os.environ.get("FPC_DEBUG"))


def _usage_help(usage: click.ClickException) -> str | None:
    if not isinstance(usage, click.UsageError) or usage.ctx is None:
        return None
    return f"see `{usage.ctx.command_path} --help`"


def _crash(crash: Exception, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    place = traceback.extract_tb(crash.__traceback__)[-1]
    where = f"{place.filename.rpartition('site-packages/')[2].rpartition('compiler/')[2]}:{place.lineno}"
    fail(
        f"fpc has a fault: {type(crash).__name__} at {where}",
        notes=() if debug else ("what was written before is unchanged, or is mended by the next run",),
        help="please report it with the command, and what it prints with --debug added",
    )
    return ExitCode.FPC_FAULT


if __name__ == "__main__":
    main()
