"""Slack's deliveries over HTTP (`CHECKMAIL_MODE=http`): Slack calls us, and Bolt checks its signature."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from slack_bolt import App, BoltRequest

from bot.ports import Meter
from handlers.connection import Gate

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/slack/events"
"""Where Slack calls: events, commands and interactions alike."""
LARGEST_BODY = 1024 * 1024
"""Octets; Slack's largest deliveries (a message with its blocks, a modal's state) stay far below."""


class HttpEntrance:
    """A part (`bot.running`): takes what Slack posts, as a WSGI application for PATH. Bolt checks the signature."""

    name = "slack"

    def __init__(self, app: App, meter: Meter) -> None:
        self._app, self._meter = app, meter
        self._gate = Gate()

    def start(self) -> None:
        """Nothing: the web server calls."""

    def drain(self, seconds: float) -> None:
        self._gate.shut(seconds)

    def close(self) -> None:
        self._gate.shut(0.0)

    def fault(self) -> str:
        return ""

    def ready(self) -> str:
        return ""

    @property
    def application(self) -> "WSGIApplication":
        """Answers 413 over LARGEST_BODY and 503 while stopping."""

        def post(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
            if not self._gate.enter():
                return _answer(start, 503, {}, "stopping")
            try:
                began = time.monotonic()
                answer = self._take(environ, start)
                self._meter.time("delivery", time.monotonic() - began, kind="http")
                return answer
            finally:
                self._gate.leave()

        return post

    def _take(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        length = str(environ.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return _answer(start, 413, {}, "too large")
        raw: bytes = environ["wsgi.input"].read(int(length))
        try:
            body = raw.decode("utf-8")
        except UnicodeDecodeError:  # the signature is over octets, so replacing them would spoil it
            return _answer(start, 400, {}, "not UTF-8")
        request = BoltRequest(body=body, query=str(environ.get("QUERY_STRING", "")), headers=_headers(environ))
        response = self._app.dispatch(request)
        if response.status >= 500:
            self._meter.count("not_taken", kind="http")
        return _answer(start, response.status, response.headers, response.body or "")


def _headers(environ: "WSGIEnvironment") -> dict[str, str | Sequence[str]]:
    """Request headers in lower case, as Bolt wants them (PEP 3333 names them HTTP_…)."""
    named = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    named |= {"CONTENT_TYPE": environ.get("CONTENT_TYPE", "")}
    return {name.replace("_", "-").lower(): str(value) for name, value in named.items()}


_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 413: "Content Too Large"}


def _answer(start: "StartResponse", status: int, headers: Mapping[str, Sequence[str]], body: str) -> Iterable[bytes]:
    octets = body.encode()
    listed = [(name, value) for name, values in headers.items() for value in values if name != "content-length"]
    reason = _REASONS.get(status, "Service Unavailable" if status == 503 else "Error")
    start(f"{status} {reason}", [*listed, ("Content-Length", str(len(octets)))])
    return [octets]
