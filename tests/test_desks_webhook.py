"""The signed webhook: what is sent is what the specification's own library verifies, once however often it comes."""

import base64
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from standardwebhooks.webhooks import Webhook as Receiver
from standardwebhooks.webhooks import WebhookVerificationError

from bot.adapters.desks.fates import AWAY_S, retry_after
from bot.adapters.desks.webhook import Webhook, key
from bot.errors import BadSetting, Shown
from bot.model import Filed
from bot.ports import Doubtful, Later
from tests.deskcase import AT, CASE, KEY, case, certificates
from tests.deskfakes import TestClock
from tests.deskserver import Cut, DeskServer, Fault, Reply, Request, serving

SECRET = "whsec_" + base64.b64encode(b"a secret of 32 octets, for tests").decode()
OLD = "whsec_" + base64.b64encode(b"the secret that is being replaced").decode()


def taken(request: Request) -> Reply:
    return Reply(204)


def desk(server: DeskServer, secrets: str = SECRET, clock: TestClock | None = None, ca: str = "") -> Webhook:
    return Webhook(f"{server.url}/hooks/checkmail", secrets, clock or TestClock(), ca=ca, read_s=0.3)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> TestClock:
    """A clock that stands at the real time, which the receiver's library holds the timestamp against."""
    return TestClock(datetime.now(UTC))


def test_the_reference_library_accepts_what_is_sent(now: TestClock) -> None:
    with serving(taken) as server:
        assert desk(server, clock=now).file(CASE) == Filed("webhook", KEY, "123")
    (sent,) = server.requests
    assert (sent.method, sent.path, sent.headers["content-type"]) == ("POST", "/hooks/checkmail", "application/json")
    event = Receiver(SECRET).verify(sent.body, dict(sent.headers))
    assert (event["type"], event["timestamp"]) == ("ticket.opened", "2026-11-24T17:54:01+00:00")
    data = event["data"]
    assert data["diagnosis"] == {"verdict": "hacked-account"}
    assert (data["number"], data["priority"], data["affected"]) == ("123", "urgent", "maria@example.org")
    assert data["report_markdown"] == CASE.report
    assert data["abuse_report"].endswith("Please stop it.\r\n")


def test_another_secret_or_another_body_is_found_out(now: TestClock) -> None:
    with serving(taken) as server:
        desk(server, clock=now).file(CASE)
    (sent,) = server.requests
    for secret, body in ((OLD, sent.body), (SECRET, sent.body + b" ")):
        with pytest.raises(WebhookVerificationError):
            Receiver(secret).verify(body, dict(sent.headers))


def test_while_a_secret_is_replaced_both_sign(now: TestClock) -> None:
    with serving(taken) as server:
        desk(server, f"{SECRET} {OLD}", now).file(CASE)
    (sent,) = server.requests
    for secret in (SECRET, OLD):
        assert Receiver(secret).verify(sent.body, dict(sent.headers))["type"] == "ticket.opened"


def test_sent_again_it_has_the_same_id_and_the_time_of_the_attempt() -> None:
    clock = TestClock(AT)
    with serving(taken) as server:
        webhook = desk(server, clock=clock)
        server.faults["POST", "/"] = [Cut.AFTER]
        with pytest.raises(Doubtful):
            webhook.file(CASE)
        clock.go(timedelta(minutes=1))
        webhook.file(CASE)
    first, second = server.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == KEY
    stamps = [int(each.headers["webhook-timestamp"]) for each in (first, second)]
    assert stamps[1] - stamps[0] == 60
    assert first.body == second.body
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


LATER: dict[str, tuple[Fault, float]] = {
    "429 with seconds": (Reply(429, headers={"Retry-After": "17"}), 17),
    "429 without": (Reply(429), AWAY_S),
    "503 with seconds": (Reply(503, headers={"Retry-After": "120"}), 120),
    "503 with nonsense": (Reply(503, headers={"Retry-After": "soon"}), AWAY_S),
    "a day is too long": (Reply(429, headers={"Retry-After": "86400"}), 3600),
}


@pytest.mark.parametrize("name", LATER)
def test_a_desk_that_wants_us_to_wait_is_waited_for(name: str) -> None:
    fault, seconds = LATER[name]
    with serving(taken) as server:
        server.faults["POST", "/"] = [fault]
        with pytest.raises(Later) as caught:
            desk(server).file(CASE)
        desk(server).file(CASE)
    assert caught.value.seconds == seconds


