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

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fpc.contract.addresses import record_key, row_keys, row_prefix, version_of
from fpc.contract.defaults import default_value
from fpc.contract.keys import KeyCodec, KeyValueError
from fpc.contract.published import PublishedVersion, PublishedView, RecordError, load_record
from fpc.contract.registry import Registry, ServiceContract, ViewContract
from fpc.contract.rows import Row, RowCodec, RowError
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online.answer import Answer, Member, ServedRow, columns_of
from fpc.runtime.online.store import OnlineStore

# A record that is replaced between a read's trips sends it round again; so often in one read is a fault.
_TRIPS: Final = 8


@dataclass(slots=True)
class _View:
    """What the reader knows of one view: its last record, as bytes and parsed, and how the served rows are read."""

    contract: ViewContract
    keys: KeyCodec
    record_key: bytes
    version: str
    prefix: bytes
    data: bytes | None = None
    record: PublishedView | None = None
    codec: RowCodec | None = None
    places: Mapping[str, int] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)
    empty: Row | None = None


@dataclass(frozen=True, slots=True)
class _Service:
    """A service as it is read: its views and its members."""

    contract: ServiceContract
    views: tuple[_View, ...]
    members: tuple[Member, ...]


class OnlineReader:
    """Reads one repository's services from one store; keeps what it learns of the views from read to read.

    Use one per thread.
    """

    def __init__(self, store: OnlineStore, registry: Registry) -> None:
        """Nothing is read yet."""
        self._store = store
        self._registry = registry
        self._views: dict[str, _View] = {}
        self._services: dict[str, _Service] = {}

    def read(self, service: str, keys: Mapping[str, object], now_us: int) -> Answer:
        """The service's features for one entity; `keys` has the key columns of all its views' entities."""
        return self.read_many(service, [keys], now_us)[0]

    def read_many(self, service: str, entities: Sequence[Mapping[str, object]], now_us: int) -> list[Answer]:
        """The same for many entities, in their order, in one round trip.

        Raises `FpcRuntimeError` for an unknown service, a key that is missing or of another type, and, where the
        service says `on_missing: error`, for a feature that cannot be served.
        """
        known = self._services.get(service) or self._service(service)
        if not entities:
            return []
        keys = [_entity_keys(view, entities) for view in known.views]
        columns = self._fetch(known.views, keys, now_us)
        places = columns_of(known.members, [view.places for view in known.views])
        answers = [Answer(known.members, places, served) for served in zip(*columns, strict=True)]
        if known.contract.on_missing == "error":
            _check_complete(known.contract, answers)
        return answers

    def _service(self, name: str) -> _Service:
        contract = self._registry.services.get(name)
        if contract is None:
            known = ", ".join(self._registry.services) or "none"
            raise FpcRuntimeError(f"there is no service `{name}`", help=f"there are: {known}", exit_code=2)
        names = list(dict.fromkeys(member.view for member in contract.members))
        members = []
        for member in contract.members:
            view = self._registry.views[member.view]
            feature = next(feature for feature in view.features if feature.name == member.feature)
            default = default_value(feature.type, feature.default)
            at, stands_in = names.index(member.view), contract.on_missing != "null"
            members.append(Member(member.column, at, member.view, feature.name, default, stands_in))
        self._services[name] = _Service(contract, tuple(map(self._view, names)), tuple(members))
        return self._services[name]

    def _view(self, name: str) -> _View:
        if name not in self._views:
            contract = self._registry.views[name]
            version = version_of(contract)
            self._views[name] = _View(
                contract,
                KeyCodec(contract.keys),
                record_key(self._registry.name, name),
                version,
                row_prefix(self._registry.name, name, version),
            )
        return self._views[name]

    def _fetch(self, views: Sequence[_View], keys: Sequence[Sequence[bytes]], now_us: int) -> list[list[ServedRow]]:
        """The rows of all entities in each view. The first trip reads all views, further ones those that moved."""
        found: dict[int, list[ServedRow]] = {}
        waiting = list(range(len(views)))
        for _ in range(_TRIPS):
            wanted = [views[place].record_key for place in waiting]
            for place in waiting:
                wanted += row_keys(views[place].prefix, keys[place])
            values = self._store.get(wanted)
            at = len(waiting)
            moved = []
            for place, data in zip(waiting, values, strict=False):
                rows, at = values[at : at + len(keys[place])], at + len(keys[place])
                if self._learn(views[place], data):
                    found[place] = _served(views[place], rows, now_us)
                else:
                    moved.append(place)
            if not moved:
                return [found[place] for place in range(len(views))]
            waiting = moved
        name = views[waiting[0]].contract.name
        raise FpcRuntimeError(f"view `{name}` was published anew again and again while it was read", help="read again")

    def _learn(self, view: _View, data: bytes | None) -> bool:
        """Take note of the record that was read; returns whether the rows that were read with it can be used."""
        if data == view.data and view.record is not None:
            return True
        try:
            view.record = PublishedView() if data is None else load_record(data)
        except RecordError as error:
            raise FpcRuntimeError(
                f"view `{view.contract.name}` cannot be read: {error}", help="publish it again: fpc run"
            ) from error
        view.data = data
        serving = view.record.published(view.record.active)
        if serving is None:
            return True
        read_version, view.version = view.version, serving.version
        view.prefix = row_prefix(self._registry.name, view.contract.name, serving.version)
        view.codec = RowCodec([type_name for _, type_name in serving.features])
        view.places = {name: place for place, (name, _) in enumerate(serving.features)}
        view.defaults = _defaults(view.contract, serving)
        view.empty = _decoded(view, serving.empty)
        return read_version == serving.version and self._store.reads_are_atomic


