"""Diagnostics for a person at a terminal: message, place, excerpt with carets, notes, help."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fpc.diagnostics.diagnostic import Diagnostic, Label, Severity
from fpc.diagnostics.excerpt import Texts, excerpt
from fpc.diagnostics.neutral import neutralise
from fpc.diagnostics.style import Style


def render_text(diagnostics: Iterable[Diagnostic], texts: Texts, *, colour: bool = False) -> str:
    """All diagnostics, sorted by place, an empty line after each; empty for none.

    `texts` finds the excerpts. Nothing of a spec's own text reaches the terminal unescaped.
    """
    style = Style(colour)
    ordered = sorted(diagnostics, key=lambda found: found.sort_key)
    return "".join(_block(found, texts, style) + "\n" for found in ordered)


def _block(found: Diagnostic, texts: Texts, style: Style) -> str:
    title = f"{found.severity.value}[{found.code}]"
    paint = style.error if found.severity is Severity.ERROR else style.warning
    lines = [paint(title) + style.strong(f": {neutralise(found.message)}")]
    gutter = len(str(found.label.span.line)) if found.label is not None else 1
    if found.label is not None:
        lines += _place(found.label, texts, gutter, paint, style)
    for kind, remark in (*(("note", note) for note in found.notes), ("help", found.help)):
        if remark is not None:
            lines += _remark(kind, remark, gutter, style)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _place(label: Label, texts: Texts, gutter: int, paint: Callable[[str], str], style: Style) -> list[str]:
    span = label.span
    bar = style.frame(f"{' ' * gutter} |")
    lines = [f"{' ' * gutter}{style.frame('-->')} {neutralise(str(span))}"]
    text = texts(span.path)
    found = excerpt(text, span) if text is not None else None
    if found is not None:
        carets = f"{'^' * found.width} {neutralise(label.text)}".rstrip()
        lines += [
            bar,
            f"{style.frame(f'{span.line} |')} {found.line}",
            f"{bar} {' ' * found.start}{paint(carets)}",
        ]
    elif label.text:
        lines += [bar, f"{bar} {neutralise(label.text)}"]
    return [*lines, bar]


def _remark(kind: str, remark: str, gutter: int, style: Style) -> list[str]:
    first, *rest = remark.split("\n")
    indent = " " * (gutter + 3)
    lines = [f"{' ' * gutter} {style.frame('=')} {style.strong(kind)}: {neutralise(first)}"]
    return lines + [f"{indent}{' ' * len(kind)}  {neutralise(line)}" for line in rest]
