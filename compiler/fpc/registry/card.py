"""What the registry says of one thing, as pairs of a word and a text: one card for people and programs alike."""

from __future__ import annotations

from collections.abc import Iterator

from fpc.contract.lineage import Lineage, Node, What, column, feature, service
from fpc.contract.registry import DeprecationContract, FeatureContract, Registry, ViewContract
from fpc.registry.readers import readers
from fpc.registry.things import Kind, Thing, things

_UNITS = ((604_800_000_000, "w"), (86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s"))

Card = dict[str, str | tuple[str, ...]]


def named(registry: Registry, name: str) -> tuple[Thing, ...]:
    """Everything of this name: `user_orders.orders_7d`, `churn`; or, where that is nothing, features of this name."""
    every = tuple(thing for thing in things(registry) if name in (thing.path, thing.name))
    exact = tuple(thing for thing in every if thing.path == name)
    return exact or tuple(thing for thing in every if thing.kind is Kind.FEATURE)


def nodes_of(registry: Registry, thing: Thing) -> tuple[Node, ...]:
    """The nodes of lineage that a thing stands for: of a view its features, of a source its columns."""
    match thing.kind:
        case Kind.VIEW:
            return tuple(feature(thing.name, each.name) for each in registry.views[thing.name].features)
        case Kind.FEATURE:
            return (feature(thing.parent, thing.name),)
        case Kind.SOURCE:
            return tuple(column(thing.name, each.name) for each in registry.sources[thing.name].columns)
        case Kind.COLUMN:
            return (column(thing.parent, thing.name),)
        case Kind.SERVICE:
            return (service(thing.name),)
        case Kind.TRAINING_SET:
            return (Node(What.TRAINING_SET, "", thing.name),)
        case Kind.ENTITY:
            views = [view for view in registry.views.values() if view.entity == thing.name]
            return tuple(feature(view.name, each.name) for view in views for each in view.features)


def card(registry: Registry, lineage: Lineage, thing: Thing) -> Card:
    """What the registry says of a thing; empty answers are left out."""
    found: Card = {
        "kind": thing.kind.value,
        "name": thing.path,
        "description": thing.description,
        "owner": thing.owner or "nobody",
        **dict(_own(registry, thing)),
        "tags": thing.tags,
        **dict(_relations(registry, lineage, thing)),
        "spec": thing.spec,
    }
    return {word: value for word, value in found.items() if value}


def duration(us: int) -> str:
    """A number of microseconds as specs write it.

    >>> duration(604_800_000_000), duration(90_000_000)
    ('7d', '90s')
    """
    for length, unit in _UNITS[1:]:
        if us % length == 0:
            return f"{us // length}{unit}"
    return f"{us}us"


def _own(registry: Registry, thing: Thing) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    match thing.kind:
        case Kind.VIEW:
            view = registry.views[thing.name]
            yield from _view(view)
            yield "features", tuple(each.name for each in view.features)
        case Kind.FEATURE:
            view = registry.views[thing.parent]
            each = next(each for each in view.features if each.name == thing.name)
            yield from _feature(each)
            yield from _view(view)
            yield "deprecated", deprecation_text(each.deprecation or view.deprecation)
        case Kind.SERVICE:
            declared = registry.services[thing.name]
            yield "version", str(declared.version)
            yield "model", declared.model or ""
            yield "missing", declared.on_missing
        case Kind.SOURCE:
            source = registry.sources[thing.name]
            yield "rows", source.path or source.table or source.dbt_model or ""
            yield "columns", tuple(f"{each.name} {each.type}" for each in source.columns)
        case Kind.COLUMN:
            source = registry.sources[thing.parent]
            yield "type", next(each.type for each in source.columns if each.name == thing.name)
        case Kind.ENTITY:
            yield "keys", tuple(f"{key.name} {key.type}" for key in registry.entities[thing.name].keys)
        case Kind.TRAINING_SET:
            yield "service", registry.training_sets[thing.name].service
            yield "mode", registry.training_sets[thing.name].mode


def _feature(each: FeatureContract) -> Iterator[tuple[str, str]]:
    yield "type", each.type
    yield "sql", " ".join(each.sql.split())
    if not each.inputs:
        length = "lifetime" if each.window_us is None else duration(each.window_us)
        yield "window", f"{length}, {duration(each.offset_us)} earlier" if each.offset_us else length
    yield "default", "" if each.default is None else str(each.default)
    yield "fingerprint", each.fingerprint


def _view(view: ViewContract) -> Iterator[tuple[str, str]]:
    yield "version", str(view.version)
    yield "entity", view.entity
    yield "source", view.source
    yield "where", view.where or ""
    yield "tier", view.tier
    yield "schedule", duration(view.grid.every_us) if view.grid.every_us else f"{view.grid.cron} (cron, UTC)"
    yield "freshness", duration(view.freshness_us) if view.freshness_us else ""
    yield "deprecated", deprecation_text(view.deprecation)


def deprecation_text(found: DeprecationContract | None) -> str:
    """Since when something is deprecated, until when it may be used, why, and what to use; empty where it is not."""
    if found is None:
        return ""
    until = f", to be gone after {found.remove_after}" if found.remove_after else ""
    use = f"; use {found.use}" if found.use else ""
    why = f": {found.reason}" if found.reason else ""
    return f"since {found.since}{until}{why}{use}"


def _relations(registry: Registry, lineage: Lineage, thing: Thing) -> Iterator[tuple[str, tuple[str, ...]]]:
    nodes = nodes_of(registry, thing)
    above = {str(edge.upper): None for edge in lineage.upstream(*nodes) if edge.upper.what is What.COLUMN}
    if thing.kind is not Kind.SOURCE:
        yield "reads columns", tuple(sorted(above))
    below = readers(lineage, *nodes)
    yield "read by features", tuple(name for name in below.features if not name.startswith(f"{thing.path}."))
    yield "services", below.services
    yield "training sets", below.training_sets
    yield "models", below.models
