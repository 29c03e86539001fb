"""From the warehouse to the online store, and back to the version before."""

from fpc.runtime.publish.prune import LeftBehind, PruneOutcome, PruneReport, left_behind, prune, still_recorded
from fpc.runtime.publish.publication import publish
from fpc.runtime.publish.report import Outcome, PublishReport
from fpc.runtime.publish.rollback import RollbackReport, rollback

__all__ = [
    "LeftBehind",
    "Outcome",
    "PruneOutcome",
    "PruneReport",
    "PublishReport",
    "RollbackReport",
    "left_behind",
    "prune",
    "publish",
    "rollback",
    "still_recorded",
]
