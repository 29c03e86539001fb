from hypothesis import given
from hypothesis import strategies as st

from fpc.diagnostics.neutral import neutralise, neutralise_lines


@given(st.text(alphabet=st.characters(codec=None)))
def test_nothing_unprintable_remains(text: str) -> None:
    assert neutralise(text).isprintable()


@given(st.text(alphabet="#[]a:\n"))
def test_no_log_command_remains(text: str) -> None:
    assert "##[" not in neutralise(text)
    assert "##a[" not in neutralise(text)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P"]).filter(lambda c: c != "#" and c.isprintable())))
def test_plain_text_of_any_script_is_untouched(text: str) -> None:
    assert neutralise(text) == text


def test_lines_are_kept_where_asked_for() -> None:
    assert neutralise_lines("a\nb\x1b") == "a\nb\\u{1b}"
