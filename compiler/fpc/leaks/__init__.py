"""Proving that every value that reaches a feature at t was known before t, or showing the way by which it might not."""

from fpc.leaks.proof import Proof, prove
from fpc.leaks.repository import Knowledge, report_leaks

__all__ = ["Knowledge", "Proof", "prove", "report_leaks"]
