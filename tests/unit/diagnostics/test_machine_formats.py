import json

from fpc.diagnostics.diagnostic import Diagnostic, Label, Severity
from fpc.diagnostics.github import render_github
from fpc.diagnostics.json_report import render_json
from fpc.diagnostics.sarif import RuleText, render_sarif
from fpc.diagnostics.span import Span

EVIL = "\x1b[2J\x07\x7f\u202e\n::error::x\r\n##[command]100%,a:b"


def diagnostic(text: str, line: int = 3, end_line: int = 3) -> Diagnostic:
    place = Label(Span("features/a b.yml", line, 5, end_line, 9), text)
    return Diagnostic("FPC0203", Severity.ERROR, text, place, (text,), text)


def warning() -> Diagnostic:
    return Diagnostic("FPC0228", Severity.WARNING, "no feature view uses the source `x`")


def is_inert(printed: str) -> bool:
    return all(" " <= character <= "~" or character == "\n" for character in printed) and "##[" not in printed


def test_json_has_the_documented_shape() -> None:
    read = json.loads(render_json([diagnostic("wrong"), warning()]))
    assert (read["version"], read["errors"], read["warnings"]) == (1, 1, 1)
    assert read["diagnostics"][0] == {
        "code": "FPC0228",
        "severity": "warning",
        "message": "no feature view uses the source `x`",
        "place": None,
        "notes": [],
        "help": None,
    }
    assert read["diagnostics"][1]["place"] == {
        "path": "features/a b.yml",
        "start": {"line": 3, "column": 5},
        "end": {"line": 3, "column": 9},
        "label": "wrong",
    }


def test_json_keeps_evil_text_and_prints_none_of_it() -> None:
    printed = render_json([diagnostic(EVIL)])
    assert is_inert(printed)
    assert json.loads(printed)["diagnostics"][0]["message"] == EVIL


def test_github_names_the_place() -> None:
    assert render_github([diagnostic("wrong")]) == (
        "::error file=features/a b.yml,line=3,endLine=3,col=5,endColumn=9,title=fpc FPC0203"
        "::wrong%0Awrong%0Anote: wrong%0Ahelp: wrong\n"
    )


def test_github_gives_columns_within_one_line_only() -> None:
    assert "col=" not in render_github([diagnostic("wrong", 3, 4)])


def test_github_text_stays_inside_its_command() -> None:
    printed = render_github([diagnostic(EVIL)])
    assert printed.count("\n") == 1
    assert is_inert(printed)
    assert "100%25" in printed


def test_github_properties_cannot_be_added_by_a_path() -> None:
    found = Diagnostic("FPC0110", Severity.WARNING, "m", Label(Span("a,line=9:b.yml", 1, 1, 1, 2)))
    assert render_github([found]).startswith("::warning file=a%2Cline=9%3Ab.yml,line=1,")


def test_sarif_has_what_the_standard_asks_for() -> None:
    rule = RuleText("FPC0203", "unknown-column", "A column is not declared.", "# page")
    log = json.loads(render_sarif([diagnostic("wrong"), warning()], [rule], "0.1.0"))
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert [entry["id"] for entry in run["tool"]["driver"]["rules"]] == ["FPC0203", "FPC0228"]
    assert run["tool"]["driver"]["rules"][0]["help"]["markdown"] == "# page"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
    located = run["results"][1]["locations"][0]["physicalLocation"]
    assert located["artifactLocation"] == {"uri": "features/a%20b.yml", "uriBaseId": "%SRCROOT%"}
    assert located["region"] == {
        "startLine": 3,
        "startColumn": 5,
        "endLine": 3,
        "endColumn": 9,
        "message": {"text": "wrong"},
    }


def test_sarif_is_inert() -> None:
    assert is_inert(render_sarif([diagnostic(EVIL)], [RuleText("FPC0203", EVIL, EVIL, EVIL)], "0.1.0"))


def test_sarif_of_nothing_is_a_run_without_results() -> None:
    assert json.loads(render_sarif([], [], "0.1.0"))["runs"][0]["results"] == []
