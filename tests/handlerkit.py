"""What tests of handlers share: a desk of fakes, payloads as Slack sends them, and signed requests."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltContext, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bot.errors import StoreUnavailable
from bot.model import Asker, Belonging, Inquiry, Place, Submission, Surface, Told, Wish
from bot.reception import Reception
from handlers.app import make_app
from handlers.blocks.kit import Post
from handlers.calls import make_client
from handlers.desk import Desk
from tests.deskfakes import NOON, MemoryInquiries, NullMeter, RecordingQueue, TestClock
from tests.fakeslack import TOKEN, FakeSlack

SECRET = "test-signing-secret"
TEAM = "T01TEST"
ALICE = Asker(TEAM, "U01ALICE", "Alice Anderson", "alice@example.org", Belonging.STAFF, "en-GB")


@dataclass(frozen=True, slots=True)
class RecordingReception(Reception):
    """Records what it is given. `down`: the store is away. `full`: the person is over their rate. `late`: the case's
    content is gone.
    """

    received: list[Submission] = field(default_factory=list)
    remarks: list[tuple[Place, str, str]] = field(default_factory=list)
    answers: list[tuple[str, Told, Asker, str]] = field(default_factory=list)
    wishes: list[tuple[str, Wish, Asker, str]] = field(default_factory=list)
    forgotten: list[Asker] = field(default_factory=list)
    full: list[bool] = field(default_factory=list)
    late: list[bool] = field(default_factory=list)
    down: list[bool] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)

    def receive(self, submission: Submission) -> Inquiry | None:
        self._fail()
        if self.full:
            return None
        self.received.append(submission)
        return Inquiry("i1", submission.surface, submission.asker, submission.place, NOON, submission.pieces)

    def told(self, inquiry: str, told: Told, by: Asker, key: str) -> Inquiry | None:
        self._fail()
        self.answers.append((inquiry, told, by, key))
        return None if self.late else self.find(inquiry, by)

    def wish(self, inquiry: str, wish: Wish, by: Asker, key: str) -> Inquiry | None:
        self._fail()
        self.wishes.append((inquiry, wish, by, key))
        return self.find(inquiry, by)

    def remark(self, place: Place, code: str, key: str) -> None:
        self._fail()
        self.remarks.append((place, code, key))

    def find(self, inquiry: str, by: Asker) -> Inquiry | None:
        self._fail()
        found = self.inquiries.find(inquiry)
        return found if found is not None and found.asker.user == by.user else None

    def of(self, asker: Asker) -> tuple[Inquiry, ...]:
        self._fail()
        return self.inquiries.of(asker)

    def forget(self, asker: Asker) -> int:
        self._fail()
        self.forgotten.append(asker)
        return len(self.of(asker))

    def knows(self, *inquiries: Inquiry) -> None:
        """Keeps these, the newest first."""
        for age, each in enumerate(inquiries):
            self.inquiries.open(replace(each, received_at=NOON - timedelta(hours=age)), each.id)

    def _fail(self) -> None:
        if self.broken:
            raise self.broken.pop(0)
        if self.down:
            raise StoreUnavailable("store-unavailable", "The store is away.", "Wait.")


@dataclass
class FakePeople:
    """People by id; whoever isn't known is a guest."""

    people: dict[str, Asker] = field(default_factory=lambda: {ALICE.user: ALICE})
    technicians: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def whois(self, user: str, team: str) -> Asker:
        self.asked.append(user)
        return self.people.get(user, Asker(team, user, belonging=Belonging.GUEST))

    def by_address(self, address: str, team: str) -> Asker | None:
        return next((each for each in self.people.values() if each.address == address), None)

    def found_by(self, address: str, team: str) -> Asker | None:
        return self.by_address(address, team)

    def in_direct(self, channel: str, team: str) -> Asker | None:
        return next((each for each in self.people.values() if channel == each.user.replace("U", "D", 1)), None)

    def is_technician(self, user: str) -> bool:
        return user in self.technicians


