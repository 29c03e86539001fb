"""One case: a spec as text, its events and a spine, with what the oracle must know of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tests.oracle import oracle

E = TypeVar("E", bound=Enum)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: How many microseconds one unit of an epoch column is; nanoseconds are told apart below.
EPOCH_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def instant(us: int) -> datetime:
    """Microseconds since 1970 as an aware instant."""
    return EPOCH + timedelta(microseconds=us)


def duration(us: int) -> str:
    """The canonical spelling of a whole number of seconds: `2h`, never `120m`; days are the largest unit."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if us % (size * 1_000_000) == 0:
            return f"{us // (size * 1_000_000)}{unit}"
    raise AssertionError(us)


@dataclass(frozen=True)
class Clock:
    """How a source spells instants: an aware or naive timestamp column, or an epoch number in `unit`."""

    type: str  # timestamptz, timestamp, bigint
    unit: str | None = None
    timezone: str = "UTC"

    def stored(self, us: int | None) -> Any:
        """The value in the file."""
        if us is None:
            return None
        if self.unit is not None:
            return us * 1_000 if self.unit == "ns" else us // EPOCH_UNITS[self.unit]
        if self.type == "timestamp":
            return instant(us).astimezone(ZoneInfo(self.timezone)).replace(tzinfo=None)
        return instant(us)

    def staged(self, us: int | None) -> Any:
        """The value that expressions see: an aware instant, or the number."""
        return self.stored(us) if us is None or self.unit is not None else instant(us)

    def rounded(self, us: int) -> int:
        """The instant that the column can hold, not above `us`; of two with the same local time, the later."""
        if self.type == "timestamp":
            later: datetime = self.stored(us).replace(tzinfo=ZoneInfo(self.timezone), fold=1)
            return (later - EPOCH) // timedelta(microseconds=1)
        step = EPOCH_UNITS.get(self.unit or "us", 1)
        return us // step * step


@dataclass(frozen=True)
class Derived:
    """A derived feature: Python over the view's values by name."""

    finish: Callable[[Mapping[str, Any]], Any]
    default: Any


