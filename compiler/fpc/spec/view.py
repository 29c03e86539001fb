"""Reading a `feature_view` document."""

from __future__ import annotations

from typing import Final

from fpc.spec.columns import read_columns
from fpc.spec.deprecated import read_deprecated
from fpc.spec.documents import ChangeSpec, Text, ViewSpec
from fpc.spec.example import read_examples
from fpc.spec.feature import read_derived, read_features
from fpc.spec.fields import Fields
from fpc.spec.located import Located
from fpc.spec.view_test import read_tests
from fpc.types.duration import Duration

KEYS: Final = (
    "name",
    "version",
    "description",
    "owner",
    "tags",
    "entity",
    "source",
    "keys",
    "where",
    "closed",
    "freshness",
    "schedule",
    "delay",
    "granularity",
    "online_ttl",
    "start",
    "request",
    "features",
    "derived",
    "tests",
    "examples",
    "deprecated",
    "changes",
)
CLOSED: Final = ("left", "right", "both")
REQUEST: Final = "request"


def read_view(fields: Fields) -> ViewSpec | None:
    """The feature view, or None when it has no usable name."""
    name = fields.name()
    freshness = read_freshness(fields)
    is_request = freshness is not None and freshness.value is None
    if "features" not in fields:
        fields.missing("features")
    view = (
        fields.integer("version", least=1),
        fields.text("description"),
        fields.owner(),
        fields.texts("tags"),
        fields.text("entity", required=True),
        fields.text("source", required=not is_request),
        _keys(fields),
        fields.text("where"),
        fields.choice("closed", str, CLOSED),
        freshness,
        fields.text("schedule"),
        fields.duration("delay"),
        fields.duration("granularity"),
        fields.duration("online_ttl"),
        fields.text("start"),
        read_columns(fields, "request"),
        () if is_request else read_features(fields),
        read_derived(fields, "features") if is_request else (),
        read_derived(fields),
        read_tests(fields),
        read_examples(fields),
        read_deprecated(fields),
        _changes(fields),
    )
    return None if name is None else ViewSpec(name, *view, fields.place)


def read_freshness(fields: Fields) -> Located[Duration | None] | None:
    """The `freshness`: a duration, or None for `request`."""
    text = fields.text("freshness")
    if text is None:
        return None
    if text.value == REQUEST:
        return Located(None, text.place)
    found = fields.duration_of(text, "freshness")
    return None if found is None else Located(found.value, found.place)


def _keys(fields: Fields) -> tuple[tuple[Text, Text], ...]:
    node = fields.raw("keys")
    if node is None:
        return ()
    pairs = ((key, fields.text_of(value, "keys")) for key, value in fields.pairs(node, "`keys`"))
    return tuple((key, column) for key, column in pairs if column is not None)


def _changes(fields: Fields) -> tuple[ChangeSpec, ...]:
    found = []
    for node in fields.items("changes"):
        inner = fields.inner(node, "an item of `changes`", ("version", "reason", "agreed_by"))
        version = inner.integer("version", least=1, required=True)
        change = (inner.text("reason"), inner.texts("agreed_by"))
        if version is not None:
            found.append(ChangeSpec(version, *change))
    return tuple(found)
