"""A plan: what differs in meaning between two states of a repository, and whom that touches.

Every tuple is in a fixed order (kinds in the order of `Kind`, then names), so that a plan's text depends on nothing but
the two states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.span import Span


class Kind(Enum):
    """What can change, in the order in which a plan tells it."""

    SOURCE = "source"
    ENTITY = "entity"
    VIEW = "feature view"
    FEATURE = "feature"
    SERVICE = "feature service"
    TRAINING_SET = "training set"


class Class(Enum):
    """What a change does, the gravest first.

    `AVAILABILITY` changes when a value is computed or how long it is served, never the value of an event's window;
    `METADATA` changes neither.
    """

    REMOVED = "removed"
    TYPE = "type-changing"
    VALUE = "value-changing"
    RENAMED = "renamed"
    AVAILABILITY = "availability-changing"
    ADDED = "added"
    METADATA = "metadata only"

    @property
    def gravity(self) -> int:
        """Its place in the order of gravity, the gravest 0."""
        return _GRAVITY[self]


_GRAVITY = {kind: place for place, kind in enumerate(Class)}


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that differs: its name, its texts before and after (None: there was or is none), what that does."""

    property: str
    before: str | None
    after: str | None
    effect: Class


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was added, removed, renamed or changed.

    `name` is its name after the change (before it, of what was removed), `view.feature` of a feature; `was` is its
    name before, where that was another. `classes` is what it does, the gravest first: `ADDED` or `REMOVED` alone, or
    any of the others; empty for a view of which only features changed. `sql` is the change of its SQL as the lines of
    a unified diff. `parts` are the features of a view. `span` is where it stands in the specs after the change, of
    what was removed before it.
    """

    kind: Kind
    name: str
    classes: tuple[Class, ...]
    span: Span
    owner: str
    was: str | None = None
    differences: tuple[Difference, ...] = ()
    sql: tuple[str, ...] = ()
    parts: tuple[Change, ...] = ()

    @property
    def gravest(self) -> Class:
        """The gravest of what the change does, its features included."""
        return min((*self.classes, *(kind for part in self.parts for kind in part.classes)), key=lambda k: k.gravity)

    @property
    def before_name(self) -> str:
        """The name that it had before."""
        return self.was or self.name

    def __contains__(self, kind: Class) -> bool:
        """Whether this is one of the things that the change does."""
        return kind in self.classes


class Bump(Enum):
    """Whether the version of a view, which services read, was raised for a change of values."""

    NOT_NEEDED = "not needed"
    DONE = "done"
    AGREED = "agreed"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Reader:
    """A service of the state before (or after, where it is new) that reads changed features, and who depends on it.

    `features` are the changed ones that it reads, by the names that they had when it read them.
    """

    service: str
    owner: str
    model: str | None
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """Whom the change of one view touches.

    `training_sets` are those of the services hit; `downstream` views whose source is the table of this one, however
    indirectly; `owners` everybody who answers for something here, the view's own owner included. `refilled` says that
    the rows of the online store are written anew, `recomputed` that stored history is of another meaning.
    """

    view: str
    readers: tuple[Reader, ...]
    training_sets: tuple[str, ...]
    downstream: tuple[str, ...]
    owners: tuple[str, ...]
    refilled: bool
    recomputed: bool
    version_before: int | None
    version_after: int | None
    bump: Bump

    @property
    def models(self) -> tuple[str, ...]:
        """The models behind the services hit, sorted."""
        return tuple(sorted({reader.model for reader in self.readers if reader.model is not None}))


@dataclass(frozen=True, slots=True)
class Plan:
    """All that differs, whom it touches, and what must not be merged as it is."""

    changes: tuple[Change, ...]
    impacts: tuple[Impact, ...]
    problems: tuple[Diagnostic, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both states mean the same."""
        return not self.changes

    def every(self) -> Iterator[Change]:
        """Every change, the features of a view right behind it."""
        for change in self.changes:
            yield change
            yield from change.parts

    def impact(self, view: str) -> Impact | None:
        """The impact of a view's change, by the view's name as its change gives it."""
        return next((impact for impact in self.impacts if impact.view == view), None)
