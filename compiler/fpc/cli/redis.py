"""`fpc redis`: the repository's own Redis server."""

from __future__ import annotations

from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import ExitCode
from fpc.runtime.online import embedded
from fpc.runtime.online.target import FOLDER


@click.group("redis", short_help="Start, stop or show the embedded Redis server.")
def command() -> None:
    """Start, stop or show the embedded Redis server of a repository.

    It listens on a socket in .fpc/redis, keeps its data there, and is started by whatever command needs it.
    """


@command.command("start", short_help="Start the server, if it does not run.")
@options.repository
def start(root: Path) -> None:
    """Start the server, if it does not run, and print its address."""
    server = embedded.start(root / FOLDER)
    say(f"the embedded Redis server {'was started' if server.started else 'runs already'} (process {server.pid})")
    put(f"{server.url}\n")
    suggest("fpc run", "computes and publishes; `fpc redis stop` stops the server")


@command.command("stop", short_help="Stop the server; its data are kept.")
@options.repository
def stop(root: Path) -> None:
    """Stop the server. Its data are kept, and are there again when it is started."""
    stopped = embedded.stop(root / FOLDER)
    say("the embedded Redis server was stopped" if stopped else "no embedded Redis server runs here")
    suggest("fpc redis start", "starts it again with its data")


@command.command("status", short_help="Say whether the server runs; exit code 1 if not.")
@options.repository
def status(root: Path) -> int:
    """Print the server's address if it runs; exit code 1 if it does not."""
    server = embedded.find(root / FOLDER)
    if server is None:
        say("no embedded Redis server runs here")
        suggest("fpc redis start", "starts it")
        return ExitCode.USER_FAULT
    say(f"the embedded Redis server runs (process {server.pid})")
    put(f"{server.url}\n")
    suggest("fpc status", "shows what it serves")
    return ExitCode.DONE
