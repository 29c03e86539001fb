"""The files that are the same in every catalogue: scripts, styles, and the libraries, with their licences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

_HERE: Final = files("fpc.emit.catalogue")
_OWN: Final = ("site.css", "theme.js", "site.js", "search.js", "lineage.js", "plots.js", "icon.svg")


def static_files() -> Iterator[tuple[str, bytes]]:
    """Each file's path in the site, and its bytes."""
    for name in _OWN:
        yield f"assets/{name}", _HERE.joinpath("assets", name).read_bytes()
    manifest = _HERE.joinpath("vendor", "manifest.json").read_bytes()
    yield "assets/vendor/manifest.json", manifest
    for package in json.loads(manifest)["packages"]:
        for each in package["files"]:
            yield f"assets/vendor/{each['path']}", _HERE.joinpath("vendor", *each["path"].split("/")).read_bytes()
