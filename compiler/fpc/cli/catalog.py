"""`fpc catalog`: a site about every feature, that opens from a file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import wrong_usage
from fpc.cli.past_refreshes import why
from fpc.cli.registry import known_target
from fpc.cli.report import plural, refuse
from fpc.contract.recorded import PastDefinition, PastRefresh, ViewRecords
from fpc.contract.registry import TargetContract
from fpc.contract.view_versions import ViewVersion, read_versions
from fpc.diagnostics.neutral import neutralise
from fpc.emit.catalogue import catalogue, static_files
from fpc.emit.catalogue.writer import ForeignFolderError, write_site
from fpc.model import Model
from fpc.pipeline import check_repository
from fpc.runtime.refresh.record import Refresh, read_record
from fpc.runtime.statistics import read_statistics
from fpc.spec.collector import patient_collector

DEFAULT_FOLDER = ".fpc/catalogue"


@click.command("catalog", short_help="Write a site about every feature, that opens from a file.")
@click.option(
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Where to; by default {DEFAULT_FOLDER} of the repository.",
)
@click.option("--no-data", is_flag=True, help="Say nothing of what refreshes recorded: a site of the specs alone.")
@options.target
@options.repository
def command(output: Path | None, no_data: bool, target: str | None, root: Path) -> None:
    """Write the catalogue: a page for each view, feature, source, service, training set, model, entity and
    owner.

    It works from a file and offline. Distributions, their history and the last refreshes are shown as far as refreshes
    in this checkout recorded them; the warehouse is not opened. DIR must be empty, or hold an earlier catalogue.
    """
    started = time.monotonic()
    checked = check_repository(root)
    refuse(checked.diagnostics, root)
    model = checked.value
    chosen = model.config.targets[known_target(model.config.targets, model.config.default_target, target)]
    records = {} if no_data else dict(_records(root, model, chosen.name))
    folder = root / DEFAULT_FOLDER if output is None else output
    pages = ((page.path, page.text.encode()) for page in catalogue(model, records))
    try:
        with patient_collector():
            written = write_site(folder, chain(static_files(), pages))
    except ForeignFolderError:
        raise wrong_usage(
            f"`{folder}` holds files that no catalogue has written", help="name a new folder with --output"
        ) from None
    put(f"{neutralise(str(folder / 'index.html'))}\n")
    say(f"catalogue of {plural(sum(len(view.outputs) for view in model.views.values()), 'feature')} "
        f"in {plural(written.files, 'file')}, {written.changed:,} of them new or changed, "
        f"{time.monotonic() - started:.1f} s")  # fmt: skip
    suggest("open the file above in a browser", "nothing has to be served")


def _records(root: Path, model: Model, target: str) -> Iterator[tuple[str, ViewRecords]]:
    """What refreshes of the target recorded, by view."""
    place = TargetContract(target, "", None, "", None)
    for view in model.views.values():
        newest, past = read_statistics(root, place, view.name)
        known = read_record(root, place, view.name)
        refreshes = () if known is None else (known.last, *(each for each in known.published if each != known.last))
        definitions = tuple(map(_definition, read_versions(root, target, view.name)))
        if newest is not None or refreshes or definitions:
            yield view.name, ViewRecords(newest, past, tuple(map(_refresh, refreshes)), definitions)


def _definition(version: ViewVersion) -> PastDefinition:
    owners = (version.owner,) if version.owner else ()
    return PastDefinition(version.version, version.fingerprint, owners, version.first_as_of_us, version.last_as_of_us)


def _refresh(refresh: Refresh) -> PastRefresh:
    return PastRefresh(
        as_of_us=refresh.as_of_us,
        ended_us=refresh.ended_us,
        outcome=refresh.outcome,
        rows=refresh.rows,
        pushed=refresh.pushed,
        removed=refresh.removed,
        seconds=refresh.build_seconds + refresh.gate_seconds + refresh.publish_seconds,
        why=why(refresh),
    )
