"""The logical plan of a feature view: immutable steps from raw rows to values.

Each step says in one line what it guarantees; the line becomes the comment above the step's SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fpc.model.nodes import Closed, DerivedFeature, FeatureView, Source, Window
from fpc.plan.visibility import Edges, edges_of
from fpc.types.duration import Duration


@dataclass(frozen=True, slots=True)
class Stage:
    """A source's rows in their declared types, with instants in UTC, and the order of versions."""

    source: Source

    @property
    def description(self) -> str:
        """What the staged relation guarantees."""
        versions = (
            f"rows with one {', '.join(self.source.unique_key)} are versions of one event"
            if self.source.unique_key
            else "every row is an event"
        )
        return f"Rows of source {self.source.name} in their declared types, instants in UTC; {versions}."


@dataclass(frozen=True, slots=True)
class Visible:
    """The view's events that count in at least one of its windows at the instant asked for."""

    stage: Stage
    view: FeatureView

    @property
    def windows(self) -> tuple[Window, ...]:
        """The view's different windows, in the order of the features."""
        return tuple(dict.fromkeys(feature.window for feature in self.view.features))

    @property
    def hull(self) -> Edges:
        """The one stretch that covers all windows: nothing outside it is read."""
        edges = [edges_of(window, self.view.closed) for window in self.windows]
        reaches = [edge.reach for edge in edges if edge.reach is not None]
        return Edges(
            offset=min(edge.offset for edge in edges),
            reach=max(reaches) if len(reaches) == len(edges) else None,
            start_closed=edges[0].start_closed,
            end_closed=edges[0].end_closed,
        )

    @property
    def has_gaps(self) -> bool:
        """Whether the hull holds instants that lie in no window, so that events there must be left out."""
        covered: int | None = self.hull.offset
        for edge in sorted((edges_of(window, self.view.closed) for window in self.windows), key=lambda e: e.offset):
            if covered is None:
                return False
            if edge.offset > covered:
                return True
            covered = None if edge.reach is None else max(covered, edge.reach)
        return False

    @property
    def description(self) -> str:
        """Which events are read, as an inequality."""
        known = "" if self.view.source.known_time is None else f", known_at {_upper(self.view.closed)} t"
        versions = ", the latest version known then" if self.view.source.unique_key else ""
        return f"Events that count at the refresh's instant t: {in_words(self.hull, 'event_at')}{known}{versions}."


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One row per entity with at least one visible event: every feature at one instant."""

    visible: Visible

    @property
    def description(self) -> str:
        """The grain and the rule of empty windows."""
        keys = ", ".join(key.name for key in self.visible.view.entity.keys)
        narrower = "; FILTER picks the events of each narrower window" if len(self.visible.windows) > 1 else ""
        return f"One row per {keys}{narrower}."


@dataclass(frozen=True, slots=True)
class Derive:
    """Features made of features, in levels: each level reads the ones before it alone."""

    snapshot: Snapshot

    @property
    def levels(self) -> tuple[tuple[DerivedFeature, ...], ...]:
        """The derived features by how many of them stand on one another."""
        depth: dict[str, int] = {}
        for derived in self.snapshot.visible.view.derived:
            depth[derived.name] = max((depth[name] + 1 for name in derived.inputs if name in depth), default=0)
        return tuple(
            tuple(d for d in self.snapshot.visible.view.derived if depth[d.name] == level)
            for level in range(max(depth.values(), default=-1) + 1)
        )

    @property
    def description(self) -> str:
        """What the last step adds."""
        return "Features made of features, and the instant that the row is as of."


def build(view: FeatureView) -> Derive:
    """The plan of a view, from its last step back to its source."""
    return Derive(Snapshot(Visible(Stage(view.source), view)))


def steps(plan: Derive) -> Iterator[Stage | Visible | Snapshot | Derive]:
    """The steps in the order in which they run."""
    yield plan.snapshot.visible.stage
    yield plan.snapshot.visible
    yield plan.snapshot
    if plan.levels:
        yield plan


def in_words(edges: Edges, time: str) -> str:
    """The inequality that a window is: `t - 7d <= event_at < t`."""
    newest = f"{time} {'<=' if edges.end_closed else '<'} {_shifted(edges.offset)}"
    if edges.reach is None:
        return newest
    return f"{_shifted(edges.reach)} {'<=' if edges.start_closed else '<'} {newest}"


def _shifted(microseconds: int) -> str:
    return f"t - {Duration(microseconds)}" if microseconds else "t"


def _upper(closed: Closed) -> str:
    return "<" if closed is Closed.LEFT else "<="
