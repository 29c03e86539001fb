"""What changed of the features of one view."""

from __future__ import annotations

import json
from collections.abc import Mapping

from fpc.change.matching import pairs
from fpc.change.nodes import Change, Class, Difference, Kind
from fpc.change.properties import Property, classes, deprecation_properties, differences
from fpc.change.sql_diff import feature_sql, sql_diff
from fpc.model.fingerprints import column_types, derived_meaning, feature_meaning
from fpc.model.nodes import DerivedFeature, Feature, FeatureView, Value

Output = Feature | DerivedFeature


def changed_features(before: FeatureView, after: FeatureView, rows: tuple[Difference, ...]) -> tuple[Change, ...]:
    """The features that differ. `rows` is what decides which events count and differs: it changes every value."""
    old = {output.name: output for output in before.outputs}
    new = {output.name: output for output in after.outputs}
    renamed: dict[str, str] = {}
    olds = {id(output) for output in before.outputs}

    def shape(output: Output) -> tuple[object, ...]:
        """What finds a renamed feature again when the values of what it reads changed, too."""
        meaning = own_meaning(output, before if id(output) in olds else after, {})
        return meaning, str(output.type), output.default_value, _window(output), _offset(output)

    matched = pairs(old, new, _fingerprint, shape)
    for was, now in matched:
        if was is not None and now is not None and was.name != now.name:
            renamed[was.name] = now.name
    found = (_change(was, now, before, after, rows, renamed) for was, now in matched)
    return tuple(change for change in found if change is not None)


def own_meaning(output: Output, view: FeatureView, renamed: Mapping[str, str]) -> str:
    """What the feature computes of its events or inputs, whatever those mean; inputs go by their new names."""
    if isinstance(output, DerivedFeature):
        types = {other.name: other.type for other in view.outputs}
        return derived_meaning(output.expression, {name: renamed.get(name, name) for name in output.inputs}, types)
    return feature_meaning(output.expression, output.aggregates, column_types(view.source))


def _fingerprint(output: Output) -> str:
    return output.fingerprint


def _change(
    before: Output | None,
    after: Output | None,
    old: FeatureView,
    new: FeatureView,
    rows: tuple[Difference, ...],
    renamed: Mapping[str, str],
) -> Change | None:
    if after is None:
        assert before is not None
        return Change(Kind.FEATURE, f"{new.name}.{before.name}", (Class.REMOVED,), before.span, old.owner)
    name = f"{new.name}.{after.name}"
    if before is None:
        return Change(Kind.FEATURE, name, (Class.ADDED,), after.span, new.owner)
    if _is_same(before, after) and old.name == new.name:
        return None
    found = [
        *differences(_properties(before), _properties(after)),
        *_meaning(before, after, old, new, rows, renamed),
    ]
    kinds = [difference.effect for difference in found]
    was = None
    if before.name != after.name:
        kinds.append(Class.RENAMED)
    if (old.name, before.name) != (new.name, after.name):
        was = f"{old.name}.{before.name}"
    if not kinds:
        return None
    sql = sql_diff(feature_sql(before), feature_sql(after)) if "sql" in {each.property for each in found} else ()
    return Change(Kind.FEATURE, name, classes(kinds), after.span, new.owner, was, tuple(found), sql)


def _is_same(before: Output, after: Output) -> bool:
    """Whether there is nothing to look at: most features of a changed view are as they were."""
    words = (
        (output.name, output.fingerprint, output.description, set(output.tags), output.deprecated)
        for output in (before, after)
    )
    return next(words) == next(words)


def _properties(output: Output) -> tuple[Property, ...]:
    return (
        ("type", str(output.type), Class.TYPE),
        ("default", None if output.default is None else _literal(output.default_value), Class.VALUE),
        ("window", _window(output), Class.VALUE),
        ("offset", _offset(output), Class.VALUE),
        ("description", output.description or None, Class.METADATA),
        ("tags", ", ".join(sorted(output.tags)) or None, Class.METADATA),
        *deprecation_properties(output.deprecated),
    )


def _literal(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _window(output: Output) -> str | None:
    if isinstance(output, DerivedFeature):
        return None
    return "lifetime" if output.window.length is None else str(output.window.length)


def _offset(output: Output) -> str | None:
    if isinstance(output, DerivedFeature) or not output.window.offset.microseconds:
        return None
    return str(output.window.offset)


def _meaning(
    before: Output,
    after: Output,
    old: FeatureView,
    new: FeatureView,
    rows: tuple[Difference, ...],
    renamed: Mapping[str, str],
) -> list[Difference]:
    """Why the fingerprints differ, beyond type, default and window."""
    if before.fingerprint == after.fingerprint:
        return []
    found = []
    if own_meaning(before, old, renamed) != own_meaning(after, new, {}):
        found.append(Difference("sql", before.sql, after.sql, Class.VALUE))
    if isinstance(after, DerivedFeature):
        found += _inputs(after, old, new, renamed)
    else:
        found += [Difference(each.property, each.before, each.after, Class.VALUE) for each in rows]
    return found


def _inputs(after: DerivedFeature, old: FeatureView, new: FeatureView, renamed: Mapping[str, str]) -> list[Difference]:
    before = {renamed.get(output.name, output.name): output.fingerprint for output in old.outputs}
    now = {output.name: output.fingerprint for output in new.outputs}
    return [
        Difference("input", name, name, Class.VALUE)
        for name in after.inputs
        if name in before and before[name] != now[name]
    ]
