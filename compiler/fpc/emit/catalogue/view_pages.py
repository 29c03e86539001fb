"""The pages of a feature view and of each of its features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from fpc.contract.recorded import PastDefinition, PastStatistics, ViewRecords
from fpc.emit.artefact import Artefact
from fpc.emit.catalogue.compiled_sql import view_sql
from fpc.emit.catalogue.distribution import figures, null_share
from fpc.emit.catalogue.page import page
from fpc.emit.catalogue.pages import feature_page, view_page
from fpc.emit.catalogue.relations import Relations
from fpc.emit.catalogue.window_drawing import Drawing, draw_window
from fpc.model import lineage
from fpc.model.lineage import Edge, Node
from fpc.model.nodes import DerivedFeature, Example, Feature, FeatureView, Value, Window
from fpc.plan.explain import boundary_rule

_RUNS = 12


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One end of lineage edges: the node, and which roles it has, in words."""

    node: Node
    roles: str


@dataclass(frozen=True, slots=True)
class ExampleTable:
    """An example as two tables; columns in the order in which they are first written."""

    example: Example
    given: tuple[str, ...]
    expect: tuple[str, ...]


def view_pages(relations: Relations, view: FeatureView, records: ViewRecords) -> Iterator[Artefact]:
    """The view's page, then its features' in the order in which they are served."""
    shared = {
        "view": view,
        "schedule": _refreshed(view),
        "rule": boundary_rule(view.closed),
        "records": records,
        "published": next((run for run in records.refreshes if run.outcome == "published"), None),
    }
    statistics = records.statistics
    compiled, columns = view_sql(view)
    yield page(
        relations,
        view_page(view.name),
        "view.html",
        view.name,
        **shared,
        windows=_windows(view),
        describe=describe,
        null_share=null_share,
        compiled=compiled,
        examples=tuple(map(_table, view.examples)),
        runs=records.refreshes[:_RUNS],
        definitions=_definitions(records),
        rows_plot=_rows_plot(records.past),
        services=relations.services_of_view.get(view.name, ()),
    )
    for output in view.outputs:
        node = lineage.feature(view.name, output.name)
        yield page(
            relations,
            feature_page(view.name, output.name),
            "feature.html",
            f"{view.name}.{output.name}",
            **shared,
            feature=output,
            node=node,
            description=describe(output),
            drawing=_drawing(view, output.window) if isinstance(output, Feature) else None,
            compiled=columns[output.name],
            figures=None if statistics is None else figures(statistics, records.past, output.name),
            reads=_neighbours(relations.lineage.above(node), upper=True),
            read_by=_neighbours(relations.lineage.below(node), upper=False),
            services=relations.services_of_feature.get((view.name, output.name), ()),
            examples=tuple(_table(each) for each in view.examples if _mentions(each, output.name)),
        )


def describe(output: Feature | DerivedFeature) -> str:
    """What a feature is: in its owner's words, else in those of its SQL."""
    if output.description:
        return output.description
    if isinstance(output, DerivedFeature):
        return f"{output.sql}, over features of this view."
    window = output.window
    length = "over all events" if window.length is None else f"over {window.length}"
    offset = f", {window.offset} earlier" if window.offset.microseconds else ""
    return f"{output.sql} {length}{offset}."


def _drawing(view: FeatureView, window: Window) -> Drawing:
    return draw_window(
        window,
        view.closed,
        str(view.delay) if view.delay.microseconds else "",
        has_known_time=view.source.known_time is not None,
        has_versions=bool(view.source.unique_key),
    )


def _windows(view: FeatureView) -> list[tuple[Drawing, list[str]]]:
    found: dict[Window, list[str]] = {}
    for feature in view.features:
        found.setdefault(feature.window, []).append(feature.name)
    return [(_drawing(view, window), names) for window, names in found.items()]


def _neighbours(edges: tuple[Edge, ...], *, upper: bool) -> tuple[Neighbour, ...]:
    found: dict[Node, list[str]] = {}
    for edge in edges:
        found.setdefault(edge.upper if upper else edge.lower, []).append(edge.role.value.replace("_", " "))
    return tuple(Neighbour(node, ", ".join(roles)) for node, roles in found.items())


def _refreshed(view: FeatureView) -> str:
    """When values are computed and for how long they are served, in a line."""
    every = f"every {view.grid.every}" if view.grid.cron is None else f"at the times of {view.grid.cron} (UTC)"
    served = f", served {view.delay} later" if view.delay.microseconds else ""
    return every + served + ("" if view.online_ttl is None else f", for at most {view.online_ttl}")


def _mentions(example: Example, name: str) -> bool:
    return any(name in row for row in example.expect)


def _table(example: Example) -> ExampleTable:
    return ExampleTable(example, _columns(example.given), _columns(example.expect))


def _columns(rows: tuple[Mapping[str, Value], ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in rows for name in row))


def _definitions(records: ViewRecords) -> tuple[PastDefinition, ...]:
    """The definitions that refreshes published, newest first: by the registry's history, and by the statistics."""
    counted = (PastDefinition(one.version, one.fingerprint, (), one.as_of_us, one.as_of_us) for one in records.past)
    found: dict[tuple[int, str], PastDefinition] = {}
    for each in sorted((*records.definitions, *counted), key=lambda one: one.first_us):
        known = found.setdefault((each.version, each.fingerprint), each)
        found[each.version, each.fingerprint] = replace(
            known,
            owners=tuple(dict.fromkeys((*known.owners, *each.owners))),
            last_us=max(known.last_us, each.last_us),
        )
    return tuple(sorted(found.values(), key=lambda each: -each.last_us))


def _rows_plot(past: tuple[PastStatistics, ...]) -> dict[str, object] | None:
    if len(past) < 2:
        return None
    return {"measure": "number", "at": [e.as_of_us // 1_000_000 for e in past], "rows": [e.rows for e in past]}
