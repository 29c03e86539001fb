"""Where each page of the catalogue is, relative to the site's root."""

from __future__ import annotations

import hashlib
import re
from typing import Final, assert_never

from fpc.model.lineage import Node, What

_TEAM: Final = re.compile(r"team:([a-z0-9][a-z0-9-]{0,59})")
#: What can be a file's name as it is, and never looks like one with a hash.
_PLAIN: Final = re.compile(r"(?!.*-[0-9a-f]{8}$)[a-z0-9][a-z0-9_-]{0,59}")
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
    """The page of a feature service."""
    return f"services/{service}.html"


def training_set_page(declared: str) -> str:
    """The page of a declared training set."""
    return f"training_sets/{declared}.html"


def model_page(model: str) -> str:
    """The page of a model that services name, which may be any text.

    >>> model_page("churn-classifier")
    'models/churn-classifier.html'
    >>> model_page("../Ann & Bob")
    'models/ann-bob-82a96ba4.html'
    """
    return f"models/{model if _PLAIN.fullmatch(model) else _file_name(model, 'model')}.html"


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
    return f"owners/{_file_name(owner, 'owner')}.html"


def node_page(node: Node) -> str:
    """The page of something in the lineage; of a column its source's."""
    match node.what:
        case What.COLUMN:
            return source_page(node.parent)
        case What.FEATURE:
            return feature_page(node.parent, node.name)
        case What.SERVICE:
            return service_page(node.name)
        case What.TRAINING_SET:
            return training_set_page(node.name)
        case What.MODEL:
            return model_page(node.name)
        case _:
            assert_never(node.what)


def _file_name(text: str, otherwise: str) -> str:
    """A name for a file from any text, with a hash that tells apart what looks the same."""
    plain = _OTHER.sub("-", text.lower())[:40].strip("-") or otherwise
    return f"{plain}-{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:8]}"
