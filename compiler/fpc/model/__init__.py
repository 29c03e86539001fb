"""From specs to a model: names resolved, expressions typed, fingerprints of the meaning."""

from fpc.model.analysis import analyse
from fpc.model.nodes import Model

__all__ = ("Model", "analyse")
