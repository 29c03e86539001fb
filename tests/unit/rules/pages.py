"""Reads the rules' pages: their sections and the specs in them."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from fpc import rules, spec
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.model import analyse
from fpc.rules.rule import Rule

SECTIONS = ("What it does", "Why", "Example", "Use instead")
_BLOCK = re.compile(r"```(\w+)( fpc\.yml)?\n(.*?)```", re.DOTALL)

CONFIG = """\
name: pages
defaults: {owner: "team:pages"}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded, as_of: "2024-01-01T00:00:00Z"}
"""
#: What the pages' examples take for granted, unless they declare it themselves.
ORDERS = """\
source:
  name: orders
  description: One row per order.
  owner: team:orders
  path: data/orders.parquet
  event_time: ordered_at
  known_time: loaded_at
  columns:
    order_id: bigint
    user_id: bigint
    ordered_at: timestamptz
    loaded_at: timestamptz
    status: varchar
    amount: decimal(12,2)
"""
USER = "entity:\n  name: user\n  description: A person.\n  owner: team:orders\n  keys: {user_id: bigint}\n"


@dataclass(frozen=True)
class Example:
    """A spec on a page: its language, whether it is fpc.yml, its text, and the fpc.yml that stands beside it."""

    language: str
    is_config: bool
    text: str
    config: str = CONFIG


def sections(rule: Rule) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", rule.page, flags=re.MULTILINE)
    return {title: body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def example(rule: Rule, section: str) -> Example:
    found = list(_BLOCK.finditer(sections(rule)[section]))
    assert found, f"{rule.code.code}: no code block under {section}"
    first, *rest = found
    beside = next((block[3] for block in rest if block[2] is not None), CONFIG)
    return Example(first[1], first[2] is not None, first[3], beside)


def diagnostics_of(one: Example, root: Path) -> tuple[Diagnostic, ...]:
    """Everything found in a repository that holds the example and what it takes for granted."""
    (root / "features").mkdir(parents=True)
    (root / "fpc.yml").write_text(one.text if one.is_config else one.config)
    specs = "" if one.is_config else one.text
    (root / "features" / "example.yml").write_text(specs)
    declared = _declared(specs)
    context = [text for name, text in (("orders", ORDERS), ("user", USER)) if name in _used(specs) - declared]
    (root / "features" / "context.yml").write_text("---\n".join(context))
    return found_in(root)


def found_in(root: Path) -> tuple[Diagnostic, ...]:
    loaded = spec.load(root)
    analysed = analyse(loaded.value)
    return (*loaded.diagnostics, *analysed.diagnostics, *rules.check(loaded.value, analysed.value))


def _used(text: str) -> set[str]:
    """The names of sources and entities that a spec's views refer to, as near as a pattern can tell."""
    return set(re.findall(r"^  (?:source|entity): (\w+)$", text, flags=re.MULTILINE))


def _declared(text: str) -> set[str]:
    try:
        documents = list(yaml.load_all(text, yaml.BaseLoader))
    except yaml.YAMLError:
        return set()
    return {body["name"] for document in documents if isinstance(document, dict)
            for body in document.values() if isinstance(body, dict) and isinstance(body.get("name"), str)}  # fmt: skip
