"""The SQL of a view's models, made once for all views that say the same.

A company's views come in families: the same features of one region's events and of the next. The views of a family have
one shape (`fpc.emit.dbt.view_shape`) with constants of their own in it (`fpc.emit.dbt.constants`), and the text of the
first serves them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from sqlglot import exp

from fpc.emit.dbt.constants import put_back, stand_ins
from fpc.emit.dbt.sources import staged_relation
from fpc.emit.dbt.sql_text import dbt_sql
from fpc.emit.dbt.view_shape import Shape, bare, shape
from fpc.model.nodes import FeatureView
from fpc.plan.advance import advances, carrying
from fpc.sql.advance import lower_advance, lower_from_events
from fpc.sql.snapshot import lower_empty, lower_snapshot

_AT: Final = exp.column("__as_of__")
_STAGED: Final = exp.to_table("__ref__staged")
_STAGED_AS_JINJA: Final = "{{ ref('staged') }}"


@dataclass(frozen=True, slots=True)
class ViewSql:
    """The texts of a view's two models, each from the first statement behind `as_of`.

    `computed` is the view from all events. `carried`, of a view that is carried forward, is the same from its own rows
    as of an earlier instant, or, `in_place`, those rows of it that changed; `kept` are then the columns that the table
    has for that, name and type.
    """

    computed: str
    carried: str | None
    in_place: bool
    kept: tuple[tuple[str, str], ...]
    empty: str


def view_sql(view: FeatureView) -> ViewSql:
    """The SQL of the view's models."""
    found = shape(view)
    names = stand_ins(found.constants)
    laid_out = tuple(names.get(word, word) for word in found.constants)
    lowered = _lowered(_Lowering(Shape(found.structure, laid_out), view, names))
    # Nothing else prints so: the names of columns are quoted, and Jinja in a user's text is made inert.
    staged = dbt_sql(staged_relation(view.source), {}).rstrip("\n")

    def own(text: str) -> str:
        return put_back(text, names).replace(_STAGED_AS_JINJA, staged)

    carried = None if lowered.carried is None else own(lowered.carried)
    return replace(lowered, computed=own(lowered.computed), carried=carried, empty=put_back(lowered.empty, names))


@dataclass(frozen=True, slots=True)
class _Lowering:
    """A view by its shape with stand-ins, which alone is compared."""

    shape: Shape
    view: FeatureView = field(compare=False)
    names: Mapping[str, str] = field(compare=False)


@lru_cache(maxsize=256)
def _lowered(lowering: _Lowering) -> ViewSql:
    view = bare(lowering.view, lowering.names)
    empty = dbt_sql(lower_empty(view, _AT), {}, frozenset({"as_of"}))
    if not advances(view):
        computed = dbt_sql(lower_snapshot(view, _STAGED, _AT), {}, frozenset({"as_of"}))
        return ViewSql(computed, None, False, (), empty)
    plan = carrying(view)
    computed = dbt_sql(lower_from_events(plan, _STAGED, _AT), {}, frozenset({"as_of"}))
    changes = lower_advance(plan, _STAGED, exp.to_table("__this__"), exp.column("__since__"), _AT)
    carried = dbt_sql(changes, {}, frozenset({"as_of", "since", "this"}))
    kept = tuple((column.name, column.type) for column in plan.columns if column.stored == column.name)
    return ViewSql(computed, carried, plan.in_place, kept, empty)
