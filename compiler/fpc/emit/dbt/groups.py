"""Owners as dbt groups."""

from __future__ import annotations

from collections.abc import Iterator

from fpc.emit.artefact import Artefact
from fpc.emit.header import yaml_header
from fpc.emit.inert import inert
from fpc.emit.yaml_text import Yaml, dump


def group_properties(groups: dict[str, str]) -> Iterator[Artefact]:
    """A file for each owner's group, so that two branches that bring an owner each can be merged."""
    for owner, group in sorted(groups.items()):
        document: dict[str, Yaml] = {"groups": [{"name": group, "owner": {"name": inert(owner)}}]}
        yield Artefact(f"dbt_project/models/groups/{group}.yml", f"{yaml_header()}\n{dump(document)}")
