"""The bot in a workspace that nobody of us wrote: real processes, a real store, in Socket Mode and over HTTP."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot import handbook
from bot.demo.config import AppConfig
from bot.model import Wish
from handlers.actions import ANSWER, EVIDENCE, FORGET_MODAL, MODAL, WISHES
from tests.blockkit import SEEN, sent_by
from tests.blocktext import as_text
from tests.botprocess import Bot
from tests.localslack import (
    ALICE,
    APP_TOKEN,
    BOB,
    BOT_TOKEN,
    CAROL,
    COLLEAGUES,
    GENERAL,
    HELP_DESK,
    SECRET,
    TECHNICIANS,
    LocalSlack,
    free_port,
    local_slack,
    until,
)

Json = dict[str, Any]
TALK = handbook.load().talk
SAMPLES = Path(__file__).parents[1] / "knowledge" / "samples"
SETTINGS = {
    "CHECKMAIL_OFFLINE": "true",
    "CHECKMAIL_HELP_DESK_CHANNELS": "help-desk",
    "CHECKMAIL_TECHNICIANS_CHANNEL": "technicians",
}


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


HACKED, FORGED = sample("hacked-account/robbed-abroad.eml"), sample("spoofed-address/invoice-overdue.eml")
HEADERS = FORGED.partition(b"\n\n")[0].decode()
BROKEN_INTO, WAS_FORGED = "was almost certainly broken into", "The address accounts@example.org was probably forged"


@dataclass(slots=True)
class Desk:
    """The workspace with the bot in it."""

    slack: LocalSlack
    free: list[str] = field(default_factory=lambda: list(COLLEAGUES))

    def somebody(self) -> tuple[str, str]:
        """A person who hasn't spoken yet, and their direct message with the bot."""
        user = self.free.pop(0)
        return user, self.slack.direct(user)

    def said(self, channel: str, thread: str, number: int = 1) -> list[str]:
        """What the bot wrote in the thread, as people read it, as soon as it is that many messages."""

        def found() -> list[str]:
            posts = [_text(post) for post in self.slack.said(channel, thread)]
            return posts if len(posts) >= number else []

        return until(found, f"{number} messages in {channel}")

    def answer(self, channel: str, thread: str, number: int = 1) -> Json:
        """The thread's answer of that number; only answers have the button of the evidence."""

        def found() -> list[Json]:
            posts = [post for post in self.slack.said(channel, thread) if EVIDENCE in _buttons(post)]
            return posts[number - 1 : number]

        return until(found, f"{number} answers in {channel}")[0]

    def read(self, channel: str, thread: str, number: int = 1) -> str:
        """The same, as people read it."""
        return _text(self.answer(channel, thread, number))

    def private(self, channel: str) -> str:
        """The thread that the bot began in a direct message."""
        return str(until(lambda: self.slack.said(channel), f"the bot writes in {channel}")[0]["ts"])

    def whispered(self, channel: str, code: str) -> None:
        """It was told to one person alone."""
        words = TALK.text(code)
        until(
            lambda: any(
                post.get("subtype") == "ephemeral" and post["text"] == words for post in self.slack.said(channel)
            ),
            f"{code} is whispered",
        )

    def called(self, first: str) -> str:
        """The post in the technicians' channel that says so."""

        def found() -> str:
            texts = map(_text, self.slack.said(TECHNICIANS))
            return next((text for text in texts if first in text), "")

        return until(found, f"technicians are told: {first}")

    def press(self, user: str, channel: str, post: Json, action: str) -> None:
        self.slack.press(channel, post["ts"], user, _buttons(post)[action])

    def modal(self) -> Json:
        """The topmost modal, as soon as there is one."""
        return until(self.slack.modals, "a modal is open")[-1]

    def commanded(self, channel: str, user: str, text: str) -> str:
        """What the command is answered with, where it was typed."""
        before = len(self.slack.log())
        self.slack.command(channel, user, text)

        def found() -> str:
            answers = (_acknowledged(entry) for entry in self.slack.log()[before:])
            return next(filter(None, answers), "")

        return until(found, f"/checkmail {text} is answered")


def _text(post: Json) -> str:
    return as_text(post["blocks"]) if post.get("blocks") else str(post["text"])


def _buttons(post: Json) -> dict[str, Json]:
    """The buttons of a message by their action, as a click on them tells of them."""
    return {
        element["action_id"]: {
            "type": "button",
            "block_id": row.get("block_id", ""),
            "action_id": element["action_id"],
            "value": element.get("value", ""),
        }
        for row in post.get("blocks", ())
        if row["type"] == "actions"
        for element in row["elements"]
    }


