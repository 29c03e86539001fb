"""Reading a `training_set` document."""

from __future__ import annotations

from typing import Final

from fpc.diagnostics import codes
from fpc.spec.documents import SpineSpec, TrainingSetSpec
from fpc.spec.fields import Fields

KEYS: Final = ("name", "description", "owner", "service", "spine", "mode")
_MODES: Final = ("exact", "as_served")
_LOCATIONS: Final = ("path", "table", "sql")


def read_training_set(fields: Fields) -> TrainingSetSpec | None:
    """The training set, or None when its name, service or spine is missing."""
    name, service = fields.name(), fields.text("service", required=True)
    description, owner = fields.text("description"), fields.owner()
    spine, mode = _spine(fields), fields.choice("mode", str, _MODES)
    if name is None or service is None or spine is None:
        return None
    return TrainingSetSpec(name, description, owner, service, spine, mode, fields.place)


def _spine(fields: Fields) -> SpineSpec | None:
    node = fields.raw("spine")
    if node is None:
        fields.missing("spine")
        return None
    inner = fields.inner(node, "`spine`", (*_LOCATIONS, "time", "label"))
    given = [key for key in _LOCATIONS if key in inner]
    if len(given) != 1:
        fields.findings.error(
            codes.CONFLICTING_KEYS if given else codes.MISSING_KEY,
            "a spine is a file, a table or a query",
            inner.place.span,
            "needs exactly one of `path`, `table` and `sql`",
        )
    time = inner.text("time", required=True)
    rest = (inner.text("path"), inner.text("table"), inner.text("sql"))
    labels = inner.texts("label")
    return None if time is None or len(given) != 1 else SpineSpec(*rest, time, labels, inner.place)
