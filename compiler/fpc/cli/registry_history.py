"""The published versions of a feature or a view, for `fpc registry show`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fpc.cli.instants import shown
from fpc.cli.table import table
from fpc.contract.registry import Registry, TargetContract
from fpc.contract.view_versions import feature_versions, read_versions
from fpc.registry.things import Kind, Thing


@dataclass(frozen=True, slots=True)
class PastVersion:
    """One version as it is shown; `is_current` for the one that the registry has now."""

    version: int
    fingerprint: str
    owners: tuple[str, ...]
    services: tuple[str, ...]
    models: tuple[str, ...]
    first_published_us: int
    last_published_us: int
    is_current: bool

    def as_json(self) -> dict[str, object]:
        """The version as JSON."""
        return {
            "version": self.version,
            "fingerprint": self.fingerprint,
            "owners": list(self.owners),
            "services": list(self.services),
            "models": list(self.models),
            "first_published": shown(self.first_published_us),
            "last_published": shown(self.last_published_us),
            "current": self.is_current,
        }


def past_of(root: Path, registry: Registry, target: TargetContract, thing: Thing) -> tuple[PastVersion, ...]:
    """The published versions of a feature or a view, oldest first; none of anything else."""
    if thing.kind is Kind.FEATURE:
        view = registry.views[thing.parent]
        current = next(each.fingerprint for each in view.features if each.name == thing.name)
        versions = feature_versions(read_versions(root, target.name, view.name), thing.name)
        return tuple(
            PastVersion(
                one.version,
                one.feature.fingerprint,
                one.owners,
                one.services,
                one.models,
                one.first_published_us,
                one.last_published_us,
                (one.version, one.feature.fingerprint) == (view.version, current),
            )
            for one in versions
        )
    if thing.kind is Kind.VIEW:
        content = registry.views[thing.name].content
        return tuple(
            PastVersion(
                known.version,
                known.fingerprint,
                (known.owner,),
                known.services,
                known.models,
                known.first_published_us,
                known.last_published_us,
                known.content == content,
            )
            for known in read_versions(root, target.name, thing.name)
        )
    return ()


def versions_table(versions: Sequence[PastVersion]) -> str:
    """One line for each version."""
    rows = [
        (
            str(one.version),
            one.fingerprint,
            shown(one.first_published_us)[:19],
            shown(one.last_published_us)[:19],
            ", ".join(one.owners) or "nobody",
            ", ".join(one.services) or "-",
            "now" if one.is_current else "",
        )
        for one in versions
    ]
    return table(("version", "fingerprint", "first published", "last published", "owner", "services", ""), rows)
