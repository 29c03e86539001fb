"""Options that several commands take, defined once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from fpc.cli.root import find_root

_REPO_HELP: Final = "The repository; by default the nearest folder upward that has an fpc.yml."

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _to_root(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    return None if ctx.resilient_parsing else find_root(value)


def repository(function: Decorated) -> Decorated:
    """`--repo DIR`, given to the command as the repository's root, and `--debug`."""
    function = click.option(
        "--debug", is_flag=True, expose_value=False, help="Show the stack when fpc itself has a fault."
    )(function)
    return click.option(
        "--repo",
        "root",
        metavar="DIR",
        type=click.Path(path_type=Path),
        callback=_to_root,
        help=_REPO_HELP,
    )(function)


def lazy_repository(function: Decorated) -> Decorated:
    """As `repository`, but the folder is looked for by the command, which does not always need one."""
    function = click.option(
        "--debug", is_flag=True, expose_value=False, help="Show the stack when fpc itself has a fault."
    )(function)
    return click.option("--repo", metavar="DIR", type=click.Path(path_type=Path), help=_REPO_HELP)(function)


target = click.option("--target", metavar="NAME", help="A target of fpc.yml; by default its default_target.")

output_format = click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="How diagnostics are printed.",
)

memory_limit = click.option("--memory-limit", metavar="SIZE", help="Such as 2GB; the rest goes to disk.")

threads = click.option("--threads", type=click.IntRange(1, 1024), help="By default one for each processor.")


def wait(seconds: float, what: str) -> Callable[[Decorated], Decorated]:
    """`--wait SECONDS`: how long to wait for `what` to end, by default so many seconds."""
    return click.option(
        "--wait",
        "wait_seconds",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        default=seconds,
        show_default=True,
        help=f"How long to wait for {what} to end.",
    )
