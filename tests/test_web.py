"""The HTTP server: health, readiness, metrics; and what doesn't belong there is sent away."""

import http.client
import json
import socket
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pytest

from bot.adapters.web import LARGEST_BODY, Health, Page, WebServer, site
from bot.errors import BadSetting

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


def echo(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def trouble() -> dict[str, str]:
    return {"store": "", "worker": ""}


@pytest.fixture
def health(trouble: dict[str, str]) -> Health:
    return Health({"worker": lambda: trouble["worker"]}, {"store": lambda: trouble["store"]}, fresh_s=0.0)


@pytest.fixture
def server(health: Health) -> Iterator[WebServer]:
    pages = {"/healthz": health.live, "/readyz": health.readiness, "/metrics": lambda: Page(b"up 1\n")}
    web = WebServer("127.0.0.1", 0, site(pages, {"/slack/events": echo}))
    web.start()
    yield web
    web.close()


def ask(server: WebServer, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, path, body)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_all_well_is_said_for_each_part(server: WebServer) -> None:
    assert ask(server, "GET", "/healthz") == (200, b'{"lives": true, "worker": "fine"}\n')
    assert ask(server, "GET", "/readyz") == (200, b'{"ready": true, "store": "fine"}\n')


def test_a_store_that_is_away_makes_it_unready_but_alive(server: WebServer, trouble: dict[str, str]) -> None:
    trouble["store"] = "it can't be reached"
    status, said = ask(server, "GET", "/readyz")
    assert (status, json.loads(said)) == (503, {"ready": False, "store": "it can't be reached"})
    assert ask(server, "GET", "/healthz")[0] == 200
    trouble["store"] = ""
    assert ask(server, "GET", "/readyz")[0] == 200


def test_a_dead_worker_makes_it_unhealthy(server: WebServer, trouble: dict[str, str]) -> None:
    trouble["worker"] = "its threads ended"
    assert ask(server, "GET", "/healthz")[0] == 503


def test_a_process_that_stops_is_unready_and_alive(server: WebServer, health: Health) -> None:
    health.stopping()
    status, said = ask(server, "GET", "/readyz")
    assert (status, json.loads(said)["process"]) == (503, "stopping")
    assert ask(server, "GET", "/healthz")[0] == 200


def test_the_store_isnt_asked_more_often_than_needed() -> None:
    asked: list[str] = []

    def probe() -> str:
        asked.append("store")
        return ""

    health = Health({}, {"store": probe}, fresh_s=60.0)
    assert [health.readiness().status for _ in range(5)] == ["200 OK"] * 5
    assert asked == ["store"]


SENT_AWAY = [
    ("GET", "/", 404),
    ("GET", "/healthz/", 404),
    ("GET", "/../etc/passwd", 404),
    ("POST", "/metrics", 405),
    ("GET", "/slack/events", 405),
    ("PUT", "/slack/events", 405),
    ("POST", "/slack", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), SENT_AWAY)
def test_anything_else_is_sent_away(method: str, path: str, status: int, server: WebServer) -> None:
    assert ask(server, method, path)[0] == status


def test_head_gets_the_head_alone(server: WebServer) -> None:
    assert ask(server, "HEAD", "/healthz") == (200, b"")


def test_what_slack_posts_is_handed_on_up_to_a_size(server: WebServer) -> None:
    assert ask(server, "POST", "/slack/events", b"payload=1") == (200, b"payload=1")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire:
        # Refused by its head alone: a body that nobody reads would break the connection.
        wire.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY + 1))
        assert b" 413 " in wire.recv(100)


def test_a_place_that_is_taken_is_an_error_where_it_is_needed_and_else_a_warning() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(
            BadSetting, match=f"CHECKMAIL_HTTP: nothing can listen at 127.0.0.1:{port}: Address already"
        ):
            WebServer("127.0.0.1", port, site({}, {})).start()
        unneeded = WebServer("127.0.0.1", port, site({}, {}), needed=False)
        unneeded.start()
        assert (unneeded.port, unneeded.fault()) == (0, "")
        unneeded.close()


def test_a_host_that_isnt_ours_is_said_to_be_none() -> None:
    with pytest.raises(BadSetting, match=r"CHECKMAIL_HTTP: nothing can listen at 203\.0\.113\.1:8080"):
        WebServer("203.0.113.1", 8080, site({}, {})).start()


def test_a_closed_server_answers_nobody(server: WebServer) -> None:
    port = server.port
    server.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    server.close()