class FakeTalk:
    """A text says its code and values; thanks and hello are small talk when nothing else is said."""

    def harm(self, text: str) -> frozenset[str]:
        """As the real one, by one phrase."""
        return frozenset({"typed-password"}) if "i typed my password" in text.casefold() else frozenset()

    def small(self, text: str) -> str | None:
        return {"thanks!": "thanks", "hi": "hello", "help": "help"}.get(text.strip().lower())

    def text(self, code: str, **values: str) -> str:
        return " ".join([f"[{code}]", *(f"{name}={value}" for name, value in sorted(values.items()))])


class FakeViews:
    """Views that say which they are and of what."""

    def report(self) -> dict[str, Any]:
        return {"type": "modal", "callback_id": "checkmail_report"}

    def harm(self, inquiry: str) -> dict[str, Any]:
        return {"type": "modal", "callback_id": "checkmail_harm", "private_metadata": inquiry}

    def claims(self, inquiry: str) -> dict[str, Any]:
        return {"type": "modal", "callback_id": "checkmail_claims", "private_metadata": inquiry}

    def forget(self) -> dict[str, Any]:
        return {"type": "modal", "callback_id": "checkmail_forget"}

    def evidence(self, inquiry: Inquiry, technician: bool) -> dict[str, Any]:
        return {"type": "modal", "callback_id": f"evidence {inquiry.id} {technician}"}

    def home(self, inquiries: tuple[Inquiry, ...]) -> dict[str, Any]:
        return {"type": "home", "external_id": " ".join(each.id for each in inquiries)}

    def status(self, inquiries: tuple[Inquiry, ...]) -> Post:
        return Post(" ".join(each.id for each in inquiries), ({"type": "divider"},))


def reception() -> RecordingReception:
    return RecordingReception(MemoryInquiries(), RecordingQueue(), TestClock(), NullMeter())


def desk(taken: RecordingReception | None = None, **changed: Any) -> Desk:
    made = Desk(taken or reception(), FakePeople(), FakeTalk(), FakeViews(), frozenset({"C01HELP"}))
    return replace(made, **changed)


def context(user: str = ALICE.user) -> BoltContext:
    """As Bolt makes it for a request of the workspace, after authorization."""
    made = BoltContext({"team_id": TEAM, "user_id": user})
    made.set_authorize_result(
        AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_user_id="U0BOT", bot_id="B0BOT", user_id=user)
    )
    return made


def envelope(event: Mapping[str, Any], event_id: str = "Ev0001", **more: Any) -> dict[str, Any]:
    """The outer part of an event, as Slack sends it."""
    return {
        "token": "unused",
        "team_id": TEAM,
        "api_app_id": "A01APP",
        "event": dict(event),
        "type": "event_callback",
        "event_id": event_id,
        "event_time": 1764000000,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": "U0BOT",
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        **more,
    }


def rich(text: str) -> list[dict[str, Any]]:
    """The blocks that the composer makes of plain text."""
    leaves = [{"type": "text", "text": text}]
    return [
        {
            "type": "rich_text",
            "block_id": "b1",
            "elements": [{"type": "rich_text_section", "elements": leaves}],
        }
    ]


def message(text: str = "", *, ts: str = "1764000001.000100", channel: str = "D01ALICE", **more: Any) -> dict[str, Any]:
    """A message event; in direct message unless `channel` says otherwise."""
    kind = "im" if channel.startswith("D") else "channel"
    made: dict[str, Any] = {
        "user": ALICE.user,
        "type": "message",
        "ts": ts,
        "client_msg_id": "11111111-2222-4333-8444-555555555555",
        "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "team": TEAM,
        "channel": channel,
        "event_ts": ts,
        "channel_type": kind,
    }
    if text:
        made["blocks"] = rich(text)
    return made | more


def upload(name: str = "mail.eml", *, id: str = "F01MAIL", mode: str = "hosted", **more: Any) -> dict[str, Any]:
    """A file object in a message."""
    return {
        "id": id,
        "created": 1764000000,
        "name": name,
        "title": name,
        "mimetype": "message/rfc822",
        "filetype": "binary",
        "user": ALICE.user,
        "user_team": TEAM,
        "size": 1234,
        "mode": mode,
        "is_external": False,
        "file_access": "visible",
        "url_private": f"https://files.slack.com/files-pri/{TEAM}-{id}/{name}",
        "url_private_download": f"https://files.slack.com/files-pri/{TEAM}-{id}/download/{name}",
        **more,
    }


