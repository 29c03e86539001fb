"""The command line: check many specs, compile many views, show the help; processes of their own, start included."""

from __future__ import annotations

from benchmarks.measure import interleaved, step
from benchmarks.outcome import Finding, Outcome, rows_of
from benchmarks.settings import Settings


def run(settings: Settings) -> Outcome:
    """Measure, and judge."""
    checked, compiled = settings.views
    check, compile_, help_ = f"fpc check, {checked} specs", f"fpc compile, {compiled} views", "fpc --help"
    plan, plan_all = f"fpc plan, one of {checked} views changed", f"fpc plan, all of {checked} views changed"
    check_unlike, compile_unlike = f"{check}, no two alike", f"{compile_}, no two alike"
    edited, unedited = f"{check_unlike}, one edited", f"{check_unlike}, none edited"
    spreads = interleaved(
        {
            check: step("command", checked, "alike", "check"),
            check_unlike: step("command", checked, "unlike", "check"),
            edited: step("check_again", checked, "edited"),
            unedited: step("check_again", checked, "unedited"),
            compile_: step("command", compiled, "alike", "compile"),
            compile_unlike: step("command", compiled, "unlike", "compile", rounds=settings.heavy_rounds),
            plan: step("plan", checked, 1),
            plan_all: step("plan", checked, checked),
            help_: step("command", 1, "alike", "--help"),
        },
        settings.rounds,
    )
    parsing = "reading YAML with positions and parsing SQL with sqlglot take most of it, on one core, with nothing kept"
    findings = (
        Finding("CLI", f"fpc check of {checked} specs, 10 features each, CPU", spreads[check].median("cpu_seconds"),
                "s", 2.0, why=parsing),
        Finding("CLI", f"fpc compile of {compiled} views, CPU", spreads[compile_].median("cpu_seconds"),
                "s", 5.0, why=parsing + "; printing the SQL for readers takes the rest"),
        Finding("CLI", f"fpc check of {checked} specs, no two of the same SQL, CPU",
                spreads[check_unlike].median("cpu_seconds"), "s"),
        Finding("CLI", f"fpc check of {checked} specs after the SQL of one changed, CPU",
                spreads[edited].median("cpu_seconds"), "s", 0.3,
                why="Python, YAML and sqlglot are imported for it, and DuckDB for SQL that it has not typed before"),
        Finding("CLI", f"fpc check of {checked} specs of which none changed, CPU",
                spreads[unedited].median("cpu_seconds"), "s", 0.3, why="the start of Python and of click"),
        Finding("CLI", f"fpc compile of {compiled} views, no two of the same SQL, CPU",
                spreads[compile_unlike].median("cpu_seconds"), "s"),
        Finding("CLI", f"fpc plan without data, one of {checked} views changed, CPU",
                spreads[plan].median("cpu_seconds"), "s", 5.0, why="a check of all that is there now takes most of it"),
        Finding("CLI", f"fpc plan without data, all of {checked} views changed, CPU",
                spreads[plan_all].median("cpu_seconds"), "s", 5.0, why="both states are read and analysed whole"),
        Finding("CLI", "fpc --help, CPU", spreads[help_].median("cpu_seconds"), "s", 0.3,
                why="the start of Python and of click"),
    )  # fmt: skip
    return Outcome("compiler", "The command line", settings.size, rows_of(spreads), findings)