@dataclass(frozen=True)
class Case:
    """`columns` maps the source's columns, as declared, to their types; `rows` holds what its file stores."""

    config: Mapping[str, Any]
    source: Mapping[str, Any]
    entity: Mapping[str, Any]
    view_spec: Mapping[str, Any]
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    view: oracle.View
    features: Mapping[str, oracle.Feature]
    derived: Mapping[str, Derived]
    events: Sequence[oracle.Event]
    spine: Sequence[tuple[tuple[Any, ...], int]]
    #: In which of several types the spine brings its instants.
    spine_type: int
    grid: Sequence[int]
    delay: int
    ttl: int | None
    #: A number that decides how the training set is computed: mode, strategy and shards.
    variant: int = 0

    @property
    def keys(self) -> Mapping[str, str]:
        """The entity's keys and their types, in their order."""
        return dict(self.entity["keys"])

    def how(self, choices: type[E], divisor: int = 1) -> E:
        """One of the choices, decided by the variant."""
        return list(choices)[self.variant // divisor % len(choices)]

    def yaml(self) -> str:
        """The spec file."""
        view = self.view_spec["name"]
        service = {
            "name": f"srv_{view}", "description": "All of it.", "owner": "team:test", "features": [f"{view}.*"],
        }  # fmt: skip
        documents: list[Mapping[str, Any]] = [
            {"source": self.source},
            {"entity": self.entity},
            {"feature_view": self.view_spec},
            {"feature_service": service},
        ]
        for mode in ("exact", "as_served"):
            spine = {"path": f"data/labels_{view}.parquet", "time": "at", "label": ["Label"]}
            named = {"name": f"set_{mode}_{view}", "description": "Labels.", "owner": "team:test"}
            documents.append({"training_set": named | {"service": service["name"], "spine": spine, "mode": mode}})
        return "---\n".join(map(block, documents))

    def exact(self, entity: tuple[Any, ...], t: int) -> dict[str, Any]:
        """Every feature's value at t, by the oracle."""
        return self._answered(entity, t)[0]

    def defaulted(self, entity: tuple[Any, ...], t: int) -> dict[str, bool]:
        """For each feature with a default, whether it stands in for a null at t."""
        return self._answered(entity, t)[1]

    def refreshed(self, entity: tuple[Any, ...], t: int) -> dict[str, Any]:
        """What a refresh as of t has in its table: the values, then where defaults stand in."""
        values, defaulted = self._answered(entity, t)
        return values | {f"__defaulted_{name}": stands_in for name, stands_in in defaulted.items()}

    def _answered(self, entity: tuple[Any, ...], t: int) -> tuple[dict[str, Any], dict[str, bool]]:
        values: dict[str, Any] = {}
        defaulted: dict[str, bool] = {}
        for name, feature in self.features.items():
            values[name] = oracle.value(feature._replace(default=None), self.view, self.events, entity, t)
            if feature.default is not None:
                defaulted[name] = values[name] is None
                values[name] = feature.default if defaulted[name] else values[name]
        for name, derived in self.derived.items():
            values[name] = derived.finish(values)
            if derived.default is not None:
                defaulted[name] = values[name] is None
                values[name] = derived.default if defaulted[name] else values[name]
        return values, defaulted

    def as_served(self, entity: tuple[Any, ...], t: int) -> dict[str, Any]:
        """What the online store would have answered at t, by the oracle."""
        g = oracle.served_instant(t, self.grid, self.delay, self.ttl)
        return self.defaults() if g is None else self.exact(entity, g)

    def defaults(self) -> dict[str, Any]:
        """What stands in for every value that is missing."""
        found = {name: feature.default for name, feature in self.features.items()}
        return found | {name: derived.default for name, derived in self.derived.items()}

    def near(self) -> list[int]:
        """The grid's points while the case's events happen and its spine asks."""
        times = [event.k for event in self.events if event.k is not None] + [t for _, t in self.spine]
        return [point for point in self.grid if min(times) <= point <= max(times)] or [self.grid[-1]]

    def refreshes(self) -> list[int]:
        """Three of the grid's points: one early, one in the middle, and the last."""
        near = self.near()
        return sorted({near[len(near) // 3], near[len(near) // 2], near[-1]})

    def grid_points(self, most: int) -> list[int]:
        """About so many of the grid's points, in order and evenly apart."""
        near = self.near()
        return near[:: -(-len(near) // most)]

    def entities(self, more: Iterable[tuple[Any, ...]] = ()) -> list[tuple[Any, ...]]:
        """Every entity that a row or the spine names, and `more`."""
        named = [tuple(event.row[column] for column in self.view.keys) for event in self.events]
        found = dict.fromkeys([*named, *(entity for entity, _ in self.spine), *more])
        return [entity for entity in found if None not in entity]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How Hypothesis prints it."""
        printer.text(repr(self))

    def __repr__(self) -> str:
        return "\n".join(["", self.yaml(), "events (e, k, row):", *map(_line, self.events), *self._spine_lines()])

    def _spine_lines(self) -> list[str]:
        return ["spine:", *(f"  {entity} at {instant(t).isoformat()}" for entity, t in self.spine)]


def _line(event: oracle.Event) -> str:
    times = " ".join("null" if us is None else instant(us).isoformat() for us in (event.e, event.k))
    row = " ".join(f"{name}={_short(value)}" for name, value in event.row.items())
    return f"  {times} {row}"


def _short(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else repr(value)


def block(value: Mapping[str, Any], indent: int = 0) -> str:
    """Plain block YAML of mappings, lists and scalars; every string is quoted as JSON, which YAML reads."""
    lines = []
    for key, item in value.items():
        lines.append(_entry(" " * indent + f"{key}:", item, indent))
    return "".join(lines)


def _entry(head: str, item: Any, indent: int) -> str:
    if isinstance(item, dict) and item and all(not isinstance(part, dict | list) for part in item.values()):
        return f"{head} {_flow(item)}\n"
    if isinstance(item, dict) and item:
        return f"{head}\n" + block(item, indent + 2)
    if isinstance(item, list) and any(isinstance(part, dict) for part in item):
        return f"{head}\n" + "".join(_member(part, indent + 2) for part in item)
    return f"{head} {_flow(item)}\n"


def _member(part: Mapping[str, Any], indent: int) -> str:
    text = block(part, indent + 2)
    return " " * indent + "- " + text[indent + 2 :]


def _flow(item: Any) -> str:
    if isinstance(item, dict):
        return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in item.items()) + "}"
    if isinstance(item, list | tuple):
        return "[" + ", ".join(_flow(value) for value in item) + "]"
    return json.dumps(item, ensure_ascii=False) if not hasattr(item, "as_tuple") else str(item)
