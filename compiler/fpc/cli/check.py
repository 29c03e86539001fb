"""`fpc check`: everything that can be known without a database, in one pass."""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fpc.checking.again import check_again
from fpc.cli import options
from fpc.cli.changed_lines import changed_lines, on
from fpc.cli.console import say, suggest
from fpc.cli.failure import ExitCode, wrong_usage
from fpc.cli.new_features import new_features, registry_records
from fpc.cli.past_freshness import freshness_records, past_freshness
from fpc.cli.report import errors_of, in_words, plural, report, talk_about
from fpc.contract.today import judged_by
from fpc.diagnostics.diagnostic import Diagnostic

if TYPE_CHECKING:
    from fpc.model.nodes import Model


@click.command("check", short_help="Find everything that is wrong with the specs, without a database.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--no-cache", is_flag=True, help="Check everything anew, and keep nothing in .fpc/ for the next check.")
@click.option(
    "--today", "day", type=click.DateTime(["%Y-%m-%d"]), help="The date by which to judge deprecations; FPC_TODAY, too."
)
@click.option("--changed-since", "ref", metavar="REF", help="Report only what stands on lines changed since a commit.")
@options.repository
@options.output_format
def command(
    paths: tuple[Path, ...], no_cache: bool, day: datetime | None, ref: str | None, root: Path, output_format: str
) -> int:
    """Find everything that is wrong with the specs, without a database.

    The whole repository is read, since specs refer to each other; with PATHs, only what stands in these files and
    folders is reported, and what stands in no file. What did not change since the last check is not looked at again.
    """
    wanted = tuple(_relative(path, root) for path in paths)
    started = time.monotonic()
    with judged_by(None if day is None else day.date()):
        checked = check_again(root, _records(root), partial(_beside, root), keep=not no_cache)
    chosen = [found for found in checked.diagnostics if _is_wanted(found, wanted)]
    reported = chosen if ref is None else on(changed_lines(root, ref), chosen)
    code = report(reported, root, output_format)
    elsewhere = [found for found in errors_of(chosen) if found not in reported]
    if elsewhere:
        # An error is one wherever it stands; it is only not shown beside lines that nobody touched.
        talk_about(elsewhere, root)
        code = ExitCode.USER_FAULT
    views = plural(checked.views, "feature view")
    say(f"checked {views} in {time.monotonic() - started:.2f} s: {in_words(chosen)}")
    _suggest(chosen, code)
    return code


def _beside(root: Path, model: Model) -> tuple[Diagnostic, ...]:
    """What past refreshes and the registry add to what the specs tell."""
    return (*past_freshness(root, model), *new_features(root, model))


def _records(root: Path) -> dict[str, bytes]:
    found = registry_records(root)
    for view, record in freshness_records(root).items():
        found[view] = found.get(view, b"") + record
    return found


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
        suggest("fpc test", "runs the examples that the views carry")
    else:
        suggest(f"fpc explain {errors_of(found)[0].code}", "tells why it matters and how to mend it")
