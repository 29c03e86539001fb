"""What a check's answer rests on, as digests: two checks of the same inputs find the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fpc.contract.spec_files import CONFIG, read_at_most, spec_files
from fpc.contract.today import VARIABLE, today

#: Where the user's own dbt models stand (`fpc.spec.upstream` reads those that sources name).
_DBT: Final = "dbt_project"
# Any library that is installed beside fpc's parser: a change of one is a change of what may be found.
_NEIGHBOUR: Final = "yaml"


@dataclass(frozen=True, slots=True)
class Inputs:
    """`world` is of everything beside the repository: fpc's own code, the libraries, Python and the day.

    `listing` is of the spec files' paths, with those that look like specs and are none; `records` and `files` are by
    view and by path. `upstream` is of the user's dbt models, and empty where no source reads one.
    """

    world: str
    listing: tuple[str, ...]
    upstream: str
    records: Mapping[str, str]
    files: Mapping[str, str]


def read_inputs(root: Path, records: Mapping[str, bytes], *, reads_dbt: bool) -> Inputs:
    """The inputs as they are now."""
    specs, ignored = spec_files(root)
    files = {path: _of_file(root / path) for path in (CONFIG, *specs)}
    return Inputs(
        _world(),
        (*specs, *ignored),
        read_upstream(root) if reads_dbt else "",
        {view: digest(data) for view, data in records.items()},
        files,
    )


def read_upstream(root: Path) -> str:
    """Of the user's dbt models, and of all that stands among them."""
    return digest(*_dbt_models(root))


def digest(*parts: bytes) -> str:
    """A digest of parts, each with its length, so that no two lists of parts are alike."""
    hashed = blake2b(digest_size=20)
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big"))
        hashed.update(part)
    return hashed.hexdigest()


def _of_file(path: Path) -> str:
    """Of as much as a check reads of a file; a file that cannot be read has a digest of its own."""
    try:
        return digest(b"", read_at_most(path))
    except OSError as error:
        return digest(str(error.strerror).encode())


def _world() -> str:
    """Of the code: file by file for fpc, which may be edited; by their versions for the libraries."""
    parts = [sys.version, today(), os.environ.get(VARIABLE, ""), *_code(Path(__file__).parent.parent)]
    neighbour = find_spec(_NEIGHBOUR)
    if neighbour is not None and neighbour.origin is not None:
        installed = Path(neighbour.origin).parent.parent
        parts += sorted(path.name for path in installed.glob("*.dist-info"))
    return digest(*(part.encode() for part in parts))


def _code(folder: Path) -> Iterator[str]:
    """The path, size and time of change of each module."""
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith(".py"):
                    status = entry.stat()
                    yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"


def _dbt_models(root: Path) -> Iterator[bytes]:
    for path in sorted((root / _DBT).rglob("*.sql")):
        yield path.relative_to(root).as_posix().encode()
        yield _of_file(path).encode()
