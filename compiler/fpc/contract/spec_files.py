"""Which files of a repository are its specs, known without reading any, and the reading of one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

#: The configuration, and the folder of the specs.
CONFIG: Final = "fpc.yml"
FOLDER: Final = "features"
#: How many bytes of a file are read at most.
LARGEST: Final = 256 * 1024


def spec_files(root: Path) -> tuple[list[str], list[str]]:
    """The spec files' paths under the root, and those that look like specs and are none, which end in `.yaml`.

    Both with forward slashes, in one order on every machine; what is hidden is left out.
    """
    specs: list[str] = []
    ignored: list[str] = []
    for folder, folders, names in os.walk(root / FOLDER):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        relative = Path(folder).relative_to(root).as_posix()
        for name in sorted(names):
            if name.startswith("."):
                continue
            if name.endswith(".yml"):
                specs.append(f"{relative}/{name}")
            elif name.endswith(".yaml"):
                ignored.append(f"{relative}/{name}")
    return specs, ignored


def read_at_most(path: Path) -> bytes:
    """A file's bytes; of a file larger than `LARGEST`, one byte more than that. Raises `OSError`."""
    with path.open("rb", buffering=0) as stream:
        # Room for the most that might be there takes longer to make than most files take to read.
        size = min(os.fstat(stream.fileno()).st_size, LARGEST)
        data = stream.read(size + 1)
        while size < len(data) <= LARGEST and (more := stream.read(LARGEST + 1 - len(data))):
            data += more
        return data