def read(store: OnlineStore, registry: Registry, service: str, keys: Mapping[str, object], now_us: int) -> Answer:
    """One read of a service for one entity; a program that reads often keeps an `OnlineReader`."""
    return OnlineReader(store, registry).read(service, keys, now_us)


def _served(view: _View, rows: Sequence[bytes | None], now_us: int) -> list[ServedRow]:
    """What answers for each entity: its row, or where it has none the row of an entity without events."""
    assert view.record is not None
    serving = view.record.published(view.record.active)
    if serving is None:
        return [ServedRow(None, None, False, {}, {})] * len(rows)
    ttl = view.contract.online_ttl_us
    oldest = -math.inf if ttl is None else now_us - ttl
    watermark, places, defaults = serving.watermark_us, view.places, view.defaults
    absent = ServedRow(view.empty, watermark, watermark >= oldest, places, defaults)
    served = []
    for data in rows:
        row = None if data is None else _decoded(view, data)
        # A tombstone says itself what an entity without events has, where its refresh is not complete yet.
        if row is None or (row.tombstone and row.as_of_us <= watermark):
            served.append(absent)
            continue
        as_of_us = row.as_of_us if row.as_of_us > watermark else watermark
        served.append(ServedRow(row, as_of_us, as_of_us >= oldest, places, defaults))
    return served


def _defaults(contract: ViewContract, serving: PublishedVersion) -> Mapping[str, object]:
    """The defaults of the served version; those of the reader's contract where the record does not say them."""
    stored = serving.defaults
    if stored is None:
        stored = {feature.name: feature.default for feature in contract.features}
    try:
        return {name: default_value(type_name, stored.get(name)) for name, type_name in serving.features}
    except (ValueError, ArithmeticError) as error:
        raise FpcRuntimeError(
            f"view `{contract.name}` has a default that cannot be read: {error}", help="publish it again: fpc run"
        ) from error


def _decoded(view: _View, data: bytes) -> Row:
    assert view.codec is not None
    try:
        return view.codec.decode(data)
    except RowError as error:
        raise FpcRuntimeError(
            f"view `{view.contract.name}` has a row that cannot be read: {error}", help="publish it again: fpc run"
        ) from error


def _check_complete(service: ServiceContract, answers: Sequence[Answer]) -> None:
    for answer in answers:
        missing = [f"`{value.name}` ({value.reason.value})" for value in answer.features if value.reason is not None]
        if missing:
            raise FpcRuntimeError(
                f"service `{service.name}` cannot answer {', '.join(missing)}",
                help="refresh its views: fpc run; or let the service say `on_missing: default`",
            )


def _entity_keys(view: _View, entities: Sequence[Mapping[str, object]]) -> list[bytes]:
    try:
        return [view.keys.encode_of(entity) for entity in entities]
    except KeyValueError as error:
        contract = view.contract
        wanted = ", ".join(f"{key.name} ({key.type})" for key in contract.keys)
        raise FpcRuntimeError(
            f"view `{contract.name}`: {error}", help=f"entity `{contract.entity}` is asked for by {wanted}", exit_code=2
        ) from error
