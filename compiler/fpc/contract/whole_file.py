"""Puts a text in a file's place at once, so that whoever reads the file sees the old text or the new one, whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

#: A file that its owner alone may read, and one that everybody may.
PRIVATE: Final = 0o600
PUBLIC: Final = 0o644


def write_whole(path: Path, text: str, mode: int = PRIVATE) -> None:
    """Write the text in UTF-8 beside the file and move it there, making the folders that are missing.

    Whatever fails, the file stays as it was, and nothing is left beside it.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".fpc-")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".fpc-")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(text.encode())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
