"""`KEY=VALUE` on the command line."""

from __future__ import annotations

from collections.abc import Iterable

from fpc.cli.failure import wrong_usage


def pairs(texts: Iterable[str]) -> dict[str, str]:
    """Each key with its value, which may be empty or hold further `=`; exit code 2 for anything else."""
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise wrong_usage(f"`{text}` is not KEY=VALUE", help="such as user_id=7")
        if key in found:
            raise wrong_usage(f"`{key}` is given twice")
        found[key] = value
    return found
