"""Large arrays in memory that the system hands out in large pages, where it can.

Numpy's own arrays are handed out page by page of 4 KiB when they are first written, which costs more than filling them.
"""

from __future__ import annotations

import mmap
from math import prod

import numpy as np
from numpy.typing import NDArray


def zeros(*shape: int) -> NDArray[np.int64]:
    """A new array of zeros; its memory is given back with it."""
    count = prod(shape)
    if not count:
        return np.zeros(shape, np.int64)
    memory = mmap.mmap(-1, count * np.dtype(np.int64).itemsize)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, np.int64).reshape(shape)
