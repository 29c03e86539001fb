"""What stands in the way of the proofs of a whole repository."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Severity
from fpc.diagnostics.findings import Findings
from fpc.leaks.labels import Labelled, read_labels
from fpc.leaks.obstacle import Obstacle
from fpc.leaks.reads import ColumnsRead, Places, Read, reads_of
from fpc.leaks.sources import SourceReading, read_source
from fpc.model.nodes import Feature, FeatureView, Model
from fpc.spec.documents import Spec

#: What rules of their own find, features or not: said there, not twice.
_TOLD_ELSEWHERE: Final = frozenset((codes.FUTURE_LEAK, codes.UNCHECKED_LATENESS))
_MOST_READERS: Final = 3


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A repository as the proofs see it: each source's rows, the labels, and where everything is written."""

    model: Model
    places: Places
    sources: dict[str, SourceReading]
    labelled: Labelled

    @staticmethod
    def of(spec: Spec, model: Model) -> Knowledge:
        """Read everything once; linear in the number of features."""
        places = Places.of(spec)
        declared = {item.name.value: item for item in reversed(spec.sources)}
        views: dict[str, list[FeatureView]] = {}
        for view in model.views.values():
            views.setdefault(view.source.name, []).append(view)
        sources = {
            name: read_source(model.sources[name], declared[name], found, spec, model) for name, found in views.items()
        }
        tables = {name: reading.tables for name, reading in sources.items()}
        return Knowledge(model, places, sources, read_labels(model, places, tables))

    def obstacles(self, view: FeatureView, feature: Feature) -> Iterator[tuple[Obstacle, Read | None]]:
        """What stands in the way of one feature, with what it reads there; None of what concerns every row."""
        source = self.sources[view.source.name]
        for obstacle in source.rows:
            yield obstacle, None
        if source.columns:
            for read in reads_of(view, feature, self.places, source.columns):
                for obstacle in source.in_the_way(read.column):
                    yield obstacle, read
        for obstacle in self.labelled.get((view.name, feature.name), ()):
            yield obstacle, None


def report_leaks(spec: Spec, model: Model, findings: Findings) -> None:
    """Add each obstacle once, at its place, with the ways by which it reaches features."""
    knowledge = Knowledge.of(spec, model)
    columns = ColumnsRead()
    # By identity: an obstacle is one object for all who meet it, and hashing it for each takes longer than all else.
    readers: dict[int, tuple[Obstacle, list[tuple[FeatureView, Feature]]]] = {}
    for view in model.views.values():
        source = knowledge.sources[view.source.name]
        if not (source.rows or source.columns or knowledge.labelled):
            continue
        for feature in view.features:
            found = [*source.rows, *knowledge.labelled.get((view.name, feature.name), ())]
            if source.columns:
                found += [one for name in columns.of(view, feature) for one in source.in_the_way(name)]
            for obstacle in found:
                if obstacle.code not in _TOLD_ELSEWHERE:
                    readers.setdefault(id(obstacle), (obstacle, []))[1].append((view, feature))
    told: set[Obstacle] = set()
    for obstacle, features in readers.values():
        if obstacle in told:
            continue
        told.add(obstacle)
        report = findings.error if obstacle.severity is Severity.ERROR else findings.warning
        report(
            obstacle.code,
            obstacle.message,
            obstacle.span,
            obstacle.label,
            notes=tuple(_notes(obstacle, features, knowledge)),
            help=obstacle.help,
        )


def _notes(obstacle: Obstacle, readers: list[tuple[FeatureView, Feature]], knowledge: Knowledge) -> Iterator[str]:
    """Through what it comes, and who reads it: of many, the first."""
    for hop in obstacle.trail:
        yield f"through {hop.what}" + (f" at {hop.span}" if hop.span is not None else "")
    if obstacle.code is codes.LABEL_AS_FEATURE:
        return
    for view, feature in readers[:_MOST_READERS]:
        reads = [read for one, read in knowledge.obstacles(view, feature) if one == obstacle and read is not None]
        yield f"`{view.name}.{feature.name}` reads it at {reads[0].span if reads else feature.span}"
    if len(readers) > _MOST_READERS:
        yield f"so do {len(readers) - _MOST_READERS} more features: `fpc prove VIEW.FEATURE` shows the way"
