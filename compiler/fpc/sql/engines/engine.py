"""What an engine is to the compiler: how it differs from the base dialect, or that it is not built yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine. Plans are lowered to DuckDB's dialect, which `dialect` (sqlglot's name) is printed from.

    `lacks` names each construct of the base dialect that the engine cannot run as it is, with the reason: what stands
    there is refused with a diagnostic rather than transpiled by guess. An engine that is not `built` refuses all.
    """

    name: str
    dialect: str
    built: bool
    lacks: Mapping[type[exp.Expr], str]

    def refusals(self, query: exp.Expr) -> tuple[str, ...]:
        """Why the engine cannot run the query; empty where it can."""
        if not self.built:
            return (f"engine {self.name} is not built yet",)
        return tuple(dict.fromkeys(why for kind, why in self.lacks.items() if query.find(kind) is not None))
