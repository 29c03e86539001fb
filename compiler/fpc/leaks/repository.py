"""What stands in the way of the proofs of a whole repository."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.leaks.labels import Labelled, read_labels
from fpc.leaks.obstacle import Obstacle
from fpc.leaks.reads import Places, Read, reads_of
from fpc.leaks.sources import SourceReading, read_source
from fpc.model.nodes import Feature, FeatureView, Model
from fpc.spec.documents import Spec

#: What rules of their own find, features or not: said there, not twice.
_TOLD_ELSEWHERE = frozenset((codes.FUTURE_LEAK, codes.UNCHECKED_LATENESS))
_MOST_READERS = 3


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
        return Knowledge(model, places, sources, read_labels(model, places))

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
    readers: dict[Obstacle, dict[str, Span]] = {}
    for view in model.views.values():
        source = knowledge.sources[view.source.name]
        if not (source.rows or source.columns or knowledge.labelled):
            continue
        for feature in view.features:
            for obstacle, read in knowledge.obstacles(view, feature):
                if obstacle.code not in _TOLD_ELSEWHERE:
                    span = feature.span if read is None else read.span
                    readers.setdefault(obstacle, {})[f"{view.name}.{feature.name}"] = span
    for obstacle, found in readers.items():
        report = findings.error if obstacle.severity.value == "error" else findings.warning
        report(
            obstacle.code,
            obstacle.message,
            obstacle.span,
            obstacle.label,
            notes=tuple(_notes(obstacle, found)),
            help=obstacle.help,
        )


def _notes(obstacle: Obstacle, readers: dict[str, Span]) -> Iterator[str]:
    for hop in obstacle.trail:
        yield f"through {hop.what}" + (f" at {hop.span}" if hop.span is not None else "")
    if obstacle.code is codes.LABEL_AS_FEATURE:
        return
    for name, span in list(readers.items())[:_MOST_READERS]:
        yield f"`{name}` reads it at {span}"
    if len(readers) > _MOST_READERS:
        yield f"so do {len(readers) - _MOST_READERS} more features: `fpc prove VIEW.FEATURE` shows the way"
