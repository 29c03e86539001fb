"""YAML with positions to specs: what was written, nothing resolved."""

from fpc.spec.documents import Spec
from fpc.spec.loader import load

__all__ = ("Spec", "load")
