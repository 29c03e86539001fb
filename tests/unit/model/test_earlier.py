"""An earlier state beside a later one comes to the same as by itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest
from tests.unit.model.repositories import CONFIG

from fpc.model import Model, analyse
from fpc.model.earlier import analyse_earlier
from fpc.model.typing import Typing
from fpc.spec import load

FEATURES: Final = Path(__file__).parents[3] / "features" / "marketplace"
EDITS: Final = [
    ("user_orders.yml", "COUNT(*) FILTER", "COUNT(amount) FILTER"),
    ("user_orders.yml", "orders_change_7d", "orders_grown_7d"),
    ("sources.yml", "known_time: updated_at", "known_time: placed_at"),
    ("entities.yml", "{user_id: bigint}", "{user_id: integer}"),
    ("services.yml", "user_profile.plan, ", ""),
    ("training_sets.yml", "service: churn", "service: dispatch"),
    ("../../fpc.yml", "name: test", "name: test\ndefaults: {closed: right}"),
]


def _facts(model: Model) -> object:
    views = {n: (v.fingerprint, v.version, v.owner, [o.name for o in v.outputs]) for n, v in model.views.items()}
    services = {name: (each.features, each.on_missing) for name, each in model.services.items()}
    training_sets = {name: (each.service.name, each.service.features) for name, each in model.training_sets.items()}
    sources = {name: each.fingerprint for name, each in model.sources.items()}
    return list(model.views), views, services, training_sets, sources, {n: e.keys for n, e in model.entities.items()}


@pytest.mark.parametrize(("file", "old", "new"), EDITS)
@pytest.mark.parametrize("turned", [False, True])
def test_it_is_what_it_is_alone(tmp_path: Path, file: str, old: str, new: str, turned: bool) -> None:
    for state in ("one", "other"):
        shutil.copytree(FEATURES, tmp_path / state / "features" / "marketplace")
        (tmp_path / state / "fpc.yml").write_text(CONFIG)
    path = tmp_path / "other" / "features" / "marketplace" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    before, after = (tmp_path / state for state in (("other", "one") if turned else ("one", "other")))
    earlier, later = load(before).value, load(after).value
    model = analyse(later).value
    paths = [each.relative_to(before).as_posix() for each in before.rglob("*.yml")]
    same = frozenset(each for each in paths if (before / each).read_bytes() == (after / each).read_bytes())
    assert len(same) == len(paths) - 1
    found = analyse_earlier(earlier, model, same, Typing()).value
    assert _facts(found) == _facts(analyse(earlier).value)
    if file not in ("sources.yml", "entities.yml", "../../fpc.yml"):  # which every view is read with
        assert any(found.views[name] is model.views[name] for name in found.views if name in model.views)
