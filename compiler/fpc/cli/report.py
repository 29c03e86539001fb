"""Prints a stage's diagnostics in the format asked for, and decides the exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fpc.cli.console import put, style_of
from fpc.cli.failure import ExitCode, user_fault
from fpc.diagnostics.diagnostic import Diagnostic, Severity
from fpc.diagnostics.excerpt import Texts
from fpc.diagnostics.github import render_github
from fpc.diagnostics.json_report import render_json
from fpc.diagnostics.sarif import RuleText, render_sarif
from fpc.diagnostics.text import render_text

_LARGEST_EXCERPTED: Final = 1 << 20


def report(diagnostics: Sequence[Diagnostic], root: Path, output_format: str) -> ExitCode:
    """Print all diagnostics to stdout, sorted by place; exit code 1 when one is an error."""
    put(_render(diagnostics, root, output_format))
    return ExitCode.USER_FAULT if count_errors(diagnostics) else ExitCode.DONE


def talk_about(diagnostics: Sequence[Diagnostic], root: Path) -> None:
    """Print diagnostics to stderr as text, where stdout is for data."""
    text = render_text(diagnostics, texts_of(root), colour=style_of(sys.stderr).colour)
    sys.stderr.write(text)


def refuse(diagnostics: Sequence[Diagnostic], root: Path) -> None:
    """Print diagnostics to stderr, and stop with exit code 1 when one is an error."""
    talk_about(diagnostics, root)
    if count_errors(diagnostics):
        raise user_fault(
            f"{in_words(diagnostics)} in the specs", help="nothing was changed; `fpc check` shows them again"
        )


def errors_of(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those of them that are errors."""
    return tuple(found for found in diagnostics if found.severity is Severity.ERROR)


def count_errors(diagnostics: Sequence[Diagnostic]) -> int:
    """How many of them are errors."""
    return len(errors_of(diagnostics))


def in_words(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`, or `no problems`."""
    errors = count_errors(diagnostics)
    warnings = len(diagnostics) - errors
    parts = [plural(count, word) for count, word in ((errors, "error"), (warnings, "warning")) if count]
    return ", ".join(parts) or "no problems"


def plural(count: int, word: str) -> str:
    """A count and its noun: `1 view`, `2 views`, `1 entity`, `2 entities`."""
    if count == 1:
        return f"{count} {word}"
    return f"{count:,} {word[:-1]}ies" if word.endswith("ity") else f"{count:,} {word}s"


def texts_of(root: Path) -> Texts:
    """Reads a spec file's text for excerpts, each file once; None where it cannot be read or is very large."""
    found: dict[str, str | None] = {}

    def read(path: str) -> str | None:
        if path not in found:
            found[path] = _read(root / path)
        return found[path]

    return read


def _read(path: Path) -> str | None:
    try:
        if path.stat().st_size > _LARGEST_EXCERPTED:
            return None
        return path.read_bytes().decode("utf-8-sig", errors="replace")
    except (OSError, ValueError):
        return None


def _render(diagnostics: Sequence[Diagnostic], root: Path, output_format: str) -> str:
    match output_format:
        case "json":
            return render_json(diagnostics)
        case "github":
            return render_github(diagnostics)
        case "sarif":
            return _sarif(diagnostics)
        case _:
            return render_text(diagnostics, texts_of(root), colour=style_of(sys.stdout).colour)


def _sarif(diagnostics: Sequence[Diagnostic]) -> str:
    from importlib.metadata import version  # slow to import, and wanted here alone

    from fpc.rules.all import ALL  # brings the model and sqlglot along

    pages = (RuleText(rule.code.code, rule.code.name, rule.code.title, rule.page) for rule in ALL)
    return render_sarif(diagnostics, pages, version("fpc"))
