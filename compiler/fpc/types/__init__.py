"""Logical types and durations."""
