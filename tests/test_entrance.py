"""Slack's deliveries over HTTP, and whether Slack still takes our token."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.errors import Shown
from handlers.calls import make_client
from handlers.connection import Gate
from handlers.desk import Link
from handlers.http import LARGEST_BODY, HttpEntrance
from handlers.tokens import TokenWatch
from tests import fakeslack
from tests.deskfakes import NullMeter
from tests.fakeslack import TOKEN, FakeSlack
from tests.handlerkit import SECRET, RecordingReception, app, desk, envelope, message, reception, signed


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fakeslack.running() as fake:
        yield fake


def post(entrance: HttpEntrance, body: bytes, headers: dict[str, str], length: str | None = None) -> tuple[str, bytes]:
    """A POST as a WSGI server hands it on."""
    told: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/slack/events",
        "CONTENT_LENGTH": str(len(body)) if length is None else length,
        "CONTENT_TYPE": "application/json",
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }

    def start(status: str, listed: list[tuple[str, str]], *_: object) -> Any:
        told.append(status)

    answer = b"".join(entrance.application(environ, start))
    return told[0], answer


def delivery(
    text: str = "please look at this", secret: str = SECRET, at: int | None = None
) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(envelope(message(text)))
    request = signed(body, at=at, secret=secret)
    return body.encode(), {name: values[0] for name, values in request.headers.items() if name.startswith("x-slack")}


@pytest.fixture
def taken() -> RecordingReception:
    return reception()


@pytest.fixture
def entrance(slack: FakeSlack, taken: RecordingReception) -> HttpEntrance:
    return HttpEntrance(app(slack, desk(taken)), NullMeter())


def test_a_signed_delivery_reaches_the_reception(entrance: HttpEntrance, taken: RecordingReception) -> None:
    assert post(entrance, *delivery()) == ("200 OK", b"")
    assert [each.pieces[0].text for each in taken.received] == ["please look at this"]


UNSIGNED: dict[str, Callable[[], tuple[bytes, dict[str, str]]]] = {
    "another secret": lambda: delivery(secret="another-signing-secret"),
    "too old": lambda: delivery(at=int(time.time()) - 600),
    "no signature": lambda: (delivery()[0], {}),
    "another body": lambda: (delivery("something else")[0], delivery()[1]),
}


@pytest.mark.parametrize("how", UNSIGNED)
def test_without_slacks_signature_nothing_is_taken(how: str, entrance: HttpEntrance, taken: RecordingReception) -> None:
    assert post(entrance, *UNSIGNED[how]())[0] == "401 Unauthorized"
    assert taken.received == []


@pytest.mark.parametrize("length", [str(LARGEST_BODY + 1), "many", "-5"])
def test_a_body_over_the_size_isnt_even_read(length: str, entrance: HttpEntrance) -> None:
    assert post(entrance, b"x", {}, length)[0] == "413 Content Too Large"


def test_octets_that_arent_utf8_are_no_delivery(entrance: HttpEntrance) -> None:
    assert post(entrance, b"\xff\xfe", {})[0] == "400 Bad Request"


def test_with_the_store_away_slack_is_told_to_come_again(entrance: HttpEntrance, taken: RecordingReception) -> None:
    taken.down.append(True)
    assert post(entrance, *delivery())[0].startswith("500 ")


def test_while_stopping_nothing_is_taken(entrance: HttpEntrance, taken: RecordingReception) -> None:
    entrance.drain(1.0)
    assert post(entrance, *delivery())[0] == "503 Service Unavailable"
    assert taken.received == []


def test_a_gate_waits_for_those_who_are_inside() -> None:
    gate = Gate()
    assert gate.enter()
    assert not gate.shut(0.01)
    assert not gate.enter()
    threading.Timer(0.05, gate.leave).start()
    assert gate.shut(5.0)


def watch(slack: FakeSlack, link: Link, every_s: float = 60.0) -> TokenWatch:
    return TokenWatch(make_client(TOKEN, slack.api), link, every_s)


def test_a_token_that_works_is_no_trouble(slack: FakeSlack) -> None:
    link = Link()
    made = watch(slack, link)
    made.start()
    made.close()
    assert (link.trouble, made.ready()) == ("", "")


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive", "not_allowed_token_type"])
def test_a_token_that_slack_refuses_ends_the_start_with_what_to_do(code: str, slack: FakeSlack) -> None:
    slack.answers["auth.test"] = {"ok": False, "error": code}
    with pytest.raises(Shown) as caught:
        watch(slack, Link()).start()
    assert caught.value.message == f"SLACK_BOT_TOKEN: Slack doesn't take it ({code})."
    assert caught.value.hint
    assert TOKEN not in caught.value.message + caught.value.hint


def test_a_slack_that_cant_be_reached_is_waited_for(slack: FakeSlack) -> None:
    link = Link()
    made = TokenWatch(make_client(TOKEN, "http://127.0.0.1:1/api/"), link)
    made.start()
    made.close()
    assert made.ready() == ""


def test_a_token_revoked_later_is_noticed_and_so_is_its_return(slack: FakeSlack) -> None:
    link = Link()
    made = watch(slack, link, every_s=0.02)
    made.start()
    slack.answers["auth.test"] = {"ok": False, "error": "token_revoked"}
    assert until(lambda: made.ready() == "Slack says token_revoked")
    del slack.answers["auth.test"]
    assert until(lambda: made.ready() == "")
    made.close()


def until(holds: Any, seconds: float = 10.0) -> bool:
    """Whether it came to hold; the time is a limit for a broken run, not a measure."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(holds())
