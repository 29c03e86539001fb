"""Small feature repositories in a folder, loaded and analysed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fpc.diagnostics.diagnostic import Diagnostic, Severity
from fpc.diagnostics.span import Span
from fpc.model import analyse
from fpc.model.nodes import FeatureView, Model
from fpc.spec import load

CONFIG = "name: test\ntargets:\n  dev: {engine: duckdb}\n"
SOURCE = """\
source:
  name: orders
  path: data/orders.parquet
  event_time: ordered_at
  known_time: loaded_at
  columns: {order_id: bigint, user_id: bigint, ordered_at: timestamptz, loaded_at: timestamptz, status: varchar,
            amount: "decimal(12,2)", score: double, gift: boolean, day: date, small: integer, naive: timestamp}
"""
ENTITY = "entity:\n  name: user\n  keys: {user_id: bigint}\n"
VIEW = """\
feature_view:
  name: user_orders
  entity: user
  source: orders
  freshness: 1h
"""


@dataclass(frozen=True)
class Analysed:
    """What a repository came to."""

    model: Model
    diagnostics: tuple[Diagnostic, ...]
    files: dict[str, str]

    @property
    def view(self) -> FeatureView:
        """The only view."""
        (view,) = self.model.views.values()
        return view

    @property
    def errors(self) -> list[tuple[str, str]]:
        """The code of each error and the text that it underlines."""
        return [(d.code, self.underlined(d)) for d in self.diagnostics if d.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[tuple[str, str]]:
        """The code of each warning and the text that it underlines."""
        return [(d.code, self.underlined(d)) for d in self.diagnostics if d.severity is Severity.WARNING]

    def underlined(self, diagnostic: Diagnostic) -> str:
        """The text at a diagnostic's place."""
        return "" if diagnostic.label is None else self.at(diagnostic.label.span)

    def at(self, span: Span) -> str:
        """The text of a span."""
        lines = self.files[span.path].split("\n")[span.line - 1 : span.end_line]
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)


def analysed(folder: Path, *documents: str, config: str = CONFIG) -> Analysed:
    """The repository of these documents."""
    (folder / "features").mkdir(exist_ok=True)
    (folder / "fpc.yml").write_text(config)
    (folder / "features" / "all.yml").write_text("---\n".join(documents))
    spec = load(folder)
    model = analyse(spec.value)
    diagnostics = sorted((*spec.diagnostics, *model.diagnostics), key=lambda found: found.sort_key)
    return Analysed(model.value, tuple(diagnostics), dict(spec.value.files))


def with_features(folder: Path, features: str, *, view: str = VIEW) -> Analysed:
    """The standard repository with these items of `features`, and whatever keys follow them."""
    return analysed(folder, SOURCE, ENTITY, f"{view}  features:\n{features}")


def with_sql(folder: Path, sql: str) -> Analysed:
    """The standard repository with one feature of this SQL, as a literal block."""
    block = "\n".join(f"        {line}" for line in sql.split("\n"))
    return with_features(folder, f"    - name: f\n      window: 7d\n      sql: |\n{block}\n")
