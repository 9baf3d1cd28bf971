"""The store: whichever way processes come, go and die, one server serves a folder and nothing is lost."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters import embedded
from bot.adapters.store import open_store
from bot.errors import BadSetting, StoreUnavailable

ROOT = Path(__file__).parents[1]
USER = """
import asyncio, sys
from pathlib import Path
from bot.adapters.store import open_store

async def main(folder, key):
    async with open_store(None, folder) as store:
        await store.ask(lambda redis: redis.set(key, "kept"))
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


class User:
    """Another process that holds the store open until it is told to leave."""

    def __init__(self, folder: Path, key: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder), key],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def opened(self) -> bool:
        assert self.process.stdout is not None
        return self.process.stdout.readline() == "open\n"

    def leave(self) -> int:
        self.process.communicate("\n", timeout=30)
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "data"
    yield place
    if place.exists():
        embedded.lease(place).close()  # the last user leaves in order, so that no server stays behind


def servers(folder: Path) -> list[int]:
    """The ids of the server processes that work in this folder (Linux: /proc)."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            command = (each / "cmdline").read_bytes()
            where = (each / "cwd").readlink()
        except OSError:
            continue
        if b"valkey-server" in command and where == (folder / "store").resolve():
            found.append(int(each.name))
    return found


def gone(folder: Path) -> bool:
    until = time.monotonic() + 10
    while servers(folder) and time.monotonic() < until:
        time.sleep(0.02)
    return not servers(folder)


async def read(folder: Path, key: str) -> str:
    async with open_store(None, folder) as store:
        return str(await store.ask(lambda redis: redis.get(key)))


async def test_a_store_starts_by_itself_keeps_what_it_was_given_and_ends_with_its_last_user(folder: Path) -> None:
    async with open_store(None, folder) as store:
        assert store.embedded
        await store.ask(lambda redis: redis.set("k", "grüße"))
        assert len(servers(folder)) == 1
    assert gone(folder)
    assert await read(folder, "k") == "grüße"


def test_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    users = [User(folder, f"k{number}") for number in range(3)]
    assert all(user.opened() for user in users)
    assert len(servers(folder)) == 1
    assert [users[0].leave(), users[1].leave()] == [0, 0]
    assert len(servers(folder)) == 1, "somebody still uses it"
    assert users[2].leave() == 0
    assert gone(folder)
    assert [asyncio.run(read(folder, f"k{number}")) for number in range(3)] == ["kept"] * 3


def test_a_user_that_is_killed_leaves_a_server_that_the_next_one_takes_over(folder: Path) -> None:
    user = User(folder, "k")
    assert user.opened()
    before = servers(folder)
    user.kill()
    assert servers(folder) == before, "the server outlives its user"
    assert asyncio.run(read(folder, "k")) == "kept"
    assert gone(folder), "and its next user was its last"


def test_a_server_that_is_killed_has_lost_nothing_and_is_started_again(folder: Path) -> None:
    user = User(folder, "k")
    assert user.opened()
    (server,) = servers(folder)
    os.kill(server, signal.SIGKILL)
    assert asyncio.run(read(folder, "k")) == "kept"
    assert user.leave() == 0


async def test_a_server_that_dies_in_use_is_started_again_by_the_next_question(folder: Path) -> None:
    async with open_store(None, folder) as store:
        await store.ask(lambda redis: redis.set("k", "kept"))
        os.kill(servers(folder)[0], signal.SIGKILL)
        assert await store.ask(lambda redis: redis.get("k")) == "kept"
        assert len(servers(folder)) == 1


def test_everybody_killed_at_once_leaves_nothing_stale(folder: Path) -> None:
    users = [User(folder, f"k{number}") for number in range(2)]
    assert all(user.opened() for user in users)
    (server,) = servers(folder)
    os.kill(server, signal.SIGKILL)
    for user in users:
        user.kill()
    assert (folder / "store" / "valkey.sock").exists(), "a socket nobody listens on is in the way"
    assert asyncio.run(read(folder, "k1")) == "kept"


async def test_other_accounts_can_read_nothing_of_it(folder: Path) -> None:
    (folder / "store").mkdir(parents=True, mode=0o755)
    async with open_store(None, folder) as store:
        await store.ask(lambda redis: redis.set("k", "v"))
        modes = {
            str(path.relative_to(folder)): path.stat().st_mode & 0o077
            for path in folder.rglob("*")
            if path != folder / "store"
        }
        assert (folder / "store").stat().st_mode & 0o777 == 0o700
    assert modes
    assert not any(modes.values()), modes


async def test_a_folder_whose_path_is_too_long_for_a_socket_works_too(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 20) / ("path" * 20)
    async with open_store(None, deep) as store:
        await store.ask(lambda redis: redis.set("k", "kept"))
        outside = Path((deep / "store" / "socket").read_text())
        assert outside.parent.stat().st_mode & 0o077 == 0
        assert await read(deep, "k") == "kept"
    assert await read(deep, "k") == "kept"
    assert not outside.exists()
    outside.parent.rmdir()


async def test_a_folder_that_may_not_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="can't be used") as raised:
        async with open_store(None, tmp_path / "file"):
            pass
    assert "CHECKMAIL_DATA_DIR" in raised.value.hint


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    (folder / "store" / "appendonlydir").mkdir(parents=True)
    (folder / "store" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(StoreUnavailable, match=r"stopped at once: .*manifest") as raised:
        embedded.lease(folder)
    assert "REDIS_URL" in raised.value.hint
    (folder / "store" / "appendonlydir" / "appendonly.aof.manifest").unlink()


def test_a_server_that_lives_but_never_answers_is_not_joined_by_a_second(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = embedded.lease(folder)
    (server,) = servers(folder)
    os.kill(server, signal.SIGSTOP)
    try:
        monkeypatch.setattr(embedded, "START_S", 0.1)
        with pytest.raises(StoreUnavailable, match="hasn't answered"):
            embedded.lease(folder)
        assert servers(folder) == [server]
    finally:
        os.kill(server, signal.SIGCONT)
    first.close()
    assert gone(folder)


def test_the_data_folder_itself_and_what_else_is_in_it_are_left_alone(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "other").touch(mode=0o644)
    assert not embedded.is_kept(folder)
    embedded.lease(folder).close()
    assert embedded.is_kept(folder)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "other").stat().st_mode & 0o777 == 0o644


def test_leaving_twice_does_nothing(folder: Path) -> None:
    mine, other = embedded.lease(folder), embedded.lease(folder)
    mine.close()
    mine.close()
    assert embedded.answers(other.socket)
    other.close()
    assert not embedded.answers(other.socket)


async def test_a_redis_that_is_away_is_named_without_its_password() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(StoreUnavailable) as raised:
            async with open_store(f"redis://:hunter2@127.0.0.1:{port}/0", Path("/nowhere")):
                pass
    assert f"127.0.0.1:{port}" in raised.value.message
    assert "hunter2" not in raised.value.message + raised.value.hint + str(raised.value)


async def test_a_redis_that_never_answers_ends_in_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapters.store.WAIT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(StoreUnavailable, match="didn't answer in time"):
            async with open_store(f"redis://127.0.0.1:{port}/0", Path("/nowhere")):
                pass


async def test_a_url_that_isnt_redis_is_a_wrong_setting() -> None:
    with pytest.raises(BadSetting, match="REDIS_URL"):
        async with open_store("http://example.org", Path("/nowhere")):
            pass


async def test_a_given_url_is_used_and_no_embedded_server_started(folder: Path, tmp_path: Path) -> None:
    async with open_store(None, folder) as own, open_store(own.url, tmp_path / "unused") as same:
        await own.ask(lambda redis: redis.set("k", "v"))
        assert await same.ask(lambda redis: redis.get("k")) == "v"
        assert not same.embedded
    assert not (tmp_path / "unused").exists()
