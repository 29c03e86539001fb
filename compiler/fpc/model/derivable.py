"""Features there are twice, and features that could be had from others that are there.

All of it compares canonical meanings over the same rows: the same source, keys, row filter and boundary rule. Linear in
the number of aggregates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from fpc.model.canonical import canonical
from fpc.model.fingerprints import call_meaning
from fpc.model.lineage import Node, feature
from fpc.model.nodes import AggregateCall, Closed, Feature, FeatureView, Model, Window
from fpc.types.duration import Duration
from fpc.types.logical import LogicalType

#: Of these a shorter window can be taken from a longer one, with no bit lost where they count or add whole numbers.
_SUBTRACTED: Final = frozenset(("count", "sum"))

#: The rows that a view looks at: two views of the same rows can share aggregates.
_Rows = tuple[object, ...]
#: The features from which another can be had, and how.
_Way = tuple[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Derivable:
    """A feature that could be had from others, `bases`; `how` is a sentence for people."""

    feature: Node
    bases: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class _Plain:
    """A feature that is one aggregate and no more."""

    view: FeatureView
    feature: Feature

    @property
    def name(self) -> str:
        return f"{self.view.name}.{self.feature.name}"


def same_meanings(model: Model) -> tuple[tuple[Node, Node], ...]:
    """Features that mean the same as one before them: each with the first. What is deprecated is left out."""
    first: dict[object, Node] = {}
    found = []
    for view in model.views.values():
        if view.deprecated is not None:
            continue
        for output in view.outputs:
            if output.deprecated is not None:
                continue
            here = feature(view.name, output.name)
            twin = first.setdefault((output.fingerprint, view.entity.name, view.key_columns, str(output.default)), here)
            if twin is not here:
                found.append((here, twin))
    return tuple(found)


def derivable(
    model: Model, of: Collection[Node] | None = None, *, among: Collection[Node] | None = None
) -> tuple[Derivable, ...]:
    """What could be had from features that are there: of the features `of`, from those `among`; by default all.

    A feature is offered once, by the cheapest way: another window of a kept aggregate, a formula over features of the
    same view, the difference of two windows. What is deprecated is left out.
    """
    views = [view for view in model.views.values() if view.deprecated is None]
    kept = _Kept(views, among)
    found = []
    for view in views:
        for each in view.features:
            here = feature(view.name, each.name)
            if each.deprecated is None and (of is None or here in of):
                way = kept.other_window(view, each) or kept.formula(view, each) or kept.difference(view, each)
                if way is not None:
                    found.append(Derivable(here, *way))
    return tuple(found)


def _is_plain(each: Feature) -> bool:
    """Whether a feature is one aggregate and no more, and here to stay."""
    return (
        each.deprecated is None
        and len(each.aggregates) == 1
        and isinstance(each.expression, exp.Column)
        and each.default is None
    )


class _Kept:
    """The plain features that are there, by the rows and the meaning of their aggregate."""

    def __init__(self, views: Iterable[FeatureView], among: Collection[Node] | None) -> None:
        self._types: dict[str, Mapping[str, LogicalType]] = {}
        self._rows: dict[str, _Rows] = {}
        self._plain: dict[tuple[_Rows, str], list[_Plain]] = defaultdict(list)
        for view in views:
            self._types[view.name] = {column.name: column.staged_type for column in view.source.columns}
            condition = None if view.where is None else canonical(view.where, {}, self._types[view.name])
            self._rows[view.name] = (view.source.name, view.entity.name, view.key_columns, condition, view.closed)
            for each in view.features:
                if _is_plain(each) and (among is None or feature(view.name, each.name) in among):
                    self._plain[self._key(view, each.aggregates[0])].append(_Plain(view, each))

    def other_window(self, view: FeatureView, each: Feature) -> _Way | None:
        """The same aggregate with another window in another view: it keeps the states of which this is made already."""
        if not _is_plain(each):
            return None
        for one in self._plain.get(self._key(view, each.aggregates[0]), ()):
            window = one.feature.window
            if one.view is not view and window.offset == each.window.offset and window.length != each.window.length:
                wanted = "lifetime" if each.window.length is None else str(each.window.length)
                return (one.name,), f"`{one.name}` with the window {wanted}: the same aggregate of the same rows"
        return None

    def formula(self, view: FeatureView, each: Feature) -> _Way | None:
        """A formula of which each aggregate is a feature of the view, with this window; an average of sum and count."""
        if _is_plain(each) and each.aggregates[0].function == "avg":
            total, count = (self._beside(view, each, _as(each.aggregates[0], name)) for name in ("sum", "count"))
            if total is not None and count is not None:
                text = f"{total.feature.name} / {count.feature.name}"
                return (total.name, count.name), f"derived: `{text}`, the average from sum and count"
        if isinstance(each.expression, exp.Column):
            return None
        parts = {call.id: self._beside(view, each, call) for call in each.aggregates}
        known = {id: part for id, part in parts.items() if part is not None}
        if len(known) < len(parts):
            return None
        text = _with_names(each.expression, {id: part.feature.name for id, part in known.items()})
        return tuple(part.name for part in known.values()), f"derived: `{text}`"

    def difference(self, view: FeatureView, each: Feature) -> _Way | None:
        """The window w, moved back by o, is the window w + o without the window o."""
        offset, length = each.window.offset, each.window.length
        if not _is_plain(each) or not offset.microseconds or length is None or view.closed is Closed.BOTH:
            return None
        call = each.aggregates[0]
        if call.function not in _SUBTRACTED or (call.function == "sum" and call.type.is_float):
            return None
        own = [one.feature for one in self._plain.get(self._key(view, call), ()) if one.view is view]
        by_window = {one.window: one.name for one in own}
        longer = by_window.get(Window(Duration(offset.microseconds + length.microseconds)))
        shorter = by_window.get(Window(offset))
        if longer is None or shorter is None:
            return None
        bases = (f"{view.name}.{longer}", f"{view.name}.{shorter}")
        return bases, f"derived: `{longer} - {shorter}`, the longer window without the shorter"

    def _key(self, view: FeatureView, call: AggregateCall) -> tuple[_Rows, str]:
        return self._rows[view.name], call_meaning(call, self._types[view.name])

    def _beside(self, view: FeatureView, each: Feature, call: AggregateCall) -> _Plain | None:
        """The feature of the same view and window that is this aggregate."""
        for one in self._plain.get(self._key(view, call), ()):
            if one.view is view and one.feature.window == each.window and one.feature is not each:
                return one
        return None


def _as(call: AggregateCall, function: str) -> AggregateCall:
    """Another aggregate of the same values."""
    return AggregateCall(call.id, function, call.arguments, call.argument_types, (), call.filter, call.type)


def _with_names(expression: exp.Expr, names: Mapping[str, str]) -> str:
    tree = exp.Paren(this=expression.copy())
    for found in list(tree.find_all(exp.Column)):
        if found.name in names:
            found.replace(exp.column(names[found.name]))
    inner: exp.Expr = tree.this
    return inner.sql(dialect="duckdb")
