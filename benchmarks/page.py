"""Writes docs/benchmarks.md and its plots from the figures of results.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import plots
from benchmarks.data import SIZES
from benchmarks.measure import ROOT
from benchmarks.outcome import Finding, Outcome
from benchmarks.suite.all import SUITE

PAGE = ROOT / "docs" / "benchmarks.md"
PLOTS = ROOT / "docs" / "benchmarks"
_ORDER = tuple(SUITE)
#: As many processes as the benchmarks themselves keep busy.
_QUIET = 2.5

_INTRODUCTION = """\
<!-- Written by `python -m benchmarks` from benchmarks/results.json: change those, not this page. -->

# Benchmarks

`make bench` measures what follows and writes this page; `python -m benchmarks --help` names its parts, and
`python -m benchmarks training --size 2m --rounds 1` is a quick look.

Every step runs in a process of its own, warmed up, in turn with those it is compared with. CPU seconds (user and
system, of the process and its children) are the judged figure, since wall time on a shared machine is mostly waiting.
**S** is the CPU time in which DuckDB reads the same events, sorts them by entity and time and stores four columns.
Figures are medians over the rounds that each table names.

The events are seeded: two years, skewed entities (Zipf 0.7), 1 % null amounts, ties, a spine with 13 % of its rows
exactly on a window's edge and 3 % unknown entities. The 48 features are count, sum, avg, stddev, min, max, last and
count distinct over 1 h, 1 d, 7 d, 30 d, 90 d and all time; the 24 invertible ones are the first four.
"""


def write(results: Path) -> None:
    """Write the page and the plots."""
    kept = json.loads(results.read_text())
    outcomes = [Outcome.from_json(data) for data in kept["outcomes"].values()]
    outcomes.sort(key=lambda outcome: _ORDER.index(outcome.name))
    PLOTS.mkdir(parents=True, exist_ok=True)
    parts = [_INTRODUCTION, _machine(kept["machine"]), _summary(outcomes), _missed(outcomes), _circumstances(outcomes)]
    parts += [_section(outcome, plots.draw(outcome, PLOTS)) for outcome in outcomes]
    PAGE.write_text("\n".join(parts))


def _machine(facts: dict[str, str]) -> str:
    lines = [f"- {name}: {fact}" for name, fact in facts.items()]
    return "\n".join(["## Where it was measured", "", *lines, ""])


def _summary(outcomes: Sequence[Outcome]) -> str:
    rows = [
        f"| {found.benchmark} | {found.what} | {_size(outcome)} | {_goal(found)} | {_figure(found)} |"
        f" {_verdict(found)} |"
        for outcome, found in _findings(outcomes)
        if found.goal is not None
    ]
    head = ["| | what | data | goal | measured | |", "|---|---|---|---|---|---|"]
    return "\n".join(["## Goals", "", *head, *rows, ""])


def _verdict(finding: Finding) -> str:
    return "reached" if finding.is_met else "**missed**"


def _missed(outcomes: Sequence[Outcome]) -> str:
    lines = [
        f"- **{f.benchmark}**, {f.what} ({_size(o)}): {_figure(f)} where {_goal(f)} was the goal, {_by(f)}. "
        f"{_sentence(f.why)}"
        for o, f in _findings(outcomes)
        if not f.is_met
    ]
    return "\n".join(["## What was missed, and why", "", *(lines or ["Nothing."]), ""])


def _circumstances(outcomes: Sequence[Outcome]) -> str:
    """What the figures lack: what was not run, run once, or run while the machine was at something else."""
    names = {outcome.name for outcome in outcomes}
    lines = []
    if missing := [name for name in _ORDER if name not in names]:
        lines.append(f"Not measured: {_listed(missing)}.")
    times = sorted(outcome.at for outcome in outcomes)
    lines.append(f"Measured from {times[0]} to {times[-1]}.")
    loads = sorted(outcome.load for outcome in outcomes)
    lines.append(f"Processes waiting or running, over five minutes, as each ended: {loads[0]:g} to {loads[-1]:g}.")
    if busy := [outcome.name for outcome in outcomes if outcome.load > _QUIET]:
        lines.append(f"More than {_QUIET:g}, so that wall times say little and ratios are rough: {_listed(busy)}.")
    if once := [outcome.name for outcome in outcomes if any(row.rounds == 1 for row in outcome.rows)]:
        lines.append(f"With steps that were run once, of which a ratio is ±20 %: {_listed(once)}.")
    return "\n".join(["## How it was measured", "", *(f"- {line}" for line in lines), ""])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _section(outcome: Outcome, plot: Path | None) -> str:
    lines = [f"## {outcome.title}", "", f"Data: {_size(outcome)}.", ""]
    lines += ["| step | rounds | CPU s | wall s | peak MiB |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.name} | {row.rounds} | {row.cpu_seconds:.2f} | {row.wall_seconds:.2f} | {row.peak_bytes / 2**20:.0f} |"
        for row in outcome.rows
    ]
    if plot is not None:
        lines += ["", f"![CPU seconds and peak memory of each step]({plot.relative_to(PAGE.parent).as_posix()})"]
    lines += ["", *(f"- {finding.what}: {_figure(finding)}" for finding in outcome.findings), ""]
    return "\n".join(lines)


def _findings(outcomes: Sequence[Outcome]) -> Iterator[tuple[Outcome, Finding]]:
    found = [(outcome, finding) for outcome in outcomes for finding in outcome.findings]
    return iter(sorted(found, key=lambda pair: _rank(pair[1].benchmark)))


def _rank(benchmark: str) -> tuple[int, int]:
    return (0, int(benchmark[1:])) if benchmark[1:].isdigit() else (1, 0)


def _size(outcome: Outcome) -> str:
    if outcome.name in ("publish", "compiler"):
        return "generated"
    size = SIZES["2m" if outcome.name.startswith("feast") and outcome.size == "20m" else outcome.size]
    return f"{_count(size.events)} events, {_count(size.spine)} spine rows"


def _count(number: int) -> str:
    return f"{number / 1e6:g} M" if number >= 1_000_000 else f"{number / 1e3:g} k"


def _goal(finding: Finding) -> str:
    return f"{'≤' if finding.at_most else '≥'} {finding.goal:g} {finding.unit}".rstrip()


def _figure(finding: Finding) -> str:
    number = f"{finding.measured:,.0f}" if finding.measured >= 100 else f"{finding.measured:.3g}"
    return f"{number} {finding.unit}".rstrip()


def _by(finding: Finding) -> str:
    assert finding.goal is not None
    if not finding.goal or not finding.measured:
        return "missed altogether"
    short = finding.measured / finding.goal if finding.at_most else finding.goal / finding.measured
    return f"missed by a factor of {short:.2g}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
