"""What is to go, and who reads it: the common ground of the rules about dates that have passed.

A name is a view's, or `view.feature` of a feature that is deprecated by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from fpc.contract.today import today
from fpc.diagnostics.span import Span
from fpc.model.deprecations import deprecated_outputs
from fpc.model.lineage import copied_view
from fpc.model.nodes import Deprecation, FeatureView, Model
from fpc.spec.documents import Spec, Text


class Dated(NamedTuple):
    """Something with a last day: its name, its deprecation, that day (ISO), and where it is declared."""

    name: str
    deprecated: Deprecation
    until: str
    span: Span


class Reading(NamedTuple):
    """One who reads something with a last day: its name, the reader for people, and where the reader says so."""

    name: str
    reader: str
    place: Text


def is_past(until: str, frozen: str) -> bool:
    """Whether the last day is over; `frozen` is that of a frozen clock (`fpc.contract.today`)."""
    return until < today(frozen)


def dated(model: Model) -> dict[str, Dated]:
    """Everything that has a last day, by its name."""
    return {each.name: each for view in model.views.values() for each in _dated(view)}


def readings(spec: Spec, model: Model, names: dict[str, Dated]) -> Iterator[Reading]:
    """Who reads something of these names: services, derived features, and sources made of a view's own table."""
    if not names:
        return
    yield from _services(spec, names)
    yield from _derived(spec, model, names)
    yield from _copies(spec, model, names)


def _dated(view: FeatureView) -> Iterator[Dated]:
    if view.deprecated is not None and view.deprecated.remove_after is not None:
        yield Dated(view.name, view.deprecated, view.deprecated.remove_after, view.span)
    for output, deprecated in deprecated_outputs(view):
        if deprecated.remove_after is not None:
            yield Dated(f"{view.name}.{output.name}", deprecated, deprecated.remove_after, output.span)


def _services(spec: Spec, names: dict[str, Dated]) -> Iterator[Reading]:
    for service in spec.services:
        seen: set[str] = set()
        for text in service.features:
            of, _, pattern = text.value.partition(".")
            for name in names:
                view, _, feature = name.partition(".")
                if name not in seen and view == of and (not feature or fnmatchcase(feature, pattern)):
                    seen.add(name)
                    yield Reading(name, f"service `{service.name.value}`", text)


def _derived(spec: Spec, model: Model, names: dict[str, Dated]) -> Iterator[Reading]:
    """What goes itself need not move away."""
    for declared in spec.views:
        view = model.views.get(declared.name.value)
        staying = {} if view is None else {each.name: each.inputs for each in view.derived if each.deprecated is None}
        for item in declared.derived:
            for feature in staying.get(item.name.value, ()):
                name = f"{declared.name.value}.{feature}"
                if name in names:
                    yield Reading(name, f"derived feature `{declared.name.value}.{item.name.value}`", item.name)


def _copies(spec: Spec, model: Model, names: dict[str, Dated]) -> Iterator[Reading]:
    for source in spec.sources:
        resolved = model.sources.get(source.name.value)
        copied = None if resolved is None else copied_view(resolved, model)
        if copied is not None:
            columns = (f"{copied.name}.{column.name.value.casefold()}" for column in source.columns)
            for name in (copied.name, *columns):
                if name in names:
                    yield Reading(name, f"source `{source.name.value}`", source.name)
