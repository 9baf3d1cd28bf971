"""The bot as processes in the workspace double, for what Slack does and local-slack doesn't: repeat, refuse, break."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot import handbook
from bot.demo.config import AppConfig, Habits, Times
from bot.demo.workspace import Posted, Upload, Workspace, until
from bot.model import Wish
from handlers.actions import EVIDENCE, FUNCTION, SHORTCUT, WISHES
from tests.blockkit import SEEN, sent_by
from tests.blocktext import as_text
from tests.botprocess import Bot, Process
from tests.localslack import free_port
from tests.workspace import ALICE, BOB, BOT, CAROL, GENERAL, GUS, HELP_DESK, SHARED, STELLA, TECHNICIANS, workspace

Json = dict[str, Any]
TALK = handbook.load().talk
SAMPLES = Path(__file__).parents[1] / "knowledge" / "samples"
SETTINGS = {
    "CHECKMAIL_OFFLINE": "true",
    "CHECKMAIL_HELP_DESK_CHANNELS": HELP_DESK,
    "CHECKMAIL_TECHNICIANS_CHANNEL": TECHNICIANS,
}
QUICK = Times(ack=2.0, retries=(0.0, 0.5, 1.0, 2.0, 4.0))
FORGED = (SAMPLES / "spoofed-address" / "invoice-overdue.eml").read_bytes().replace(b"example.org", b"kestrel.test")
"""From a supplier; the sample's own domain looks like that of the people here."""
WAS_FORGED = "The address accounts@kestrel.test was "
"""Perhaps forged, or probably: with each report more is known of that sender."""
HEADERS = FORGED.partition(b"\n\n")[0].decode()
FORWARD = {
    "sender_name": "Alice Anderson",
    "sender_address": "alice@example.com",
    "subject": "Fwd: Invoice overdue",
    "text": "---------- Forwarded message ---------\nFrom: Example Accounts <accounts@kestrel.test>\n"
    "Date: Tue, Nov 17, 2026 at 1:02 PM\nSubject: Invoice overdue\nTo: <alice@example.com>\n\n"
    "Please note our new bank details and transfer the amount today.\n",
}


@dataclass(slots=True)
class Desk:
    """The workspace with the bot in it, and people who haven't spoken yet."""

    slack: Workspace
    process: Process
    used: int = 0

    def somebody(self) -> str:
        self.used += 1
        return f"U0CROWD{self.used:05}"

    def report(self, user: str = "", mail: bytes = FORGED) -> Posted:
        """A mail dropped in somebody's direct message."""
        return self.slack.say(user or self.somebody(), files=[Upload("suspicious.eml", mail)])

    def marks(self, channel: str, thread: str = "") -> list[str]:
        """What the bot said there, by the marks that tell its messages apart."""
        return [_mark(post) for post in self.slack.said(channel, thread)]

    def answer(self, channel: str, thread: str = "", number: int = 1) -> Json:
        """The answer of that number."""

        def found() -> list[Json]:
            posts = [post for post in self.slack.said(channel, thread) if _mark(post).startswith("answer-")]
            return posts[number - 1 : number]

        return until(found, f"answer {number} in {channel}", 30)[0]

    def read(self, channel: str, thread: str = "", number: int = 1) -> str:
        """The same, as people read it."""
        return _text(self.answer(channel, thread, number))

    def said(self, channel: str, words: str) -> Json:
        """The bot's message that holds these words, as soon as it is there."""

        def found() -> list[Json]:
            return [post for post in self.slack.said(channel) if words in _text(post)]

        return until(found, f"it says: {words}", 30)[0]

    def settled(self) -> None:
        """All that was delivered is acknowledged, and nothing waits any more."""
        until(lambda: not self.slack.counts()["unacknowledged"], "all is acknowledged", 30)
        until(lambda: not sum(_gauges(self.process.metrics(), "checkmail_queue_")), "the queue is empty", 30)

    def is_one_case(self, posted: Posted) -> None:
        """One "I've got it" and one answer, and after everything has come to rest still."""
        self.answer(posted.channel, posted.ts)
        self.settled()
        assert sorted(self.marks(posted.channel)) == ["acknowledge", "answer-1"]


def _mark(post: Json) -> str:
    return str(post.get("metadata", {}).get("event_payload", {}).get("mark", ""))


