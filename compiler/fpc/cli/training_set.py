"""`fpc training-set`: the point-in-time join."""

from __future__ import annotations

import time as clock
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import ExitCode, wrong_usage
from fpc.cli.pairs import pairs
from fpc.cli.report import errors_of, plural, refuse
from fpc.pipeline import check_repository
from fpc.repository import Repository, TrainingSet
from fpc.runtime.index import FOLDER, IndexState, IndexUse
from fpc.runtime.manifest import manifest_path


@click.command("training-set", short_help="Join features to labelled rows, each as of its own time.")
@click.argument("what", metavar="[SERVICE | TRAINING_SET | VIEW.FEATURE,...]", required=False)
@click.option("--spine", metavar="FILE", type=click.Path(path_type=Path), help="Rows to be given features.")
@click.option("--time", metavar="COLUMN", help="The spine's column of instants, if it has several.")
@click.option("--key", "keys", metavar="KEY=COLUMN", multiple=True, help="The spine's column of an entity key.")
@click.option("--mode", type=click.Choice(["as_served", "exact"]), help="By default as_served, or as declared.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help=".parquet, .csv or .arrow")
@click.option("--verify", metavar="MANIFEST", type=click.Path(path_type=Path), help="Make one again and compare.")
@options.memory_limit
@options.threads
@click.option("--index", is_flag=True, help="Keep the events laid out, for the next training set over them.")
@options.target
@options.repository
def command(
    what: str | None,
    spine: Path | None,
    time: str | None,
    keys: tuple[str, ...],
    mode: str | None,
    output: Path | None,
    verify: Path | None,
    memory_limit: str | None,
    threads: int | None,
    index: bool,
    target: str | None,
    root: Path,
) -> int:
    """Give each row of a spine the features of a service, as of the row's own time.

    The spine's rows and columns come first, unchanged and in order, then one column per feature. Mode `as_served`
    gives what the online store would have answered at each row's time, `exact` the value at that very instant. A
    declared TRAINING_SET brings its own spine and mode. Beside the file lies a manifest, from which --verify makes
    the training set again and says whether it is the same.
    """
    refuse(errors_of(check_repository(root).diagnostics), root)
    repository = Repository(root, target)
    if verify is not None:
        return _verify(repository, verify, memory_limit, threads)
    if what is None or output is None:
        raise wrong_usage("say which features to join, and with -o where to write them")
    started = clock.monotonic()
    with _made(repository, what, spine, time, pairs(keys), mode, memory_limit, threads, index) as made:
        manifest = made.write(output)
        for use in made.indexes:
            say(f"  {_told(use)}")
    say(f"{plural(manifest.rows, 'row')} with {plural(len(manifest.columns), 'feature')} "
        f"({manifest.mode}) in {clock.monotonic() - started:.1f} s")  # fmt: skip
    put(f"{output}\n")
    suggest(f"fpc training-set --verify {manifest_path(output)}", "says later whether it can still be made")
    return ExitCode.DONE


def _made(
    repository: Repository,
    what: str,
    spine: Path | None,
    time: str | None,
    keys: dict[str, str],
    mode: str | None,
    memory_limit: str | None,
    threads: int | None,
    index: bool,
) -> TrainingSet:
    declared = repository.model.training_sets
    if spine is None:
        if what not in declared:
            raise wrong_usage(
                f"`{what}` is not a declared training set, so it needs --spine FILE",
                help=f"declared are: {', '.join(declared) or 'none'}",
            )
        if mode is not None or time is not None or keys:
            raise wrong_usage(f"`{what}` declares its own spine, time and mode", help="or give another --spine")
        return repository.declared_training_set(what, memory_limit=memory_limit, threads=threads, index=index)
    service = what if what in repository.model.services else None
    if service is None and "." not in what:
        raise wrong_usage(
            f"there is no feature service `{what}`", help=f"there are: {', '.join(repository.model.services) or 'none'}"
        )
    return repository.training_set(
        spine,
        service,
        None if service else [name.strip() for name in what.split(",")],
        mode=mode or "as_served",
        time=time,
        keys=keys,
        memory_limit=memory_limit,
        threads=threads,
        index=index,
    )


def _told(use: IndexUse) -> str:
    match use.state:
        case IndexState.READ:
            return f"view `{use.view}`: computed from its index ({use.bytes / 1e6:,.1f} MB)"
        case IndexState.BUILT:
            return f"view `{use.view}`: index kept for the next time ({use.bytes / 1e6:,.1f} MB in {FOLDER})"
        case IndexState.UNUSED:
            return f"view `{use.view}`: no index, because {use.reason}"


def _verify(repository: Repository, manifest: Path, memory_limit: str | None, threads: int | None) -> int:
    found = repository.verify(manifest, memory_limit=memory_limit, threads=threads)
    for difference in found.differences:
        say(f"  {difference}")
    if found.same:
        say("the same: made again, it has the same rows, columns and values")
        suggest("fpc status", "shows what is served")
        return ExitCode.DONE
    say("not the same")
    suggest("fpc training-set", "makes a new one")
    return ExitCode.USER_FAULT
