"""The file of a view's statistics: the newest whole, and of those before what a plot of their history needs.

`.fpc/statistics/TARGET/VIEW.json`; like the record of refreshes it can be lost without harm. Of the last refreshes all
are kept, of older ones the last of each day.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from fpc.contract.recorded import PastStatistics, PastValues, ValueStatistics, ViewStatistics
from fpc.contract.registry import TargetContract
from fpc.contract.whole_file import write_whole

FOLDER: Final = ".fpc/statistics"
_ALL_OF_THE_LAST: Final = 30
_KEPT: Final = 90
_DAY_US: Final = 86_400_000_000


def read_statistics(
    root: Path, target: TargetContract, view: str
) -> tuple[ViewStatistics | None, tuple[PastStatistics, ...]]:
    """The newest statistics of a view, and those of the past, oldest first and the newest included.

    Nothing where there is no file, or none that can be read.
    """
    try:
        document = json.loads(_path(root, target, view).read_text(encoding="utf-8"))
        return _newest(document["newest"]), tuple(map(_past, document["past"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, ()


def record_statistics(root: Path, target: TargetContract, view: str, found: ViewStatistics) -> None:
    """Keep statistics as the newest, in place of those of the same instant."""
    _, before = read_statistics(root, target, view)
    past = [entry for entry in before if entry.as_of_us != found.as_of_us]
    past = _thinned(sorted([*past, _shortened(found)], key=lambda entry: entry.as_of_us))
    document = {"newest": asdict(found), "past": [asdict(entry) for entry in past]}
    write_whole(_path(root, target, view), json.dumps(document, allow_nan=False, separators=(",", ":")) + "\n")


def _shortened(found: ViewStatistics) -> PastStatistics:
    features = {
        name: PastValues(round(each.nulls / found.counted, 6) if found.counted else 0.0, each.quantiles)
        for name, each in found.features.items()
    }
    return PastStatistics(found.as_of_us, found.version, found.fingerprint, found.rows, features)


def _thinned(past: list[PastStatistics]) -> list[PastStatistics]:
    last, older = past[-_ALL_OF_THE_LAST:], past[:-_ALL_OF_THE_LAST]
    of_a_day = {entry.as_of_us // _DAY_US: entry for entry in older}
    return [*of_a_day.values(), *last][-_KEPT:]


def _newest(document: dict[str, Any]) -> ViewStatistics:
    features = {
        name: ValueStatistics(
            **{
                **each,
                "quantiles": _numbers(each["quantiles"]),
                "bins": tuple(map(int, each["bins"])),
                "values": tuple((str(text), int(count)) for text, count in each["values"]),
            }
        )
        for name, each in document["features"].items()
    }
    return ViewStatistics(**{**document, "features": features})


def _past(document: dict[str, Any]) -> PastStatistics:
    features = {
        name: PastValues(float(each["null_share"]), _numbers(each["quantiles"]))
        for name, each in document["features"].items()
    }
    return PastStatistics(**{**document, "features": features})


def _numbers(values: Iterable[Any]) -> tuple[float, ...]:
    found = tuple(map(float, values))
    if not all(map(math.isfinite, found)):
        raise ValueError("not a finite number")
    return found


def _path(root: Path, target: TargetContract, view: str) -> Path:
    return root / FOLDER / target.name / f"{view}.json"