def _text(post: Json) -> str:
    return as_text(post["blocks"]) if post.get("blocks") else str(post["text"])


def _gauges(metrics: str, name: str) -> list[float]:
    """What waits, is at work or is put off; what was given up stays."""
    lines = (
        line for line in metrics.splitlines() if line.startswith(name) and "_dead" not in line and "_age" not in line
    )
    return [float(line.rpartition(" ")[2]) for line in lines]


@contextmanager
def serving(folder: Path, slack: Workspace, **settings: str) -> Iterator[Desk]:
    with Bot(folder, slack.api, slack.app, SETTINGS | settings).running("serve") as process:
        yield Desk(slack, process)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One workspace and one process for the tests that leave both as they were."""
    with workspace(times=QUICK, crowd=200) as slack, serving(tmp_path_factory.mktemp("desk"), slack) as made:
        yield made


@pytest.fixture(autouse=True)
def whatever_was_sent_is_checked(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the process sent while the test ran is what Slack takes (see `tests.conftest`); no fault is left behind."""
    slack = request.getfixturevalue("desk").slack if "desk" in request.fixturenames else None
    after = max((entry["n"] for entry in slack.log()), default=0) if slack else 0
    yield
    if slack:
        slack.heal()
        for entry in slack.log("call", after):
            for payload in sent_by(entry["method"], entry["args"]):
                SEEN.add(payload)


# Slack delivers at least once, in any order


def test_an_event_that_comes_again_is_one_case(desk: Desk) -> None:
    """Its acknowledgements get lost twice, so Slack brings it three times."""
    desk.slack.lose_acks(2)
    posted = desk.report()
    desk.is_one_case(posted)
    attempts = [entry["attempt"] for entry in desk.slack.log("delivery") if entry["what"] == "message"]
    assert {0, 1, 2} <= set(attempts)


def test_an_event_that_comes_four_times_at_once_is_one_case(desk: Desk) -> None:
    desk.slack.duplicate(4)
    desk.is_one_case(desk.report())


def test_a_paste_whose_halves_come_the_wrong_way_round_is_one_mail(desk: Desk) -> None:
    user, cut = desk.somebody(), HEADERS.index("\n", 600)
    desk.slack.reorder(2)
    first = desk.slack.say(user, text=HEADERS[:cut])
    desk.slack.say(user, text=HEADERS[cut:])
    until(lambda: any(WAS_FORGED in _text(post) for post in desk.slack.said(first.channel)), "they are one mail")


def test_what_is_added_before_its_thread_is_known_belongs_to_it(desk: Desk) -> None:
    user = desk.somebody()
    desk.slack.reorder(2)
    root = desk.slack.say(user, text="A supplier wants us to pay to a new account. Is that right?")
    desk.slack.say(user, root.channel, files=[Upload("mail.eml", FORGED)], thread=root.ts)
    until(lambda: any(WAS_FORGED in _text(post) for post in desk.slack.said(root.channel, root.ts)), "it is answered")
    desk.settled()
    assert desk.marks(root.channel).count("acknowledge") == 1


# Slack refuses, and breaks


def test_where_slack_wants_quiet_it_is_said_later_and_once(desk: Desk) -> None:
    desk.slack.fail("chat.postMessage", "rate", 3, seconds=1)
    desk.is_one_case(desk.report())


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_slack_that_is_unwell_hears_it_once(desk: Desk, status: int) -> None:
    desk.slack.fail("chat.postMessage", "status", 2, status=status)
    desk.is_one_case(desk.report())


@pytest.mark.parametrize("harm", ["cut-before", "cut-after"])
def test_a_message_whose_sending_broke_off_stands_there_once(desk: Desk, harm: str) -> None:
    """Nobody can know whether it got through: it is looked for before it is said again."""
    desk.slack.fail("chat.postMessage", harm, 2)
    desk.is_one_case(desk.report())
    assert desk.slack.calls("conversations.replies")


