"""Every character of every scalar is found where it stands in the file, whatever the scalar's style."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from fpc.diagnostics.findings import Findings
from fpc.spec.compose import documents
from fpc.spec.located import Place
from fpc.spec.positions import value_places
from fpc.spec.text_file import TextFile

_WORDS = st.text(alphabet="abcXYZ019_()*<>=+,.'\"\\é日😀%", min_size=1, max_size=8)
_GAPS = st.sampled_from([" ", "  ", "\t", "\n", "\n\n", "\n  ", " \n"])


def _quoted(value: str, *, ascii_only: bool) -> str:
    """A double-quoted YAML text; JSON's escapes but those of two surrogates."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(f"\\U{ord(c):08x}" if ascii_only and ord(c) > 127 else c for c in text)


def _scalar(text: str) -> tuple[TextFile, yaml.ScalarNode]:
    file = TextFile("f.yml", text)
    findings = Findings()
    (root,) = documents(file, findings)
    assert isinstance(root, yaml.MappingNode)
    (pair,) = root.value
    assert isinstance(pair[1], yaml.ScalarNode)
    assert not findings.count
    return file, pair[1]


def _assert_aligned(text: str) -> str:
    """Every visible character of the value is at its place, as itself or as an escape; returns the value."""
    _, node = _scalar(text)
    places = value_places(text, node.value, node.style, node.start_mark.index, node.end_mark.index)
    assert places is not None, text
    assert len(places) == len(node.value)
    last = 0
    for character, (start, end) in zip(node.value, places, strict=True):
        assert start >= last or character in " \t\n"
        last = max(last, start)
        written = text[start:end]
        if character in " \t\n":
            continue
        if written.startswith("\\") and node.style == '"':
            assert yaml.safe_load(f'"{written}"') == character
        elif node.style == "'" and character == "'":
            assert written == "''"
        else:
            assert written == character
    return str(node.value)


@given(st.lists(st.tuples(_WORDS, _GAPS), min_size=1, max_size=6))
@example([("a'b", "\n\n"), ("'", " ")])
def test_double_quoted_text_with_escapes(parts: list[tuple[str, str]]) -> None:
    value = "".join(word + gap for word, gap in parts)
    assert _assert_aligned(f"key: {_quoted(value, ascii_only=True)}\n") == value
    assert _assert_aligned(f"key: {_quoted(value, ascii_only=False)}\n") == value


@given(
    st.lists(_WORDS, min_size=1, max_size=6),
    st.lists(st.sampled_from([" ", "  ", "\n  ", " \n\n    "]), min_size=6),
)
def test_quoted_text_folded_over_lines(words: list[str], gaps: list[str]) -> None:
    single = "".join(word.replace("'", "''") + gap for word, gap in zip(words, gaps, strict=False)) + "z"
    _assert_aligned(f"key: '{single}'\n")
    double = "".join(_quoted(word, ascii_only=True)[1:-1] + gap for word, gap in zip(words, gaps, strict=False)) + "z"
    _assert_aligned(f'key: "{double}"\n')


@given(
    st.lists(st.lists(_WORDS, max_size=3), min_size=1, max_size=5),
    st.sampled_from(["|", "|-", "|+", ">", ">-", ">+", "| # why"]),
    st.integers(1, 5),
    st.sampled_from(["\n", "\r\n"]),
)
def test_block_text_of_any_indentation(lines: list[list[str]], header: str, indent: int, end: str) -> None:
    body = end.join((" " * indent + " ".join(words)) if words else "" for words in [["first"], *lines])
    _assert_aligned(f"key: {header}{end}{body}{end}")


def test_block_text_with_deeper_lines_and_an_explicit_indent() -> None:
    _assert_aligned("key: >2\n    more\n  less\n\n     again\n  end\n")


def test_plain_text_over_several_lines() -> None:
    value = _assert_aligned("key: SUM(a)\n  / NULLIF(COUNT(*),\n\n      0)  # a comment\n")
    assert value == "SUM(a) / NULLIF(COUNT(*),\n0)"


def test_an_escaped_line_break_joins_lines() -> None:
    assert _assert_aligned('key: "SUM(\\\n    a)\\\n\n   b"\n') == "SUM(a)\nb"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sql: SUM(amuont)\n", (1, 10, 1, 16)),
        ("sql: 'SUM(''x'', amuont)'\n", (1, 18, 1, 24)),
        ('sql: "SUM(\\"é\\", amuont)"\n', (1, 18, 1, 24)),
        ("sql: |\n  SUM(\n    amuont\n  )\n", (3, 5, 3, 11)),
        ("sql: >-\n  SUM(\n  amuont\n  )\n", (3, 3, 3, 9)),
        ("sql: SUM(\n     😀, amuont)\n", (2, 9, 2, 15)),
        ("sql: |\r\n  SUM(\r\n    amuont)\r\n", (3, 5, 3, 11)),
    ],
)
def test_a_word_inside_sql_is_found_in_the_file(text: str, expected: tuple[int, int, int, int]) -> None:
    file, node = _scalar(text)
    start = node.value.index("amuont")
    span = Place(file, node).within(start, start + len("amuont"))
    assert (span.line, span.column, span.end_line, span.end_column) == expected


def test_a_span_outside_of_the_value_is_clamped_to_it() -> None:
    file, node = _scalar("sql: abc\n")
    assert str(Place(file, node).within(50, 60)) == "f.yml:1:8"
    file, node = _scalar("sql: ''\n")
    assert str(Place(file, node).within(0, 1)) == "f.yml:1:6"
