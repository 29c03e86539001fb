"""The gate: whether a view's table may be published, judged by Great Expectations over what was measured of it."""

from fpc.runtime.gate.baseline import keep_baseline
from fpc.runtime.gate.examine import examine
from fpc.runtime.gate.process import GateError, cool, warm
from fpc.runtime.gate.report import GateReport, TestFinding

__all__ = ["GateError", "GateReport", "TestFinding", "cool", "examine", "keep_baseline", "warm"]
