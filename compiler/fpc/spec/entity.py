"""Reading an `entity` document."""

from __future__ import annotations

from typing import Final

import yaml

from fpc.spec.columns import read_columns
from fpc.spec.documents import EntitySpec
from fpc.spec.fields import Fields

KEYS: Final = ("name", "description", "owner", "keys")


def read_entity(fields: Fields) -> EntitySpec | None:
    """The entity, or None when it has no usable name."""
    name = fields.name()
    description, owner = fields.text("description"), fields.owner()
    keys = read_columns(fields, "keys", required=True)
    node = fields.raw("keys")
    if isinstance(node, yaml.MappingNode) and not node.value:
        fields.wrong_shape(node, "an entity has at least one key")
    return None if name is None else EntitySpec(name, description, owner, keys, fields.place)
