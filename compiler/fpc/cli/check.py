"""`fpc check`: everything that can be known without a database, in one pass."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import click

from fpc.checking.again import check_again
from fpc.cli import options
from fpc.cli.console import say, suggest
from fpc.cli.failure import ExitCode, wrong_usage
from fpc.cli.past_freshness import freshness_records, past_freshness
from fpc.cli.report import errors_of, in_words, plural, report
from fpc.diagnostics.diagnostic import Diagnostic


@click.command("check", short_help="Find everything that is wrong with the specs, without a database.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--no-cache", is_flag=True, help="Check everything anew, and keep nothing in .fpc/ for the next check.")
@options.repository
@options.output_format
def command(paths: tuple[Path, ...], no_cache: bool, root: Path, output_format: str) -> int:
    """Find everything that is wrong with the specs, without a database.

    The whole repository is read, since specs refer to each other; with PATHs, only what stands in these files and
    folders is reported, and what stands in no file. What did not change since the last check is not looked at again.
    """
    wanted = tuple(_relative(path, root) for path in paths)
    started = time.monotonic()
    checked = check_again(root, freshness_records(root), partial(past_freshness, root), keep=not no_cache)
    chosen = [found for found in checked.diagnostics if _is_wanted(found, wanted)]
    code = report(chosen, root, output_format)
    views = plural(checked.views, "feature view")
    say(f"checked {views} in {time.monotonic() - started:.2f} s: {in_words(chosen)}")
    _suggest(chosen, code)
    return code


def _relative(path: Path, root: Path) -> str:
    absolute = path.resolve()
    if not absolute.exists():
        raise wrong_usage(f"there is no file or folder `{path}`")
    if not absolute.is_relative_to(root):
        raise wrong_usage(f"`{path}` is outside the repository `{root}`")
    return absolute.relative_to(root).as_posix()


def _is_wanted(found: Diagnostic, wanted: tuple[str, ...]) -> bool:
    if not wanted or found.label is None:
        return True
    path = found.label.span.path
    return any(each == "." or path == each or path.startswith(f"{each}/") for each in wanted)


def _suggest(found: list[Diagnostic], code: ExitCode) -> None:
    if code is ExitCode.DONE:
        suggest("fpc compile", "writes the dbt project and the registry")
    else:
        suggest(f"fpc explain {errors_of(found)[0].code}", "tells why it matters and how to mend it")
