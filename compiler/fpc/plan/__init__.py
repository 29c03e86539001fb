"""The logical plan: when events count, which steps make a value, and how to say both in words."""

from __future__ import annotations

from fpc.plan.explain import explain
from fpc.plan.nodes import build

__all__ = ["build", "explain"]
