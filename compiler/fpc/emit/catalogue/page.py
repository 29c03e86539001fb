"""One page: a template filled, at its place in the site."""

from __future__ import annotations

from typing import Any

from fpc.emit.artefact import Artefact
from fpc.emit.catalogue.environment import template
from fpc.emit.catalogue.relations import Relations


def page(relations: Relations, path: str, name: str, title: str, **content: Any) -> Artefact:
    """The page at `path` by the template `name`; templates know the site's root as `root`."""
    text = template(name).render(
        root="../" * path.count("/"),
        here=path,
        repository=relations.model.config.name,
        title=title,
        relations=relations,
        **content,
    )
    return Artefact(path, text)
