"""The online store of a target of `fpc.yml`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fpc.runtime.online import embedded
from fpc.runtime.online.connection import connect
from fpc.runtime.online.store import OnlineStore

FOLDER: Final = Path(".fpc") / "redis"


def open_store(online: str, root: Path) -> OnlineStore:
    """The store that a target's `online` names: `embedded`, the project's own server, or an address."""
    return connect(embedded.start(root / FOLDER).url if online == "embedded" else online)
