"""What a view's refresh makes, as Airflow names it, and what others' refreshes it waits for."""

from __future__ import annotations

from fpc.model.nodes import DbtModelLocation, FeatureView, Model, TableLocation

_SCHEMA = "main"


def asset_uri(model: Model, name: str) -> str:
    """The asset of a published feature view.

    Names are checked by the loader: letters, digits and underscores.
    """
    return f"fpc://{model.config.name}/{name}"


def upstream(model: Model, view: FeatureView) -> str | None:
    """The view whose table is the source of this one, if its source is that."""
    match view.source.location:
        case TableLocation(schema, table) if schema in (None, _SCHEMA):
            name = table
        case DbtModelLocation(name):
            pass
        case _:
            return None
    return name if name in model.views and name != view.name else None


def made_by_dbt(model: Model, view: FeatureView) -> str | None:
    """The project's own dbt model that makes the view's source, if one does."""
    location = view.source.location
    if isinstance(location, DbtModelLocation) and location.model not in model.views:
        return location.model
    return None
