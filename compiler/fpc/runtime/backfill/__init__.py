"""Backfills: the history of views, filled chunk by chunk beside the schedule."""
