"""`python -m benchmarks [NAME...]`: measure, keep the figures in results.json, and write docs/benchmarks.md from it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks import data
from benchmarks.machine import describe, load, now
from benchmarks.outcome import ratios
from benchmarks.settings import Settings
from benchmarks.suite.all import SUITE

RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Run the benchmarks that are named, by default all, and write the page anew: of all, nothing old is left."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(SUITE)} (default: all)")
    parser.add_argument("--size", choices=["tiny", "2m", "20m"], default="20m", help="of the events (default: 20m)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each step, of which the median counts")
    parser.add_argument("--heavy-rounds", type=int, default=1, help="runs of the steps that take minutes")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures are kept")
    parser.add_argument("--no-page", action="store_true", help="leave docs/benchmarks.md as it is")
    parser.add_argument("--page-only", action="store_true", help="measure nothing, write the page from the figures")
    given = parser.parse_args()
    if unknown := set(given.names) - set(SUITE):
        parser.error(f"no benchmark is named {', '.join(sorted(unknown))}")
    data.ROOT.mkdir(exist_ok=True)
    settings = Settings(given.size, given.rounds, min(given.rounds, given.heavy_rounds))
    if not given.page_only:
        if not given.names:
            given.results.unlink(missing_ok=True)
        for name in given.names or SUITE:
            measure(name, settings, given.results)
    if not given.no_page:
        from benchmarks import page

        page.write(given.results)


def measure(name: str, settings: Settings, results: Path) -> None:
    """Run one benchmark, print what it found and keep it."""
    print(f"{name} ({settings.size}, {settings.rounds} rounds)", file=sys.stderr, flush=True)
    outcome = SUITE[name](settings)
    if outcome is None:
        print("  skipped: its environment is not there", file=sys.stderr)
        return
    print(ratios(outcome.findings), flush=True)
    kept = json.loads(results.read_text()) if results.exists() else {"outcomes": {}}
    kept["machine"] = describe()
    kept["outcomes"][name] = replace(outcome, name=name, load=load(), at=now()).to_json()
    results.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
