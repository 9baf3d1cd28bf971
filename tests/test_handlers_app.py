"""Requests as Slack sends them, through the whole app: signatures, repetitions, faults, and what is acknowledged."""

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt import BoltRequest
from structlog.testing import capture_logs

from bot.model import Place
from tests.fakeslack import FakeSlack, running
from tests.handlerkit import (
    ALICE,
    app,
    desk,
    envelope,
    forwarded,
    message,
    reception,
    send_event,
    send_payload,
    signed,
    upload,
)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with running() as fake:
        yield fake


def test_a_signed_message_is_taken_and_acknowledged(slack: FakeSlack) -> None:
    taken = reception()
    answer = send_event(app(slack, desk(taken)), message("Is this real?"))
    assert (answer.status, answer.body) == (200, "")
    assert [submission.pieces[0].text for submission in taken.received] == ["Is this real?"]


@pytest.mark.parametrize(
    ("secret", "age"), [("another-secret", 0), ("test-signing-secret", 301)], ids=["wrong signature", "stale"]
)
def test_what_isnt_from_slack_is_refused(slack: FakeSlack, secret: str, age: int) -> None:
    taken = reception()
    body = json.dumps(envelope(message("x")))
    answer = app(slack, desk(taken)).dispatch(signed(body, secret=secret, at=int(time.time()) - age))
    assert answer.status == 401
    assert taken.received == []


def test_making_the_app_calls_nobody_and_a_hundred_events_ask_auth_test_once(slack: FakeSlack) -> None:
    taken = reception()
    made = app(slack, desk(taken))
    assert slack.calls == []
    for number in range(100):
        send_event(made, message("Is this real?", ts=f"1764000001.{number:06d}"))
    assert len(taken.received) == 100
    assert [call.method for call in slack.calls] == ["auth.test"]


