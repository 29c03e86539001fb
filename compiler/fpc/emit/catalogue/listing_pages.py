"""The first page, and the lists of everything of a kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fpc.contract.recorded import ViewRecords
from fpc.emit.artefact import Artefact
from fpc.emit.catalogue.page import page
from fpc.emit.catalogue.relations import Relations
from fpc.emit.catalogue.view_pages import describe


def listing_pages(relations: Relations, records: Mapping[str, ViewRecords]) -> Iterator[Artefact]:
    """The first page, which lists the views, and a list of each other kind."""
    model = relations.model
    rows = {name: known.statistics.rows for name, known in records.items() if known.statistics is not None}
    features = sum(len(view.outputs) for view in model.views.values())
    yield page(relations, "index.html", "index.html", "Catalogue", rows=rows, features=features)
    for kind in ("features", "sources", "services", "training_sets", "models", "entities", "owners"):
        title = kind.capitalize().replace("_", " ")
        yield page(relations, f"{kind}.html", "listing.html", title, kind=kind, describe=describe)
