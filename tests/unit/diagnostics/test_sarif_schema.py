"""Reports as code-scanning services take them: against SARIF's schema, for every rule and for whatever text comes."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.diagnostics.sarif_schema import SARIF
from tests.unit.rules.pages import diagnostics_of, example

from fpc import rules
from fpc.cli.report import report
from fpc.diagnostics.diagnostic import Diagnostic, Label, Severity
from fpc.diagnostics.sarif import RuleText, render_sarif
from fpc.diagnostics.span import Span
from fpc.rules.rule import Rule

WITH_SPECS = [rule for rule in rules.ALL if example(rule, "Example").language == "yaml"]


def is_uri(text: object) -> bool:
    """The characters of RFC 3986, percent signs only before two hexadecimal digits; no scheme by accident."""
    unreserved = re.fullmatch(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*", str(text)) is not None
    return unreserved and (str(text).startswith("https://") or ":" not in str(text).partition("/")[0])


FORMATS = jsonschema.FormatChecker(formats=())
for name in ("uri", "uri-reference"):
    FORMATS.checks(name)(is_uri)
VALIDATOR: Any = jsonschema.Draft7Validator(SARIF, format_checker=FORMATS)


def checked(printed: str) -> Any:
    """The report, after the schema has been asked, and what no schema can say: that references lead somewhere."""
    log = json.loads(printed)
    VALIDATOR.validate(log)
    for run in log["runs"]:
        known = run["tool"]["driver"]["rules"]
        assert all(known[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    return log


@pytest.mark.parametrize("rule", WITH_SPECS, ids=lambda rule: rule.code.name)
def test_the_report_of_every_rules_example_is_sarif(
    rule: Rule, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = diagnostics_of(example(rule, "Example"), tmp_path)
    report(found, tmp_path, "sarif")
    log = checked(capsys.readouterr().out)
    assert rule.code.code in {result["ruleId"] for result in log["runs"][0]["results"]}


PLACES = st.tuples(st.integers(1, 99), st.integers(1, 99), st.integers(0, 9), st.integers(0, 9))
TEXTS = st.text(max_size=20)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, st.none() | PLACES), max_size=4))
def test_whatever_a_diagnostic_says_its_report_is_sarif(drawn: list[tuple[str, str, str, Any]]) -> None:
    found = []
    for code, text, path, place in drawn:
        label = None
        if place is not None:
            line, column, lines, columns = place
            label = Label(Span(path or "x", line, column, line + lines, column + columns), text)
        found.append(Diagnostic(code, Severity.ERROR, text, label, (text,), text or None))
    checked(render_sarif(found, [RuleText(code, text, text, text) for code, text, _, _ in drawn], "0.1.0"))


def test_the_schema_refuses_what_the_standard_refuses() -> None:
    label = Label(Span("features/a b.yml", 3, 5, 3, 9), "here")
    good = checked(render_sarif([Diagnostic("FPC0203", Severity.ERROR, "m", label)], [], "0.1.0"))

    def broken(change: Any) -> bool:
        log = copy.deepcopy(good)
        change(log["runs"][0]["results"][0])
        return not VALIDATOR.is_valid(log)

    def place(result: Any) -> Any:
        return result["locations"][0]["physicalLocation"]

    assert broken(lambda result: result.pop("message"))
    assert broken(lambda result: result.update(level="fatal"))
    assert broken(lambda result: result.update(severity="error"))
    assert broken(lambda result: place(result)["region"].update(startLine=0))
    assert broken(lambda result: place(result)["artifactLocation"].update(uri="features/a b.yml"))
    assert broken(lambda result: place(result)["artifactLocation"].update(uri="c:evil"))
