"""The date of a repository's frozen clock: see `fpc.contract.today`."""

from __future__ import annotations

from fpc.model.nodes import Model


def frozen_day(model: Model) -> str:
    """The date (ISO, UTC) of the default target's frozen clock; empty where it has none."""
    target = model.config.targets.get(model.config.default_target)
    return "" if target is None or target.as_of is None else target.as_of[:10]
