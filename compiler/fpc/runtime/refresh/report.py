"""What became of a refresh, view by view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.publish import PublishReport


class ViewOutcome(Enum):
    """How far a view's refresh came, or how it ended."""

    PUBLISHED = "published"
    READY = "ready"  # the asked stage is done, and the next one may begin
    OVERTAKEN = "overtaken"  # the tables are as of a newer instant by now: nothing is left to do for this one
    GATED = "gated"  # built, but a test failed: not published
    FAILED = "failed"  # not built, or the store did not take it


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A test that found rows at fault, and up to five of their keys, hashed.

    `reason` says what else there is to say: why it could not be run (then `rows` is 0), or what was measured of the
    whole table (then `rows` is how many it has).
    """

    name: str
    rows: int
    reason: str
    examples: tuple[str, ...] = ()

    @staticmethod
    def read(document: Mapping[str, Any]) -> FailedTest:
        """Back from the JSON of its fields."""
        return FailedTest(**{**document, "examples": tuple(document.get("examples", ()))})


@dataclass(frozen=True, slots=True)
class ViewRun:
    """One view's refresh. `warnings` are failed tests of severity `warn`, which stop nothing.

    A view is not `built` when its tables were right already: neither data, specs nor the instant had changed.
    `rows` is None where the stage did not count them. `page` is the gate's page, relative to the repository.
    """

    view: str
    as_of_us: int
    outcome: ViewOutcome
    failed_tests: tuple[FailedTest, ...] = ()
    warnings: tuple[FailedTest, ...] = ()
    publication: PublishReport | None = None
    error: FpcRuntimeError | None = None
    built: bool = False
    rows: int | None = None
    page: str = ""


@dataclass(frozen=True, slots=True)
class RefusedRows:
    """How many rows of a source were refused by its check, and so left out of every view."""

    source: str
    rows: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did, view by view in the order of their names, and how long its parts took.

    `training_sets` are the declared training sets that were asked for and built.
    """

    clock_us: int
    views: tuple[ViewRun, ...]
    refused: tuple[RefusedRows, ...] = ()
    training_sets: tuple[str, ...] = ()
    build_seconds: float = 0.0
    gate_seconds: float = 0.0
    publish_seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 when every view is where it should be; 1 when data or a test stood against it, 3 otherwise."""
        codes = {view.error.exit_code for view in self.views if view.error is not None}
        codes |= {1 for view in self.views if view.outcome is ViewOutcome.GATED}
        return max(codes, default=0)
