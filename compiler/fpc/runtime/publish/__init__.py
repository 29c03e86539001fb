"""From the warehouse to the online store, and back to the version before."""

from fpc.runtime.publish.publication import publish
from fpc.runtime.publish.report import Outcome, PublishReport
from fpc.runtime.publish.rollback import RollbackReport, rollback

__all__ = ["Outcome", "PublishReport", "RollbackReport", "publish", "rollback"]
