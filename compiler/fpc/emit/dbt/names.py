"""The names of dbt's nodes, and their check: the only text that reaches a Jinja expression."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from fpc.diagnostics.span import Span
from fpc.model.nodes import DbtModelLocation, FeatureView, Model, Source, TrainingSet

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,199}")


def checked(name: str) -> str:
    """The name, if it can stand in Jinja, in a file's name and in SQL without quotes; raises `ValueError` otherwise."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a dbt name: {name!r}")
    return name


def staging_model(source: Source) -> str:
    """The staging model of a source: `stg_<source>`, unless the source is itself a user's model of that name."""
    name = f"stg_{source.name}"
    if isinstance(source.location, DbtModelLocation) and source.location.model == name:
        return checked(f"{name}__events")
    return checked(name)


def empty_model(view: FeatureView) -> str:
    """The model that holds the one row of an entity without events."""
    return checked(f"{view.name}__empty")


def training_model(declared: TrainingSet) -> str:
    """The model of a declared training set."""
    return checked(declared.name)


def dbt_models(model: Model) -> Iterator[tuple[str, str, Span]]:
    """Every dbt model that a repository compiles to: its name, what it is the model of, and where that is declared.

    A model that the user keeps in the dbt project is among them once for each source that reads it.
    """
    for source in model.sources.values():
        if isinstance(source.location, DbtModelLocation):
            yield source.location.model, f"the project's own `{source.location.model}`", source.span
        yield staging_model(source), f"source `{source.name}`", source.span
    for view in model.views.values():
        yield view.name, f"feature view `{view.name}`", view.span
        yield empty_model(view), f"feature view `{view.name}`", view.span
    for declared in model.training_sets.values():
        yield training_model(declared), f"training set `{declared.name}`", declared.span


def groups(owners: Iterable[str]) -> dict[str, str]:
    """A dbt group for each owner: its letters and digits, and a hash where two owners would share them.

    >>> groups(["team:growth-ml", "Team Growth ML", ""])
    {'Team Growth ML': 'team_growth_ml_9dac', 'team:growth-ml': 'team_growth_ml_0f5e'}
    """
    distinct = sorted({owner for owner in owners if owner})
    slugs = {owner: _slug(owner) for owner in distinct}
    shared = Counter(slugs.values())
    return {owner: checked(slug if shared[slug] == 1 else f"{slug}_{_hash(owner)}") for owner, slug in slugs.items()}


def _slug(owner: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", owner.lower()).strip("_")[:60]
    return slug if slug[:1].isalpha() else f"owner_{slug}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:4]
