"""Point-in-time features for a spine of labelled rows: the plan of `fpc.plan` asked at many instants."""

from fpc.sql.training.lower import Relation, ViewLowering, lower_view

__all__ = ["Relation", "ViewLowering", "lower_view"]
