"""`fpc test`: the examples that views carry, on an in-memory engine."""

from __future__ import annotations

import time
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import say, suggest
from fpc.cli.failure import ExitCode
from fpc.cli.names import chosen_views
from fpc.cli.report import errors_of, plural, refuse, report
from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Diagnostic, Label, Severity
from fpc.examples import ExampleResult, run_examples
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
    refuse(errors_of(checked.diagnostics), root)
    names = [view.name for view in chosen_views(checked.value, views)]
    results = list(run_examples(checked.value, names))
    failed = [_diagnostic(result) for result in results if not result.passed]
    code = report(failed, root, output_format)
    say(f"{plural(len(results), 'example')} of {plural(len(names), 'view')} in {time.monotonic() - started:.1f} s, "
        f"{len(failed)} failed")  # fmt: skip
    if code is ExitCode.DONE:
        suggest(f"fpc preview {names[0] if names else 'VIEW'}", "shows values from the real data")
    else:
        suggest(f"fpc explain {failed[0].code}", "tells how to find out which is right, the example or the view")
    return code


def _diagnostic(result: ExampleResult) -> Diagnostic:
    found = result.mismatches
    notes = [f"{one.entity}: `{one.feature}` is {one.actual}, expected {one.expected}" for one in found]
    if result.problem is not None:
        notes.append(f"it cannot be computed: {result.problem}")
    return Diagnostic(
        codes.FAILED_EXAMPLE.code,
        Severity.ERROR,
        f"example `{result.example.name}` of `{result.view}` has another answer",
        Label(result.example.span, "expects what is not computed"),
        tuple(notes),
        "change the feature, or what the example expects",
    )
