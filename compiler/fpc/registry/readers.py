"""Who reads what: the services and models below a feature, and what nobody reads."""

from __future__ import annotations

from dataclasses import dataclass

from fpc.contract.lineage import Lineage, Node, What, feature
from fpc.contract.registry import Registry
from fpc.contract.registry_lineage import registry_lineage


@dataclass(frozen=True, slots=True)
class Readers:
    """Those who depend on something, however many features lie between, by name."""

    features: tuple[str, ...]
    services: tuple[str, ...]
    training_sets: tuple[str, ...]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unused:
    """What nobody reads: features without a service below them, columns without anything below them."""

    features: tuple[Node, ...]
    columns: tuple[Node, ...]


def readers(lineage: Lineage, *nodes: Node) -> Readers:
    """Who depends on these, at first hand or through others."""
    below: dict[What, dict[str, None]] = {what: {} for what in What}
    for edge in lineage.downstream(*nodes):
        below[edge.lower.what][str(edge.lower)] = None
    return Readers(
        tuple(sorted(below[What.FEATURE])),
        tuple(sorted(below[What.SERVICE])),
        tuple(sorted(below[What.TRAINING_SET])),
        tuple(sorted(below[What.MODEL])),
    )


def unused(registry: Registry) -> Unused:
    """The features that no service reads, through others either, and the columns that no feature reads.

    A column by which refreshes leave files out is read by them.
    """
    lineage = registry_lineage(registry)
    read: set[Node] = set()
    for service in registry.services.values():
        read.update(feature(member.view, member.feature) for member in service.members)
    for edge in lineage.upstream(*sorted(read, key=str)):
        read.add(edge.upper)
    partitions = {(source.name, (source.partition or "").casefold()) for source in registry.sources.values()}
    return Unused(
        tuple(node for node in lineage.nodes if node.what is What.FEATURE and node not in read),
        tuple(
            node
            for node in lineage.nodes
            if node.what is What.COLUMN
            and not lineage.below(node)
            and (node.parent, node.name.casefold()) not in partitions
        ),
    )
