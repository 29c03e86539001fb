"""Why a view could not be built, in the operator's words, by what the engine said."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fpc.contract.registry import ViewContract
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.warehouse import holder

Explain = Callable[[str, re.Match[str]], tuple[str, str, int]]


def _missing_file(source: str, found: re.Match[str]) -> tuple[str, str, int]:
    return f"source `{source}` has no file that matches `{_shown(found[1])}`", "put the files there", 1


def _unreadable(source: str, found: re.Match[str]) -> tuple[str, str, int]:
    file = (found[1] or found[2]).rsplit("/", 1)[-1]
    return f"file `{file}` of source `{source}` is not a readable Parquet file", "replace the file", 1


def _missing_table(source: str, found: re.Match[str]) -> tuple[str, str, int]:
    return f"source `{source}`: the table `{found[1]}` does not exist", "make the table in the warehouse", 1


def _missing_column(source: str, found: re.Match[str]) -> tuple[str, str, int]:
    what = f"source `{source}` has no column `{found[1] or found[2]}`"
    return what, "bring the column back, or take it out of the source's spec", 1


def _not_immutable(source: str, found: re.Match[str]) -> tuple[str, str, int]:
    what = (
        f"rows of source `{source}` that share a key differ in a column that it declares `immutable` (keys: {found[2]})"
    )
    help = f"dbt_project/tests/{found[1]}.sql brings them; mend the data, or take the column out of `immutable`"
    return what, help, 1


def _changed_type(source: str, found: re.Match[str]) -> tuple[str, str, int]:
    column = re.search(r"from source column (\w+)", found.string)
    which = f"column `{column[1]}`" if column else "a column"
    what = f"{which} of source `{source}` holds a value that is not of its declared type"
    return what, "mend the data, or declare the column's new type in the source's spec", 1


def _contract(_: str, __: re.Match[str]) -> tuple[str, str, int]:
    return "its model brings other columns than its contract", "run `fpc compile`, then report the view's spec", 3


def _disk_full(_: str, __: re.Match[str]) -> tuple[str, str, int]:
    return "the disk is full", "make room and run again", 3


def _no_memory(_: str, __: re.Match[str]) -> tuple[str, str, int]:
    return "the engine ran out of memory", "set a higher memory_limit in the dbt profile, or free memory", 3


def _locked(_: str, found: re.Match[str]) -> tuple[str, str, int]:
    return f"the warehouse is locked by {holder(found.string)}", "wait for it to end and run again", 3


def _overflow(_: str, __: re.Match[str]) -> tuple[str, str, int]:
    return "a sum is too large for its type", "use a wider type in the feature's SQL, such as CAST(x AS DOUBLE)", 1


_CAUSES: Final[tuple[tuple[re.Pattern[str], Explain], ...]] = (
    (re.compile(r"No files found that match the pattern \"([^\"\n]+)"), _missing_file),
    (re.compile(r"No space left on device|disk is full|Could not write all bytes"), _disk_full),
    (re.compile(r"Could not set lock on file"), _locked),
    (re.compile(r"Out of Memory Error|failed to allocate|failed to offload"), _no_memory),
    (re.compile(r"^test (changed_\w+): Got (\d+) result"), _not_immutable),
    (re.compile(r"enforced contract that failed"), _contract),
    (re.compile(r"Type INT128 with value|Out of Range Error"), _overflow),
    (
        re.compile(r"File '([^'\n]+)' too small to be a Parquet|No magic bytes found at end of file '([^'\n]+)"),
        _unreadable,
    ),
    (
        re.compile(r"Referenced column \"([^\"\n]+)\" not found|Column \"([^\"\n]+)\" referenced that exists"),
        _missing_column,
    ),
    (re.compile(r"Table with name \"?([\w.]+)\"? does not exist"), _missing_table),
    (re.compile(r"Conversion Error|Could not convert|Mismatch Type Error|schema mismatch"), _changed_type),
)


def explain(view: ViewContract, message: str, root: Path) -> FpcRuntimeError:
    """The error of a view whose model could not be built, by what dbt passed on of the engine's message."""
    error = explain_engine(view.name, view.source, message, root)
    error.kept = f"what was served of view `{view.name}` is still served"
    return error


def explain_engine(view: str, source: str, message: str, root: Path) -> FpcRuntimeError:
    """The error of a view that could not be computed; an unknown cause keeps the engine's first line.

    Values of the data that the engine quotes are not repeated, nor where on this machine the repository is.
    """
    message = message.replace(f"{root}/", "")
    for pattern, cause in _CAUSES:
        found = pattern.search(message)
        if found is not None:
            what, help, code = cause(source, found)
            break
    else:
        what, help, code = _first_line(message), "`dbt build` in dbt_project/ shows all that the engine said", 3
    return FpcRuntimeError(f"view `{view}` was not computed: {what}", help=help, exit_code=code)


def _first_line(message: str) -> str:
    """The engine's own sentence, without dbt's preamble; values that a message quotes are not repeated."""
    lines = [line.strip() for line in message.splitlines() if line.strip() and "in model" not in line]
    return re.sub(r"'[^']*'", "'...'", lines[0]) if lines else "dbt gave no reason"


def _shown(path: str) -> str:
    """A path as the spec writes it: relative to the repository's root."""
    return path.strip().removeprefix("../")
