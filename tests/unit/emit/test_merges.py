"""Git merges two branches that touch different things without a conflict, into what the merged specs compile to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from fpc.contract.registry_json import load
from fpc.emit.writer import difference, write
from fpc.pipeline import compile_repository

CONFIG = """
name: shop
targets:
  dev: {engine: duckdb}
"""
ENTITY = "entity:\n  name: user\n  keys: {user_id: bigint}\n  description: A person.\n  owner: team:shop\n"
SOURCE = """
source:
  name: SOURCE
  description: Events.
  owner: OWNER
  path: data/SOURCE.parquet
  event_time: at
  columns: {user_id: bigint, at: timestamptz, amount: double}
"""
VIEW = """
feature_view:
  name: NAME
  description: What a user did.
  owner: OWNER
  entity: user
  source: SOURCE
  freshness: 1h
  features:
    - {name: NAME_7d, sql: COUNT(*), window: 7d}
    - {name: NAME_amount_7d, sql: SUM(amount), window: 7d}
"""
SERVICE = "feature_service:\n  name: NAME\n  description: For a model.\n  owner: OWNER\n  features: [VIEW.*]\n"


class Checkout:
    """A feature repository under git."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "features").mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        place = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"]}
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "merge.conflictStyle=merge")
        return subprocess.run(["git", *who, *arguments], cwd=self.root, env=place, capture_output=True, text=True)

    def spec(self, name: str, text: str, **words: str) -> None:
        for word, value in words.items():
            text = text.replace(word, value)
        (self.root / "features" / f"{name}.yml").write_text(text)

    def view(self, name: str, owner: str = "team:shop", source: str = "events") -> None:
        self.spec(name, VIEW, NAME=name, OWNER=owner, SOURCE=source)

    def commit(self, message: str) -> None:
        """Compile, and commit everything."""
        compiled = compile_repository(self.root)
        assert not compiled.has_errors, compiled.diagnostics
        assert write(self.root, compiled.value).kept == ()
        self.git("add", "-A")
        assert self.git("commit", "-q", "-m", message).returncode == 0

    def merged(self, branch: str) -> subprocess.CompletedProcess[str]:
        return self.git("merge", "--no-edit", branch)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "shop")
    (made.root / "fpc.yml").write_text(CONFIG)
    made.spec("user", ENTITY)
    made.spec("events", SOURCE, SOURCE="events", OWNER="team:shop")
    for name in ("visits", "visits_b", "visits_c"):
        made.view(name)
    made.spec("churn", SERVICE, NAME="churn", OWNER="team:shop", VIEW="visits")
    made.commit("Begin")
    return made


def test_branches_that_touch_different_views_are_merged_into_what_the_specs_compile_to(checkout: Checkout) -> None:
    checkout.git("checkout", "-q", "-b", "left")
    checkout.view("visits_a", "team:a")  # beside `visits_b` in every list by name
    checkout.view("visits_b", "team:other")
    checkout.spec("left_model", SERVICE, NAME="left_model", OWNER="team:a", VIEW="visits_c")
    checkout.commit("Add a view, an owner and a service; change a view")

    checkout.git("checkout", "-q", "main")
    checkout.spec("clicks", SOURCE, SOURCE="clicks", OWNER="team:aa")
    checkout.view("visits_aa", "team:aa", "clicks")  # its neighbour in every list by name
    checkout.spec("lefu_model", SERVICE, NAME="lefu_model", OWNER="team:aa", VIEW="visits_c")
    checkout.spec("churn", SERVICE, NAME="churn", OWNER="team:shop", VIEW="visits_c")
    (checkout.root / "features" / "visits.yml").unlink()
    checkout.commit("Add a source, a view and a service; change a service; remove a view")

    merge = checkout.merged("left")
    assert merge.returncode == 0, merge.stdout
    compiled = compile_repository(checkout.root)
    assert not compiled.has_errors
    assert difference(checkout.root, compiled.value) == ()
    registry = load(checkout.root)
    assert list(registry.views) == ["visits_a", "visits_aa", "visits_b", "visits_c"]
    assert list(registry.services) == ["churn", "left_model", "lefu_model"]


def test_one_view_changed_in_two_branches_is_never_merged_silently(checkout: Checkout) -> None:
    """Its lines are far enough apart for git: without the hash of the whole it would make a file nobody compiled."""
    path = checkout.root / "features" / "visits_b.yml"
    text = path.read_text()
    checkout.git("checkout", "-q", "-b", "left")
    path.write_text(text.replace("What a user did.", "What a user did lately."))
    checkout.commit("Describe")
    checkout.git("checkout", "-q", "main")
    path.write_text(text.replace("SUM(amount)", "MAX(amount)"))
    checkout.commit("Compute otherwise")

    merge = checkout.merged("left")
    assert merge.returncode == 1
    conflicts = checkout.git("diff", "--name-only", "--diff-filter=U").stdout.split()
    assert "registry/views/visits_b.json" in conflicts
    assert not [name for name in conflicts if "visits_b" not in name]

    # The specs were merged; compiling is all there is to do.
    compiled = compile_repository(checkout.root)
    assert not compiled.has_errors
    write(checkout.root, compiled.value, overwrite=True)
    assert difference(checkout.root, compiled.value) == ()
