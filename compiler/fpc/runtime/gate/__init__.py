"""The gate: whether a view's table may be published, judged by Great Expectations over what was measured of it.

Nothing is imported here: the process that runs Great Expectations is one of these modules, and must start fast.
"""
