"""The templates' environment: every text escaped and made visible, in one place for all pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import DictLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from fpc.emit.catalogue import numbers, pages
from fpc.emit.catalogue.distribution import spark
from fpc.emit.catalogue.plain_text import breakable, seen
from fpc.emit.catalogue.script_data import script_json
from fpc.emit.catalogue.sql_spans import highlighted

_TEMPLATES: Final = (
    "base.html", "macros.html", "index.html", "listing.html", "view.html", "feature.html", "source.html",
    "service.html", "training_set.html", "model.html", "entity.html", "owner.html",
)  # fmt: skip


@cache
def template(name: str) -> Template:
    """A template by name, compiled once; whatever it prints is escaped unless it is HTML of this package's own."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    folder = files("fpc.emit.catalogue").joinpath("templates")
    environment = Environment(
        loader=DictLoader({name: folder.joinpath(name).read_text(encoding="utf-8") for name in _TEMPLATES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    environment.globals |= _words()
    return environment


def _finalize(value: Any) -> Any:
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return seen(value)
    return "" if value is None else value


def _words() -> Mapping[str, Any]:
    """What templates can call."""
    return {
        "count": numbers.count,
        "figure": numbers.figure,
        "share": numbers.share,
        "instant": numbers.instant,
        "machine_instant": numbers.machine_instant,
        "wrapped": breakable,
        "sql": highlighted,
        "spark": spark,
        "script_json": script_json,
        "view_page": pages.view_page,
        "feature_page": pages.feature_page,
        "source_page": pages.source_page,
        "service_page": pages.service_page,
        "training_set_page": pages.training_set_page,
        "model_page": pages.model_page,
        "entity_page": pages.entity_page,
        "owner_page": pages.owner_page,
    }
