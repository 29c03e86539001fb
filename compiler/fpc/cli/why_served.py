"""What the online store holds of one feature of one entity, whatever service it is read by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from fpc.cli.failure import CommandError
from fpc.cli.registry import chosen_target, read_registry, store_of
from fpc.contract.keys import KeyValueError, parse_key_value
from fpc.contract.registry import MemberContract, Registry, ServiceContract
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online import read
from fpc.runtime.online.answer import FeatureValue

_SERVICE: Final = "why"


@dataclass(frozen=True, slots=True)
class Served:
    """The answer of the store, or why there is none."""

    reason: str
    answer: FeatureValue | None = None


def served_value(
    root: Path, target: str | None, view: str, feature: str, keys: Mapping[str, str], now_us: int
) -> Served:
    """Read the feature as of now; a store or registry that is not there is said, and never raises."""
    try:
        registry = read_registry(root)
        contract = registry.views.get(view)
        if contract is None or feature not in {one.name for one in contract.features}:
            return Served("not compiled yet")
        typed: dict[str, object] = {key.name: parse_key_value(key, keys[key.name]) for key in contract.keys}
        store = store_of(root, chosen_target(registry, target))
        try:
            (answer,) = read(store, _with_service(registry, view, feature), _SERVICE, typed, now_us).features
        finally:
            store.close()
    except (CommandError, FpcRuntimeError) as error:
        return Served(error.message)
    except (KeyError, KeyValueError) as error:
        return Served(str(error))
    return Served("", answer)


def _with_service(registry: Registry, view: str, feature: str) -> Registry:
    """The registry with a service of this one feature in place of its own."""
    members = (MemberContract(view, feature, feature),)
    service = ServiceContract(_SERVICE, 1, "", "", members, "default", None)
    return replace(registry, services={_SERVICE: service})
