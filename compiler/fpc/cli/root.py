"""Where a feature repository begins."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fpc.cli.failure import wrong_usage

CONFIG: Final = "fpc.yml"


def find_root(given: Path | None) -> Path:
    """The folder given, or the nearest one from here upward that has an `fpc.yml`; stops with exit code 2 without."""
    if given is not None:
        if not given.is_dir():
            raise wrong_usage(f"--repo: there is no folder `{given}`")
        if not (given / CONFIG).is_file():
            raise wrong_usage(
                f"`{given}` is not a feature repository: it has no fpc.yml", help="`fpc init DIR` makes a new one"
            )
        return given.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file():
            return folder
    raise wrong_usage(
        "not in a feature repository: no fpc.yml here or in a folder above",
        help="`fpc init DIR` makes a new one; `--repo DIR` names an existing one",
    )
