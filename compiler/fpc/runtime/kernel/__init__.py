"""The compiled point-in-time kernel: sliding windows over events that are sorted by entity and event time.

An alternative to SQL behind the same plan node, for sources whose events are known when they happen and have no
versions, so that events enter and leave a window in one order. Needs numba (the extra `kernel`).
"""
