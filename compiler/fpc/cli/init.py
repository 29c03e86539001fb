"""`fpc init`: a new repository that passes check, test and run at once."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from fpc.cli.console import say, suggest
from fpc.cli.editor_files import editor_files, outdated
from fpc.cli.failure import wrong_usage
from fpc.cli.new_files import write_new
from fpc.cli.replace_file import replace_file
from fpc.cli.root import CONFIG

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
    ".github/workflows/features.yml": "workflow.yml",
    ".pre-commit-config.yaml": "pre_commit.yml",
    ".vscode/settings.json": "vscode_settings.json",
}
_NAME: Final = "__NAME__"


@click.command("init", short_help="Make a new repository with one working feature view.")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Make a new feature repository in DIR (here, by default), with sample data and one working feature view.

    Files that exist are kept. Of a folder that is a feature repository already, only the schemas under .fpc/ are
    brought up to date, by which editors complete the specs.
    """
    if folder.exists() and not folder.is_dir():
        raise wrong_usage(f"`{folder}` is a file")
    if (folder / CONFIG).exists():
        changed = outdated(folder)
        for path in changed:
            (folder / path).parent.mkdir(exist_ok=True)
            replace_file(folder / path, editor_files()[path])
            say(f"  wrote    {path}")
        say(f"`{folder}` is a feature repository already; {'nothing else' if changed else 'nothing'} was changed")
    else:
        name = _repository_name(folder.resolve().name)
        starter = files("fpc.cli").joinpath("starter")
        texts = {
            path: starter.joinpath(template).read_text(encoding="utf-8").replace(_NAME, name)
            for path, template in _FILES.items()
        }
        folder.mkdir(parents=True, exist_ok=True)
        write_new(folder, {**texts, **editor_files()})
    go_there = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    suggest(f"{go_there}fpc check", "then fpc test, fpc run and fpc get churn user_id=7")


def _repository_name(folder: str) -> str:
    """A name of the platform made of a folder's: `My Features` gives `my_features`."""
    name = re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_")[:63]
    return name if re.match(r"[a-z]", name) else "features"