def test_a_token_in_the_environment_makes_no_noise(
    slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-test-token")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "another")
    taken = reception()
    assert send_event(app(slack, desk(taken)), message("Is this real?")).status == 200
    assert caplog.records == []
    assert len(taken.received) == 1


def test_what_a_request_holds_is_logged_nowhere(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    made = app(slack, desk())
    body = json.dumps(envelope(message("the secret of the mail")))
    with capture_logs() as logs:
        made.dispatch(signed(body, secret="another-secret"))
        made.dispatch(signed(body))
        send_event(made, {"type": "reaction_added", "user": ALICE.user, "reaction": "secret", "event_ts": "1.2"})
    assert "secret" not in caplog.text + str(logs)


def test_an_upload_that_comes_again_has_the_same_key(slack: FakeSlack) -> None:
    taken = reception()
    made = app(slack, desk(taken))
    event = message("", files=[upload()], subtype="file_share")
    for retry in range(4):
        assert send_event(made, event, retry=retry).status == 200
    assert len({submission.key for submission in taken.received}) == 1


def test_over_socket_mode_no_signature_is_needed(slack: FakeSlack) -> None:
    taken = reception()
    body: dict[str, Any] = envelope(message("Is this real?"))
    answer = app(slack, desk(taken)).dispatch(BoltRequest(mode="socket_mode", body=body))
    assert answer.status == 200
    assert len(taken.received) == 1


def test_what_the_bot_says_itself_is_ignored(slack: FakeSlack) -> None:
    taken = reception()
    made = app(slack, desk(taken))
    own = message("verdict", user="U0BOT", bot_id="B0BOT")
    assert send_event(made, own).status == 200
    assert (taken.received, taken.remarks) == ([], [])


def test_a_mail_that_slack_posts_isnt_taken_for_a_bots_message(slack: FakeSlack) -> None:
    taken = reception()
    send_event(app(slack, desk(taken)), forwarded())
    assert taken.received[0].asker == replace(ALICE, verified=False)


def test_without_the_store_nothing_is_acknowledged_and_it_comes_again(slack: FakeSlack) -> None:
    taken = reception()
    made = app(slack, desk(taken))
    taken.down.append(True)
    assert send_event(made, message("Is this real?")).status == 500
    taken.down.clear()
    assert send_event(made, message("Is this real?"), retry=1).status == 200
    assert len(taken.received) == 1
    assert slack.of("chat.postMessage") == []


@pytest.mark.parametrize("answer", [{"ok": False, "error": "ratelimited"}, {"ok": False, "error": "token_revoked"}])
def test_while_slack_wont_say_who_we_are_nothing_is_acknowledged(slack: FakeSlack, answer: dict[str, Any]) -> None:
    taken = reception()
    made = desk(taken)
    slack.answers["auth.test"] = [answer, {"ok": True, "team_id": "T01TEST", "user_id": "U0BOT", "bot_id": "B0BOT"}]
    bolt = app(slack, made)
    assert send_event(bolt, message("x")).status == 500
    assert made.link.trouble == ("token_revoked" if answer["error"] == "token_revoked" else "")
    assert send_event(bolt, message("Is this real?"), retry=1).status == 200
    assert made.link.trouble == ""
    assert len(taken.received) == 1


def test_the_unexpected_is_told_once_and_comes_again(slack: FakeSlack) -> None:
    taken = reception()
    made = app(slack, desk(taken))
    taken.broken.extend([ZeroDivisionError("secret of the mail"), ZeroDivisionError()])
    with capture_logs() as logs:
        assert send_event(made, message("Is this real?")).status == 500
    assert send_event(made, message("Is this real?"), retry=1).status == 500
    assert [(entry["kind"], entry["reference"] in slack.of("chat.postMessage")[0]["text"]) for entry in logs] == [
        ("ZeroDivisionError", True)
    ]
    assert not any(word in str(logs) for word in ("secret", "Is this real"))
    [said] = slack.of("chat.postMessage")
    assert said["channel"] == ALICE.user
    assert said["text"].startswith("[unexpected] reference=")
    assert "secret" not in said["text"]


def test_the_unexpected_in_a_channel_is_told_nobody(slack: FakeSlack) -> None:
    taken = reception()
    taken.broken.append(ZeroDivisionError())
    assert send_event(app(slack, desk(taken)), message(files=[upload()], channel="C01HELP")).status == 500
    assert slack.of("chat.postMessage") == []


UNHANDLED = [
    {"type": "reaction_added", "user": ALICE.user, "reaction": "eyes", "item": {}, "event_ts": "1.2"},
    {"type": "file_shared", "file_id": "F1", "user_id": ALICE.user, "channel_id": "D1", "event_ts": "1.2"},
    {"type": "message", "subtype": "message_changed", "channel": "D1", "channel_type": "im", "ts": "1.2"},
]


@pytest.mark.parametrize("event", UNHANDLED)
def test_what_nobody_handles_is_acknowledged(slack: FakeSlack, event: dict[str, Any]) -> None:
    taken = reception()
    assert send_event(app(slack, desk(taken)), event).status == 200
    assert (taken.received, taken.remarks) == ([], [])


def test_an_unknown_buttons_click_is_acknowledged(slack: FakeSlack) -> None:
    action = {"type": "button", "action_id": "link", "block_id": "b", "action_ts": "1.2"}
    payload = {
        "type": "block_actions",
        "user": {"id": ALICE.user, "team_id": "T01TEST"},
        "team": {"id": "T01TEST"},
        "trigger_id": "1.2.3",
        "actions": [action],
    }
    assert send_payload(app(slack, desk()), payload).status == 200


def test_slacks_challenge_is_answered(slack: FakeSlack) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "unused"})
    answer = app(slack, desk()).dispatch(signed(body))
    assert (answer.status, json.loads(answer.body)) == (200, {"challenge": "abc"})


REVOKED = [
    ({"type": "app_uninstalled"}, "app_uninstalled"),
    ({"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}}, "tokens_revoked"),
    ({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}, ""),
]


@pytest.mark.parametrize(("event", "trouble"), REVOKED)
def test_a_lost_installation_shows_in_readiness(slack: FakeSlack, event: dict[str, Any], trouble: str) -> None:
    made = desk()
    assert send_event(app(slack, made), event).status == 200
    assert made.link.trouble == trouble


def test_after_a_revocation_slack_is_asked_again_who_we_are(slack: FakeSlack) -> None:
    made = desk()
    bolt = app(slack, made)
    send_event(bolt, message("hi"))
    send_event(bolt, {"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}})
    send_event(bolt, message("hi", ts="1764000003.000100"))
    assert [call.method for call in slack.calls] == ["auth.test", "auth.test"]
    assert made.link.trouble == ""


def test_a_mention_and_its_message_are_one_thing(slack: FakeSlack) -> None:
    taken = reception()
    made = app(slack, desk(taken))
    said = message(channel="C01HELP") | {"text": "<@U0BOT> is this mail real?"}
    send_event(made, said, event_id="Ev1")
    send_event(
        made, {key: said[key] for key in said if key != "channel_type"} | {"type": "app_mention"}, event_id="Ev2"
    )
    assert [submission.place for submission in taken.received] == [Place("C01HELP", "1764000001.000100")] * 2
    assert len({submission.key for submission in taken.received}) == 1
