"""`fpc compile`: from the specs to the files that run."""

from __future__ import annotations

import time
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest, warn
from fpc.cli.failure import ExitCode
from fpc.cli.registry import known_target
from fpc.cli.report import count_errors, errors_of, in_words, plural, report, talk_about
from fpc.diagnostics.neutral import neutralise
from fpc.diagnostics.result import Result
from fpc.emit.artefact import Artefact
from fpc.emit.writer import Change, Difference, difference, write
from fpc.model import Model
from fpc.pipeline import check_repository, lay_out


@click.command("compile", short_help="Write the dbt project and the registry.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit code 1 if a file on disk differs.")
@click.option("--overwrite", is_flag=True, help="Replace generated files that were edited by hand, too.")
@options.target
@options.repository
@options.output_format
def command(only_check: bool, overwrite: bool, target: str | None, root: Path, output_format: str) -> int:
    """Write the dbt project and the registry that the specs compile to.

    Nothing is written when there is an error. Files that are right already are not touched, and files that somebody
    edited are kept and named. The files that differ are listed on stdout, unless diagnostics are asked for in a
    format for programs.
    """
    started = time.monotonic()
    compiled = compile_for(root, target)
    if output_format == "text":
        talk_about(compiled.diagnostics, root)
    else:
        report(compiled.diagnostics, root, output_format)
    if compiled.has_errors:
        errors = errors_of(compiled.diagnostics)
        say(f"nothing was written: {in_words(compiled.diagnostics)}")
        suggest(f"fpc explain {errors[0].code}", "tells why it matters and how to mend it")
        return ExitCode.USER_FAULT
    if only_check:
        return _compare(root, compiled.value, show=output_format == "text")
    written = write(root, compiled.value, overwrite=overwrite)
    _list(written.differences, show=output_format == "text")
    changed = len(written.differences) - len(written.kept)
    say(f"compiled {plural(len(compiled.value), 'file')} in {time.monotonic() - started:.1f} s: "
        f"{changed} written, {written.unchanged} as before")  # fmt: skip
    if written.kept:
        warn(f"{plural(len(written.kept), 'file')} edited by hand and kept; `fpc compile --overwrite` replaces them")
    _suggest(root)
    return ExitCode.USER_FAULT if written.kept else ExitCode.DONE


def _suggest(root: Path) -> None:
    if any((folder / ".git").exists() for folder in (root, *root.parents)):
        suggest("fpc plan", "says what the change means for values and readers, before it is committed")
    else:
        suggest("fpc run", "computes, tests and publishes")


def compile_for(root: Path, target: str | None) -> Result[tuple[Artefact, ...]]:
    """The artefacts for a target, none where there are errors; stops with exit code 2 for an unknown target."""
    checked: Result[Model] = check_repository(root)
    config = checked.value.config
    if count_errors(checked.diagnostics):
        return Result((), checked.diagnostics)
    return Result(
        lay_out(checked.value, known_target(config.targets, config.default_target, target)), checked.diagnostics
    )


def _compare(root: Path, artefacts: tuple[Artefact, ...], *, show: bool) -> int:
    differences = difference(root, artefacts)
    _list(differences, show=show)
    if differences:
        say(f"{plural(len(differences), 'file')} not what the specs compile to")
        suggest("fpc compile", "writes them; then commit them with the specs")
        return ExitCode.USER_FAULT
    say(f"all {plural(len(artefacts), 'file')} are what the specs compile to")
    _suggest(root)
    return ExitCode.DONE


def _list(differences: tuple[Difference, ...], *, show: bool) -> None:
    if show:
        for found in differences:
            word = "edited" if found.change is Change.KEPT else found.change.value
            put(f"{word:<8} {neutralise(found.path)}\n")
