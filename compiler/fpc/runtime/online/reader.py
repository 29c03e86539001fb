"""Reading a service's features for entities: one round trip, each feature with its status and the instant it is as of.

A read fetches, for each view of the service, the view's record and the entity's row of the version that the record
named last time (the registry's version at first). Only where the record names another one now is there a second trip.

**As of.** A row holds the instant at which its values were computed, the record the instant up to which all rows are
right (the watermark). A row is as of the later of the two, as an entity whose values did not change is not written
again; an entity without a row has the values of an entity with no event, as of the watermark. This is sound as the
record is read no later than the row. Where the store cannot promise that (a cluster), a watermark counts only if it
was known before the rows were read, else they are read once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from fpc.contract.addresses import record_key, row_key, row_prefix, version_of
from fpc.contract.keys import KeyValueError, key_of
from fpc.contract.published import PublishedVersion, PublishedView, RecordError, load_record
from fpc.contract.registry import FeatureContract, Registry, ServiceContract, ViewContract
from fpc.contract.rows import Row, RowCodec, RowError
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online.store import OnlineStore

_READS: Final = 4


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


@dataclass(frozen=True, slots=True)
class FeatureValue:
    """One feature of one entity. `as_of_us` is None where the view is not published; `reason`, where a value is."""

    name: str
    value: object
    status: Status
    as_of_us: int | None
    view: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's features for one entity, in the service's order."""

    features: tuple[FeatureValue, ...]

    def values(self) -> dict[str, object]:
        """Name to value."""
        return {feature.name: feature.value for feature in self.features}


@dataclass(slots=True)
class _View:
    """What the reader knows of one view: its last record, parsed, and how its served version's rows are read."""

    contract: ViewContract
    record_key: bytes
    data: bytes | None
    record: PublishedView
    version: str
    prefix: bytes
    codec: RowCodec | None
    places: dict[str, int]
    empty: Row | None


@dataclass(frozen=True, slots=True)
class _Served:
    """One entity of one view: the row that answers, if any, whether it is an entity without events, and as of when."""

    row: Row | None
    absent: bool
    as_of_us: int | None
    places: Mapping[str, int]


class OnlineReader:
    """Reads one repository's services from one store; keeps what it learns of the views from read to read.

    Use one per thread.
    """

    def __init__(self, store: OnlineStore, registry: Registry) -> None:
        """Nothing is read yet."""
        self._store = store
        self._registry = registry
        self._views: dict[str, _View] = {}

    def read(self, service: str, keys: Mapping[str, object], now_us: int) -> Answer:
        """The service's features for one entity; `keys` has the key columns of all its views' entities."""
        return self.read_many(service, [keys], now_us)[0]

    def read_many(self, service: str, entities: Sequence[Mapping[str, object]], now_us: int) -> list[Answer]:
        """The same for many entities, in their order, in one round trip.

        Raises `FpcRuntimeError` for an unknown service, a key that is missing or of another type, and, where the
        service says `on_missing: error`, for a feature that cannot be served.
        """
        contract = self._registry.services.get(service)
        if contract is None:
            raise FpcRuntimeError(f"there is no service `{service}`", help=_known(self._registry), exit_code=2)
        if not entities:
            return []
        views = [self._view(name) for name in dict.fromkeys(member.view for member in contract.members)]
        keys = {view.contract.name: _entity_keys(view.contract, entities) for view in views}
        served = self._fetch(views, keys)
        return [self._answer(contract, served, at, now_us) for at in range(len(entities))]

    def _view(self, name: str) -> _View:
        known = self._views.get(name)
        if known is None:
            contract = self._registry.views[name]
            version = version_of(contract)
            prefix = row_prefix(self._registry.name, name, version)
            key = record_key(self._registry.name, name)
            known = _View(contract, key, None, PublishedView(), version, prefix, None, {}, None)
            self._views[name] = known
        return known

    def _fetch(self, views: Sequence[_View], keys: Mapping[str, Sequence[bytes]]) -> dict[str, list[_Served]]:
        """The rows of all entities in all views. The first trip reads all views, further ones those that moved."""
        found: dict[str, list[_Served]] = {}
        waiting = list(views)
        for _ in range(_READS):
            wanted: list[bytes] = [view.record_key for view in waiting]
            for view in waiting:
                wanted += [row_key(view.prefix, key) for key in keys[view.contract.name]]
            values = self._store.get(wanted)
            at = len(waiting)
            moved = []
            for view, data in zip(waiting, values, strict=False):
                count = len(keys[view.contract.name])
                rows, at = values[at : at + count], at + count
                if self._learn(view, data):
                    found[view.contract.name] = _served(view, rows)
                else:
                    moved.append(view)
            if not moved:
                return found
            waiting = moved
        raise FpcRuntimeError(
            f"view `{waiting[0].contract.name}` was published anew again and again while it was read", help="read again"
        )

    def _learn(self, view: _View, data: bytes | None) -> bool:
        """Take note of the record that was read; whether the rows read with it can be used."""
        if data == view.data and view.codec is not None:
            return True
        view.data = data
        try:
            view.record = PublishedView() if data is None else load_record(data)
        except RecordError as error:
            raise FpcRuntimeError(
                f"view `{view.contract.name}` cannot be read: {error}", help="publish it again: fpc run"
            ) from error
        serving = view.record.published(view.record.active)
        if serving is None:
            view.codec, view.empty, view.data = None, None, None
            return True
        read_version, view.version = view.version, serving.version
        if read_version != view.version or view.codec is None:
            view.codec = RowCodec([type_name for _, type_name in serving.features])
            view.places = {name: place for place, (name, _) in enumerate(serving.features)}
            view.prefix = row_prefix(self._registry.name, view.contract.name, view.version)
        view.empty = _decoded(view, serving.empty)
        return read_version == view.version and self._store.reads_are_atomic

    def _answer(
        self, service: ServiceContract, served: Mapping[str, Sequence[_Served]], at: int, now_us: int
    ) -> Answer:
        values = []
        for member in service.members:
            view = self._views[member.view].contract
            feature = next(feature for feature in view.features if feature.name == member.feature)
            values.append(_value(member.column, view, feature, served[member.view][at], service.on_missing, now_us))
        if service.on_missing == "error":
            missing = [f"`{value.name}` ({value.reason.value})" for value in values if value.reason is not None]
            if missing:
                raise FpcRuntimeError(
                    f"service `{service.name}` cannot answer {', '.join(missing)}",
                    help="refresh its views: fpc run; or let the service say `on_missing: default`",
                )
        return Answer(tuple(values))


