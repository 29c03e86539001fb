"""Where in the file each character of a YAML scalar's value stands, whatever the scalar's style.

A flow scalar (plain, single or double quoted) is read as YAML reads it: escapes, doubled quotes and folded lines. A
block scalar (`|`, `>`) needs no such care: the characters of its value that are not white space are those of the
file, in the same order, so walking both at once aligns them whatever was indented, folded or chomped. White space of
a value is placed at the white space that it came from, or where that began.
"""

from __future__ import annotations

from typing import Final

Places = list[tuple[int, int]]

_SPACE: Final = " \t\r\n"
_ESCAPE_LENGTHS: Final = {"x": 4, "u": 6, "U": 10}


def value_places(text: str, value: str, style: str | None, start: int, end: int) -> Places | None:
    """For each character of `value`, the indices in `text` at which it begins and ends.

    `start` and `end` are the scalar's marks in `text`, quotes or block indicator included, `style` is PyYAML's. None
    when the two do not fit, which no known scalar does; a caller then points at the whole scalar.
    """
    if style in ("|", ">"):
        places = _block_places(text, value, start)
    elif style in ("'", '"'):
        places = _flow_places(text, start + 1, end - 1, style)
    else:
        places = _flow_places(text, start, end, None)
    return places if places is not None and len(places) == len(value) else None


def _block_places(text: str, value: str, start: int) -> Places | None:
    at = start
    while at < len(text) and text[at] not in "\r\n":
        at += 1
    places: Places = []
    for character in value:
        if character in _SPACE:
            same = at < len(text) and text[at] == character
            places.append((at, at + 1))
            at += same
            continue
        while at < len(text) and text[at] in _SPACE:
            at += 1
        if at >= len(text) or text[at] != character:
            return None
        places.append((at, at + 1))
        at += 1
    return places


def _flow_places(text: str, start: int, end: int, quote: str | None) -> Places:
    places: Places = []
    at = start
    while at < end:
        character = text[at]
        if character in _SPACE:
            after, breaks = _skip_space(text, at, end)
            if breaks == 0:
                places.extend((index, index + 1) for index in range(at, after))
            else:
                places.extend([(at, after)] * max(1, breaks - 1))
            at = after
        elif character == "'" == quote:
            places.append((at, at + 2))
            at += 2
        elif character == "\\" and quote == '"':
            if text[at + 1] in "\r\n":
                after, breaks = _skip_space(text, at + 1, end)
                places.extend([(at, after)] * (breaks - 1))
                at = after
            else:
                length = _ESCAPE_LENGTHS.get(text[at + 1], 2)
                places.append((at, at + length))
                at += length
        else:
            places.append((at, at + 1))
            at += 1
    return places


def _skip_space(text: str, at: int, end: int) -> tuple[int, int]:
    """The index after a run of white space, and how many line breaks are in it."""
    breaks = 0
    while at < end and text[at] in _SPACE:
        if text[at] == "\n" or (text[at] == "\r" and text[at + 1 : at + 2] != "\n"):
            breaks += 1
        at += 1
    return at, breaks
