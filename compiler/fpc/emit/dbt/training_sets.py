"""Declared training sets: the service's features beside the labels, one row per row of the spine."""

from __future__ import annotations

from fpc.emit.artefact import Artefact
from fpc.model.nodes import Model, TrainingSet


def training_set(declared: TrainingSet, model: Model) -> tuple[Artefact, ...]:
    """The training set's model and its properties."""
    return ()
