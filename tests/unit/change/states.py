"""Two states of a small repository, and the plan between them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from tests.unit.model.repositories import CONFIG, ENTITY, SOURCE

from fpc.change import Plan, compare
from fpc.model import Model, analyse
from fpc.spec import load

TODAY: Final = "2026-11-22"
VIEW: Final = """\
feature_view:
  name: user_orders
  version: 1
  owner: team:orders
  entity: user
  source: orders
  freshness: 1h
  features:
    - {name: orders_7d, sql: COUNT(*), window: 7d, description: Orders.}
    - {name: spent_7d, sql: SUM(amount), window: 7d}
    - {name: spent_30d, sql: SUM(amount), window: 30d}
    - {name: last_status, latest: status, window: 30d}
  derived:
    - {name: mean_7d, sql: "spent_7d / NULLIF(orders_7d, 0)"}
"""
SERVICE: Final = """\
feature_service:
  name: churn
  owner: team:growth
  model: churn-classifier
  features: [user_orders.orders_7d, user_orders.mean_7d]
"""
TRAINING_SET: Final = """\
training_set:
  name: churn_training
  service: churn
  spine: {path: data/labels.parquet, time: label_time, label: [churned]}
"""
BASE: Final = (SOURCE, ENTITY, VIEW, SERVICE, TRAINING_SET)


def model(*documents: str) -> Model:
    """The model of these documents, which are right."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "features").mkdir()
        (root / "fpc.yml").write_text(CONFIG)
        for at, document in enumerate(documents):
            (root / "features" / f"{at}.yml").write_text(document)
        loaded = load(root)
        found = analyse(loaded.value)
        assert not loaded.has_errors and not found.has_errors, (loaded.diagnostics, found.diagnostics)
        return found.value


def plan(before: tuple[str, ...], after: tuple[str, ...], today: str = TODAY) -> Plan:
    """What lies between the two states."""
    return compare(model(*before), model(*after), today)


def edited(old: str, new: str, *, more: tuple[tuple[str, str], ...] = (), add: tuple[str, ...] = ()) -> Plan:
    """The plan of replacing texts in the standard repository, and of adding documents."""
    after = "\x00".join(BASE)
    for was, now in ((old, new), *more):
        assert was in after, was
        after = after.replace(was, now)
    return plan(BASE, (*after.split("\x00"), *add))


def told(found: Plan) -> dict[str, list[str]]:
    """Each change by its kind and name: what it does."""
    return {f"{each.kind.value} {each.name}": [kind.value for kind in each.classes] for each in found.every()}
