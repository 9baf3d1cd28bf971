"""Signed requests through the app and the real reception: whatever comes twice is one inquiry, one job, one reply."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from slack_bolt import App

from bot.errors import StoreUnavailable
from bot.model import Told, Wish
from bot.reception import Reception
from handlers.actions import ANSWER, WISHES, Answered
from handlers.app import make_app
from handlers.calls import make_client
from handlers.desk import Desk
from tests.deskfakes import MemoryInquiries, NullMeter, RecordingQueue, TestClock
from tests.fakeslack import TOKEN, FakeSlack, running
from tests.handlerkit import (
    ALICE,
    SECRET,
    FakePeople,
    FakeTalk,
    FakeViews,
    click,
    forwarded,
    function_executed,
    message,
    send_event,
    send_payload,
    shortcut,
    submission,
    typed,
    upload,
)


@dataclass
class Line:
    """An app over a reception in memory."""

    slack: FakeSlack
    inquiries: MemoryInquiries = field(default_factory=MemoryInquiries)
    queue: RecordingQueue = field(default_factory=RecordingQueue)

    def app(self) -> App:
        """One process; several of them share what is kept."""
        reception = Reception(self.inquiries, self.queue, TestClock(), NullMeter())
        desk = Desk(reception, FakePeople(), FakeTalk(), FakeViews(), frozenset({"C01HELP"}))
        return make_app(desk, make_client(TOKEN, self.slack.api), SECRET)

    def count(self) -> tuple[int, int, int]:
        """Inquiries, acknowledgements, and different checks."""
        return (
            len(self.inquiries.kept_),
            len(self.queue.of("acknowledge")),
            len({j[1:3] for j in self.queue.of("check")}),
        )


@pytest.fixture
def line() -> Iterator[Line]:
    with running() as fake:
        yield Line(fake)


def test_slacks_retries_are_one_report(line: Line) -> None:
    event = message("", files=[upload()], subtype="file_share")
    for retry in range(4):
        assert send_event(line.app(), event, retry=retry).status == 200
    assert line.count()[0] == 1
    assert line.count()[2] == 1


def test_a_mention_and_its_message_are_one_report(line: Line) -> None:
    said = message(channel="C01HELP") | {"text": "<@U0BOT> is this mail from the boss real?"}
    app = line.app()
    send_event(app, said, event_id="Ev1")
    send_event(app, {key: said[key] for key in said if key != "channel_type"} | {"type": "app_mention"}, event_id="Ev2")
    assert line.count()[0] == 1


def test_one_upload_on_several_connections_at_once_is_one_report(line: Line) -> None:
    apps = [line.app() for _ in range(4)]
    event = message("", files=[upload()], subtype="file_share")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda app: send_event(app, event).status, apps * 4))
    assert answers == [200] * 16
    assert line.count()[0] == 1


def test_small_talk_that_comes_twice_is_answered_once(line: Line) -> None:
    for retry in range(3):
        send_event(line.app(), message("Thanks!"), retry=retry)
    assert len(line.queue.of("remark")) == 1


def test_two_uploads_are_two_reports(line: Line) -> None:
    app = line.app()
    send_event(app, message("", files=[upload(id="F1")], ts="1764000001.000100"))
    send_event(app, message("", files=[upload(id="F2")], ts="1764000002.000100"))
    assert line.count() == (2, 2, 2)


def test_more_in_its_thread_is_the_same_inquiry_decided_again(line: Line) -> None:
    app = line.app()
    send_event(app, message("Is this mail from the boss real?"))
    send_event(app, message("", files=[upload()], ts="1764000009.000100", thread_ts="1764000001.000100"))
    [inquiry] = line.inquiries.kept_.values()
    assert inquiry.revision == 2
    assert len(inquiry.pieces) == 2


def test_somebody_elses_file_in_a_thread_is_a_report_of_its_own(line: Line) -> None:
    app = line.app()
    send_event(app, message(files=[upload(id="F1")], channel="C01HELP"))
    other = message(files=[upload(id="F2")], channel="C01HELP", ts="1764000009.000100", user="U02BOB")
    send_event(app, other | {"thread_ts": "1764000001.000100"})
    hers, his = line.inquiries.kept_.values()
    assert [(each.asker.user, len(each.pieces)) for each in (hers, his)] == [(ALICE.user, 1), ("U02BOB", 1)]
    assert hers.place == his.place


def test_a_forwarded_mail_that_comes_twice_is_one_report(line: Line) -> None:
    for retry in range(2):
        send_event(line.app(), forwarded(), retry=retry)
    assert line.count()[0] == 1


def test_forms_shortcuts_and_steps_that_come_twice_are_one_report_each(line: Line) -> None:
    app = line.app()
    for _ in range(2):
        send_payload(app, submission("checkmail_report", {"paste": typed("From: m@example.com asks for money")}))
        send_payload(app, shortcut(message("this mail asks for money", channel="C02GENERAL")))
        send_event(app, function_executed({"mail": "it asks for money", "reporter": ALICE.user}))
    assert line.count() == (3, line.count()[1], 3)


def test_a_wish_clicked_twice_calls_once(line: Line) -> None:
    app = line.app()
    send_event(app, message("Is this mail from the boss real?"))
    [id] = line.inquiries.kept_
    for at in ("1764000005.1", "1764000005.1", "1764000007.7"):
        send_payload(app, click(WISHES[Wish.PERSON], id, at=at))
    assert line.queue.of("wish") == (("wish", id, Wish.PERSON),)


def test_an_answer_that_comes_twice_decides_once(line: Line) -> None:
    app = line.app()
    send_event(app, message("Is this mail from the boss real?"))
    [id] = line.inquiries.kept_
    for _ in range(3):
        send_payload(app, click(f"{ANSWER}_0", Answered(id, "sent-items", "yes").value))
    [inquiry] = line.inquiries.kept_.values()
    assert (inquiry.told, inquiry.revision) == (Told(in_sent_items=True), 2)


def test_a_queue_that_was_away_gets_the_job_when_slack_brings_it_again(line: Line) -> None:
    app = line.app()
    line.queue.faults.append(StoreUnavailable("store-unavailable", "The store is away.", "Wait."))
    assert send_event(app, message("Is this mail from the boss real?")).status == 500
    assert send_event(app, message("Is this mail from the boss real?"), retry=1).status == 200
    assert line.count()[0] == 1
    assert line.queue.of("check")
