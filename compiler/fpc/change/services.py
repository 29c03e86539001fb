"""What changed of a service or of a training set by itself."""

from __future__ import annotations

from collections.abc import Mapping

from fpc.change.nodes import Change, Class, Difference, Kind
from fpc.change.properties import Property, classes, differences
from fpc.model.canonical import canonical_query
from fpc.model.nodes import FeatureReference, FeatureService, TrainingSet


def changed_service(
    before: FeatureService | None, after: FeatureService | None, renamed: Mapping[str, str]
) -> Change | None:
    """The change from one state to the other; `renamed` features (`view.feature`) are the same ones to a service."""
    if before is None or after is None:
        return _one_sided(Kind.SERVICE, before, after)
    own = [*differences(_service(before), _service(after)), *_members(before, after, renamed)]
    return _change(Kind.SERVICE, before, after, own)


def changed_training_set(
    before: TrainingSet | None, after: TrainingSet | None, was: Mapping[str, str]
) -> Change | None:
    """The change from one state to the other; `was` gives the former names of renamed services."""
    if before is None or after is None:
        return _one_sided(Kind.TRAINING_SET, before, after)
    own = list(differences(_training_set(before, {}), _training_set(after, was)))
    return _change(Kind.TRAINING_SET, before, after, own)


def _one_sided(
    kind: Kind, before: FeatureService | TrainingSet | None, after: FeatureService | TrainingSet | None
) -> Change:
    thing = after or before
    assert thing is not None
    effect = Class.REMOVED if after is None else Class.ADDED
    said = _reads(thing) if isinstance(thing, FeatureService) and after is not None else ()
    own = tuple(Difference(name, None, text, effect) for name, text in said if text)
    return Change(kind, thing.name, (effect,), thing.span, thing.owner, None, own)


def _reads(service: FeatureService) -> tuple[tuple[str, str | None], ...]:
    """What whoever reviews a new service asks first."""
    return ("owner", service.owner), ("model", service.model), ("features", ", ".join(map(_name, service.features)))


def _change(
    kind: Kind, before: FeatureService | TrainingSet, after: FeatureService | TrainingSet, own: list[Difference]
) -> Change | None:
    kinds = [difference.effect for difference in own]
    was = None if before.name == after.name else before.name
    if was is not None:
        kinds.append(Class.RENAMED)
    return Change(kind, after.name, classes(kinds), after.span, after.owner, was, tuple(own)) if kinds else None


def _service(service: FeatureService) -> tuple[Property, ...]:
    staleness = service.max_staleness
    return (
        ("on_missing", service.on_missing.value, Class.VALUE),
        ("max_staleness", None if staleness is None else str(staleness), Class.AVAILABILITY),
        ("version", str(service.version), Class.METADATA),
        ("model", service.model, Class.METADATA),
        ("owner", service.owner or None, Class.METADATA),
        ("description", service.description or None, Class.METADATA),
    )


def _members(before: FeatureService, after: FeatureService, renamed: Mapping[str, str]) -> list[Difference]:
    """Features that came and went, columns that have another name, and columns in another order."""
    old = {_now(reference, renamed): column for reference, column in before.columns()}
    new = {_name(reference): column for reference, column in after.columns()}
    found = [Difference("feature", name, None, Class.TYPE) for name in old if name not in new]
    found += [Difference("feature", None, name, Class.TYPE) for name in new if name not in old]
    both = [name for name in new if name in old]
    found += [Difference("column", old[name], new[name], Class.TYPE) for name in both if old[name] != new[name]]
    if both != (kept := [name for name in old if name in new]):
        found.append(Difference("order of columns", ", ".join(kept), ", ".join(both), Class.METADATA))
    return found


def _name(reference: FeatureReference) -> str:
    return f"{reference.view}.{reference.feature}"


def _now(reference: FeatureReference, renamed: Mapping[str, str]) -> str:
    return renamed.get(_name(reference), _name(reference))


def _training_set(declared: TrainingSet, was: Mapping[str, str]) -> tuple[Property, ...]:
    spine, service = declared.spine, declared.service.name
    return (
        ("service", was.get(service, service), Class.VALUE),
        ("spine", _spine(declared), Class.VALUE),
        ("time", spine.time, Class.VALUE),
        ("labels", ", ".join(spine.labels) or None, Class.TYPE),
        ("mode", declared.mode.value, Class.VALUE),
        ("owner", declared.owner or None, Class.METADATA),
        ("description", declared.description or None, Class.METADATA),
    )


def _spine(declared: TrainingSet) -> str:
    spine = declared.spine
    if spine.path is not None:
        return spine.path
    if spine.table is not None:
        return f"table {spine.table.schema}.{spine.table.table}" if spine.table.schema else f"table {spine.table.table}"
    assert spine.query is not None
    return canonical_query(spine.query)
