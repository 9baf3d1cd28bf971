"""A Web API on loopback that answers as it is told and remembers what it was asked; files and their hosts, too."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

TOKEN = "xoxb-test-token"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method: its arguments (JSON in them read) and the token that came in the header."""

    method: str
    arguments: dict[str, Any]
    token: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answers. `cut`: fewer octets than its Content-Length promises."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut: int = 0


@dataclass
class FakeSlack:
    """`answers[method]`: the JSON, or a list of them used one by one (the last for ever); `files[path]`: downloads."""

    url: str = ""
    """Where the server is, without a last slash."""
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Answer] = field(default_factory=dict)
    fetched: list[tuple[str, str]] = field(default_factory=list)
    """(path, Authorization) of each download."""

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    def of(self, method: str) -> list[dict[str, Any]]:
        """The arguments of each call of a method, in order."""
        return [call.arguments for call in self.calls if call.method == method]

    def answer(self, method: str) -> Answer:
        scripted = self.answers.get(method, AUTH if method == "auth.test" else {"ok": True})
        if isinstance(scripted, list):
            scripted = scripted.pop(0) if len(scripted) > 1 else scripted[0]
        if isinstance(scripted, Answer):
            return scripted
        return Answer(json.dumps(scripted).encode(), headers=(("Content-Type", "application/json"),))


AUTH = {
    "ok": True,
    "url": "https://acme.slack.com/",
    "team": "Acme",
    "user": "checkmail",
    "team_id": "T01TEST",
    "user_id": "U0BOT",
    "bot_id": "B0BOT",
    "is_enterprise_install": False,
}


@contextmanager
def running() -> Iterator[FakeSlack]:
    """A fake workspace on a free port of loopback."""
    fake = FakeSlack()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            method = self.path.removeprefix("/api/")
            arguments = _arguments(self.rfile.read(length), self.headers.get("Content-Type") or "")
            fake.calls.append(Call(method, arguments, self.headers.get("Authorization") or ""))
            self._send(fake.answer(method))

        def do_GET(self) -> None:
            if self.path.startswith("/api/"):
                method, _, query = self.path.removeprefix("/api/").partition("?")
                fake.calls.append(Call(method, dict(parse_qsl(query)), self.headers.get("Authorization") or ""))
                self._send(fake.answer(method))
                return
            fake.fetched.append((self.path, self.headers.get("Authorization") or ""))
            self._send(fake.files.get(self.path, Answer(b"gone", 404)))

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + answer.cut))
            if answer.cut:
                self.close_connection = True
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _arguments(body: bytes, content_type: str) -> dict[str, Any]:
    if content_type.startswith("application/json"):
        return dict(json.loads(body))
    return {name: _read(value) for name, value in parse_qsl(body.decode(), keep_blank_values=True)}


def _read(value: str) -> Any:
    try:
        return json.loads(value) if value[:1] in ("{", "[") else value
    except ValueError:
        return value