def test_the_first_word_of_a_private_thread_is_said_once_though_its_sending_broke_off(desk: Desk) -> None:
    user = desk.somebody()
    desk.slack.fail("chat.postMessage", "cut-after")
    assert TALK.text("command-taken") in str(desk.slack.command(user, "/checkmail", HEADERS))
    own = desk.slack.direct(user)
    assert desk.read(own).startswith(WAS_FORGED)
    desk.settled()
    assert sorted(desk.marks(own)) == ["acknowledge", "answer-1"]
    assert len({post.get("thread_ts", post["ts"]) for post in desk.slack.said(own)}) == 1


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
def test_where_slack_refuses_the_layout_the_words_are_said_all_the_same(desk: Desk, error: str) -> None:
    posted = desk.slack.say(desk.somebody(), text="A supplier wants us to pay to a new account. Is that right?")
    desk.answer(posted.channel, posted.ts)
    desk.settled()
    desk.slack.fail("chat.postMessage", "error", error=error)
    user = desk.slack.messages(posted.channel)[0]["user"]
    desk.slack.say(user, posted.channel, files=[Upload("mail.eml", FORGED)], thread=posted.ts)
    plain = desk.answer(posted.channel, posted.ts, 2)
    assert not plain.get("blocks")
    assert plain["text"].startswith(WAS_FORGED)


# Connections


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_connection_that_slack_renews_loses_nothing(desk: Desk, reason: str) -> None:
    assert desk.slack.disconnect(reason) == 1
    posted = desk.report()
    desk.is_one_case(posted)
    until(lambda: desk.slack.counts()["connections"] == 1, "it is connected")


def test_a_connection_that_ends_without_a_word_is_replaced(desk: Desk) -> None:
    assert desk.slack.cut() == 1
    desk.is_one_case(desk.report())
    assert desk.slack.counts()["connections"] == 1


# Files


def test_a_file_host_that_is_unwell_is_asked_again(desk: Desk) -> None:
    user = desk.somebody()
    file = desk.slack.upload(user, Upload("mail.eml", FORGED))
    desk.slack.hosting(file, status=503, times=1)
    desk.is_one_case(desk.slack.say(user, files=[file]))


CANNOT: dict[str, tuple[Json, str]] = {
    "the login page in place of the file": ({"login": True}, "missing-scope"),
    "a way to another host": ({"redirect": "https://example.org/file"}, "missing-scope"),
    "without an end": ({"endless": True}, "too-large"),
}


@pytest.mark.parametrize("name", CANNOT)
def test_a_file_that_cant_be_had_is_told(desk: Desk, name: str) -> None:
    how, code = CANNOT[name]
    user = desk.somebody()
    file = desk.slack.upload(user, Upload("mail.eml", FORGED))
    desk.slack.hosting(file, **how)
    posted = desk.slack.say(user, files=[file])
    assert desk.read(posted.channel, posted.ts).startswith(TALK.text(code))


def test_a_file_of_which_only_the_id_is_told_is_looked_up(desk: Desk) -> None:
    """As with Slack Connect."""
    user = desk.somebody()
    file = desk.slack.upload(user, Upload("mail.eml", FORGED))
    desk.slack.restrict(file)
    posted = desk.slack.say(user, files=[file])
    assert desk.read(posted.channel, posted.ts).startswith(WAS_FORGED)


def test_without_the_scope_for_files_people_and_technicians_are_told(desk: Desk) -> None:
    desk.slack.scopes(*(scope for scope in desk.slack.app.scopes if scope != "files:read"))
    try:
        posted = desk.report()
        assert desk.read(posted.channel, posted.ts).startswith(TALK.text("missing-scope"))
        desk.said(TECHNICIANS, TALK.text("admin-missing-scope"))
    finally:
        desk.slack.scopes(*desk.slack.app.scopes)


# Ways in that local-slack doesn't know


def test_a_mail_forwarded_to_the_help_desks_address_is_answered_and_asked_for_as_an_attachment(desk: Desk) -> None:
    posted = desk.slack.forward_mail(FORWARD, HELP_DESK)
    answer = desk.read(HELP_DESK, posted.ts)
    assert answer.startswith("We can't tell yet")
    assert TALK.text("headers-lost") in answer
    assert "accounts@kestrel.test" in answer


def test_a_mail_forwarded_as_an_attachment_is_the_whole_mail(desk: Desk) -> None:
    inner = Upload("Invoice overdue.eml", FORGED, mimetype="message/rfc822")
    posted = desk.slack.forward_mail({**FORWARD, "text": "See attached."}, HELP_DESK, attachments=[inner])
    answer = desk.read(HELP_DESK, posted.ts)
    assert answer.startswith(WAS_FORGED)
    assert TALK.text("headers-lost") not in answer


