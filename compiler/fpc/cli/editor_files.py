"""The schemas of a repository as editors find them: under `.fpc/`, named by `fpc.yml` and by each new spec."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from fpc.cli.editor_config_schema import CONFIG_SCHEMA
from fpc.cli.editor_schema import SCHEMA
from fpc.diagnostics.printable_json import printable_json

SPECS: Final = ".fpc/schema.json"
CONFIG: Final = ".fpc/config.schema.json"


def editor_files() -> dict[str, str]:
    """The text of each schema by its path in a repository."""
    return {SPECS: printable_json(SCHEMA), CONFIG: printable_json(CONFIG_SCHEMA)}


def outdated(root: Path) -> tuple[str, ...]:
    """The schemas that a repository has not, or has as another fpc wrote them."""
    return tuple(path for path, text in editor_files().items() if _text(root / path) != text)


def modeline(path: str) -> str:
    """The comment by which an editor finds the schema of the spec at a path of the repository.

    >>> modeline("features/shop/orders.yml")
    '# yaml-language-server: $schema=../../.fpc/schema.json\\n'
    """
    up = "../" * (len(PurePosixPath(path).parts) - 1)
    return f"# yaml-language-server: $schema={up}{SPECS}\n"


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
