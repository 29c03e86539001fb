"""Diagnostics as SARIF 2.1.0 (OASIS), which code-scanning services read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from fpc.diagnostics.diagnostic import Diagnostic, Label, Severity
from fpc.diagnostics.printable_json import printable_json

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a scanner shows of a rule: its lasting code, its name, one sentence, and its page in Markdown."""

    code: str
    name: str
    summary: str
    page: str


def render_sarif(diagnostics: Iterable[Diagnostic], rules: Iterable[RuleText], version: str) -> str:
    """One run of fpc at `version`; results sorted by place, the rules that they name listed first by code.

    Paths are relative to the base `%SRCROOT%`; columns count characters (code points), the end exclusive.
    """
    ordered = sorted(diagnostics, key=lambda found: found.sort_key)
    pages = {rule.code: rule for rule in rules}
    codes = sorted({found.code for found in ordered})
    driver = {
        "name": "fpc",
        "semanticVersion": version,
        "rules": [_rule(pages.get(code, RuleText(code, code, code, ""))) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(found, codes.index(found.code)) for found in ordered],
    }
    return printable_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: RuleText) -> dict[str, object]:
    entry: dict[str, object] = {"id": rule.code, "name": rule.name, "shortDescription": {"text": rule.summary}}
    if rule.page:
        entry["help"] = {"text": rule.page, "markdown": rule.page}
    return entry


def _result(found: Diagnostic, rule_index: int) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": found.code,
        "ruleIndex": rule_index,
        "level": "error" if found.severity is Severity.ERROR else "warning",
        "message": {"text": _message(found)},
    }
    if found.label is not None:
        result["locations"] = [{"physicalLocation": _location(found.label)}]
    return result


def _message(found: Diagnostic) -> str:
    lines = [found.message, *(f"note: {note}" for note in found.notes)]
    if found.help is not None:
        lines.append(f"help: {found.help}")
    return "\n".join(lines)


def _location(label: Label) -> dict[str, object]:
    span = label.span
    region: dict[str, object] = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    if label.text:
        region["message"] = {"text": label.text}
    artifact = {"uri": quote(span.path, errors="surrogatepass"), "uriBaseId": "%SRCROOT%"}
    return {"artifactLocation": artifact, "region": region}