def test_a_mail_that_an_add_on_brings_into_the_direct_message_is_answered_there(desk: Desk) -> None:
    posted = desk.slack.forward_mail(FORWARD, user=ALICE)
    assert "accounts@kestrel.test" in desk.read(posted.channel, posted.ts)
    assert desk.slack.say(ALICE, posted.channel, text="I typed my password there", thread=posted.ts)
    assert TALK.text("label-changed") in desk.read(posted.channel, posted.ts, 2)


def test_check_this_mail_reads_the_message_and_answers_in_private(desk: Desk) -> None:
    said = desk.slack.say(CAROL, GENERAL, f"Look what I got:\n{HEADERS}")
    assert desk.slack.shortcut(ALICE, GENERAL, said.ts, SHORTCUT)["ok"]
    own = desk.slack.direct(ALICE)
    desk.said(own, WAS_FORGED)
    assert not desk.slack.said(GENERAL)


def test_check_this_mail_on_a_file_of_a_channel_that_isnt_the_bots_asks_for_it(desk: Desk) -> None:
    said = desk.slack.say(CAROL, GENERAL, files=[Upload("mail.eml", FORGED)])
    assert desk.slack.shortcut(BOB, GENERAL, said.ts, SHORTCUT)["ok"]
    own = desk.slack.direct(BOB)
    desk.said(own, TALK.text("not-a-member"))
    assert not desk.slack.said(GENERAL)


def test_a_workflows_step_ends_with_the_verdict_and_tells_the_reporter(desk: Desk) -> None:
    user = desk.somebody()
    id = desk.slack.run_function(FUNCTION, {"mail": FORGED.decode(), "reporter": user})
    until(lambda: desk.slack.execution(id)["status"] == "succeeded", "it is completed", 30)
    outputs = desk.slack.execution(id)["outputs"]
    assert outputs["verdict"] == "spoofed-address"
    assert 0.5 < outputs["confidence"] <= 1
    assert outputs["reply"].startswith(WAS_FORGED)
    assert desk.read(desk.slack.direct(user)).startswith(WAS_FORGED)


def test_a_workflows_step_without_a_mail_fails_with_words(desk: Desk) -> None:
    id = desk.slack.run_function(FUNCTION, {"mail": "", "reporter": desk.somebody()})
    until(lambda: desk.slack.execution(id)["status"] == "failed", "it failed", 30)
    assert TALK.text("modal-nothing") in desk.slack.execution(id)["error"]


def test_a_file_put_into_the_form_is_checked(desk: Desk) -> None:
    user = desk.somebody()
    desk.slack.command(user, "/checkmail")
    file = desk.slack.upload(user, Upload("mail.eml", FORGED))
    assert desk.slack.submit(user, {"file": [file], "harm": ["paid"]})["ok"]
    answer = desk.read(desk.slack.direct(user))
    assert answer.startswith(WAS_FORGED)
    assert "bank" in answer.partition("1. ")[2].partition("\n")[0]


def test_who_opens_the_messages_is_shown_what_they_may_ask_and_then_what_is_going_on(desk: Desk) -> None:
    user = desk.somebody()
    desk.slack.open_home(user, "messages")
    prompts = until(lambda: desk.slack.screen(user)["prompts"], "prompts", 30)
    assert TALK.text("prompt-clicked") in str(prompts)
    posted = desk.report(user)
    desk.answer(posted.channel, posted.ts)
    calls = until(lambda: desk.slack.calls("assistant.threads.setStatus"), "a status line")
    assert calls[-1]["args"]["status"] == TALK.text("working")
    until(lambda: not desk.slack.screen(user)["status"], "the status line is gone")


def test_a_workspace_without_a_status_line_gets_a_reaction(tmp_path: Path) -> None:
    with workspace() as slack, serving(tmp_path, slack) as desk:
        slack.fail("assistant.threads.setStatus", "error", error="unknown_method")
        first = desk.report(ALICE)
        desk.answer(first.channel, first.ts)
        until(lambda: slack.calls("reactions.remove"), "the reaction comes and goes")
        assert [call["args"]["name"] for call in slack.calls("reactions.add")] == ["eyes"]


# People


