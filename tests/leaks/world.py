"""A tiny world that goes on by itself: events, what becomes of them, and people who change.

It moves in steps of six hours, each with its own dice, so that two worlds with the same seed up to an instant have the
same past and, with another seed from there on, another future: other events, other outcomes, other delays.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tests.differential.case import instant

HOUR = 3_600_000_000
STEP = 6 * HOUR
START = 1_704_672_000_000_000  # 2024-01-08T00:00Z
STEPS = 44
USERS = (1, 2, 3)


@dataclass
class Event:
    """One event, with its changes so far, and when it arrived and ended, if it has."""

    number: int
    user: int
    item: int
    amount: int
    kind: str
    happened: int
    arrived: int | None = None
    ended: int | None = None
    went_well: bool | None = None
    versions: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Person:
    """One user, with each version so far: from when, plan and score."""

    user: int
    since: int
    versions: list[tuple[int, str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Future:
    """What is other than in the world itself from an instant on: the dice, how likely rows arrive, whether it stops."""

    name: str
    seed: int = 0
    arrival: float = 0.4
    stops: bool = False


@dataclass
class World:
    """Everything that has happened up to the instant `now`."""

    now: int
    events: list[Event] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)


@lru_cache(maxsize=64)
def happen(cut: int, future: Future, stream: int) -> World:
    """The world with its own past up to `cut`, and this future; `stream` keeps two tables' events apart."""
    world = World(START)
    for step in range(STEPS):
        now = START + step * STEP
        later = now >= cut
        if later and future.stops:
            break
        dice = random.Random(f"{future.seed if later else 0}:{stream}:{step}")
        _move(world, now, dice, future.arrival if later else 0.4)
        world.now = now + STEP
    if future.stops:
        world.now = cut
    return world


def _move(world: World, now: int, dice: random.Random, arrival: float) -> None:
    """Everything of one step happens after its beginning and before its end, and each thing at a time of its own."""
    times = iter(sorted(dice.sample(range(1, STEP // 1_000), 60)))

    def at() -> int:
        return now + next(times) * 1_000

    for event in world.events:
        if event.arrived is None and dice.random() < arrival:
            event.arrived = at()
        if event.ended is None and dice.random() < 0.3:
            _change(event, at(), dice)
    for person in world.people:
        if dice.random() < 0.3:
            person.versions.append((at(), dice.choice(("free", "plus", "pro")), dice.randint(1, 9)))
    if not world.people:
        for user in USERS:
            since = at()
            world.people.append(Person(user, since, [(since, "free", dice.randint(1, 9))]))
    for _ in range(dice.randint(1, 2)):
        happened = at()
        world.events.append(
            Event(
                number=len(world.events) + 1,
                user=dice.choice(USERS),
                item=dice.choice((1, 2)),
                amount=dice.randint(1, 9),
                kind=dice.choice(("a", "b")),
                happened=happened,
                versions=[(happened, "placed")],
            )
        )


def _change(event: Event, at: int, dice: random.Random) -> None:
    if len(event.versions) < 2 and dice.random() < 0.5:
        event.versions.append((at, "under_way"))
        return
    event.ended, event.went_well = at, dice.random() < 0.6
    event.versions.append((at, "done" if event.went_well else "undone"))


Row = dict[str, Any]


def event_rows(world: World, how: str, columns: Mapping[str, str]) -> list[Row]:
    """The rows that a table of events holds now, kept in this way."""
    rows = []
    for event in world.events:
        match how:
            case "appended" | "overwritten":
                states = [len(event.versions) if how == "overwritten" else 1]
            case "redelivered":
                states = [1, 1] if event.arrived is not None else [1]
            case "late":
                states = [1] if event.arrived is not None else []
            case "settled":
                states = [len(event.versions)] if event.ended is not None else []
            case "versioned":
                states = list(range(1, len(event.versions) + 1))
            case _:
                raise AssertionError(how)
        for known in states:
            rows.append({name: _of_event(event, known, role) for name, role in columns.items()})
    return rows


def _of_event(event: Event, known: int, role: str) -> Any:
    at, state = event.versions[known - 1]
    ended = state in ("done", "undone")
    values: dict[str, Callable[[], Any]] = {
        "id": lambda: event.number,
        "user": lambda: event.user,
        "item": lambda: event.item,
        "number": lambda: event.amount,
        "kind": lambda: event.kind,
        "happened": lambda: instant(event.happened),
        "arrived": lambda: None if event.arrived is None else instant(event.arrived),
        "changed": lambda: instant(at),
        "state": lambda: state,
        "growing": lambda: event.amount * known,
        "later": lambda: instant(event.ended) if ended and event.ended is not None else None,
        "flag": lambda: event.went_well if ended else None,
    }
    return values[role]()


def person_rows(world: World, how: str, columns: Mapping[str, str]) -> list[Row]:
    """The rows that a table of people holds now, kept in this way."""
    rows = []
    for person in world.people:
        versions = list(enumerate(person.versions))
        for place, version in versions if how in ("changes", "scd2") else versions[-1:]:
            after = person.versions[place + 1 :]
            values = {
                "user": person.user,
                "since": instant(person.since),
                "changed": instant(version[0]),
                "plan": version[1],
                "score": version[2],
                "valid_to": instant(after[0][0]) if after else None,
                "is_current": not after,
            }
            rows.append({name: values[role] for name, role in columns.items()})
    return rows
