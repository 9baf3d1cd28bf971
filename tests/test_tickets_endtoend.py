"""A ticket from the upload to the reporter's last message, in the workspace double, with two technicians."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot import handbook
from bot.demo.config import Limits, Room, acme
from bot.demo.workspace import Upload, Workspace, until
from bot.model import Wish
from handlers.actions import WISHES
from handlers.tickets.names import FEEDBACK, Press
from tests.blockkit import SEEN, sent_by
from tests.blocktext import as_text
from tests.botprocess import Bot
from tests.workspace import ALICE, BOB, BOT, CAROL, TECHNICIANS, workspace

Json = dict[str, Any]
TALK = handbook.load().talk
FORGED = (Path(__file__).parents[1] / "knowledge" / "samples" / "spoofed-address" / "invoice-overdue.eml").read_bytes()


@dataclass(slots=True)
class Office:
    slack: Workspace

    def post(self) -> Json:
        return until(lambda: [each for each in self.slack.said(TECHNICIANS) if not _in_thread(each)], "the post", 30)[0]

    def post_says(self, words: str) -> Json:
        def found() -> list[Json]:
            return [post for post in self.slack.said(TECHNICIANS) if not _in_thread(post) and words in _text(post)]

        return until(found, f"the post says {words}; it says {[_text(p) for p in self.slack.said(TECHNICIANS)]}", 30)[0]

    def below(self, words: str) -> Json:
        return _said(self.slack, TECHNICIANS, self.post()["ts"], words)

    def press(self, user: str, press: Press) -> Json:
        post = self.post()
        return self.slack.press(user, TECHNICIANS, post["ts"], press.action)


def _said(slack: Workspace, channel: str, thread: str, words: str) -> Json:
    def found() -> list[Json]:
        return [post for post in slack.said(channel, thread) if words in _text(post)]

    return until(found, f"{words!r} in {channel}", 30)[0]


def _in_thread(post: Json) -> bool:
    return bool(post.get("thread_ts")) and post["thread_ts"] != post["ts"]


def _text(post: Json) -> str:
    return as_text(post["blocks"]) if post.get("blocks") else str(post["text"])


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    settings = {"CHECKMAIL_OFFLINE": "true", "CHECKMAIL_TECHNICIANS_CHANNEL": TECHNICIANS}
    config = acme(
        limits=Limits(on=False),
        rooms=(Room(TECHNICIANS, "technicians", (BOB, CAROL, BOT), private=True),),
    )
    with workspace(config) as slack, Bot(tmp_path, slack.api, slack.app, settings).running("serve"):
        yield Office(slack)
        for entry in slack.log("call", 0):
            for payload in sent_by(entry["method"], entry["args"]):
                SEEN.add(payload)


def test_a_ticket_goes_from_upload_to_the_reporters_last_message(office: Office) -> None:
    bob, carol = BOB, CAROL
    slack = office.slack
    sent = slack.say(ALICE, files=[Upload("odd.eml", FORGED)])
    answered = _said(slack, sent.channel, sent.ts, TALK.text("button-evidence"))
    slack.press(ALICE, sent.channel, answered["ts"], WISHES[Wish.PERSON])
    assert "Ticket 1" in _text(office.post())

    office.press(ALICE, Press.TAKE)  # no technician
    assert [each["args"]["user"] for each in until(lambda: slack.calls("chat.postEphemeral"), "refused", 10)] == [ALICE]
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda user: office.press(user, Press.TAKE), (bob, carol)))
    office.post_says("has it")
    _said(slack, sent.channel, sent.ts, "has taken this up")
    told = until(lambda: slack.calls("chat.postEphemeral")[1:], "the slower one is told", 10)[0]["args"]
    assert "has ticket 1" in told["text"]
    slower, bob = told["user"], carol if told["user"] == bob else bob
    assert slower != bob

    office.press(bob, Press.ASK)
    assert slack.submit(bob, {"text": "Did you click on anything?"})["ok"]
    _said(slack, sent.channel, sent.ts, "Did you click on anything?")
    office.post_says("waiting for the reporter")
    slack.say(ALICE, text="No, I only looked at it", thread=sent.ts)
    office.below("No, I only looked at it")
    office.post_says("taken")

    office.press(bob, Press.CLOSE)
    assert slack.submit(bob, {"choice": "address-forged", "text": "Forged, as always."})["ok"]
    office.post_says("Closed: Address forged")
    last = _said(slack, sent.channel, sent.ts, "This is closed")
    slack.press(ALICE, sent.channel, last["ts"], FEEDBACK["helped"])
    office.below("this helped")

    slack.say(ALICE, text="thanks", thread=sent.ts)
    slack.say(ALICE, text="It came again just now", thread=sent.ts)
    office.post_says("open again")

    assert "Ticket 1" in str(slack.command(bob, "/checkmail", "ticket 1"))
    assert "Only technicians" in str(slack.command(ALICE, "/checkmail", "queue"))
    assert "Open 1" in str(slack.command(bob, "/checkmail", "stats"))
    assert "1:" in str(slack.command(bob, "/checkmail", "queue"))
