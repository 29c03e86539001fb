"""What the gate found of one view."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TestFinding:
    """A test that failed.

    `rows` is how many rows are at fault: those that fail it, or, of a test of the whole table, those that the table
    has. `reason` says what else was found; it is empty where the rows say all. `examples` are the keys of up to five
    of them, as the first twelve hex digits of the SHA-256 of the warehouse's salt and their text.
    """

    __test__ = False  # no test of pytest's

    name: str
    rows: int
    reason: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GateReport:
    """The verdict on one view's table as of an instant; `warnings` are failed tests that stop nothing.

    `tests` counts those that were judged: tests against a last publication that there is not are left out. `page` is
    the page of Data Docs, relative to the repository. `rows` is how many rows the table has.
    """

    view: str
    as_of_us: int
    tests: int
    rows: int
    failed: tuple[TestFinding, ...]
    warnings: tuple[TestFinding, ...]
    page: str

    @property
    def passed(self) -> bool:
        """Whether the table may be published."""
        return not self.failed
