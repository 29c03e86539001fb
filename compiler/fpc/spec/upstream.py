"""Reading the user's own dbt models: those that sources name, and what these refer to.

They are read for the proof that nothing leaks (`fpc.leaks`), and for nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from fpc.spec.text_file import TextFile

FOLDER: Final = "dbt_project"
_MODELS: Final = "models"
_LARGEST: Final = 256 * 1024
_REFERENCE: Final = re.compile(r"""\{\{-?\s*ref\(\s*['"](\w+)['"]\s*\)\s*-?\}\}""")


def read_upstream(root: Path, names: Iterable[str]) -> Mapping[str, TextFile]:
    """The models of these names and those below them, by name; one that is not there or no readable text is left out.

    No file is looked at where no source names a model.
    """
    waiting = sorted(set(names))
    if not waiting:
        return {}
    files = (root / FOLDER / _MODELS).rglob("*.sql")
    paths = {path.stem: path for path in sorted(files, key=lambda path: path.as_posix())}
    found: dict[str, TextFile] = {}
    while waiting:
        name = waiting.pop()
        if name in found or name not in paths:
            continue
        text = _text(paths[name])
        if text is not None:
            found[name] = TextFile(paths[name].relative_to(root).as_posix(), text)
            waiting += _REFERENCE.findall(text)
    return dict(sorted(found.items()))


def _text(path: Path) -> str | None:
    try:
        data = path.read_bytes()
        return data.decode("utf-8-sig") if len(data) <= _LARGEST else None
    except (OSError, UnicodeDecodeError):
        return None
