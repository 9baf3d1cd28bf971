"""A server on loopback that other help desks' doubles are made of: it records requests, and fails on script."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server says; `json` where it has a body."""

    status: int = 200
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


class Cut(Enum):
    """How a connection fails."""

    BEFORE = "closed before anything was done"
    AFTER = "done, and closed without an answer"
    HALF = "done, and closed in the middle of the answer"
    SILENT = "done, and never answered"


Fault = Reply | Cut
Answer = Callable[[Request], Reply]


@dataclass
class DeskServer:
    """`answer` is the double. `faults[(method, beginning of the path)]` come one by one before it is asked;
    a Cut other than BEFORE asks it first.
    """

    answer: Answer
    faults: dict[tuple[str, str], list[Fault]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, request: Request) -> Fault | None:
        for (method, path), faults in self.faults.items():
            if method == request.method and request.path.startswith(path) and faults:
                return faults.pop(0)
        return None

    def asked(self, method: str, path: str = "") -> list[Request]:
        """The requests of a method whose path begins so."""
        return [each for each in self.requests if each.method == method and each.path.startswith(path)]


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[DeskServer]:
    """A running server; over TLS where a context is given."""
    desk = DeskServer(answer)
    server = _Server(("127.0.0.1", 0), _handler(desk))
    server.tls = tls
    desk.url = f"{'https' if tls else 'http'}://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield desk
    finally:
        desk.over.set()
        server.shutdown()
        server.hang_up()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    tls: ssl.SSLContext | None = None
    daemon_threads = False

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.open: set[socket.socket] = set()

    def finish_request(self, request: Any, client_address: Any) -> None:
        try:
            if self.tls:
                request = self.tls.wrap_socket(request, server_side=True)
            self.open.add(request)
            super().finish_request(request, client_address)
        except OSError:  # the client turned away, such as from our certificate
            pass
        finally:
            self.open.discard(request)
            request.close()

    def hang_up(self) -> None:
        """Ends connections that clients keep open for more."""
        for each in tuple(self.open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _handler(desk: DeskServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

        def _serve(self) -> None:
            request = self._request()
            with desk.lock:
                desk.requests.append(request)
                fault = desk.fault(request)
                reply = (
                    desk.answer(request)
                    if fault is None or (isinstance(fault, Cut) and fault is not Cut.BEFORE)
                    else fault
                )
            if isinstance(fault, Cut):
                self.close_connection = True
                if fault is Cut.SILENT:
                    desk.over.wait(10)
                if fault is Cut.HALF:
                    self.wfile.write(
                        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
                    )
                return
            assert isinstance(reply, Reply)
            self._reply(reply)

        def _request(self) -> Request:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            return Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)

        def _reply(self, reply: Reply) -> None:
            body = (
                reply.body if reply.body is not None else b"" if reply.json is None else json.dumps(reply.json).encode()
            )
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _serve

    return Handler
