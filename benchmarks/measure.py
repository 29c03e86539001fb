"""Times a step in a process of its own: CPU seconds (user and system), wall seconds, peak memory.

A step is a module of `benchmarks.steps`. It warms up first (imports, compiled code), then times its work with
`timed` and prints the figures as its last line. CPU seconds are the judged figure: machines are shared.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Figures:
    """One run of a step; `facts` are what it found besides (rows, hashes)."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spread:
    """Several runs of one step."""

    runs: tuple[Figures, ...]

    def facts(self, name: str) -> list[Any]:
        """What every run found under this name."""
        return [run.facts[name] for run in self.runs]

    def median(self, name: str) -> float:
        """The median over the runs of `cpu_seconds`, `wall_seconds` or `peak_bytes`."""
        return float(statistics.median(getattr(run, name) for run in self.runs))


def timed(work: Callable[[], Mapping[str, Any]], besides: Callable[[], Mapping[str, Any]] = dict) -> None:
    """Do the work of a step and print its figures; the process must have warmed up before.

    `besides` finds further facts, untimed.
    """
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    facts = work()
    wall = time.monotonic() - began
    after, done = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in ((before, after), (children, done)))
    unit = 1 if sys.platform == "darwin" else 1024
    peak = max(after.ru_maxrss, done.ru_maxrss) * unit
    found = {"cpu_seconds": cpu, "wall_seconds": wall, "peak_bytes": peak, "facts": {**facts, **besides()}}
    print(json.dumps(found))


def run(module: str, *arguments: str, python: str = sys.executable) -> Figures:
    """Run one step and read its figures; its other output goes to stderr."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "compiler")))}
    command = [python, "-m", f"benchmarks.steps.{module}", *arguments]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"benchmark step {module} {' '.join(arguments)} ended with {done.returncode}")
    return Figures(**json.loads(done.stdout.strip().splitlines()[-1]))


@dataclass(frozen=True, slots=True)
class Step:
    """A step to run: its module of `benchmarks.steps`, its arguments, and how often, if not once a round."""

    module: str
    arguments: tuple[str, ...]
    rounds: int | None = None
    python: str = sys.executable


def step(module: str, *arguments: object, rounds: int | None = None, python: str = sys.executable) -> Step:
    """A step with its arguments as text."""
    return Step(module, tuple(map(str, arguments)), rounds, python)


def interleaved(steps: Mapping[str, Step], rounds: int = 3) -> dict[str, Spread]:
    """Run each step once per round, in turn, so that a change in the machine's speed meets all of them."""
    found: dict[str, list[Figures]] = {name: [] for name in steps}
    for turn in range(rounds):
        for name, wanted in steps.items():
            if wanted.rounds is not None and turn >= wanted.rounds:
                continue
            figures = run(wanted.module, *wanted.arguments, python=wanted.python)
            found[name].append(figures)
            print(
                f"  round {turn + 1}  {name:36s} cpu {figures.cpu_seconds:8.2f} s  wall {figures.wall_seconds:8.2f} s"
                f"  peak {figures.peak_bytes / 2**20:8.0f} MiB",
                file=sys.stderr,
                flush=True,
            )
    return {name: Spread(tuple(runs)) for name, runs in found.items()}