FORWARDED = {
    "id": "F050D50CHA4",
    "created": 1764000000,
    "name": "Fwd: Your parcel",
    "title": "Fwd: Your parcel",
    "mimetype": "text/html",
    "filetype": "email",
    "pretty_type": "Email",
    "user": "USLACKBOT",
    "user_team": TEAM,
    "editable": True,
    "size": 4742,
    "mode": "email",
    "is_external": False,
    "display_as_bot": True,
    "username": "Email",
    "url_private": f"https://files.slack.com/files-pri/{TEAM}-F050D50CHA4/fwd__your_parcel",
    "url_private_download": f"https://files.slack.com/files-pri/{TEAM}-F050D50CHA4/download/fwd__your_parcel",
    "subject": "Fwd: Your parcel",
    "to": [{"address": "", "name": "Email", "original": "Email <>"}],
    "from": [{"address": "alice@example.org", "name": "Alice Anderson", "original": "Alice Anderson"}],
    "cc": [],
    "attachments": [],
    "original_attachment_count": 0,
    "plain_text": "---------- Forwarded message ---------\nFrom: Parcel Service <parcel@example.net>\n"
    "Date: Tue, Nov 24, 2026 at 11:58 AM\nSubject: Your parcel\nTo: <alice@example.org>\n\n\nPay the fee.",
    "preview": "...",
    "headers": {
        "date": "Tue, 24 Nov 2026 12:00:00 +0000",
        "in_reply_to": None,
        "reply_to": None,
        "message_id": "<one@mail.example.org>",
    },
    "has_more": False,
    "sent_to_self": False,
    "bot_id": "B04UWREG34N",
    "file_access": "visible",
}
"""A mail that was forwarded to a channel's address, as Slack describes it."""


def forwarded(channel: str = "C01HELP", **file: Any) -> dict[str, Any]:
    """Slack's own post of a forwarded mail."""
    return {
        "type": "message",
        "subtype": "file_share",
        "text": "",
        "files": [FORWARDED | file],
        "upload": True,
        "user": "USLACKBOT",
        "display_as_bot": True,
        "bot_id": "B04UWREG34N",
        "ts": "1764000002.000200",
        "channel": channel,
        "channel_type": "channel",
    }


def app(fake: FakeSlack, made: Desk) -> App:
    return make_app(made, make_client(TOKEN, fake.api), SECRET)


def signed(
    body: str, *, kind: str = "application/json", at: int | None = None, secret: str = SECRET, retry: int = 0
) -> BoltRequest:
    """A request with Slack's signature (docs.slack.dev, "Verifying requests from Slack")."""
    timestamp = str(at or int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers: dict[str, str | Sequence[str]] = {
        "content-type": [kind],
        "x-slack-request-timestamp": [timestamp],
        "x-slack-signature": [f"v0={digest}"],
    }
    if retry:
        headers |= {"x-slack-retry-num": [str(retry)], "x-slack-retry-reason": ["http_timeout"]}
    return BoltRequest(body=body, headers=headers)


def send_event(to: App, event: Mapping[str, Any], *, retry: int = 0, **outer: Any) -> BoltResponse:
    """An event by HTTP, signed."""
    return to.dispatch(signed(json.dumps(envelope(event, **outer)), retry=retry))


def send_payload(to: App, payload: Mapping[str, Any]) -> BoltResponse:
    """An interaction by HTTP, signed: form-encoded, its JSON in one field."""
    body = urlencode({"payload": json.dumps(payload)})
    return to.dispatch(signed(body, kind="application/x-www-form-urlencoded"))


def send_command(to: App, text: str, user: str = ALICE.user) -> BoltResponse:
    fields = {
        "token": "unused",
        "team_id": TEAM,
        "team_domain": "acme",
        "channel_id": "C02GENERAL",
        "channel_name": "general",
        "user_id": user,
        "user_name": "alice",
        "command": "/checkmail",
        "text": text,
        "api_app_id": "A01APP",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/T01TEST/1/x",
        "trigger_id": "1.2.three",
    }
    return to.dispatch(signed(urlencode(fields), kind="application/x-www-form-urlencoded"))


def inquiry(id: str = "i1", asker: Asker = ALICE, **more: Any) -> Inquiry:
    made = Inquiry(id, Surface.DIRECT, asker, Place("D01ALICE", "1764000001.000100"), NOON)
    return replace(made, **more)


def click(action_id: str, value: str = "i1", *, user: str = ALICE.user, at: str = "1764000005.1") -> dict[str, Any]:
    """A click on a button under an answer in a thread."""
    return {
        "type": "block_actions",
        "user": {"id": user, "username": "alice", "name": "alice", "team_id": TEAM},
        "api_app_id": "A01APP",
        "token": "unused",
        "container": {
            "type": "message",
            "message_ts": "1764000004.000400",
            "channel_id": "C01HELP",
            "is_ephemeral": False,
            "thread_ts": "1764000001.000100",
        },
        "trigger_id": "1.2.three",
        "team": {"id": TEAM, "domain": "acme"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": "C01HELP", "name": "help"},
        "message": {"type": "message", "ts": "1764000004.000400", "thread_ts": "1764000001.000100"},
        "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/T01TEST/1/x",
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value, "action_ts": at}],
    }


