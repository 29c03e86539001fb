"""Owners as dbt groups."""

from __future__ import annotations

from fpc.emit.artefact import Artefact
from fpc.emit.header import yaml_header
from fpc.emit.inert import inert
from fpc.emit.yaml_text import Yaml, dump


def group_properties(groups: dict[str, str]) -> tuple[Artefact, ...]:
    """The file that names each group's owner; none without owners."""
    if not groups:
        return ()
    listed: list[Yaml] = [{"name": group, "owner": {"name": inert(owner)}} for owner, group in sorted(groups.items())]
    return (Artefact("dbt_project/models/groups.yml", f"{yaml_header()}\n{dump({'groups': listed})}"),)