DOUBTFUL: tuple[Fault, ...] = (Reply(500), Reply(502), Reply(504), Cut.BEFORE, Cut.AFTER, Cut.HALF, Cut.SILENT)


@pytest.mark.parametrize("fault", DOUBTFUL, ids=str)
def test_an_answer_that_never_came_is_doubtful(fault: Fault) -> None:
    with serving(taken) as server:
        server.faults["POST", "/"] = [fault]
        with pytest.raises(Doubtful):
            desk(server).file(CASE)


REFUSED = [
    (301, "desk-moved"),
    (307, "desk-moved"),
    (401, "desk-refuses-us"),
    (403, "desk-refuses-us"),
    (404, "desk-not-there"),
    (410, "desk-not-there"),
    (400, "desk-refuses"),
    (413, "desk-too-large"),
]


@pytest.mark.parametrize(("status", "code"), REFUSED)
def test_a_refusal_is_told_to_people_and_no_redirect_is_followed(status: int, code: str) -> None:
    with serving(taken) as server:
        server.faults["POST", "/"] = [Reply(status, headers={"Location": f"{server.url}/elsewhere"})]
        with pytest.raises(Shown) as caught:
            desk(server).file(CASE)
    assert caught.value.code == code
    assert len(server.requests) == 1


def test_nobody_listening_is_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Later):
        Webhook(f"http://127.0.0.1:{port}/", SECRET, TestClock()).file(CASE)


def test_nothing_goes_to_a_server_with_a_wrong_certificate(tmp_path: Path) -> None:
    context, authority = certificates(tmp_path, "localhost")
    other, elsewhere = certificates(tmp_path / "..", "elsewhere.test")
    with serving(taken, context) as server:
        desk(server, ca=authority).file(CASE)
        with pytest.raises(Shown, match="certificate"):
            desk(server).file(CASE)
        assert len(server.requests) == 1
    with serving(taken, other) as server:
        with pytest.raises(Shown, match="certificate"):
            desk(server, ca=elsewhere).file(CASE)
        assert server.requests == []


def test_no_credentials_of_the_machine_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(taken) as server:
        requests.get(server.url, timeout=5)
        desk(server).file(CASE)
    theirs, ours = server.requests
    assert "authorization" in theirs.headers
    assert "authorization" not in ours.headers


SECRETS = [
    "",
    " ",
    "hunter2hunter2",
    "whsec_",
    "whsec_####",
    "whsec_" + base64.b64encode(b"too short").decode(),
    "whsec_é",
]


@pytest.mark.parametrize("secret", [*SECRETS, "whsec_" + base64.b64encode(b"x" * 65).decode(), f"{SECRET} wrong"])
def test_a_wrong_secret_is_said_and_not_quoted(secret: str) -> None:
    with pytest.raises(BadSetting, match="CHECKMAIL_DESK_TOKEN") as caught:
        Webhook("https://desk.example.org/", secret, TestClock())
    assert secret.strip() in ("", "whsec_") or secret not in str(caught.value)


def test_a_secret_without_its_padding_is_the_same() -> None:
    assert key(SECRET) == key(SECRET.rstrip("="))


def test_what_a_mail_says_stays_data(now: TestClock) -> None:
    hostile = case(summary='x", "type": "other\r\n\u202e', affected="\ud800a\x00b", report="\ud800 &<>")
    with serving(taken) as server:
        desk(server, clock=now).file(hostile)
    (sent,) = server.requests
    event = Receiver(SECRET).verify(sent.body, dict(sent.headers))
    assert event["type"] == "ticket.opened"
    assert event["data"]["summary"] == 'x", "type": "other'
    assert event["data"]["affected"] == "ab"
    assert json.loads(sent.body) == event


RETRY = [
    ("Tue, 24 Nov 2026 17:54:31 GMT", 30.0),
    ("Tue, 24 Nov 2026 17:00:00 GMT", 1.0),
    ("0", 1.0),
    ("-5", AWAY_S),
    ("", AWAY_S),
    ("9" * 400, AWAY_S),
]


@pytest.mark.parametrize(("value", "seconds"), RETRY)
def test_retry_after_is_seconds_or_a_date_and_bounded(value: str, seconds: float) -> None:
    assert retry_after(value, AT) == seconds


def test_a_webhook_has_no_status_and_says_what_it_is() -> None:
    webhook = Webhook("https://desk.example.org/", SECRET, TestClock())
    assert webhook.status(Filed("webhook", KEY, "123")) is None
    assert webhook.check() == "a webhook, signed with 1 secret"
