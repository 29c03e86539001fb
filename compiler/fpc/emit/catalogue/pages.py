"""Where each page of the catalogue is, relative to the site's root."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from fpc.model.lineage import Node, What

_TEAM: Final = re.compile(r"team:([a-z0-9][a-z0-9-]{0,59})")
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def view_page(view: str) -> str:
    """The page of a feature view."""
    return f"views/{view}.html"


def feature_page(view: str, feature: str) -> str:
    """The page of one feature of a view."""
    return f"features/{view}.{feature}.html"


def source_page(source: str) -> str:
    """The page of a source."""
    return f"sources/{source}.html"


def service_page(service: str) -> str:
    """The page of a feature service, which also tells of its training sets and its model."""
    return f"services/{service}.html"


def entity_page(entity: str) -> str:
    """The page of an entity."""
    return f"entities/{entity}.html"


def owner_page(owner: str) -> str:
    """The page of an owner; an owner may be any text, so that a hash tells apart what looks the same as a file name.

    >>> owner_page("team:growth-ml")
    'owners/team.growth-ml.html'
    >>> owner_page("../Ann & Bob")
    'owners/ann-bob-82a96ba4.html'
    """
    team = _TEAM.fullmatch(owner)
    if team is not None:
        return f"owners/team.{team[1]}.html"
    plain = _OTHER.sub("-", owner.lower())[:40].strip("-") or "owner"
    return f"owners/{plain}-{hashlib.sha256(owner.encode(errors='surrogatepass')).hexdigest()[:8]}.html"


def node_page(node: Node) -> str | None:
    """The page of something in the lineage; None for what has none of its own."""
    match node.what:
        case What.COLUMN:
            return source_page(node.parent)
        case What.FEATURE:
            return feature_page(node.parent, node.name)
        case What.SERVICE:
            return service_page(node.name)
        case _:
            return None
