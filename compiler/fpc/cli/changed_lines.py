"""Which lines of the specs a change touches, as git tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from fpc.cli.git_state import find_commit, git
from fpc.contract.spec_files import CONFIG, FOLDER
from fpc.diagnostics.diagnostic import Diagnostic

_HUNK: Final = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")

#: By path, the first and the last of each stretch of lines that was added or rewritten.
Lines = dict[str, list[tuple[int, int]]]


def changed_lines(root: Path, ref: str) -> Lines:
    """The lines of the specs on disk that are not as in the commit; of a file that git does not know, all."""
    commit = find_commit(root, ref)
    found: Lines = {}
    path = ""
    out = git(
        root, "-c", "core.quotePath=false", "diff", "--relative", "--unified=0", "--no-color", "--no-ext-diff",
        "--no-textconv", "--no-renames", "--dst-prefix=b/", commit.hash, "--", CONFIG, FOLDER,
    )  # fmt: skip
    for line in out.decode("utf-8", "replace").split("\n"):
        if line.startswith("+++ "):
            path = line[4:].removeprefix("b/").rstrip("\t")
        elif (hunk := _HUNK.match(line)) is not None:
            first, count = int(hunk[1]), int(hunk[2] or 1)
            if count:
                found.setdefault(path, []).append((first, first + count - 1))
    unknown = git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", CONFIG, FOLDER)
    for name in filter(None, unknown.decode("utf-8", "replace").split("\0")):
        found[name] = [(1, 1 << 30)]
    return found


def on(lines: Lines, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those that stand on one of the lines; one that has no place is of no line."""
    return tuple(each for each in found if _touches(lines, each))


def _touches(lines: Lines, found: Diagnostic) -> bool:
    if found.label is None:
        return False
    span = found.label.span
    return any(span.line <= last and first <= span.end_line for first, last in lines.get(span.path, ()))
