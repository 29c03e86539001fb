"""Draws when an event counts: a window on the axis of time, seen from the instant that is asked about.

A drawing is a picture and a list of the same content in words: each numbered event of the picture has its sentence. It
is schematic: a window is as wide as any other, what matters is which side of an edge an event is on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from markupsafe import Markup

from fpc.model.nodes import Closed, Window
from fpc.plan.visibility import Edges, edges_of

_START: Final = 230
_LEFT: Final = 96
_AT: Final = 600
_GAP: Final = 130
_WIDTH: Final = 760
_HAPPENED: Final = 78
_KNOWN: Final = 142
_KNOWN_IN_TIME: Final = "It happened within the window and was known before t: it counts."
_KNOWN_LATE: Final = "It happened within the window, but was known only after t: nobody could have counted it then."
_SUPERSEDED: Final = "A newer version of the same event was known before t: that one counts in its place."


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of a drawing: whether it counts at t, and why."""

    number: int
    counts: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A window as an interval (`[t - 7d, t)`), a picture, and the picture's events in words."""

    interval: str
    picture: Markup
    moments: tuple[Moment, ...]


@lru_cache(maxsize=1024)
def draw_window(window: Window, closed: Closed, delay: str, *, has_known_time: bool, has_versions: bool) -> Drawing:
    """The drawing of one window; `delay` is how long after t values are served, empty for at once."""
    edges = edges_of(window, closed)
    placed = _placed(window, edges, has_known_time=has_known_time, has_versions=has_versions)
    moments = tuple(Moment(number, each.counts, each.reason) for number, each in enumerate(placed, start=1))
    text = interval(window, closed)
    return Drawing(text, _picture(window, edges, delay, text, placed, has_known_time), moments)


def interval(window: Window, closed: Closed) -> str:
    """The event times that a window takes in, as mathematicians write them.

    >>> from fpc.types.duration import Duration
    >>> interval(Window(Duration.parse("7d"), Duration.parse("1d")), Closed.LEFT)
    '[t − 8d, t − 1d)'
    >>> interval(Window(None), Closed.RIGHT)
    '(−∞, t]'
    """
    edges = edges_of(window, closed)
    offset = f" − {window.offset}" if window.offset.microseconds else ""
    right = f"t{offset}{']' if edges.end_closed else ')'}"
    if window.length is None:
        return f"(−∞, {right}"
    reach = type(window.length)(window.length.microseconds + window.offset.microseconds)
    return f"{'[' if edges.start_closed else '('}t − {reach}, {right}"


@dataclass(frozen=True, slots=True)
class _Placed:
    """An event at x, known at `known_x` (None: at once)."""

    x: int
    known_x: int | None
    counts: bool
    reason: str


