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
_VERSIONED: Final = re.compile(r"(\w+)_v(\d+)")
#: A `ref` of dbt: the model's name, and the version of it that is asked for.
REFERENCE: Final = re.compile(
    r"""\{\{-?\s*ref\(\s*['"](\w+)['"]\s*(?:,\s*v(?:ersion)?\s*=\s*['"]?(\d+)['"]?\s*)?\)\s*-?\}\}"""
)


def read_upstream(root: Path, names: Iterable[str]) -> Mapping[str, TextFile]:
    """The models of these names and those below them, by name; of one that is no readable SQL, an empty text.

    A name that no file bears is left out: it is a table that somebody else makes. No file is looked at where no source
    names a model.
    """
    waiting = sorted(set(names))
    if not waiting:
        return {}
    folder = root / FOLDER / _MODELS
    files = sorted((*folder.rglob("*.py"), *folder.rglob("*.sql")), key=lambda path: (path.suffix, path.as_posix()))
    paths = {path.stem: path for path in files}
    found: dict[str, TextFile] = {}
    while waiting:
        name = waiting.pop()
        path = _file_of(name, paths)
        if name in found or path is None:
            continue
        found[name] = TextFile(path.relative_to(root).as_posix(), _text(path))
        waiting += [reference_name(one) for one in REFERENCE.finditer(found[name].text)]
    return dict(sorted(found.items()))


def reference_name(found: re.Match[str]) -> str:
    """The name that a `ref` asks for, with its version: `orders_v2` of `ref('orders', v=2)`."""
    return found[1] if found[2] is None else f"{found[1]}_v{found[2]}"


def _file_of(name: str, paths: Mapping[str, Path]) -> Path | None:
    """The file of a model: without a version the newest, and of a version, if need be, the file that bears none."""
    if name in paths:
        return paths[name]
    versions = [
        (int(one[2]), path) for stem, path in paths.items() if (one := _VERSIONED.fullmatch(stem)) and one[1] == name
    ]
    if versions:
        return max(versions)[1]
    versioned = _VERSIONED.fullmatch(name)
    return None if versioned is None else paths.get(versioned[1])


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        return data.decode("utf-8-sig") if len(data) <= _LARGEST and path.suffix == ".sql" else ""
    except (OSError, UnicodeDecodeError):
        return ""
