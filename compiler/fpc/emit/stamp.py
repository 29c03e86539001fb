"""The stamp of a generated file: the hash of its text, in its opening lines.

By it a file says of itself whether it is as it was generated. No list of all files is kept for that, so two branches
that touch different views never write the same file. JSON has no comments and is not stamped: the registry's files
hold the hash of their own content. Nor is CODEOWNERS, of which there is only one.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from fpc.emit.artefact import Artefact
from fpc.emit.header import GENERATED

_HEAD: Final = 4096
_STAMPED: Final = re.compile(re.escape(GENERATED) + " ([0-9a-f]{12})")


def stamped(artefact: Artefact) -> Artefact:
    """The artefact with the hash of its text behind the words that say that it is generated."""
    if artefact.path.endswith((".json", "CODEOWNERS")) or GENERATED not in artefact.text[:_HEAD]:
        return artefact
    text = artefact.text.replace(GENERATED, f"{GENERATED} {_hash(artefact.text)}", 1)
    return Artefact(artefact.path, text)


def is_generated(content: bytes) -> bool:
    """Whether a file says that it is generated, edited since or not."""
    return GENERATED.encode() in content[:_HEAD]


def is_untouched(content: bytes) -> bool:
    """Whether a file is generated and no one has edited it since, as far as it can tell."""
    if not is_generated(content):
        return False
    text = content.decode(errors="replace")
    found = _STAMPED.search(text, 0, _HEAD + len(GENERATED))
    return found is None or _hash(text[: found.end(0) - 13] + text[found.end(0) :]) == found[1]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
