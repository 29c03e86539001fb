from fpc.diagnostics.diagnostic import Diagnostic, Label, Severity
from fpc.diagnostics.span import Span
from fpc.diagnostics.text import render_text

LINE = "      sql: SUM(amuont) FILTER (WHERE status = 'completed')"
PATH = "features/marketplace/user_orders.yml"
HOUSE_STYLE = """\
error[FPC0203]: unknown column `amuont` in source `orders`
  --> features/marketplace/user_orders.yml:26:16
   |
26 |       sql: SUM(amuont) FILTER (WHERE status = 'completed')
   |                ^^^^^^ not a column of this source
   |
   = note: columns are declared in features/marketplace/sources.yml:12
   = help: did you mean `amount`?

"""


def unknown_column() -> Diagnostic:
    return Diagnostic(
        "FPC0203",
        Severity.ERROR,
        "unknown column `amuont` in source `orders`",
        Label(Span(PATH, 26, 16, 26, 22), "not a column of this source"),
        ("columns are declared in features/marketplace/sources.yml:12",),
        "did you mean `amount`?",
    )


def at(line: int, column: int, end_line: int, end_column: int, text: str = "here") -> Diagnostic:
    return Diagnostic("FPC0110", Severity.ERROR, "m", Label(Span("a.yml", line, column, end_line, end_column), text))


def shown(diagnostic: Diagnostic, text: str) -> list[str]:
    return render_text([diagnostic], lambda _path: text).splitlines()


def test_looks_as_house_style_says() -> None:
    assert render_text([unknown_column()], {PATH: "\n" * 25 + LINE + "\n"}.get) == HOUSE_STYLE


def test_nothing_is_printed_for_nothing() -> None:
    assert render_text([], lambda _path: None) == ""


def test_diagnostics_are_sorted_by_place() -> None:
    lines = render_text([at(9, 1, 9, 2), at(2, 5, 2, 6), at(2, 1, 2, 3)], lambda _path: None).splitlines()
    assert [line.strip() for line in lines if "-->" in line] == ["--> a.yml:2:1", "--> a.yml:2:5", "--> a.yml:9:1"]


def test_a_place_without_a_readable_file_keeps_its_label() -> None:
    assert render_text([at(2, 1, 2, 3)], lambda _path: None).splitlines()[2:4] == ["  |", "  | here"]


def test_a_line_that_is_no_longer_there_is_not_shown() -> None:
    assert shown(at(7, 1, 7, 3), "one line\n")[2:4] == ["  |", "  | here"]


def test_a_problem_of_no_place_has_no_excerpt() -> None:
    found = Diagnostic("FPC0116", Severity.WARNING, "there is no fpc.yml", help="fpc init")
    assert render_text([found], lambda _path: "x") == "warning[FPC0116]: there is no fpc.yml\n  = help: fpc init\n\n"


def test_carets_align_below_wide_characters_and_tabs() -> None:
    *_, line, carets, _bar = shown(at(1, 4, 1, 6), "\t日本ab: 1")[:6]
    assert line == "1 |     日本ab: 1"
    assert carets == "  |         ^^ here"


def test_a_span_over_lines_is_underlined_to_the_end_of_the_first() -> None:
    assert shown(at(1, 3, 4, 2), "ab cd\nef\ngh\n")[4] == "  |   ^^^ here"


def test_an_empty_span_has_one_caret() -> None:
    assert shown(at(1, 3, 1, 3), "ab")[4] == "  |   ^ here"


def test_an_overlong_line_is_cut_around_the_place() -> None:
    text = "x" * 5000 + "HERE" + "y" * 5000
    line, carets = shown(at(1, 5001, 1, 5005), text)[3:5]
    assert len(line) < 180
    assert line[carets.index("^") : carets.rindex("^") + 1] == "HERE"


def test_spec_text_cannot_act_on_a_terminal_or_a_log() -> None:
    evil = "\x1b[2J\x07\x9b31m\u202e\r##[error]x"
    found = Diagnostic("FPC0110", Severity.ERROR, evil, Label(Span(evil, 1, 1, 1, 9), evil), (evil,), evil)
    printed = render_text([found], lambda _path: evil.replace("\r", ""))
    assert all(character.isprintable() or character == "\n" for character in printed)
    assert "##[" not in printed
    assert not any(line.startswith("::") for line in printed.splitlines())


def test_colours_are_closed_and_only_on_demand() -> None:
    coloured = render_text([unknown_column()], {PATH: "\n" * 25 + LINE}.get, colour=True)
    assert coloured.count("\x1b[0m") * 2 == coloured.count("\x1b[")
    assert "\x1b" not in render_text([unknown_column()], lambda _path: None)


def test_further_lines_of_a_note_are_indented() -> None:
    found = Diagnostic("FPC0401", Severity.ERROR, "m", notes=("expected 1\nfound 2",))
    assert render_text([found], lambda _path: None).splitlines()[1:3] == ["  = note: expected 1", "          found 2"]
