"""What a check keeps for the next one, in `.fpc/check.jsonl`: believed only where this machine wrote it.

Lines of JSON, so that reading runs nothing. Beside the file lies `.fpc/check.stamp` with its digest, inode number and
time of change. The kernel sets the latter two when a file is made: nobody who commits a `.fpc/` can know which they
will be in another's checkout, so a file that came from elsewhere is not believed, whatever it says of itself, nor is
one that was damaged.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fpc.checking.inputs import Inputs, digest
from fpc.diagnostics.diagnostic import Diagnostic, Label, Severity
from fpc.diagnostics.span import Span

KEPT: Final = ".fpc/check.jsonl"
STAMP: Final = ".fpc/check.stamp"
_SECOND: Final = 1_000_000_000
_HEAD: Final = 3

#: A kind and a name of that kind.
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One spec file: what it declares and refers to, the views that were resolved, and what was found in it.

    `facts` are a JSON list of pairs of a survey's name and a fact; they are read only where all are judged again.
    """

    names: tuple[Name, ...]
    refers: tuple[Name, ...]
    views: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    facts: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole check. `judged` is what the facts of all files came to, `types` are DuckDB's answers as a JSON object.

    `follows_edits` says whether an edit can be checked by its neighbourhood. What is said of no file is under the
    path "".
    """

    inputs: Inputs
    follows_edits: bool
    judged: tuple[Diagnostic, ...]
    types: str
    files: Mapping[str, KeptFile]


def read_kept(root: Path) -> Kept | None:
    """The last check, or None where there is none that can be believed."""
    try:
        with (root / KEPT).open("rb") as stream:
            status = os.fstat(stream.fileno())
            data = stream.read()
        if (root / STAMP).read_bytes() != _stamp(status, data):
            return None
        return _decoded(data.decode())
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def write_kept(root: Path, kept: Kept) -> None:
    """Keep a check for the next; without effect where the folder cannot be written, or its times are whole seconds."""
    data = _encoded(kept).encode()
    folder = (root / KEPT).parent
    try:
        if not folder.exists():
            folder.mkdir()
            (folder / ".gitignore").write_text("*\n")
        _replace(root / KEPT, data)
        status = (root / KEPT).stat()
        if status.st_ctime_ns % _SECOND:
            _replace(root / STAMP, _stamp(status, data))
    except OSError:
        return


def _stamp(status: os.stat_result, data: bytes) -> bytes:
    return f"{status.st_ino} {status.st_ctime_ns} {digest(data)}\n".encode()


def _replace(path: Path, data: bytes) -> None:
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        aside.unlink(missing_ok=True)
        with aside.open("xb") as stream:
            stream.write(data)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _encoded(kept: Kept) -> str:
    inputs = kept.inputs
    head = [inputs.world, inputs.listing, inputs.upstream, dict(inputs.records), dict(inputs.files), kept.follows_edits]
    lines = [_json(head), _json(_plain(kept.judged)), kept.types]
    for path, file in kept.files.items():
        lines += [_json([path, file.names, file.refers, file.views, _plain(file.diagnostics)]), file.facts]
    return "\n".join(lines)


def _decoded(text: str) -> Kept:
    lines = text.split("\n")
    world, listing, upstream, records, hashed, follows_edits = json.loads(lines[0])
    files = {}
    for line, facts in zip(lines[_HEAD::2], lines[_HEAD + 1 :: 2], strict=True):
        path, names, refers, views, found = json.loads(line)
        files[path] = KeptFile(_names(names), _names(refers), tuple(views), _diagnostics(found), facts)
    inputs = Inputs(world, tuple(listing), upstream, records, hashed)
    return Kept(inputs, follows_edits, _diagnostics(json.loads(lines[1])), lines[2], files)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _names(pairs: Iterable[tuple[str, str]]) -> tuple[Name, ...]:
    return tuple((kind, name) for kind, name in pairs)


def _plain(found: Iterable[Diagnostic]) -> list[list[object]]:
    return [_plain_one(one) for one in found]


def _plain_one(found: Diagnostic) -> list[object]:
    label: list[object] | None = None
    if found.label is not None:
        span = found.label.span
        label = [span.path, span.line, span.column, span.end_line, span.end_column, found.label.text]
    return [found.code, found.severity.value, found.message, label, found.notes, found.help]


def _diagnostics(plain: Iterable[list[Any]]) -> tuple[Diagnostic, ...]:
    return tuple(
        Diagnostic(
            code,
            Severity(severity),
            message,
            None if label is None else Label(Span(*label[:5]), label[5]),
            tuple(notes),
            help,
        )
        for code, severity, message, label, notes, help in plain
    )
