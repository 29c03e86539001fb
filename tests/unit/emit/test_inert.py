import jinja2
from hypothesis import given
from hypothesis import strategies as st

from fpc.emit.inert import comment, inert, one_line

hostile = st.text(st.sampled_from(list("{}%#'\" -+*/\n\\x")), max_size=30)


@given(hostile)
def test_rendered_once_the_text_is_what_the_user_wrote(text: str) -> None:
    rendered = jinja2.Environment(keep_trailing_newline=True).from_string(inert(text)).render()
    assert rendered == text


@given(st.text(max_size=200))
def test_a_comment_stays_on_its_own_lines(text: str) -> None:
    for line in comment("Purpose", text):
        assert line.startswith("-- ")
        assert line.splitlines() == [line]


def test_a_comment_cannot_be_ended_or_open_a_tag() -> None:
    (line,) = comment("Owner", "x\n; drop table t; {{ env_var('HOME') }}")
    assert line == "-- Owner: x ; drop table t; {{ '{' }}{ env_var('HOME') }}"


def test_directions_and_controls_disappear_from_a_line() -> None:
    assert one_line("a\u202e b\x1b[31m\tc") == "a b[31m c"
