"""How a run of the benchmarks is made: the size of the data and the number of rounds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """`size` is one of `benchmarks.data.SIZES`; steps that take minutes are run `heavy_rounds` times."""

    size: str = "20m"
    rounds: int = 3
    heavy_rounds: int = 1

    @property
    def skewed(self) -> str:
        """The size with the hot entity that belongs to this size."""
        return {"20m": "hot", "2m": "hot2m"}.get(self.size, "hottiny")

    @property
    def small(self) -> str:
        """The size for peers that cannot finish the large one."""
        return "2m" if self.size == "20m" else self.size

    @property
    def entities(self) -> int:
        """How many entities are published."""
        return {"20m": 200_000, "2m": 50_000}.get(self.size, 5_000)

    @property
    def views(self) -> tuple[int, int]:
        """How many specs are checked, and how many are compiled."""
        return (1_000, 500) if self.size != "tiny" else (20, 10)
