"""Every way to reach a Redis server, on real servers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.missing import missing
from tests.servers import (
    Server,
    debian_redis,
    die_with_the_tests,
    free_ports,
    running,
    running_cluster,
    temporary_folder,
    until,
    valkey,
)

from fpc.runtime.online import OnlineStoreError, connect


def round_trip(url: str) -> None:
    store = connect(url)
    store.check()
    (before,) = store.get([b"{fpc:x}:record"])
    assert store.replace(b"{fpc:x}:record", before, b"value")
    assert store.get([b"{fpc:x}:record"]) == [b"value"]
    store.close()


def test_a_unix_socket(valkey_server: Server) -> None:
    round_trip(valkey_server.url)


def test_a_unix_socket_with_a_database(valkey_server: Server) -> None:
    round_trip(f"{valkey_server.url}?db=3")
    store = connect(f"{valkey_server.url}?db=4")
    assert store.get([b"{fpc:x}:record"]) == [None]


def test_a_port_with_password_and_database() -> None:
    with running("--requirepass", "p@ss/word", on_port=True, url="redis://:p%40ss%2Fword@127.0.0.1:{port}/5") as server:
        round_trip(server.url)
        assert int(server.client().dbsize()) == 1


def test_a_user_with_the_rights_that_the_help_names() -> None:
    rights = "+ping +get +set +mget +mset +del +unlink +scan +eval +pexpire +info"
    acl = f"user writer on >secret ~fpc:* ~{{fpc:* {rights}"
    with running("--user", *acl.split()[1:], url="unix://writer:secret@{socket}") as server:
        round_trip(server.url)


@pytest.fixture(scope="module")
def certificates() -> Iterator[Path]:
    with temporary_folder() as folder:
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
        command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
        subprocess.run(command, check=True, capture_output=True)
        yield folder


@pytest.fixture(scope="module")
def tls_server(certificates: Path) -> Iterator[str]:
    binary = debian_redis()
    if binary is None:
        missing("no redis-server with TLS on this machine (apt-get install redis-server)")
    (port,) = free_ports(1)
    options = ["--tls-port", str(port), "--tls-cert-file", str(certificates / "cert.pem"), "--tls-auth-clients", "no"]
    options += ["--tls-key-file", str(certificates / "key.pem"), "--tls-ca-cert-file", str(certificates / "cert.pem")]
    with running(*options, binary=binary):
        yield f"rediss://127.0.0.1:{port}/1"


def test_tls(tls_server: str, certificates: Path) -> None:
    round_trip(f"{tls_server}?ssl_ca_certs={certificates / 'cert.pem'}")


def test_tls_with_an_unknown_authority_is_refused(tls_server: str) -> None:
    with pytest.raises(OnlineStoreError, match="TLS failed") as raised:
        connect(tls_server).check()
    assert "ssl_ca_certs" in raised.value.help


def test_a_cluster() -> None:
    with running_cluster() as url:
        round_trip(url)
        round_trip(url.partition(",")[0])  # one node is enough to find the others
        with pytest.raises(OnlineStoreError, match="is a cluster"):
            connect(url.partition(",")[0].replace("redis+cluster", "redis")).check()


def test_a_cluster_address_for_a_server_that_is_none() -> None:
    with running(on_port=True) as server, pytest.raises(OnlineStoreError, match="is not a cluster"):
        connect(server.url.replace("redis://", "redis+cluster://"))


@pytest.fixture
def sentinel_url() -> Iterator[tuple[str, Server]]:
    primary_port, replica_port, sentinel_port = free_ports(3)
    with (
        running("--port", str(primary_port), url=f"redis://127.0.0.1:{primary_port}") as primary,
        running(
            "--port", str(replica_port), "--replicaof", f"127.0.0.1 {primary_port}", "--repl-diskless-sync-delay", "0",
            url=f"redis://127.0.0.1:{replica_port}",
        ) as replica,
        temporary_folder() as folder,
    ):  # fmt: skip
        until(lambda: "master_link_status:up" in _info(replica), "the replica follows")
        config = folder / "sentinel.conf"
        config.write_text(
            f"port {sentinel_port}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor shop 127.0.0.1 {primary_port} 1\n"
            "sentinel down-after-milliseconds shop 300\nsentinel failover-timeout shop 2000\n"
        )
        command = [valkey(), str(config), "--sentinel"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=die_with_the_tests)
        watcher = Server([], f"redis://127.0.0.1:{sentinel_port}", folder)
        watcher.process = process
        try:
            until(lambda: _knows_replica(watcher), "the sentinel knows the replica")
            yield f"redis+sentinel://127.0.0.1:{sentinel_port}/shop/2", primary
        finally:
            watcher.kill()


def test_sentinel_and_a_failover(sentinel_url: tuple[str, Server]) -> None:
    url, primary = sentinel_url
    round_trip(url)
    store = connect(url)
    assert store.get([b"{fpc:x}:record"]) == [b"value"]
    primary.kill()

    def works_again() -> bool:
        try:
            return store.replace(b"{fpc:y}:record", None, b"value")
        except OnlineStoreError:
            return False

    until(works_again, "the replica has taken over")
    assert store.get([b"{fpc:y}:record"]) == [b"value"]


def test_a_sentinel_that_does_not_know_the_service(sentinel_url: tuple[str, Server]) -> None:
    url, _ = sentinel_url
    with pytest.raises(OnlineStoreError, match="cannot be reached"):
        connect(url.replace("/shop/", "/stop/")).check()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1",
        "redis",
        "redis+sentinel://127.0.0.1:26379",
        "redis+cluster://:6379",
        "redis://user:secret@host:notaport",
        "redis://user:secret@host/0?socket_timeout=soon",
        "redis://user:secret@host/0?nonsense=1",
    ],
)
def test_an_address_that_is_not_right_says_so_without_its_password(url: str) -> None:
    with pytest.raises(OnlineStoreError) as raised:
        connect(url).check()
    assert "secret" not in str(raised.value)
    assert raised.value.help


def test_the_address_for_people_has_no_password() -> None:
    store = connect("redis://user:secret@localhost:6379/3?socket_timeout=5")
    assert store.address == "redis://localhost:6379/3"


def _info(server: Server) -> str:
    return str(server.client().execute_command("INFO", "replication")).replace("'", "").replace(": ", ":")


def _knows_replica(watcher: Server) -> bool:
    try:
        found = watcher.client().execute_command("SENTINEL", "REPLICAS", "shop")
    except Exception:
        return False
    return len(found) == 1
