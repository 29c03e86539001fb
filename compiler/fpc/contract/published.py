"""A view's record in the online store: which version of it is served, and up to when each version is complete.

One small canonical JSON text per view, replaced as a whole by compare-and-set, so that a change of mind between two
writers shows and a reader never sees half of it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

FORMAT: Final = 1


class RecordError(ValueError):
    """A record that cannot be read: it is damaged."""


class NewerRecordError(RecordError):
    """A record that a newer fpc has written, and that this one must leave alone."""


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One complete version of a view: all its rows are right as of `watermark_us`, or of later where they say so.

    `features` are names and types in the order in which rows hold them; `empty` is the packed row of an entity with
    no event, as of the watermark; `generation` names the publication that last wrote a row, so that the warehouse
    can tell whether the store still holds what it remembers. `defaults` are the version's own, as contracts hold them
    (`fpc.contract.defaults`), by feature: a null in a row is answered by them, and a rollback brings them back. None
    where an fpc published it that did not write them down, and put them into the rows.
    """

    version: str
    features: tuple[tuple[str, str], ...]
    watermark_us: int
    generation: str
    rows: int
    empty: bytes
    defaults: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class PublishedView:
    """What is served of a view (`active`), what a rollback would serve (`previous`), what one holds back (`held`).

    `filling` are versions being written for the first time, `retired` ones whose rows are still to be deleted, and
    `writing` names for each version the publication that has begun to write its rows and is not done: whatever stops
    a writer, the next one finds here what is left to do.
    """

    active: str | None = None
    previous: str | None = None
    held: str | None = None
    filling: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    writing: dict[str, str] = field(default_factory=dict)
    versions: dict[str, PublishedVersion] = field(default_factory=dict)

    def published(self, version: str | None) -> PublishedVersion | None:
        """The version of that name, if it was published completely."""
        return self.versions.get(version) if version is not None else None

    def with_version(self, entry: PublishedVersion) -> PublishedView:
        """The record with one version added or brought up to date."""
        return replace(self, versions={**self.versions, entry.version: entry})


def dump_record(record: PublishedView) -> bytes:
    """The canonical bytes of a record."""
    document = {
        "format": FORMAT,
        "active": record.active,
        "previous": record.previous,
        "held": record.held,
        "filling": list(record.filling),
        "retired": list(record.retired),
        "writing": dict(sorted(record.writing.items())),
        "versions": {
            name: {
                "features": [list(feature) for feature in entry.features],
                "watermark_us": entry.watermark_us,
                "generation": entry.generation,
                "rows": entry.rows,
                "empty": base64.b64encode(entry.empty).decode(),
                **({} if entry.defaults is None else {"defaults": dict(sorted(entry.defaults.items()))}),
            }
            for name, entry in sorted(record.versions.items())
        },
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def load_record(data: bytes) -> PublishedView:
    """Read a record; raises `RecordError` for one that is damaged, `NewerRecordError` for one of a later format."""
    try:
        document = json.loads(data)
        if document["format"] > FORMAT:
            raise NewerRecordError(f"the record has format {document['format']}, this fpc reads format {FORMAT}")
        return PublishedView(
            active=document["active"],
            previous=document["previous"],
            held=document["held"],
            filling=tuple(document["filling"]),
            retired=tuple(document["retired"]),
            writing={str(version): str(token) for version, token in document["writing"].items()},
            versions={
                name: PublishedVersion(
                    version=name,
                    features=tuple((feature, type_name) for feature, type_name in entry["features"]),
                    watermark_us=entry["watermark_us"],
                    generation=entry["generation"],
                    rows=entry["rows"],
                    empty=base64.b64decode(entry["empty"], validate=True),
                    defaults=_defaults(entry.get("defaults")),
                )
                for name, entry in document["versions"].items()
            },
        )
    except RecordError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise RecordError("the record is damaged") from error


def _defaults(stored: object) -> Mapping[str, object] | None:
    if stored is not None and not isinstance(stored, dict):
        raise RecordError("the record is damaged")
    return stored