def test_guests_are_answered_and_strangers_sent_to_their_own(desk: Desk) -> None:
    posted = desk.slack.say(GUS, files=[Upload("mail.eml", FORGED)])
    answer = desk.answer(posted.channel, posted.ts)
    desk.slack.press(GUS, posted.channel, answer["ts"], EVIDENCE)
    shown = as_text(until(lambda: desk.slack.modals(GUS), "the evidence")[-1]["blocks"])
    assert TALK.text("label-question-origin") not in shown
    mention = desk.slack.say(STELLA, SHARED, f"<@{BOT}> is this real? {HEADERS}")
    until(lambda: desk.slack.said(SHARED, mention.ts), "it says something")
    assert [_text(post) for post in desk.slack.said(SHARED)] == [TALK.text("not-admitted")]


def test_one_mail_reported_by_three_is_checked_once_and_answered_to_each(desk: Desk) -> None:
    before = _counted(desk, "checkmail_reused_total")
    mail = FORGED.replace(b"Message-ID: <", b"Message-ID: <three-")
    posted = [desk.report(mail=mail) for _ in range(3)]
    answers = [desk.read(each.channel, each.ts) for each in posted]
    assert all(answer.startswith(WAS_FORGED) for answer in answers)
    assert _counted(desk, "checkmail_reused_total") == before + 2
    desk.settled()
    assert [desk.marks(each.channel) for each in posted] == [["acknowledge", "answer-1"]] * 3


def test_what_was_asked_in_private_stays_there(desk: Desk) -> None:
    """Technicians hear of it in their own channel, without the mail."""
    mail = FORGED.replace(b"Example Accounts", b"Zebra Accounts")
    posted = desk.report(mail=mail)
    answer = desk.answer(posted.channel, posted.ts)
    user = desk.slack.messages(posted.channel)[0]["user"]
    desk.slack.press(user, posted.channel, answer["ts"], WISHES[Wish.PERSON])
    desk.said(posted.channel, TALK.text("noted-person"))
    told = desk.said(TECHNICIANS, "Zebra Accounts")
    assert "bank details" not in _text(told)
    for channel in (GENERAL, HELP_DESK, SHARED):
        assert "Zebra" not in str(desk.slack.said(channel))


def _counted(desk: Desk, name: str) -> float:
    return sum(float(line.rpartition(" ")[2]) for line in desk.process.metrics().splitlines() if line.startswith(name))


# Processes and the store


def test_a_stop_in_the_middle_of_a_job_hands_it_to_the_next_process(tmp_path: Path) -> None:
    with workspace(times=QUICK) as slack:
        with serving(tmp_path, slack, CHECKMAIL_STOP_S="0.2") as desk:
            file = slack.upload(ALICE, Upload("mail.eml", FORGED))
            slack.hosting(file, chunk_delay_s=1.5)
            posted = slack.say(ALICE, files=[file])
            until(lambda: slack.log("download"), "the file is being fetched", 30)
            assert desk.process.stop() == 0
        assert desk.marks(posted.channel) == ["acknowledge"]
        slack.heal()
        with serving(tmp_path, slack) as desk:
            desk.is_one_case(posted)


def test_an_embedded_store_that_dies_is_started_again_and_loses_nothing(tmp_path: Path) -> None:
    with workspace(times=QUICK, crowd=10) as slack, serving(tmp_path, slack) as desk:
        before = desk.report()
        desk.answer(before.channel, before.ts)
        os.kill(int((tmp_path / "data" / "store" / "valkey.pid").read_text()), signal.SIGKILL)
        after = desk.report()
        desk.is_one_case(after)
        asked = slack.messages(before.channel)[0]["user"]
        slack.say(asked, before.channel, text="I typed my password there", thread=before.ts)
        assert TALK.text("label-changed") in desk.read(before.channel, before.ts, 2)


def test_http_mode_takes_what_comes_again_once(tmp_path: Path) -> None:
    """There a repetition carries X-Slack-Retry-Num."""
    port = free_port()
    app = replace(AppConfig(), request_url=f"http://127.0.0.1:{port}/slack/events")
    with workspace(app=app, times=QUICK, habits=Habits(stub_mail=True)) as slack:
        bot = Bot(tmp_path, slack.api, slack.app, SETTINGS | {"CHECKMAIL_MODE": "http"})
        with bot.running("serve", port=port) as process:
            desk = Desk(slack, process)
            slack.lose_acks(2)
            posted = slack.forward_mail(FORWARD, HELP_DESK)
            desk.is_one_case(posted)
            assert "accounts@kestrel.test" in desk.read(HELP_DESK, posted.ts)
