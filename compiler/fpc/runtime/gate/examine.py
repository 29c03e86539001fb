"""Examines one view's table: measures it, has Great Expectations judge, and says which rows are at fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import duckdb

from fpc.contract.registry import GateTestContract, Measure, ViewContract
from fpc.runtime.gate.baseline import last_published, write_measured
from fpc.runtime.gate.measure import Measured, examples, measure
from fpc.runtime.gate.memory import bounded_memory
from fpc.runtime.gate.process import ask
from fpc.runtime.gate.question import Expected, Question
from fpc.runtime.gate.report import GateReport, TestFinding
from fpc.runtime.grid import instant_text

#: Where the pages of Data Docs are, below the repository.
FOLDER: Final = ".fpc/data_docs"
_KEPT_PAGES: Final = 30
_IN_WORDS: Final = {
    Measure.WRONG_COLUMNS: "columns missing or of another type",
    Measure.REPEATED_KEYS: "keys that occur more than once",
    Measure.FAILING_ROWS: "failing rows",
    Measure.QUERY_ROWS: "rows that the query brings",
    Measure.ROWS: "rows",
    Measure.CHANGE_OF_ROWS: "change of rows since the last publication",
    Measure.SHARE_OF_NULLS: "share of nulls",
    Measure.RISE_OF_NULLS: "rise of the share of nulls since the last publication",
}
_COUNTED: Final = frozenset({Measure.REPEATED_KEYS, Measure.FAILING_ROWS, Measure.QUERY_ROWS})
_NOT_MEASURED: Final = "tests that could not be run"


def examine(
    connection: duckdb.DuckDBPyConnection, root: Path, target: str, view: ViewContract, as_of_us: int
) -> GateReport:
    """The verdict on the view's table as of an instant, its page written; the same at each call.

    `connection` may write. What was measured is remembered, to become what later refreshes are compared with when
    this one is published (`keep_baseline`). Raises `GateError` where nothing can be judged.
    """
    with bounded_memory(connection):
        measured = measure(connection, view, last_published(connection, view))
        labels = {test.name: _label(view, test) for test in view.tests}
        page = f"{FOLDER}/{target}/{view.name}/{_file_name(as_of_us)}.html"
        unmet = ask(Question(view.name, instant_text(as_of_us), str(root / page), _expected(view, measured, labels)))
        _remove_old((root / page).parent)
        write_measured(connection, view, as_of_us, measured.rows, measured.nulls)
        failing = [test for test in view.tests if test.name in measured.failures or labels[test.name] in unmet]
        findings = [(test, _finding(connection, view, test, measured)) for test in failing]
    return GateReport(
        view=view.name,
        as_of_us=as_of_us,
        tests=len(measured.values) + len(measured.failures),
        rows=measured.rows,
        failed=tuple(finding for test, finding in findings if _stops(test)),
        warnings=tuple(finding for test, finding in findings if not _stops(test)),
        page=page,
    )


def _expected(view: ViewContract, measured: Measured, labels: Mapping[str, str]) -> tuple[Expected, ...]:
    """What was measured with its bounds; what could not be is counted by an expectation of its own."""
    found = [
        Expected(labels[test.name], measured.values[test.name], test.low, test.high, _stops(test))
        for test in view.tests
        if test.name in measured.values
    ]
    return (*found, Expected(_NOT_MEASURED, len(measured.failures), None, 0, True))


def _stops(test: GateTestContract) -> bool:
    return test.severity == "error"


def _label(view: ViewContract, test: GateTestContract) -> str:
    return f"{test.name.removeprefix(f'{view.name}__')}: {_IN_WORDS[Measure(test.measure)]}"


def _finding(
    connection: duckdb.DuckDBPyConnection, view: ViewContract, test: GateTestContract, measured: Measured
) -> TestFinding:
    if test.name in measured.failures:
        return TestFinding(test.name, 0, f"could not be run: {measured.failures[test.name]}")
    value, kind = measured.values[test.name], Measure(test.measure)
    shown = examples(connection, view, test)
    if kind in _COUNTED:
        return TestFinding(test.name, int(value), "", shown)
    bounds = " and ".join(
        f"{word} {end:g}" for word, end in (("at least", test.low), ("at most", test.high)) if end is not None
    )
    rows = measured.nulls[str(test.feature)] if test.feature is not None else measured.rows
    return TestFinding(test.name, rows, f"{_IN_WORDS[kind]}: {value:g}, where {bounds} is allowed", shown)


def _file_name(as_of_us: int) -> str:
    return instant_text(as_of_us).removesuffix("+00:00").replace(":", "").replace("-", "") + "Z"


def _remove_old(folder: Path) -> None:
    """Keep the pages that were written last."""
    for page in _by_age(folder.glob("*.html"))[:-_KEPT_PAGES]:
        page.unlink(missing_ok=True)


def _by_age(pages: Iterable[Path]) -> list[Path]:
    return sorted(pages, key=lambda page: page.stat().st_mtime_ns)
