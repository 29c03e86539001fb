"""Instants on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import click

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Instant(click.ParamType[int]):
    """An ISO 8601 date or time in UTC unless it says otherwise, given to the command as microseconds."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text; a usage error for anything else."""
        if isinstance(value, int):
            return value
        try:
            instant = datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"`{value}` is not an instant such as 2024-03-08 or 2024-03-08T12:00:00Z", param, ctx)
        aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
        return (aware - _EPOCH) // _MICROSECOND


def shown(at_us: int | None) -> str:
    """An instant as `2024-03-08 12:00:00Z`, without seconds' fractions that are zero; `-` for none."""
    if at_us is None:
        return "-"
    text = (_EPOCH + timedelta(microseconds=at_us)).isoformat(sep=" ")
    return text.replace("+00:00", "Z")


def ago(microseconds: int) -> str:
    """A length of time in its two largest units: `2d 3h`, `5m 1s`."""
    seconds = max(0, microseconds // 1_000_000)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
