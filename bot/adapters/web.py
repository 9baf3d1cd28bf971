"""The HTTP server of a process: health, readiness, metrics and, in HTTP mode, what Slack sends."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from waitress.server import create_server  # type: ignore[import-untyped]

from bot.errors import BadSetting

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()
LARGEST_BODY = 1024 * 1024
"""Octets. Slack's largest deliveries (a message with its blocks, a modal's state) stay far below."""
THREADS = 16
"""Slack waits 3 s, and a delivery waits for the store alone."""
Probe = Callable[[], str]
"""Says "" where something is well, else why not."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to a GET."""

    body: bytes
    status: str = "200 OK"
    content_type: str = "text/plain; charset=utf-8"


class Health:
    """What /healthz and /readyz say. Probes are asked at most once a second, however often somebody looks."""

    def __init__(self, living: Mapping[str, Probe], ready: Mapping[str, Probe], fresh_s: float = 1.0) -> None:
        self._living, self._ready, self._fresh_s = dict(living), dict(ready), fresh_s
        self._lock = threading.Lock()
        self._last: tuple[float, dict[str, str]] | None = None
        self._stopping = False

    def stopping(self) -> None:
        """From now on not ready, so that nobody sends more."""
        self._stopping = True

    def live(self) -> Page:
        """200 while the process does its work; 503 where it had better be started anew."""
        return _page({name: probe() for name, probe in self._living.items()}, "lives")

    def readiness(self) -> Page:
        """200 where everything answers that a report needs; 503 with what doesn't."""
        found = self._found()
        return _page({**found, "process": "stopping"} if self._stopping else found, "ready")

    def _found(self) -> dict[str, str]:
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > self._fresh_s:
                self._last = time.monotonic(), {name: probe() for name, probe in self._ready.items()}
            return self._last[1]


def site(pages: Mapping[str, Callable[[], Page]], posts: "Mapping[str, WSGIApplication]") -> "WSGIApplication":
    """A WSGI application: `pages` answer to GET and HEAD, `posts` take POST; nothing else is there."""

    def application(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        path, method = str(environ.get("PATH_INFO", "")), str(environ.get("REQUEST_METHOD", ""))
        if path in posts and method == "POST":
            return posts[path](environ, start)
        if path in pages and method in ("GET", "HEAD"):
            return _send(pages[path](), start, head=method == "HEAD")
        if path in pages or path in posts:
            return _send(Page(b"this isn't how to ask here\n", "405 Method Not Allowed"), start)
        return _send(Page(b"nothing is here\n", "404 Not Found"), start)

    return application


class WebServer:
    """A part (`bot.running`) that serves one site with waitress in threads."""

    name = "web"

    def __init__(self, host: str, port: int, application: "WSGIApplication", *, needed: bool = True) -> None:
        """`needed`: whether the process can't do without; else a place that is taken is a warning."""
        self._host, self._wanted, self._application, self._needed = host, port, application, needed
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self.port = 0
        """The port it listens at; 0 while it doesn't."""

    def start(self) -> None:
        """Listens. Raises BadSetting where the place is taken or not this machine's, if it is needed."""
        try:
            # Bound here: waitress leaves its own socket open where it can't be bound.
            family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
            bound = socket.create_server((self._host, self._wanted), family=family, backlog=128)
        except OSError as refused:
            self._refused(refused)
            return
        self._server = server = create_server(
            self._application,
            sockets=[bound],
            threads=THREADS,
            max_request_body_size=LARGEST_BODY,
            max_request_header_size=64 * 1024,
            channel_timeout=30,
            ident="",
            clear_untrusted_proxy_headers=True,
        )
        self.port = bound.getsockname()[1]
        self._thread = threading.Thread(target=server.run, name="web", daemon=True)
        self._thread.start()
        log.info("listening", host=self._host, port=self.port)

    def drain(self, _seconds: float) -> None:
        """Nothing: it tells of the process's state until it is closed."""

    def close(self) -> None:
        """Ends the server and its threads; requests that run get a second."""
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        self._server = self._thread = None
        server.task_dispatcher.shutdown(timeout=1)
        server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))
        thread.join(2.0)
        self.port = 0

    def fault(self) -> str:
        return "its thread ended" if self._thread is not None and not self._thread.is_alive() else ""

    def _refused(self, cause: OSError) -> None:
        place = f"{self._host}:{self._wanted}"
        why = (cause.strerror or str(cause)).partition(" (while")[0]
        if self._needed:
            raise BadSetting(
                "bad-setting",
                f"CHECKMAIL_HTTP: nothing can listen at {place}: {why}",
                "Name another port there, or off where nobody asks for health and metrics.",
            ) from cause
        log.warning("no health page: another process listens there; set CHECKMAIL_HTTP", place=place)


def _page(found: dict[str, str], good: str) -> Page:
    wrong = {name: why for name, why in found.items() if why}
    said = {good: not wrong, **{name: why or "fine" for name, why in found.items()}}
    status = "503 Service Unavailable" if wrong else "200 OK"
    return Page((json.dumps(said, ensure_ascii=False) + "\n").encode(), status, "application/json")


def _send(page: Page, start: "StartResponse", *, head: bool = False) -> Iterable[bytes]:
    start(
        page.status,
        [
            ("Content-Type", page.content_type),
            ("Content-Length", str(len(page.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    return [] if head else [page.body]
