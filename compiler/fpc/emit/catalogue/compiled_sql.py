"""The SQL that a view, a feature or a source compiles to, over the staged table, as of an instant."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlglot import exp

from fpc.model.nodes import DerivedFeature, Feature, FeatureView, Source
from fpc.sql.snapshot import lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render

_AS_OF: Final = "as_of"


def view_sql(view: FeatureView) -> str:
    """One row per entity as of the instant `as_of`: what a refresh computes when it computes everything."""
    return render(lower_snapshot(view, exp.to_table(f"stg_{view.source.name}"), exp.column(_AS_OF)))


def feature_sql(view: FeatureView, output: Feature | DerivedFeature) -> str:
    """The same with this feature alone, and those that it is made of."""
    wanted = {output.name}
    # Each derived feature follows its inputs, so that one pass backwards finds all.
    for derived in reversed(view.derived):
        if derived.name in wanted:
            wanted.update(derived.inputs)
    return view_sql(
        replace(
            view,
            features=tuple(each for each in view.features if each.name in wanted),
            derived=tuple(each for each in view.derived if each.name in wanted),
        )
    )


def staging_sql(source: Source) -> str:
    """The staged table of a source over its raw rows."""
    return render(lower_staging(source, exp.to_table(f"source_{source.name}")))
