"""Reading a `feature_service` document."""

from __future__ import annotations

from typing import Final

from fpc.spec.documents import ServiceSpec
from fpc.spec.fields import Fields

KEYS: Final = (
    "name",
    "version",
    "description",
    "owner",
    "model",
    "features",
    "max_staleness",
    "on_missing",
)
ON_MISSING: Final = ("default", "null", "error")


def read_service(fields: Fields) -> ServiceSpec | None:
    """The feature service, or None when it has no usable name."""
    name = fields.name()
    if "features" not in fields:
        fields.missing("features")
    service = (
        fields.integer("version", least=1),
        fields.text("description"),
        fields.owner(),
        fields.text("model"),
        fields.texts("features"),
        fields.duration("max_staleness"),
        fields.choice("on_missing", str, ON_MISSING),
    )
    return None if name is None else ServiceSpec(name, *service, fields.place)
