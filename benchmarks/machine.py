"""What figures depend on besides the code: processor, memory, system, versions. No names of machines or folders."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("duckdb", "sqlglot", "numba", "numpy", "pyarrow", "polars", "pandas", "redis")


def describe() -> dict[str, str]:
    """Each fact by its name."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores seen",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()}, Python {platform.python_version()}",
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    }


def load() -> float:
    """Processes waiting or running, over the last five minutes."""
    return round(os.getloadavg()[1], 1)


def now() -> str:
    """The time to the minute, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