def _placed(window: Window, edges: Edges, *, has_known_time: bool, has_versions: bool) -> tuple[_Placed, ...]:
    """The events of a drawing, in the order of time."""
    start, end = _start(window), _end(window)

    def event(x: int, counts: bool, reason: str, known_x: int | None = None) -> _Placed:
        return _Placed(x, (known_x or x + 34) if has_known_time else None, counts, reason)

    def within(share: float) -> int:
        return round(start + share * (end - start))

    found = []
    if window.length is not None:
        found.append(event(start - 66, False, "Too old: it happened before the window."))
        found.append(
            event(start, edges.start_closed, f"It happened exactly at the start, which is {_side(edges.start_closed)}.")
        )
    if has_versions:
        found.append(event(within(0.25), False, _SUPERSEDED))
    found.append(
        event(within(0.5), True, _KNOWN_IN_TIME if has_known_time else "It happened within the window: it counts.")
    )
    if has_known_time:
        found.append(event(within(0.76), False, _KNOWN_LATE, _AT + 44))
    if window.offset.microseconds:
        found.append(
            event(end, edges.end_closed, f"It happened exactly at the end, which is {_side(edges.end_closed)}.")
        )
        found.append(event((end + _AT) // 2, False, f"Too recent: the window ends {window.offset} before t."))
    else:
        known_too = ", and so is what becomes known exactly then" if has_known_time else ""
        reason = f"It happened exactly at t, which is {_side(edges.end_closed)}{known_too}."
        found.append(event(end, edges.end_closed, reason, end))
    return tuple(found)


def _side(is_closed: bool) -> str:
    return "in" if is_closed else "out"


def _start(window: Window) -> int:
    return _LEFT if window.length is None else _START


def _end(window: Window) -> int:
    return _AT - _GAP if window.offset.microseconds else _AT


def _picture(
    window: Window, edges: Edges, delay: str, text: str, placed: tuple[_Placed, ...], has_known_time: bool
) -> Markup:
    end, axis = _end(window), (_KNOWN if has_known_time else _HAPPENED) + 52
    start = _start(window)
    parts = [_band(start, end, window, text)]
    parts.append(_row("happened", _HAPPENED))
    if has_known_time:
        parts.append(_row("known", _KNOWN))
    parts.append(_axis(start, end, axis, window, edges))
    parts.append(_vertical("at", _AT, axis, "t", "as of"))
    if delay:
        parts.append(_vertical("served", _AT + 96, axis, f"t + {delay}", "served"))
    if window.offset.microseconds:
        parts.append(_offset(end, f"offset {window.offset}"))
    parts += [_event(number, each) for number, each in enumerate(placed, start=1)]
    return Markup(
        '<svg class="window" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{inner}</svg>'
    ).format(
        width=_WIDTH,
        height=axis + 44,
        label=f"Drawing of the window {text}: the numbered events are explained below.",
        inner=Markup("").join(parts),
    )


def _band(start: int, end: int, window: Window, text: str) -> Markup:
    name = "lifetime" if window.length is None else str(window.length)
    middle = (start + end) // 2
    return Markup(
        '<rect class="band" x="{x}" y="50" width="{width}" height="56" rx="3"/>'
        '<path class="measure" d="M{x} 38H{left}M{right} 38H{end}M{x} 33v10M{end} 33v10"/>'
        '<text class="name" x="{middle}" y="42">{name}</text>'
    ).format(x=start, width=end - start, middle=middle, left=middle - _half(name), right=middle + _half(name),
             end=end, name=name)  # fmt: skip


def _half(name: str) -> int:
    """Half of what the label takes of the line on which it stands."""
    return 10 + 4 * len(name)


def _row(name: str, y: int) -> Markup:
    return Markup('<text class="row" x="0" y="{text}">{name}</text><path class="lane" d="M{x} {y}H{end}"/>').format(
        name=name, text=y + 4, y=y, x=_LEFT - 12, end=_WIDTH
    )


def _axis(start: int, end: int, y: int, window: Window, edges: Edges) -> Markup:
    parts = [Markup('<path class="axis" d="M{x} {y}H{end}"/>').format(x=_LEFT - 12, y=y, end=_WIDTH)]
    parts.append(Markup('<path class="span" d="M{x} {y}H{end}"/>').format(x=start, y=y, end=end))
    if window.length is None:
        parts.append(Markup('<path class="arrow" d="M{a} {b}L{x} {y}L{a} {c}"/>').format(
            a=start + 8, b=y - 6, x=start, y=y, c=y + 6))  # fmt: skip
    else:
        parts.append(_edge(start, y, edges.start_closed))
    parts.append(_edge(end, y, edges.end_closed))
    if window.length is not None:
        reach = type(window.length)(window.length.microseconds + window.offset.microseconds)
        parts.append(Markup('<text class="tick" x="{x}" y="{y}">t − {reach}</text>').format(
            x=start, y=y + 24, reach=str(reach)))  # fmt: skip
    if window.offset.microseconds:
        parts.append(Markup('<text class="tick" x="{x}" y="{y}">t − {offset}</text>').format(
            x=end, y=y + 24, offset=str(window.offset)))  # fmt: skip
    return Markup("").join(parts)


def _edge(x: int, y: int, is_closed: bool) -> Markup:
    kind = "closed" if is_closed else "open"
    return Markup('<circle class="edge {kind}" cx="{x}" cy="{y}" r="6"/>').format(kind=kind, x=x, y=y)


def _vertical(kind: str, x: int, axis: int, label: str, above: str) -> Markup:
    return Markup(
        '<path class="{kind}" d="M{x} 26V{y}"/><text class="{kind}" x="{x}" y="18">{above}</text>'
        '<text class="tick {kind}" x="{x}" y="{below}">{label}</text>'
    ).format(kind=kind, x=x, y=axis + 6, above=above, below=axis + 24, label=label)


def _offset(end: int, label: str) -> Markup:
    return Markup(
        '<path class="gap" d="M{x} 58H{end}M{x} 54v8M{end} 54v8"/>'
        '<text class="small" x="{middle}" y="50">{label}</text>'
    ).format(x=end + 4, end=_AT - 4, middle=(end + _AT) // 2, label=label)


def _event(number: int, each: _Placed) -> Markup:
    kind = "in" if each.counts else "out"
    line = Markup("")
    if each.known_x is not None:
        line = Markup(
            '<path class="link {kind}" d="M{x} {y}C{x} {middle} {to} {middle} {to} {known}"/>'
            '<circle class="known {kind}" cx="{to}" cy="{known}" r="4"/>'
        ).format(kind=kind, x=each.x, y=_HAPPENED + 11, middle=_HAPPENED + 40, to=each.known_x, known=_KNOWN)
    return line + Markup(
        '<circle class="event {kind}" cx="{x}" cy="{y}" r="11"/>'
        '<text class="event {kind}" x="{x}" y="{text}">{number}</text>'
    ).format(kind=kind, x=each.x, y=_HAPPENED, text=_HAPPENED + 4, number=number)
