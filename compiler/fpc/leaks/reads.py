"""Which columns a feature reads, in which part of it, and where that is written."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from sqlglot import exp

from fpc.diagnostics.span import Span
from fpc.model.expressions import read_expression
from fpc.model.nodes import DerivedFeature, Feature, FeatureView
from fpc.spec.documents import Spec, Text, ViewSpec


class Part(Enum):
    """Where in a feature a column stands."""

    VALUE = "value"
    FILTER = "FILTER"
    WHERE = "where"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Read:
    """One column in one part of a feature; `expression` is that part, `span` where the column is written in it."""

    column: str
    part: Part
    expression: str
    span: Span


@dataclass(frozen=True, slots=True)
class Places:
    """Where the texts of a repository's views stand."""

    views: Mapping[str, ViewSpec]
    sql: dict[str, dict[Span, Text]] = field(default_factory=dict)
    # Worked out once: of trees, which many features share, the SQL and the columns.
    trees: dict[int, tuple[exp.Expr, str, tuple[str, ...]]] = field(default_factory=dict)

    @staticmethod
    def of(spec: Spec) -> Places:
        """The places of a spec."""
        return Places({view.name.value: view for view in reversed(spec.views)})

    def text_of(self, view: FeatureView, feature: Feature) -> Text | None:
        """The SQL of a feature as it is written; None of one that names a column and a function."""
        found = self.sql.get(view.name)
        if found is None:
            items = self.views[view.name].features
            found = {item.name.span: item.sql for item in items if item.name is not None and item.sql is not None}
            self.sql[view.name] = found
        return found.get(feature.span)


def reads_of(view: FeatureView, feature: Feature, places: Places, only: Container[str] | None = None) -> Iterator[Read]:
    """The columns that decide the feature's value, each once for each part: keys, `where`, filters, arguments.

    With `only`, those among them: to find where a column stands in its text takes longest.
    """
    declared = places.views[view.name]
    keys = {key.value: column for key, column in declared.keys}
    for key, column in view.key_columns:
        yield Read(column, Part.KEY, f"the key {key}", keys[key].span if key in keys else view.span)
    if view.where is not None and declared.where is not None:
        yield from _columns(view.where, Part.WHERE, declared.where, view.span, places, only)
    text = places.text_of(view, feature)
    for call in feature.aggregates:
        for argument in call.arguments:
            yield from _columns(argument, Part.VALUE, text, feature.span, places, only)
        if call.filter is not None:
            yield from _columns(call.filter, Part.FILTER, text, feature.span, places, only)


class ColumnsRead:
    """The columns of `reads_of` alone, which is much faster: each tree is looked at once, and no place is looked up."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        """Begin with no tree looked at; trees must live as long as this."""
        self._known: dict[int, frozenset[str]] = {}

    def of(self, view: FeatureView, feature: Feature) -> frozenset[str]:
        """The columns that decide the feature's value."""
        found = {column for _, column in view.key_columns}
        if view.where is not None:
            found |= self._of_tree(view.where)
        for call in feature.aggregates:
            for tree in call.arguments if call.filter is None else (*call.arguments, call.filter):
                found |= self._of_tree(tree)
        return frozenset(found)

    def _of_tree(self, tree: exp.Expr) -> frozenset[str]:
        known = self._known.get(id(tree))
        if known is None:
            known = self._known[id(tree)] = frozenset(column.name for column in tree.find_all(exp.Column))
        return known


def base_features(view: FeatureView, output: Feature | DerivedFeature) -> tuple[Feature, ...]:
    """The features over events that an output comes down to, itself included."""
    features = {feature.name: feature for feature in view.features}
    derived = {one.name: one for one in view.derived}
    found: dict[str, Feature] = {}
    waiting = [output.name]
    while waiting:
        name = waiting.pop()
        if name in features:
            found[name] = features[name]
        elif name in derived:
            waiting += derived[name].inputs
    return tuple(feature for name, feature in features.items() if name in found)


def _columns(
    tree: exp.Expr, part: Part, text: Text | None, otherwise: Span, places: Places, only: Container[str] | None
) -> Iterator[Read]:
    known = places.trees.get(id(tree))
    if known is None:
        names = tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))
        known = places.trees[id(tree)] = (tree, tree.sql(dialect="duckdb"), names)
    _, sql, names = known
    for name in names:
        if only is not None and name not in only:
            continue
        span = otherwise
        if text is not None:
            use = next((use for use in read_expression(text.value).columns if use.name.casefold() == name.casefold()),
                       None)  # fmt: skip
            span = text.span if use is None else text.place.within(use.start, use.end)
        yield Read(name, part, sql, span)
