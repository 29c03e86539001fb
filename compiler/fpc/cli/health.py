"""Whether Python and the packages are those that fpc needs."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

from packaging.requirements import Requirement

_OLDEST: Final = (3, 11)
_NEWEST: Final = (3, 13)
_EXTRAS: Final = {
    "local": "the embedded Redis server",
    "kernel": "the compiled point-in-time kernel",
}


class Health(Enum):
    """How serious a finding is: fine, worth knowing, or in the way."""

    GOOD = "good"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, what was found, and how to mend it."""

    health: Health
    subject: str
    message: str
    help: str = ""


def installation() -> Iterator[Finding]:
    """Python, fpc and every package that it asks for."""
    yield _python()
    yield Finding(Health.GOOD, "fpc", version("fpc"))
    for text in requires("fpc") or ():
        requirement = Requirement(text)
        extra = next((name for name in _EXTRAS if _belongs_to(requirement, name)), None)
        if requirement.marker is None or extra is not None:
            yield _package(requirement, extra)


def _python() -> Finding:
    text = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    if _OLDEST <= sys.version_info[:2] <= _NEWEST:
        return Finding(Health.GOOD, "python", text)
    return Finding(Health.BROKEN, "python", text, "fpc runs on Python 3.11 to 3.13")


def _belongs_to(requirement: Requirement, extra: str) -> bool:
    marker = requirement.marker
    return marker is not None and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})


def _package(requirement: Requirement, extra: str | None) -> Finding:
    wanted = f"{requirement.name}{requirement.specifier}"
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        if extra is not None:
            return Finding(
                Health.NOTE, requirement.name, f"not installed: {_EXTRAS[extra]}", f"pip install 'fpc[{extra}]'"
            )
        return Finding(Health.BROKEN, requirement.name, "not installed", f"pip install '{wanted}'")
    if not requirement.specifier.contains(found, prereleases=True):
        return Finding(
            Health.BROKEN,
            requirement.name,
            f"{found}, but fpc needs {requirement.specifier}",
            f"pip install '{wanted}'",
        )
    return Finding(Health.GOOD, requirement.name, found)
