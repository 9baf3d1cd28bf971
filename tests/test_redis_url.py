"""REDIS_URL in each of its forms, against real servers: one, one behind TLS, and the master that Sentinels name."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from bot.adapters.embedded import Lease
from bot.adapters.redis_url import connect, connect_async, where
from bot.adapters.store import open_line, open_store
from bot.errors import BadSetting, StoreUnavailable
from tests.deskline import until
from tests.valkeys import Server, certificates, running, tls_before

WRONG = [
    "http://localhost:6379",
    "redis://localhost:6379/0?nonsense=1",
    "redis://localhost:port/0",
    "redis+sentinel://localhost:26379",
    "redis+sentinel:///mymaster/0",
    "redis+sentinel://localhost:26379/mymaster/zero",
    "redis+sentinel://localhost:port/mymaster/0",
    "rediss+sentinel://localhost:26379/mymaster/0?ssl_ca_cert=typo.pem",
    "",
]
PLACES = [
    ("redis://:secret@cache.test:6380/0", "cache.test:6380"),
    ("rediss://user:secret@cache.test/0", "cache.test:6379"),
    ("unix:///run/redis.sock?db=0&password=secret", "/run/redis.sock"),
    ("redis+sentinel://:secret@one.test:1,two.test:2/mymaster/0", "one.test:1,two.test:2/mymaster/0"),
]


@pytest.mark.parametrize("url", WRONG)
def test_a_url_of_another_kind_is_told(url: str) -> None:
    for make in (connect, connect_async):
        with pytest.raises(BadSetting, match="REDIS_URL isn't a URL of a Redis server"):
            make(url)


@pytest.mark.parametrize(("url", "place"), PLACES)
def test_a_place_is_told_without_its_password(url: str, place: str) -> None:
    assert where(url) == place


def test_one_server_is_asked_by_threads_and_by_a_loop(tmp_path: Path) -> None:
    one = Server(tmp_path / "one", ("requirepass secret",))
    with running(one):
        url = f"redis://:secret@127.0.0.1:{one.port}/0"
        with open_line(url, tmp_path) as line, line.client() as client:
            client.set("k", "grüße")
            assert client.get("k") == "grüße".encode()
        assert asyncio.run(ask(url, "k")) == "grüße"
        with (
            pytest.raises(StoreUnavailable, match="it refused the password"),
            open_line(f"redis://:wrong@127.0.0.1:{one.port}/0", tmp_path),
        ):
            pass
    with pytest.raises(StoreUnavailable, match="it can't be reached"), open_line(url, tmp_path):
        pass


def test_a_server_behind_tls_is_asked_where_its_certificate_is_trusted(tmp_path: Path) -> None:
    made, one = certificates(tmp_path), Server(tmp_path / "one")
    with running(one), tls_before(one, made) as port:
        trusted = f"rediss://localhost:{port}/0?ssl_ca_certs={made.authority}"
        with open_line(trusted, tmp_path) as line, line.client() as client:
            client.set("k", "v")
        assert asyncio.run(ask(trusted, "k")) == "v"
        for url in (f"rediss://localhost:{port}/0", f"redis://localhost:{port}/0"):
            with pytest.raises(StoreUnavailable), open_line(url, tmp_path):
                pass


async def ask(url: str, key: str) -> str:
    async with open_store(url, Path("/nowhere")) as store:
        return str(await store.ask(lambda redis: redis.get(key)))


def sentinel_lines(master: Server) -> tuple[str, ...]:
    return (
        f"sentinel monitor mymaster 127.0.0.1 {master.port} 1",
        "sentinel down-after-milliseconds mymaster 400",
        "sentinel failover-timeout mymaster 2000",
        "sentinel auth-pass mymaster secret",
        "requirepass watcher",
    )


def replicas(port: int) -> int:
    with connect(f"redis://:secret@127.0.0.1:{port}/0") as client:
        return int(client.info("replication")["connected_slaves"])


def replicated(port: int) -> bool:
    with connect(f"redis://:secret@127.0.0.1:{port}/0") as client:
        return str(client.info("replication").get("master_link_status")) == "up"


def known_replicas(sentinel: Server) -> int:
    with connect(f"redis://:watcher@127.0.0.1:{sentinel.port}/0") as client:
        found = client.sentinel_masters()
        return int(found["mymaster"]["num-slaves"]) if "mymaster" in found else 0


def test_when_the_master_dies_the_one_that_sentinel_names_is_used_by_threads_and_by_a_loop(tmp_path: Path) -> None:
    secret = ("requirepass secret", "masterauth secret")
    master = Server(tmp_path / "master", secret)
    replica = Server(tmp_path / "replica", (*secret, f"replicaof 127.0.0.1 {master.port}"))
    sentinel = Server(tmp_path / "sentinel", sentinel_lines(master), sentinel=True)
    url = f"redis+sentinel://:secret@127.0.0.1:1,127.0.0.1:{sentinel.port}/mymaster/0?sentinel_password=watcher"
    with running(master, replica, sentinel):
        assert until(lambda: replicated(replica.port) and known_replicas(sentinel) == 1)
        with open_line(url, tmp_path) as line, line.client() as client:
            client.set("before", "kept")
            assert client.wait(1, 5_000) == 1, "it reached the replica"
            assert asyncio.run(ask(url, "before")) == "kept"
            master.kill()
            assert until(lambda: writes(client))
            assert client.get("before") == b"kept"
            assert client.connection_pool.get_master_address() == ("127.0.0.1", replica.port)
            assert asyncio.run(ask(url, "after")) == "1"


def writes(client: object) -> bool:
    try:
        client.set("after", "1")  # type: ignore[attr-defined]
    except RedisError:  # until a new master is named
        time.sleep(0.1)
        return False
    return True


def test_sentinels_and_master_behind_tls_are_asked_with_one_authority(tmp_path: Path) -> None:
    made, master = certificates(tmp_path), Server(tmp_path / "master")
    with running(master), tls_before(master, made) as master_port:
        lines = (
            f"sentinel monitor mymaster 127.0.0.1 {master_port} 1",
            "sentinel down-after-milliseconds mymaster 60000",
        )
        sentinel = Server(tmp_path / "sentinel", lines, sentinel=True)
        with running(sentinel), tls_before(sentinel, made) as port:
            url = f"rediss+sentinel://127.0.0.1:{port}/mymaster/0?ssl_ca_certs={made.authority}"
            with open_line(url, tmp_path) as line, line.client() as client:
                client.set("k", "v")
            assert asyncio.run(ask(url, "k")) == "v"


def test_an_embedded_server_that_was_killed_is_started_again_by_whoever_asks(tmp_path: Path) -> None:
    with open_line(None, tmp_path) as line, line.client() as client, line.client(retries=0) as strict:
        client.set("k", "v")
        strict.ping()
        assert isinstance(line.lease, Lease)
        pid = int(client.info("server")["process_id"])
        os.kill(pid, signal.SIGKILL)
        assert until(lambda: reads(strict) == b"v")
        assert client.get("k") == b"v"


def reads(client: object) -> bytes | None:
    try:
        return client.get("k")  # type: ignore[attr-defined, no-any-return]
    except RedisError:  # the connection that it had
        return None


def test_with_an_embedded_store_open_the_casebook_and_the_queue_share_one_server(tmp_path: Path) -> None:
    async def both() -> bytes | None:
        async with open_store(None, tmp_path) as store:
            await store.ask(lambda redis: redis.set("k", "v"))
            with open_line(None, tmp_path) as line, line.client() as client:
                found: bytes | None = client.get("k")
        return found

    assert asyncio.run(both()) == b"v"