def _acknowledged(entry: Json) -> str:
    """The text in an acknowledgement: an object over Socket Mode, a body over HTTP."""
    told = entry.get("detail")
    if entry["direction"] != "from_bot" or entry["kind"] not in ("ack", "slash_commands") or not told:
        return ""
    if isinstance(told, str) and told.startswith("{"):
        told = json.loads(told)
    return told if isinstance(told, str) else str(told.get("text", ""))


@contextmanager
def workspace(folder: Path, mode: str, processes: int = 1) -> Iterator[Desk]:
    """A workspace with the bot in it, in so many processes over one store."""
    port = free_port()
    with local_slack(folder, f"http://127.0.0.1:{port}/slack/events" if mode == "http" else "") as slack:
        app = AppConfig(bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret=SECRET)
        bot = Bot(folder, slack.api, app, SETTINGS | {"CHECKMAIL_MODE": mode})
        with ExitStack() as stopped:
            started = [bot.start("serve", port=port if number == 0 else 0) for number in range(processes)]
            for process in started:
                stopped.callback(process.stop)
            for process in started:
                process.until_ready()
            yield Desk(slack)


@pytest.fixture(scope="module", params=["socket", "http"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One workspace for all tests of a mode."""
    with workspace(tmp_path_factory.mktemp(request.param), request.param) as made:
        yield made


@pytest.fixture(autouse=True)
def whatever_was_sent_is_checked(request: pytest.FixtureRequest) -> Iterator[None]:
    """What reached the workspace while the test ran is what Slack takes (see `tests.conftest`)."""
    slack = request.getfixturevalue("desk").slack if "desk" in request.fixturenames else None
    before = {entry["id"] for entry in slack.log()} if slack else set()
    yield
    if slack:
        check_log(slack, before)


def check_log(slack: LocalSlack, before: set[str]) -> None:
    for entry in slack.log():
        if entry["id"] in before or entry["direction"] != "from_bot":
            continue
        if entry["kind"] == "web_api":
            for payload in sent_by(entry["summary"], entry["detail"]):
                SEEN.add(payload)


def test_a_mail_dropped_in_a_direct_message_is_answered_in_its_thread(desk: Desk) -> None:
    user, own = desk.somebody()
    asked = desk.slack.upload(own, user, ("suspicious.eml", HACKED))
    first, answer = desk.said(own, asked, 2)
    assert first.startswith(TALK.text("acknowledged"))
    assert BROKEN_INTO in answer.partition("\n")[0]
    assert "1. This mail asks for money." in answer
    assert TALK.text("label-why") in answer
    reactions = [entry for entry in desk.slack.log() if entry["summary"].startswith("reactions.")]
    assert {entry["detail"]["name"] for entry in reactions} == {"eyes"}, "in place of a status line"


def test_headers_pasted_with_words_are_checked(desk: Desk) -> None:
    user, own = desk.somebody()
    asked = desk.slack.say(own, user, f"Is this from our supplier?\n\n{HEADERS}")
    assert desk.read(own, asked).startswith(WAS_FORGED)


def test_headers_pasted_in_two_messages_are_one_case(desk: Desk) -> None:
    user, own = desk.somebody()
    cut = HEADERS.index("\n", 500)
    asked = desk.slack.say(own, user, HEADERS[:cut])
    desk.slack.say(own, user, HEADERS[cut:])
    until(lambda: any(_text(post).startswith(WAS_FORGED) for post in desk.slack.said(own, asked)), "one answer of both")


def test_words_alone_get_a_first_answer_and_the_way_to_a_better_one(desk: Desk) -> None:
    user, own = desk.somebody()
    asked = desk.slack.say(own, user, sample("undetermined/told-in-words.txt").decode())
    answer = desk.read(own, asked)
    assert answer.startswith("We can't tell yet whether this mail came from your account.")
    assert TALK.text("label-how") in answer


def test_small_talk_gets_one_short_reply_and_no_case(desk: Desk) -> None:
    user, own = desk.somebody()
    for text, code in (("Thank you!", "thanks"), ("hello", "hello"), ("help", "help")):
        assert desk.said(own, desk.slack.say(own, user, text)) == [TALK.text(code)]
    assert desk.commanded(own, user, "status") == TALK.text("command-nothing")


def locked_zip() -> bytes:
    """A zip whose one member says that it is encrypted (APPNOTE 4.4.4, bit 0)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("mail.eml", FORGED)
    content = bytearray(made.getvalue())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def test_what_cant_be_read_gets_an_answer_too(desk: Desk) -> None:
    files = {
        "That is a picture": ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(64)),
        TALK.text("password-protected"): ("mail.zip", locked_zip()),
        TALK.text("not-a-mail"): ("mail.bin", bytes(range(256)) * 20),
        "There is nothing in it.": ("empty.eml", b""),
    }
    asked = {}
    for words, file in files.items():
        user, own = desk.somebody()
        asked[words] = (own, desk.slack.upload(own, user, file))
    for words, place in asked.items():
        cannot = desk.said(*place, 2)[1]
        assert cannot.startswith(words)
        assert f"[{TALK.text('button-person')}]" in cannot


def test_several_files_at_once_are_one_case(desk: Desk) -> None:
    user, own = desk.somebody()
    asked = desk.slack.upload(own, user, ("headers.txt", HEADERS.encode()), ("photo.png", b"\x89PNG\r\n\x1a\n"))
    assert desk.read(own, asked).startswith(WAS_FORGED)
    assert desk.commanded(own, user, "status").count("\n") == 1


def test_of_several_mails_at_once_each_is_answered(desk: Desk) -> None:
    user, own = desk.somebody()
    asked = desk.slack.upload(own, user, ("one.eml", FORGED), ("other.eml", HACKED))
    answers = desk.said(own, asked, 3)[1:]
    label = TALK.text("answer-of-several", about="").strip()
    assert all(answer.startswith(label) for answer in answers)
    assert len({answer.splitlines()[0] for answer in answers}) == 2


def test_the_help_desks_channel_answers_in_the_thread_and_leaves_people_talking(desk: Desk) -> None:
    chat = desk.slack.say(HELP_DESK, CAROL, "Did anybody see my umbrella?")
    mail = desk.slack.upload(HELP_DESK, CAROL, ("mail.eml", FORGED), text="What is this?")
    named = desk.slack.say(HELP_DESK, ALICE, f"<@U0BOT> is this one real?\n{HEADERS}")
    assert desk.read(HELP_DESK, mail).startswith(WAS_FORGED)
    assert TALK.text("privacy-channel") in desk.read(HELP_DESK, named)
    assert not desk.slack.said(HELP_DESK, chat)
    assert not desk.slack.said(GENERAL)


def test_each_sample_gets_the_verdict_of_its_folder(desk: Desk) -> None:
    asked = []
    # An mbox gets an answer a mail; and who forwarded the other two isn't of this workspace's company, so that the
    # mail in which the forwarded one lies is a stranger's.
    others = ("two-mails.mbox", "forwarded-as-attachment.eml", "forwarded-inline.eml")
    for path in sorted(path for path in SAMPLES.glob("*/*") if path.name not in others):
        user, own = desk.somebody()
        asked.append((path.parent.name, user, own, desk.slack.upload(own, user, (path.name, path.read_bytes()))))
    for verdict, user, own, thread in asked:
        desk.answer(own, thread)
        assert desk.commanded(own, user, "status").endswith(TALK.text(f"verdict-{verdict}")), verdict


def test_the_command_checks_the_text_behind_it_in_direct_message(desk: Desk) -> None:
    user, own = desk.somebody()
    assert desk.commanded(HELP_DESK, user, "My boss wants gift cards, from a new address") == TALK.text("command-taken")
    root = desk.private(own)
    assert desk.read(own, root).startswith("We can't tell yet who sent this.")


def test_the_command_alone_opens_a_form_that_says_what_is_missing(desk: Desk) -> None:
    user, own = desk.somebody()
    desk.slack.command(GENERAL, user, "")
    assert desk.modal()["callback_id"] == MODAL
    assert desk.slack.submit(user, {}) == {"paste": TALK.text("modal-nothing")}
    told = {
        "paste": {"paste": {"type": "plain_text_input", "value": HEADERS[:3000]}},
        "harm": {"harm": {"type": "checkboxes", "selected_options": [{"value": "typed-password"}]}},
    }
    assert desk.slack.submit(user, told) == {}
    answer = desk.read(own, desk.private(own))
    assert answer.startswith(WAS_FORGED)
    assert "password" in answer.partition("1. ")[2].partition("\n")[0]


def test_the_command_helps_lists_and_forgets(desk: Desk) -> None:
    user, own = desk.somebody()
    asked = desk.slack.upload(own, user, ("mail.eml", FORGED))
    desk.answer(own, asked)
    assert desk.commanded(own, user, "help") == TALK.text("command-help")
    assert "Example Accounts: address forged" in desk.commanded(own, user, "status")
    desk.slack.command(own, user, "forget")
    assert desk.modal()["callback_id"] == FORGET_MODAL
    assert desk.slack.submit(user, {}) == {}
    until(lambda: TALK.text("command-forgotten") in map(_text, desk.slack.said(own)), "it says so")
    assert "address forged" not in desk.commanded(own, user, "status")


def test_the_buttons_show_the_evidence_and_bring_people(desk: Desk) -> None:
    user, own = desk.somebody()
    asked = desk.slack.upload(own, user, ("mail.eml", FORGED))
    answer = desk.answer(own, asked)
    desk.press(user, own, answer, EVIDENCE)
    shown = as_text(desk.modal()["blocks"])
    assert TALK.text("label-question-origin") in shown
    assert TALK.text("label-raw") not in shown
    desk.slack.close(user)
    desk.press(user, own, answer, WISHES[Wish.URGENT])
    assert desk.modal()["title"]["text"] == TALK.text("title-harm")
    assert desk.slack.submit(user, {}) == {"harm": TALK.text("form-harm-hint")}
    assert desk.slack.submit(user, {"harm": {"harm": {"selected_options": [{"value": "typed-password"}]}}}) == {}
    desk.press(user, own, answer, WISHES[Wish.PERSON])
    desk.press(user, own, answer, WISHES[Wish.WRONG])
    ticket = desk.called(f"Colleague {user}")
    assert "Act now" in ticket
    assert TALK.text("ticket-private") in ticket
    again = desk.read(own, asked, 2)
    assert "password" in again.partition("1. ")[2].partition("\n")[0]


def test_only_who_asked_may_press_and_technicians_may_look(desk: Desk) -> None:
    asked = desk.slack.upload(HELP_DESK, ALICE, ("mail.eml", FORGED))
    answer = desk.answer(HELP_DESK, asked)
    desk.press(CAROL, HELP_DESK, answer, WISHES[Wish.WRONG])
    desk.whispered(HELP_DESK, "not-yours")
    desk.press(BOB, HELP_DESK, answer, EVIDENCE)
    assert TALK.text("label-raw") in as_text(desk.modal()["blocks"])
    desk.slack.close(BOB)


def test_an_answer_to_the_next_question_decides_again(desk: Desk) -> None:
    user, own = desk.somebody()
    asked = desk.slack.upload(own, user, ("mail.eml", FORGED))
    answer = desk.answer(own, asked)
    desk.press(user, own, answer, f"{ANSWER}_1")
    desk.whispered(own, "noted-unsure")
    desk.press(user, own, answer, f"{ANSWER}_0")
    assert desk.modal()["title"]["text"] == TALK.text("title-claims")
    claims = {"claims": {"claims": {"type": "plain_text_input", "value": "Bob Tech"}}}
    assert desk.slack.submit(user, claims) == {}
    assert TALK.text("label-changed") in desk.read(own, asked, 2)


def test_more_in_the_thread_decides_again_and_says_what_changed(desk: Desk) -> None:
    user, own = desk.somebody()
    asked = desk.slack.say(own, user, "A supplier wants us to pay to a new account. Is that right?")
    desk.answer(own, asked)
    desk.slack.upload(own, user, ("mail.eml", FORGED), thread=asked)
    again = desk.read(own, asked, 2)
    assert again.startswith(WAS_FORGED)
    assert "With what you added, the answer is another one." in again


def test_home_shows_what_somebody_asked(desk: Desk) -> None:
    user, own = desk.somebody()

    def home() -> str:
        views = desk.slack.state()["homeViews"].get(user, {})
        return as_text(views["A01APP"]["blocks"]) if views else ""

    desk.slack.open_home(user)
    assert TALK.text("home-none") in until(home, "Home is shown")
    desk.answer(own, desk.slack.upload(own, user, ("mail.eml", FORGED)))
    desk.slack.open_home(user)
    until(lambda: "Example Accounts: address forged" in home(), "Home lists the mail")


def test_two_processes_that_both_get_everything_say_it_once(tmp_path: Path) -> None:
    """Here each connection gets every envelope; Slack promises no more than that one of them does, at least once."""
    with workspace(tmp_path, "socket", processes=2) as desk:
        asked = []
        for number in range(12):
            user, own = desk.somebody()
            mail = FORGED if number else HACKED
            asked.append((own, desk.slack.upload(own, user, ("mail.eml", mail))))
        for own, thread in asked:
            assert desk.said(own, thread, 2)[0].startswith(TALK.text("acknowledged"))
        desk.called("Please look at this: The account maria.keller@chem.example.edu")
        assert [len(desk.slack.said(own)) for own, _ in asked] == [2] * len(asked)
        posts = [_text(post) for post in desk.slack.said(TECHNICIANS) if not post.get("thread_ts")]
        assert sum("maria.keller" in post for post in posts) == 1, posts
        check_log(desk.slack, set())
