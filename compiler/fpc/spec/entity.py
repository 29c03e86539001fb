"""Reading an `entity` document."""

from __future__ import annotations

from typing import Final

from fpc.spec.columns import read_columns
from fpc.spec.documents import EntitySpec
from fpc.spec.fields import Fields

KEYS: Final = ("name", "description", "owner", "keys")


def read_entity(fields: Fields) -> EntitySpec | None:
    """The entity, or None when it has no usable name."""
    name = fields.name()
    description, owner = fields.text("description"), fields.text("owner")
    keys = read_columns(fields, "keys", required=True)
    if not keys and "keys" in fields:
        fields.wrong_shape(fields.place_of("keys").node, "an entity has at least one key")
    return None if name is None else EntitySpec(name, description, owner, keys, fields.place)
