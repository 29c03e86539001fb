"""Hash shards of a view's entities: what is computed at one time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fpc.contract.registry import ColumnContract
from fpc.runtime.quoting import quoted

_PARTS: Final = 4


@dataclass(frozen=True, slots=True)
class Shard:
    """The entities whose keys' hash leaves `place` when divided by `of`; one of 1 is all of them."""

    of: int
    place: int

    def condition(self, keys: Sequence[ColumnContract]) -> str:
        """The WHERE clause over the keys; empty where the shard is all entities."""
        if self.of == 1:
            return ""
        return f"WHERE {remainder(keys, self.of)} = {self.place}"

    def cut(self) -> Iterator[Shard]:
        """Smaller shards that together have the same entities."""
        for part in range(_PARTS):
            yield Shard(self.of * _PARTS, self.place + part * self.of)


def remainder(keys: Sequence[ColumnContract], of: int) -> str:
    """The SQL of what an entity's hash leaves when divided by `of`: the place of its shard, or of its file."""
    return f"HASH({', '.join(quoted(key.name) for key in keys)}) % {of}"
