"""Which scalars of a document are SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import yaml

from fpc.spec.core_schema import plain_value

_EACH: Final = "*"
#: The way from a document's root to each of its SQL texts; `*` is every item of a list.
_PATHS: Final = (
    ("feature_view", "where"),
    ("feature_view", "features", _EACH, "sql"),
    ("feature_view", "derived", _EACH, "sql"),
    ("feature_view", "tests", _EACH, "no_rows"),
    ("training_set", "spine", "sql"),
)


def sql_places(document: yaml.Node) -> tuple[yaml.ScalarNode, ...]:
    """The document's scalars that are SQL; what is empty or no text is not."""
    return tuple(node for path in _PATHS for node in _at(document, path) if _is_text(node))


def _at(node: yaml.Node, path: tuple[str, ...]) -> Iterator[yaml.ScalarNode]:
    if not path:
        if isinstance(node, yaml.ScalarNode):
            yield node
        return
    first, *rest = path
    if first == _EACH and isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _at(item, tuple(rest))
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == first:
                yield from _at(value, tuple(rest))


def _is_text(node: yaml.ScalarNode) -> bool:
    return bool(node.value.strip()) and (bool(node.style) or plain_value(node.value) == node.value)
