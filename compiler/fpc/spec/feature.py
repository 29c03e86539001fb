"""Reading the items of `features` and `derived`."""

from __future__ import annotations

from typing import Final

import yaml

from fpc.diagnostics import codes
from fpc.spec.deprecated import read_deprecated
from fpc.spec.documents import DerivedSpec, FeatureSpec, FeatureValue, Text
from fpc.spec.fields import Fields
from fpc.spec.located import Located

_KEYS: Final = (
    "name",
    "aggregate",
    "sql",
    "latest",
    "window",
    "windows",
    "offset",
    "default",
    "description",
    "tags",
    "deprecated",
)
_DERIVED_KEYS: Final = ("name", "sql", "default", "description", "tags", "deprecated")
_DEFINITIONS: Final = ("aggregate", "sql", "latest")


def read_features(view: Fields) -> tuple[FeatureSpec, ...]:
    """The features of a view, those left out that say too little to be resolved."""
    found = (_feature(view.inner(node, "this feature", _KEYS)) for node in view.items("features"))
    return tuple(feature for feature in found if feature is not None)


def read_derived(view: Fields, key: str = "derived") -> tuple[DerivedSpec, ...]:
    """The derived features of a view, or those of a request-time view, which are written alike."""
    what = "this derived feature" if key == "derived" else "this request-time feature"
    found = (_derived(view.inner(node, what, _DERIVED_KEYS)) for node in view.items(key))
    return tuple(feature for feature in found if feature is not None)


def _feature(fields: Fields) -> FeatureSpec | None:
    if not isinstance(fields.node, yaml.MappingNode):
        return None
    given = [key for key in _DEFINITIONS if key in fields]
    if not given:
        fields.findings.error(
            codes.MISSING_KEY,
            "this feature does not say what it is",
            fields.place.span,
            "needs `sql`, `latest` or `aggregate`",
            help="add `sql: COUNT(*)`, `latest: column` or `aggregate: {column: [sum, avg]}`",
        )
        return None
    if len(given) > 1:
        fields.findings.error(
            codes.CONFLICTING_KEYS,
            f"`{given[0]}` and `{given[1]}` exclude each other",
            fields.place_of(given[1]).span,
            "keep one of the two",
        )
        return None
    name = fields.text("name", required=given[0] != "aggregate")
    if name is None and given[0] != "aggregate":
        return None
    if name is not None and given[0] == "aggregate":
        fields.findings.error(
            codes.CONFLICTING_KEYS,
            "the features of a matrix are named by it",
            name.span,
            "leave `name` out",
            help="they are called `{column}_{function}_{window}`",
        )
    windows = fields.windows()
    if "window" not in fields and "windows" not in fields:
        fields.findings.error(
            codes.MISSING_WINDOW,
            "this feature does not say how far back it looks",
            (fields.place if name is None else name.place).span,
            "needs `window` or `windows`",
            help="write `window: 7d`, or `window: lifetime` for all of history",
        )
        return None
    sql, latest = fields.text("sql"), fields.text("latest")
    if given[0] != "aggregate" and sql is None and latest is None:
        return None
    return FeatureSpec(
        name,
        _matrix(fields) if given[0] == "aggregate" else (),
        sql,
        latest,
        windows,
        fields.duration("offset"),
        read_default(fields),
        fields.text("description"),
        fields.texts("tags"),
        read_deprecated(fields),
        fields.place,
    )


def _matrix(fields: Fields) -> tuple[tuple[Text, tuple[Text, ...]], ...]:
    node = fields.raw("aggregate")
    if node is None:
        return ()
    found = []
    for column, value in fields.pairs(node, "`aggregate`"):
        nodes = value.value if isinstance(value, yaml.SequenceNode) else [value]
        functions = (fields.text_of(item, "aggregate") for item in nodes)
        found.append((column, tuple(function for function in functions if function is not None)))
    return tuple(found)


def _derived(fields: Fields) -> DerivedSpec | None:
    if not isinstance(fields.node, yaml.MappingNode):
        return None
    name, sql = fields.name(), fields.text("sql", required=True)
    rest = (read_default(fields), fields.text("description"), fields.texts("tags"), read_deprecated(fields))
    return None if name is None or sql is None else DerivedSpec(name, sql, *rest, fields.place)


def read_default(fields: Fields) -> Located[FeatureValue] | None:
    """The `default` of a feature: a scalar, or a list of scalars."""
    node = fields.raw("default")
    return None if node is None else fields.feature_value_of(node, "default")
