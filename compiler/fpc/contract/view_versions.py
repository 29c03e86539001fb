"""The versions of a view that were published: what each was, who owned and read it then, first and last publication.

They lie in the warehouse (`fpc.runtime.registry_history` writes them), and once more under
`.fpc/registry/TARGET/VIEW.json`, for those who may not open the warehouse and for the day when it is lost. Either is
made whole from the other: two accounts of a version are joined by the earliest first and the latest last publication.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from fpc.contract.registry import FeatureContract, ViewContract
from fpc.contract.registry_json import RegistryError, read_view

FOLDER: Final = ".fpc/registry"


@dataclass(frozen=True, slots=True)
class ViewVersion:
    """One contract of a view that was published; whatever changes in it, the owner too, makes another.

    `contract` is the text of the view's registry file, `content` its hash. `services`, `training_sets` and `models` are
    those that depended on the view at the last publication. Instants are microseconds since the epoch: those published
    by the wall clock, those `as_of` by the view's schedule.
    """

    view: str
    content: str
    version: int
    fingerprint: str
    owner: str
    contract: str
    services: tuple[str, ...]
    training_sets: tuple[str, ...]
    models: tuple[str, ...]
    first_published_us: int
    last_published_us: int
    first_as_of_us: int
    last_as_of_us: int

    def read(self) -> ViewContract | None:
        """The contract, or None where it was written by a version of fpc that this one cannot read."""
        try:
            return read_view(self.contract)
        except RegistryError:
            return None


@dataclass(frozen=True, slots=True)
class FeatureVersion:
    """One meaning of a feature, in one version of its view; owners in the order in which they were."""

    view: str
    version: int
    feature: FeatureContract
    owners: tuple[str, ...]
    entity: str
    first_published_us: int
    last_published_us: int
    services: tuple[str, ...]
    models: tuple[str, ...]


def joined(versions: Iterable[ViewVersion]) -> tuple[ViewVersion, ...]:
    """Each version once, from any number of accounts; by first publication. In whatever order and however often."""
    found: dict[tuple[str, str], ViewVersion] = {}
    for version in versions:
        known = found.setdefault((version.view, version.content), version)
        if known is not version:
            newest = max(known, version, key=lambda one: (one.last_published_us, one.services, one.models))
            found[version.view, version.content] = replace(
                newest,
                first_published_us=min(known.first_published_us, version.first_published_us),
                first_as_of_us=min(known.first_as_of_us, version.first_as_of_us),
                last_as_of_us=max(known.last_as_of_us, version.last_as_of_us),
            )
    return tuple(sorted(found.values(), key=lambda one: (one.first_published_us, one.content)))


def feature_versions(versions: Iterable[ViewVersion], feature: str) -> tuple[FeatureVersion, ...]:
    """Every meaning that a feature had in the versions of its view, by first publication."""
    found: dict[tuple[int, str], FeatureVersion] = {}
    for version in versions:
        contract = version.read()
        for each in () if contract is None else contract.features:
            if contract is None or each.name != feature:
                continue
            known = found.get((version.version, each.fingerprint))
            owners = () if known is None else known.owners
            found[version.version, each.fingerprint] = FeatureVersion(
                version.view,
                version.version,
                each,
                owners if version.owner in owners else (*owners, version.owner),
                contract.entity,
                min(
                    version.first_published_us,
                    version.first_published_us if known is None else known.first_published_us,
                ),
                max(version.last_published_us, 0 if known is None else known.last_published_us),
                version.services,
                version.models,
            )
    return tuple(found.values())


def read_versions(root: Path, target: str, view: str) -> tuple[ViewVersion, ...]:
    """The published versions of a view, as far as this checkout knows, by first publication; none where it cannot."""
    try:
        document = json.loads(versions_path(root, target, view).read_text(encoding="utf-8"))
        return joined(_version(entry) for entry in document["versions"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def versions_text(versions: Iterable[ViewVersion]) -> str:
    """The text of a view's file."""
    return json.dumps({"versions": [asdict(version) for version in versions]}, sort_keys=True) + "\n"


def versions_path(root: Path, target: str, view: str) -> Path:
    """Where the versions of a view are written down a second time."""
    return root / FOLDER / target / f"{view}.json"


def _version(entry: dict[str, Any]) -> ViewVersion:
    lists: dict[str, Any] = {name: tuple(entry[name]) for name in ("services", "training_sets", "models")}
    return ViewVersion(**{**entry, **lists})
