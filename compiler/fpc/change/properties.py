"""Comparing two things property by property."""

from __future__ import annotations

from collections.abc import Iterable

from fpc.change.nodes import Class, Difference
from fpc.model.nodes import Deprecation

#: A property's name, its text (None: it has none), and what it does when it differs.
Property = tuple[str, str | None, Class]


def differences(before: Iterable[Property], after: Iterable[Property]) -> tuple[Difference, ...]:
    """The properties whose texts differ; both sides name the same ones in the same order."""
    return tuple(
        Difference(name, old, new, effect)
        for (name, old, effect), (_, new, _) in zip(before, after, strict=True)
        if old != new
    )


def classes(found: Iterable[Class]) -> tuple[Class, ...]:
    """Each class once, the gravest first; metadata is said only where there is nothing else."""
    every = sorted(set(found), key=lambda kind: kind.gravity)
    return tuple(every if every == [Class.METADATA] else [kind for kind in every if kind is not Class.METADATA])


def deprecation_properties(gone: Deprecation | None) -> tuple[Property, ...]:
    """What a view or a feature says of its end: its dates are for whoever reads it."""
    return (
        ("deprecated since", None if gone is None else gone.since, Class.AVAILABILITY),
        ("remove after", None if gone is None else gone.remove_after, Class.AVAILABILITY),
        ("replacement", None if gone is None else gone.use, Class.METADATA),
        ("reason of deprecation", None if gone is None else gone.reason or None, Class.METADATA),
    )
