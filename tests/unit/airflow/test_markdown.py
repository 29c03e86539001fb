"""Text of specs in the documentation of a DAG."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fpc.emit.airflow.markdown import paragraph, plain
from fpc.emit.inert import one_line

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
ALPHABET = "ab1.)(-+=#>*_`~[]<>!|&;\\\"'$:/ \n"


def kinds(text: str) -> set[str]:
    return {kind for token in PARSER.parse(text) for kind in (token.type, *(t.type for t in token.children or ()))}


@given(st.text(ALPHABET, max_size=300).filter(lambda text: bool(one_line(text))))
def test_no_text_becomes_anything_but_a_paragraph(text: str) -> None:
    allowed = {"paragraph_open", "inline", "paragraph_close", "text", "softbreak", "text_special"}
    # A pair of underscores may slant a word, which does no harm.
    slanted = {"em_open", "em_close", "strong_open", "strong_close"} if "_" in text else set()
    assert kinds("\n".join(paragraph(text))) <= allowed | slanted


@given(st.text(ALPHABET.replace("_", ""), max_size=300).filter(lambda text: bool(one_line(text))))
def test_what_is_shown_is_what_was_written(text: str) -> None:
    (inline,) = [token for token in PARSER.parse("\n".join(paragraph(text))) if token.type == "inline"]
    shown = "".join(" " if t.type == "softbreak" else t.content for t in inline.children or ())
    assert shown.split() == one_line(text).split()


def test_markup_of_a_description_is_spelled_out() -> None:
    assert plain("`x` [a](b) <i>") == r"\`x\` \[a\](b) \<i\>"
