"""`fpc explain`: a diagnostic's page, or anything of the repository at any step of its compilation."""

from __future__ import annotations

from pathlib import Path

import click

from fpc.cli import explain_name, options
from fpc.cli.console import put, suggest
from fpc.cli.explain_code import codes_like, page_of
from fpc.cli.failure import CommandError, wrong_usage
from fpc.cli.report import errors_of, refuse
from fpc.cli.root import find_root
from fpc.diagnostics.neutral import neutralise_lines
from fpc.pipeline import check_repository


@click.command("explain", short_help="Explain a name, a step of its compilation, or a diagnostic's code.")
@click.argument("name")
@click.option(
    "--show",
    "step",
    type=click.Choice(explain_name.STEPS),
    default="words",
    show_default=True,
    help="Which step of the compilation: as written, resolved, staged, lowered, or laid out in files.",
)
@options.target
@options.lazy_repository
def command(name: str, step: str, target: str | None, repo: Path | None) -> None:
    """Explain a NAME: a diagnostic's code (FPC0203), or a view, feature, source, entity, service or training set.

    A view is told in words: when an event counts, what its windows are, when it is refreshed, which rows and
    partitions a refresh reads. With --show, what stands at any step between its spec and its files.
    """
    page = page_of(name)
    if page is not None:
        put(neutralise_lines(page))
        suggest("fpc check", "finds all of them in a repository")
        return
    root = _root(name, repo)
    checked = check_repository(root)
    refuse(errors_of(checked.diagnostics), root)
    put(neutralise_lines(explain_name.explain(checked.value, name, step, root, target)))
    suggest("fpc preview VIEW", "shows values; `fpc compile` writes the files")


def _root(name: str, repo: Path | None) -> Path:
    """The repository whose names are meant; outside of one, a word that is nearly a code is told so."""
    like = codes_like(name)
    unknown = wrong_usage(f"there is no code `{name}`", help=f"did you mean {', '.join(like)}?")
    if like and name.upper().startswith("FPC") and name[3:4].isdigit():
        raise unknown
    try:
        return find_root(repo)
    except CommandError:
        if like:
            raise unknown from None
        raise
