"""Resolving entities."""

from __future__ import annotations

from typing import Final

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Entity
from fpc.model.sources import read_columns
from fpc.spec.documents import DefaultsSpec, EntitySpec
from fpc.spec.fields import NAME
from fpc.types.logical import Kind

_KEY_KINDS: Final = (Kind.BOOLEAN, Kind.INTEGER, Kind.BIGINT, Kind.VARCHAR, Kind.DATE, Kind.DECIMAL, Kind.HUGEINT)


def resolve_entity(spec: EntitySpec, defaults: DefaultsSpec, findings: Findings) -> Entity | None:
    """The entity, or None when it has no usable key."""
    keys = read_columns(spec.keys)
    for key in spec.keys:
        if key.type is not None and key.type.kind not in _KEY_KINDS:
            findings.error(
                codes.KEY_MISMATCH,
                f"key `{key.name.value}` cannot be {key.type}",
                key.name.span,
                "not a type that two systems compare alike",
                help="use a whole number, a text or a date",
            )
        if not NAME.fullmatch(key.name.value):
            findings.error(
                codes.INVALID_NAME,
                f"`{key.name.value}` cannot be the name of a key",
                key.name.span,
                "not lower-case letters, digits and underscores",
                help="a view's `keys` map it to the source's own column",
            )
    if not keys or len(keys) < len(spec.keys):
        return None
    owner = spec.owner or defaults.owner
    return Entity(
        spec.name.value,
        "" if spec.description is None else spec.description.value.strip(),
        "" if owner is None else owner.value,
        keys,
        spec.name.span,
    )