def read(store: OnlineStore, registry: Registry, service: str, keys: Mapping[str, object], now_us: int) -> Answer:
    """One read of a service for one entity; a program that reads often keeps an `OnlineReader`."""
    return OnlineReader(store, registry).read(service, keys, now_us)


def _served(view: _View, rows: Sequence[bytes | None]) -> list[_Served]:
    serving = view.record.published(view.record.active)
    if serving is None:
        return [_Served(None, False, None, {}) for _ in rows]
    return [_served_row(view, serving, data) for data in rows]


def _served_row(view: _View, serving: PublishedVersion, data: bytes | None) -> _Served:
    if data is not None:
        row = _decoded(view, data)
        if not row.tombstone:
            return _Served(row, False, max(row.as_of_us, serving.watermark_us), view.places)
        if row.as_of_us > serving.watermark_us:  # removed by a refresh that is not complete yet
            return _Served(row, True, row.as_of_us, view.places)
    return _Served(view.empty, True, serving.watermark_us, view.places)


def _decoded(view: _View, data: bytes) -> Row:
    assert view.codec is not None
    try:
        return view.codec.decode(data)
    except RowError as error:
        raise FpcRuntimeError(
            f"view `{view.contract.name}` has a row that cannot be read: {error}", help="publish it again: fpc run"
        ) from error


def _value(
    name: str, view: ViewContract, feature: FeatureContract, served: _Served, on_missing: str, now_us: int
) -> FeatureValue:
    reason = _why_missing(view, feature.name, served, now_us)
    if reason is not None:
        stands_in = feature.default is not None and on_missing != "null"
        value = feature.default if stands_in else None
        return FeatureValue(
            name, value, Status.DEFAULT if stands_in else Status.NULL, served.as_of_us, view.name, reason
        )
    assert served.row is not None
    value = served.row.values[served.places[feature.name]]
    status = Status.PRESENT
    if value is None:
        value = feature.default
        status = Status.NULL if value is None else Status.DEFAULT
    elif served.absent and value == feature.default:
        status = Status.DEFAULT
    return FeatureValue(name, value, status, served.as_of_us, view.name)


def _why_missing(view: ViewContract, feature: str, served: _Served, now_us: int) -> Reason | None:
    if served.as_of_us is None:
        return Reason.NOT_PUBLISHED
    if feature not in served.places:
        return Reason.NOT_IN_VERSION
    if view.online_ttl_us is not None and now_us - served.as_of_us > view.online_ttl_us:
        return Reason.EXPIRED
    return None


def _entity_keys(view: ViewContract, entities: Sequence[Mapping[str, object]]) -> list[bytes]:
    try:
        return [key_of(view.keys, entity) for entity in entities]
    except KeyValueError as error:
        wanted = ", ".join(f"{key.name} ({key.type})" for key in view.keys)
        raise FpcRuntimeError(
            f"view `{view.name}`: {error}", help=f"entity `{view.entity}` is asked for by {wanted}", exit_code=2
        ) from error


def _known(registry: Registry) -> str:
    return f"there are: {', '.join(registry.services) or 'none'}"
