"""What is compiled, the target that a command means, and that target's online store."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fpc.cli.failure import user_fault, wrong_usage
from fpc.contract import registry_json
from fpc.contract.registry import Registry, TargetContract

if TYPE_CHECKING:
    from fpc.runtime.online.store import OnlineStore

_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def read_registry(root: Path) -> Registry:
    """The compiled registry; stops with exit code 1 when it is not there or cannot be read."""
    try:
        return registry_json.load(root)
    except registry_json.RegistryError as error:
        raise user_fault(str(error), help="`fpc compile` writes it") from error


def chosen_target(registry: Registry, name: str | None) -> TargetContract:
    """The target of that name, or the default one; stops with exit code 2 for an unknown name."""
    return registry.targets[known_target(registry.targets, registry.default_target, name)]


def known_target(targets: Collection[str], default: str, name: str | None) -> str:
    """The name itself if fpc.yml has such a target, the default for None; stops with exit code 2 otherwise."""
    chosen = default if name is None else name
    if chosen not in targets:
        raise wrong_usage(f"there is no target `{chosen}`", help=f"fpc.yml has: {', '.join(targets)}")
    return chosen


def store_of(root: Path, target: TargetContract) -> OnlineStore:
    """The target's online store, `${NAME}` in its address taken from the environment.

    An embedded server is started if it does not run. Stops with exit code 1 when a variable is not set.
    """
    from fpc.runtime.online.target import open_store  # brings the Redis client

    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise user_fault(
                f"the environment variable {found[1]} is not set",
                notes=(f"the online store of target `{target.name}` is there",),
                help=f"export {found[1]}=redis://... , or choose another target with --target",
            )
        return os.environ[found[1]]

    return open_store(_REFERENCE.sub(value, target.online), root)
