"""What a benchmark found: the figures of its steps, and findings that are held against their goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.measure import Spread


@dataclass(frozen=True, slots=True)
class Row:
    """The medians of one step's runs."""

    name: str
    rounds: int
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One measured figure. `goal` is a bound on it (`at_most` or at least), None for what is only reported.

    `why` says what stands behind a goal that is missed.
    """

    benchmark: str
    what: str
    measured: float
    unit: str
    goal: float | None = None
    at_most: bool = True
    why: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached, if there is one."""
        if self.goal is None:
            return True
        return self.measured <= self.goal if self.at_most else self.measured >= self.goal


@dataclass(frozen=True, slots=True)
class Outcome:
    """One benchmark's whole result; `load` is that of the machine when it ended, `at` when that was."""

    name: str
    title: str
    size: str
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    load: float = 0.0
    at: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Outcome:
        """Back from `to_json`."""
        return Outcome(
            data["name"],
            data["title"],
            data["size"],
            tuple(Row(**row) for row in data["rows"]),
            tuple(Finding(**finding) for finding in data["findings"]),
            data["load"],
            data["at"],
        )


def rows_of(spreads: Mapping[str, Spread]) -> tuple[Row, ...]:
    """One row per step, in order."""
    return tuple(
        Row(
            name,
            len(spread.runs),
            spread.median("cpu_seconds"),
            spread.median("wall_seconds"),
            int(spread.median("peak_bytes")),
        )
        for name, spread in spreads.items()
    )


def ratio(spreads: Mapping[str, Spread], over: str, under: str, figure: str = "cpu_seconds") -> float:
    """The ratio of two steps' medians."""
    return spreads[over].median(figure) / max(spreads[under].median(figure), 1e-9)


def ratios(found: Sequence[Finding]) -> str:
    """The findings as lines for the terminal."""
    lines = []
    for finding in found:
        goal = ""
        if finding.goal is not None:
            verdict = "reached" if finding.is_met else "MISSED"
            goal = f"  (goal {'<=' if finding.at_most else '>='} {finding.goal:g}: {verdict})"
        lines.append(f"{finding.benchmark:4s} {finding.what}: {finding.measured:.3g} {finding.unit}{goal}")
    return "\n".join(lines)
