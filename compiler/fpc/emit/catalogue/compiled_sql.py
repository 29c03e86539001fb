"""The SQL that a view, a feature or a source compiles to, over the staged table, as of an instant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlglot import exp

from fpc.model.nodes import FeatureView, Source
from fpc.sql.snapshot import lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render

_AS_OF: Final = "as_of"


def view_sql(view: FeatureView) -> tuple[str, Mapping[str, str]]:
    """What a refresh computes when it computes everything, and of that the columns of each feature, by its name.

    One row per entity as of the instant `as_of`. A derived feature's columns are its inputs', in order, and its own.
    """
    query = lower_snapshot(view, exp.to_table(f"stg_{view.source.name}"), exp.column(_AS_OF))
    steps = [*(cte.this for cte in query.ctes), query]
    # A feature with a default is made by two steps: what is computed, and the default in the place of a null.
    made: dict[str, list[str]] = {}
    for column in (column for step in steps for column in step.expressions if column.alias):
        made.setdefault(column.alias, []).append(render(column).rstrip("\n"))
    texts = {output.name: ",\n".join(made[output.name]) for output in view.outputs}
    inputs: dict[str, tuple[str, ...]] = {feature.name: (feature.name,) for feature in view.features}
    for derived in view.derived:
        above = (name for each in derived.inputs for name in inputs[each])
        inputs[derived.name] = (*dict.fromkeys(above), derived.name)
    return render(query), {name: ",\n".join(texts[each] for each in wanted) + "\n" for name, wanted in inputs.items()}


def staging_sql(source: Source) -> str:
    """The staged table of a source over its raw rows."""
    return render(lower_staging(source, exp.to_table(f"source_{source.name}")))
