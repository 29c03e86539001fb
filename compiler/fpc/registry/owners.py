"""Who owns what."""

from __future__ import annotations

from dataclasses import dataclass, field

from fpc.contract.registry import Registry
from fpc.registry.things import Kind, Thing, things


@dataclass(slots=True)
class Holding:
    """What one owner answers for; a feature is its view's owner's. The owner `` is nobody."""

    owner: str
    things: list[Thing] = field(default_factory=list)

    def count(self, kind: Kind) -> int:
        """How many things of a kind."""
        return sum(thing.kind is kind for thing in self.things)


def holdings(registry: Registry) -> tuple[Holding, ...]:
    """Every owner with what is theirs, by name, and what nobody owns last; columns are left out."""
    found: dict[str, Holding] = {}
    for thing in things(registry):
        if thing.kind is not Kind.COLUMN:
            found.setdefault(thing.owner, Holding(thing.owner)).things.append(thing)
    return tuple(sorted(found.values(), key=lambda holding: (not holding.owner, holding.owner)))
