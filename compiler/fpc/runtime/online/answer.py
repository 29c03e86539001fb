"""What a read answers: for each feature its value, its status and the instant that it is as of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from fpc.contract.rows import Row


class Status(Enum):
    """What kind of answer a feature's value is."""

    PRESENT = "present"  # computed
    NULL = "null"  # computed, and it is null; or nothing can be served and no default is declared
    DEFAULT = "default"  # the declared default stands in


class Reason(Enum):
    """Why nothing computed is served."""

    EXPIRED = "expired"  # the newest value is older than the view's `online_ttl`
    NOT_PUBLISHED = "not published"  # the view was never published to this store, or the store lost it
    NOT_IN_VERSION = "not in the served version"  # after a rollback, or before a new definition's first publication


class FeatureValue(NamedTuple):
    """One feature of one entity. `as_of_us` is None where the view is not published; `reason`, where a value is."""

    name: str
    value: object
    status: Status
    as_of_us: int | None
    view: str
    reason: Reason | None = None


class ServedRow(NamedTuple):
    """What one view has for one entity.

    `row` is the row that answers, if the view is published; `is_fresh` says that its values are not too old to be
    served; `places` are the features' places in it, `defaults` those of the served version, by feature.
    """

    row: Row | None
    as_of_us: int | None
    is_fresh: bool
    places: Mapping[str, int]
    defaults: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Member:
    """One feature of a service: the name it is answered under, its view (the `at`th of the service's) and its name
    there, the default as a value for what the served version does not have, and whether a default stands in for what
    cannot be served.
    """

    name: str
    at: int
    view: str
    feature: str
    default: object
    stands_in: bool

    def value(self, served: ServedRow) -> FeatureValue:
        """What is answered: the row's value, or what stands in for it and why."""
        default = served.defaults.get(self.feature) if self.feature in served.places else self.default
        reason = self._why_missing(served)
        if reason is not None:
            stands_in = default is not None and self.stands_in
            status = Status.DEFAULT if stands_in else Status.NULL
            return FeatureValue(self.name, default if stands_in else None, status, served.as_of_us, self.view, reason)
        assert served.row is not None
        value = served.row.values[served.places[self.feature]]
        status = Status.PRESENT
        if value is None:
            value, status = default, Status.NULL if default is None else Status.DEFAULT
        return FeatureValue(self.name, value, status, served.as_of_us, self.view)

    def _why_missing(self, served: ServedRow) -> Reason | None:
        if served.as_of_us is None:
            return Reason.NOT_PUBLISHED
        if self.feature not in served.places:
            return Reason.NOT_IN_VERSION
        return None if served.is_fresh else Reason.EXPIRED


class Columns(NamedTuple):
    """The names of a service's features, and how their values are picked out of its views' rows, joined.

    `pick` is None where a row lacks one of them.
    """

    names: tuple[str, ...]
    pick: Callable[[tuple[object, ...]], tuple[object, ...]] | None


class Answer:
    """A service's features for one entity, in the service's order."""

    __slots__ = ("_columns", "_members", "_served")

    def __init__(self, members: Sequence[Member], columns: Columns, served: Sequence[ServedRow]) -> None:
        """What was read of each view, and where in it the features are."""
        self._members = members
        self._columns = columns
        self._served = served

    @property
    def features(self) -> tuple[FeatureValue, ...]:
        """Each feature with its status and the instant it is as of."""
        return tuple([member.value(self._served[member.at]) for member in self._members])

    def values(self) -> dict[str, object]:
        """Name to value alone: many times cheaper than `features`, for programs that read often."""
        names, pick = self._columns
        if pick is not None:
            joined: tuple[object, ...] = ()
            for row, _, is_fresh, _, _ in self._served:
                if not is_fresh or row is None:
                    break
                joined += row.values
            else:
                values = pick(joined)
                if None not in values:
                    return dict(zip(names, values, strict=True))
                return {
                    member.name: self._served[member.at].defaults.get(member.feature) if value is None else value
                    for member, value in zip(self._members, values, strict=True)
                }
        return {member.name: member.value(self._served[member.at]).value for member in self._members}


def columns_of(members: Sequence[Member], places: Sequence[Mapping[str, int]]) -> Columns:
    """How the members' values are picked; `places` are those of each view's features in its rows, in order."""
    offsets = list(accumulate(map(len, places), initial=0))
    found = [places[member.at].get(member.feature) for member in members]
    wanted = [offsets[member.at] + place for member, place in zip(members, found, strict=True) if place is not None]
    names = tuple(member.name for member in members)
    if len(wanted) < len(members) or not wanted:
        return Columns(names, None)
    if len(wanted) == 1:  # a getter of one thing would return it bare
        return Columns(names, itemgetter(slice(wanted[0], wanted[0] + 1)))
    return Columns(names, itemgetter(*wanted))
