"""What of a view its SQL is made of: two views of one shape have the same SQL, up to their constants.

Everything that cannot show in the SQL is left out of the shape, and is taken away from a view before it is lowered, so
that it cannot show. The parts that many views share, as the model has it, are looked at once.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar, cast

from sqlglot import exp

from fpc.diagnostics.span import Span
from fpc.emit.dbt.constants import constants, put_aside
from fpc.model.nodes import AggregateCall, Column, DerivedFeature, Entity, Feature, FeatureView, FileLocation, Source

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")

_NOWHERE: Final = Span("", 0, 0, 0, 0)
# The classes that are looked into, and what stands in the fields that do not show while SQL is made. Of a file it shows
# that it is one: what its rows are read by is the staged relation.
_UNSEEN: Final[Mapping[type, Mapping[str, object]]] = {
    FeatureView: {
        "name": "",
        "version": 0,
        "description": "",
        "owner": "",
        "tags": (),
        "freshness": None,
        "online_ttl": None,
        "start": None,
        "tests": (),
        "examples": (),
        "deprecated": None,
        "span": _NOWHERE,
        "fingerprint": "",
        "changes": (),
    },
    Entity: {"name": "", "description": "", "owner": "", "span": _NOWHERE},
    Source: {"name": "", "description": "", "owner": "", "tags": (), "span": _NOWHERE, "fingerprint": ""},
    FileLocation: {"path": ""},
    Column: {"description": ""},
    Feature: {"description": "", "tags": (), "sql": "", "span": _NOWHERE, "fingerprint": ""},
    DerivedFeature: {"description": "", "tags": (), "sql": "", "span": _NOWHERE, "fingerprint": ""},
    AggregateCall: {},
}
_FIELDS: Final = {kind: tuple(each.name for each in fields(cast("type[DataclassInstance]", kind))) for kind in _UNSEEN}
_SEEN: Final = {kind: tuple(name for name in names if name not in _UNSEEN[kind]) for kind, names in _FIELDS.items()}
_SHARED: Final = frozenset({Entity, Source, AggregateCall})
_CONSTANT: Final = "constant"


@dataclass(frozen=True, slots=True)
class Shape:
    """What can be compared and hashed, and the constants that were left out of it, in their order."""

    structure: Hashable
    constants: tuple[str, ...]


def shape(view: FeatureView) -> Shape:
    """The view's shape."""
    found: list[str] = []
    return Shape(_structure(view, found), tuple(found))


def bare(value: T, names: Mapping[str, str]) -> T:
    """The view, or a part of one, without anything that its shape leaves out; with stand-ins for the constants."""
    if isinstance(value, exp.Expr):
        return cast(T, put_aside(value, names))
    if isinstance(value, tuple):
        return cast(T, tuple(bare(item, names) for item in value))
    unseen = _UNSEEN.get(value.__class__)
    if unseen is None:
        return value
    kept = {name: bare(getattr(value, name), names) for name in _SEEN[value.__class__]}
    return value.__class__(**kept, **unseen)


def _structure(value: object, found: list[str]) -> Hashable:
    """The structure of a view or of a part of one; its constants are added to those found."""
    kind = value.__class__
    if kind in _SHARED or isinstance(value, exp.Expr):
        shared = _of_shared(_Same(value))
        found += shared.constants
        return shared.structure
    return _of_parts(value, found)


def _of_parts(value: object, found: list[str]) -> Hashable:
    kind = value.__class__
    if isinstance(value, tuple):
        return tuple([_structure(item, found) for item in value])
    seen = _SEEN.get(kind)
    if seen is not None:
        return (kind, *[_structure(getattr(value, name), found) for name in seen])
    # 1, 1.0 and TRUE are equal, and print otherwise.
    return (kind, value) if isinstance(value, bool | int | float) else value


class _Same:
    """A value that is equal to itself alone. Whoever keeps it keeps the value, so that no other takes its address."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


@lru_cache(maxsize=8192)
def _of_shared(same: _Same) -> Shape:
    found: list[str] = []
    if isinstance(same.value, exp.Expr):
        left_out = frozenset(map(id, constants(same.value)))
        return Shape(_of_tree(same.value, left_out, found), tuple(found))
    return Shape(_of_parts(same.value, found), tuple(found))


def _of_tree(value: object, left_out: frozenset[int], found: list[str]) -> Hashable:
    """Trees are compared by what they print: sqlglot takes two for equal that differ in case alone."""
    if isinstance(value, exp.Expr):
        if id(value) in left_out:
            found.append(value.this)
            return _CONSTANT
        parts = [(name, _of_tree(part, left_out, found)) for name, part in value.args.items() if part is not None]
        return (value.__class__, *parts)
    if isinstance(value, list):
        return tuple([_of_tree(item, left_out, found) for item in value])
    return (value.__class__, value) if isinstance(value, bool | int | float) else value