def submission(callback_id: str, values: Mapping[str, Any], *, metadata: str = "", id: str = "V01") -> dict[str, Any]:
    """A modal that was submitted; `values` by field, as each kind of input gives it."""
    blocks = [{"type": "section", "block_id": "intro"}, {"type": "input", "block_id": "paste"}]
    return {
        "type": "view_submission",
        "team": {"id": TEAM, "domain": "acme"},
        "user": {"id": ALICE.user, "username": "alice", "name": "alice", "team_id": TEAM},
        "api_app_id": "A01APP",
        "token": "unused",
        "trigger_id": "1.2.three",
        "view": {
            "id": id,
            "team_id": TEAM,
            "type": "modal",
            "blocks": blocks,
            "private_metadata": metadata,
            "callback_id": callback_id,
            "state": {"values": {name: {name: value} for name, value in values.items()}},
            "hash": "1764000006.abc",
            "previous_view_id": None,
            "root_view_id": id,
            "app_id": "A01APP",
            "bot_id": "B0BOT",
        },
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }


def typed(value: str | None) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def ticked(*values: str) -> dict[str, Any]:
    options = [{"text": {"type": "plain_text", "text": value}, "value": value} for value in values]
    return {"type": "checkboxes", "selected_options": options}


def chosen(value: str) -> dict[str, Any]:
    return {"type": "radio_buttons", "selected_option": {"text": {"type": "plain_text", "text": value}, "value": value}}


def shortcut(message: Mapping[str, Any], *, channel: str = "C02GENERAL", user: str = ALICE.user) -> dict[str, Any]:
    """ "Check this mail", chosen on a message."""
    return {
        "type": "message_action",
        "token": "unused",
        "action_ts": "1764000007.1",
        "team": {"id": TEAM, "domain": "acme"},
        "user": {"id": user, "username": "alice", "team_id": TEAM, "name": "alice"},
        "channel": {"id": channel, "name": "general"},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": "check_mail_message",
        "trigger_id": "1.2.three",
        "response_url": "https://hooks.slack.com/app/T01TEST/1/x",
        "message_ts": message.get("ts"),
        "message": dict(message),
    }


def function_executed(inputs: Mapping[str, Any], *, id: str = "Fx01") -> dict[str, Any]:
    """A step of a workflow begins."""
    return {
        "type": "function_executed",
        "function": {
            "id": "Fn01",
            "callback_id": "check_mail",
            "title": "Check a mail",
            "type": "app",
            "app_id": "A01APP",
            "input_parameters": [],
            "output_parameters": [],
        },
        "inputs": dict(inputs),
        "function_execution_id": id,
        "workflow_execution_id": "Wx01",
        "event_ts": "1764000008.000800",
        "bot_access_token": "xwfp-just-in-time",
    }
