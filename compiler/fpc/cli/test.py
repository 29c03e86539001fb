"""`fpc test`: the examples that views carry, on an in-memory engine."""

from __future__ import annotations

import time
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import say, suggest
from fpc.cli.examples import run_examples
from fpc.cli.failure import ExitCode
from fpc.cli.names import chosen_views
from fpc.cli.report import plural, refuse, report
from fpc.pipeline import check_repository


@click.command("test", short_help="Run the views' examples on an in-memory engine.")
@click.argument("views", metavar="[VIEW]...", nargs=-1)
@options.repository
@options.output_format
def command(views: tuple[str, ...], root: Path, output_format: str) -> int:
    """Run the examples of the VIEWs (all, by default) on an in-memory engine: given events in, expected answer out.

    No warehouse and no data are needed. An example that fails is reported with what was computed instead.
    """
    started = time.monotonic()
    checked = check_repository(root)
    refuse([found for found in checked.diagnostics if found.severity.value == "error"], root)
    chosen = chosen_views(checked.value, views)
    failed = tuple(found for view in chosen for found in run_examples(view))
    code = report(failed, root, output_format)
    count = sum(len(view.examples) for view in chosen)
    say(f"{plural(count, 'example')} of {plural(len(chosen), 'view')} in {time.monotonic() - started:.1f} s, "
        f"{len(failed)} failed")  # fmt: skip
    if code is ExitCode.DONE:
        suggest("fpc run", "computes, tests and publishes")
    else:
        suggest("fpc preview VIEW --at INSTANT", "shows values from the real data")
    return code
