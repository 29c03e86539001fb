"""A value together with the place in a file from which it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

import yaml

from fpc.diagnostics.span import Span
from fpc.spec.positions import value_places
from fpc.spec.text_file import TextFile

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a YAML tree in its file; positions are worked out only when somebody asks."""

    file: TextFile
    node: yaml.Node

    @property
    def span(self) -> Span:
        """Where the node stands: quotes included, a block scalar's indicator and trailing lines not."""
        node = self.node
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") and node.value.strip():
            text = node.value
            return self.within(len(text) - len(text.lstrip()), len(text.rstrip()))
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            return self._block_collection(node)
        start, end = node.start_mark, node.end_mark
        return Span(self.file.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def within(self, start: int, end: int) -> Span:
        """Where characters `start` to `end` (exclusive) of the scalar's value stand, less white space at its end."""
        node = self.node
        first, last = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.ScalarNode):
            places = value_places(self.file.text, node.value, node.style, first, last)
            if places:
                begin = min(max(start, 0), len(places) - 1)
                stop = min(max(end - 1, begin), len(places) - 1)
                while stop > begin and node.value[stop].isspace():
                    stop -= 1
                return self.file.span(places[begin][0], places[stop][1])
        return self.file.span(first, last)

    def _block_collection(self, node: yaml.CollectionNode) -> Span:
        """A block collection's end mark is at whatever comes next, so it ends where its text does."""
        start, end = node.start_mark.index, node.end_mark.index
        return self.file.span(start, start + len(self.file.text[start:end].rstrip()))


@dataclass(frozen=True, slots=True)
class Located(Generic[T]):
    """A value and its place; two are equal when their values are."""

    value: T
    place: Place = field(compare=False, repr=False)

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return self.place.span

    @property
    def text(self) -> str:
        """The scalar as YAML gives it, before it was read as a number or a duration."""
        node = self.place.node
        return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
