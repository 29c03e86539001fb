"""All pages of the catalogue, and the data of its scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fpc.contract.recorded import ViewRecords
from fpc.emit.artefact import Artefact
from fpc.emit.catalogue.lineage_data import lineage_data
from fpc.emit.catalogue.listing_pages import listing_pages
from fpc.emit.catalogue.relations import relate
from fpc.emit.catalogue.script_data import script_file
from fpc.emit.catalogue.search_data import search_data
from fpc.emit.catalogue.thing_pages import thing_pages
from fpc.emit.catalogue.view_pages import view_pages
from fpc.model.nodes import Model


def catalogue(model: Model, records: Mapping[str, ViewRecords]) -> Iterator[Artefact]:
    """Every page, by its path in the site; a function of the model and of what refreshes recorded, by view.

    The model must be without errors. Takes time and memory by the page; nothing is kept from one to the next.
    """
    relations = relate(model)
    yield from listing_pages(relations, records)
    for view in model.views.values():
        yield from view_pages(relations, view, records.get(view.name, ViewRecords()))
    yield from thing_pages(relations)
    yield Artefact("assets/data/search.js", script_file("search", search_data(relations)))
    yield Artefact("assets/data/lineage.js", script_file("lineage", lineage_data(relations)))
