"""The plan's Markdown: never longer than GitHub takes, and text of specs in it is text."""

from __future__ import annotations

import re
from typing import Final

import pytest
from markdown_it import MarkdownIt
from tests.unit.change.states import edited

from fpc.change.nodes import Bump, Change, Class, Difference, Impact, Kind, Plan, Reader
from fpc.cli.git_state import Commit
from fpc.cli.plan_json import plan_json
from fpc.cli.plan_markdown import LONGEST, code, plan_markdown
from fpc.cli.plan_text import plan_text
from fpc.diagnostics.diagnostic import Diagnostic, Severity
from fpc.diagnostics.span import Span
from fpc.effect.nodes import ChangedRow, Cost, FeatureEffect, Measured, ViewEffect

COMMIT: Final = Commit("main", "0123456789abcdef0123456789abcdef01234567")
_ALIVE: Final = re.compile(
    r"<(?!/?(?:p|ul|li|ol|code|pre|strong|em|h3|table|thead|tbody|tr|th|td|blockquote|hr|br)\b)[^>]*>"
)
_CODE: Final = re.compile(r"<code[^>]*>.*?</code>", re.DOTALL)
HOSTILE: Final = [
    "@everyone look", "#1 closes #2", "GH-1", "https://evil.example", "www.evil.example", "<details open>",
    "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "</details></code><b>", "[a](javascript:alert(1))",
    "![a](https://evil.example/x.png)", "`", "``", "```", "````\n@me\n````", "a`b``c```d", "\n\n# head\n\n* list",
    "\n::error::stop", "::set-output name=a::b", "##[error]x", "##vso[task.logissue]x", "| a | b |", "a|b||c",
    "<!-- fpc plan -->", "--> <b>", "~~~\n@me\n~~~", "\x1b[31mred", "\u202eevil", "a\u200bb", "&lt;b&gt;",
    "&#60;b&#62;", "\\`\\|", "  spaced  ", "", " ", "\t", "$\\alpha$", "e@example.com", "user/repo#1", ":tada:",
    "0123456789abcdef0123456789abcdef01234567", "\r\n@x", "\ud800",
]  # fmt: skip


def _hostile(text: str) -> tuple[Plan, Measured]:
    """A plan in which a text stands wherever one of a spec or of data may."""
    span = Span("features/a.yml", 1, 1, 1, 2)
    differences = (
        Difference("description", text, f"{text} 2", Class.METADATA), Difference("input", text, text, Class.VALUE),
        Difference("where", None, text, Class.VALUE), Difference("tests", text, None, Class.AVAILABILITY),
    )  # fmt: skip
    sql = tuple(f"{sign}{line}" for line in (text.split("\n")) for sign in "-+ ")
    part = Change(Kind.FEATURE, "v.f", (Class.VALUE,), span, text, "v.g", differences, sql)
    view = Change(Kind.VIEW, "v", (Class.METADATA,), span, text, None, differences, sql, (part,))
    reader = Reader("churn", text, text, ("f",))
    impact = Impact("v", (reader,), ("t",), ("w",), (text,), True, True, 1, 1, Bump.DUE)
    problem = Diagnostic("FPC0640", Severity.ERROR, text, None, (text,), text)
    rows = (ChangedRow((text,), text, None),)
    feature = FeatureEffect("f", "g", 1, 0, 1, (1.0,) * 5, (2.0,) * 5, rows)
    measured = Measured({"v": ViewEffect("v", 0, 2, 4, (feature,))}, {"v": Cost("v", note=text)})
    return Plan((view,), (impact,), (problem,)), measured


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_specs_is_text(text: str) -> None:
    plan, measured = _hostile(text)
    markdown = plan_markdown(plan, COMMIT, measured, keys=True)
    ours = {"<!-- fpc plan -->", "</details>", "</summary>"}
    lines = [line for line in markdown.split("\n") if line not in ours and not line.startswith("<details><summary>")]
    html = MarkdownIt("commonmark", {"linkify": False}).enable("table").render("\n".join(lines))
    outside = _CODE.sub("", html)
    assert not _ALIVE.findall(outside), outside
    assert not re.search(r"@\w|https?:|www\.|javascript:|::|##\[|alert|GH-\d|evil", outside), outside
    for line in markdown.split("\n"):
        assert not line.lstrip().startswith(("::", "##["))  # the runner looks behind spaces, too
    assert "\x1b" not in markdown and "\u202e" not in markdown


@pytest.mark.parametrize("text", HOSTILE)
def test_text_and_json_cannot_act_either(text: str) -> None:
    plan, measured = _hostile(text)
    shown = plan_text(plan, measured), plan_json(plan, COMMIT, measured)
    for each in shown:
        assert "\x1b" not in each and "\u202e" not in each and "##[" not in each and "##vso[" not in each
        assert not [line for line in each.split("\n") if line.lstrip().startswith("::")]
    assert shown[1].isascii()


def test_a_code_span_shows_its_text() -> None:
    for text in ("a", "`", "``a`", "a|b"):
        html = MarkdownIt().render(code(text))
        assert html == f"<p><code>{text}</code></p>\n"


def _many(count: int, long: str = "") -> Plan:
    span = Span("features/a.yml", 1, 1, 1, 2)
    sql = ("-count(*)", f"+count(*) filter (where status = '{long}')")
    views, impacts = [], []
    for at in range(count):
        parts = (Change(Kind.FEATURE, f"view_{at}.f", (Class.VALUE,), span, "team:a", None, (), sql),)
        views.append(Change(Kind.VIEW, f"view_{at}", (), span, "team:a", None, (), (), parts))
        readers = (Reader("churn", "team:b", "model", ("f",)),)
        impacts.append(Impact(f"view_{at}", readers, (), (), ("team:a",), True, True, 1, 1, Bump.DUE))
    problems = tuple(Diagnostic("FPC0640", Severity.ERROR, f"view {at} {long}") for at in range(count))
    return Plan(tuple(views), tuple(impacts), problems)


@pytest.mark.parametrize(
    ("count", "long"), [(2_000, ""), (2_000, "\u65e5" * 200), (50, "x" * 100_000), (1, "`" * 70_000)]
)
def test_it_is_never_longer_than_github_takes(count: int, long: str) -> None:
    plan = _many(count, long)
    markdown = plan_markdown(plan, COMMIT, Measured())
    assert len(markdown.encode()) <= LONGEST
    shown = markdown.count("<details>")
    assert shown == markdown.count("</details>") >= 1
    if shown < count:
        left = re.search(r"the details of ([\d,]+) changes? \(([\d,]+) value-changing\)", markdown)
        assert left is not None
        assert [int(number.replace(",", "")) for number in left.groups()] == [count - shown] * 2


def test_with_thousands_of_changes_the_gravest_come_first() -> None:
    span = Span("features/a.yml", 1, 1, 1, 2)
    dull = [Change(Kind.VIEW, f"a_{at}", (Class.METADATA,), span, "") for at in range(2_000)]
    gone = Change(Kind.VIEW, "z", (Class.REMOVED,), span, "")
    markdown = plan_markdown(Plan((*dull, gone), (), ()), COMMIT, Measured())
    assert "<code>z</code>: removed" in markdown


def test_an_edit_of_a_real_repository() -> None:
    plan = edited("sql: COUNT(*)", "sql: COUNT(amount)")
    markdown = plan_markdown(plan, COMMIT, Measured())
    assert "**error FPC0640**" in markdown and "+count(amount)" in markdown and "`churn`" in markdown
