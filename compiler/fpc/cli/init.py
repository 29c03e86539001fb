"""`fpc init`: a new repository that passes check, test and run at once."""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from fpc.cli.console import say, suggest
from fpc.cli.editor_files import editor_files, outdated
from fpc.cli.failure import user_fault, wrong_usage
from fpc.cli.new_files import write_new
from fpc.cli.replace_file import replace_file
from fpc.cli.root import CONFIG

_WORKFLOW: Final = ".github/workflows/features.yml"
#: Each file of a new repository and the file of `starter/` that it is made from.
_FILES: Final = {
    "fpc.yml": "fpc.yml",
    "features/shop/entities.yml": "features/shop/entities.yml",
    "features/shop/sources.yml": "features/shop/sources.yml",
    "features/shop/user_orders.yml": "features/shop/user_orders.yml",
    "features/shop/services.yml": "features/shop/services.yml",
    "data/orders.csv": "data/orders.csv",
    "data/labels.csv": "data/labels.csv",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".fpc/.gitignore": "fpc_gitignore",
    _WORKFLOW: "workflow.yml",
    ".pre-commit-config.yaml": "pre_commit.yml",
    ".vscode/settings.json": "vscode_settings.json",
}
_CALLED: Final = re.compile(r"([A-Za-z0-9-]+/[\w.-]+)@([0-9a-f]{40})")


@click.command("init", short_help="Make a new repository with one working feature view.")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--workflow",
    "called",
    metavar="OWNER/REPO@COMMIT",
    help="Have the CI workflow call fpc's own, in that repository at that commit.",
)
def command(folder: Path, called: str | None) -> None:
    """Make a new feature repository in DIR (here, by default), with sample data and one working feature view.

    Files that exist are kept. Of a folder that is a feature repository already, only the schemas under .fpc/ are
    brought up to date, by which editors complete the specs; and with --workflow, the CI workflow is written, if it is
    not there or as `fpc init` left it.
    """
    if folder.exists() and not folder.is_dir():
        raise wrong_usage(f"`{folder}` is a file")
    calling = None if called is None else _calling(called)
    if (folder / CONFIG).exists():
        changed = _brought_up_to_date(folder, calling)
        for path, text in changed.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            replace_file(folder / path, text)
            say(f"  wrote    {path}")
        say(f"`{folder}` is a feature repository already; {'nothing else' if changed else 'nothing'} was changed")
    else:
        texts = {path: _starter(template, folder) for path, template in _FILES.items()}
        folder.mkdir(parents=True, exist_ok=True)
        write_new(folder, {**texts, **editor_files(), **({} if calling is None else {_WORKFLOW: calling})})
    go_there = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    suggest(f"{go_there}fpc check", "finds what is wrong with the specs; each command names the next")


def _brought_up_to_date(folder: Path, calling: str | None) -> dict[str, str]:
    """What is to be written in a repository that there is already, by path."""
    changed = {path: editor_files()[path] for path in outdated(folder)}
    there = folder / _WORKFLOW
    if calling is None or (there.exists() and there.read_text(encoding="utf-8") == calling):
        return changed
    if there.exists() and there.read_text(encoding="utf-8") != _starter("workflow.yml", folder):
        raise user_fault(
            f"`{_WORKFLOW}` is not as `fpc init` left it, so it was kept",
            help="move it away and call again, or put the call into it by hand: docs/ci.md",
        )
    return {**changed, _WORKFLOW: calling}


def _starter(template: str, folder: Path) -> str:
    """The text of a file of the starter, for a repository in that folder."""
    text = files("fpc.cli").joinpath("starter").joinpath(template).read_text(encoding="utf-8")
    return text.replace("__NAME__", _repository_name(folder.resolve().name)).replace("__VERSION__", version("fpc"))


def _calling(called: str) -> str:
    """The workflow that calls fpc's own at `OWNER/REPO@COMMIT`."""
    found = _CALLED.fullmatch(called)
    if found is None:
        raise wrong_usage(
            f"`{called}` is not OWNER/REPO@COMMIT",
            help="a commit's full hash of 40 digits: what a tag or branch names can be changed by others",
        )
    workflow = f"{found[1]}/.github/workflows/fpc.yml@{found[2]}"
    return _starter("workflow_call.yml", Path()).replace("__WORKFLOW__", workflow)


def _repository_name(folder: str) -> str:
    """A name of the platform made of a folder's: `My Features` gives `my_features`."""
    name = re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_")[:63]
    return name if re.match(r"[a-z]", name) else "features"
