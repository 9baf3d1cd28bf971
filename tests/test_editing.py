"""What somebody wrote and then edits is decided again with what stands there now."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.model import Inquiry, Piece, Place, Stage, Surface
from bot.reception import Reception
from handlers.channel import on_message as in_channel
from handlers.desk import Desk
from handlers.direct import on_message as in_direct
from tests.deskfakes import MemoryInquiries, NullMeter, RecordingQueue, TestClock
from tests.handlerkit import ALICE, FakePeople, FakeTalk, FakeViews, context, envelope, message

HEADERS = "Received: from a by b\nFrom: Boss <boss@example.org>\nSubject: gift cards\nTo: alice@example.org"
TS = "1764000001.000100"


def office() -> Desk:
    reception = Reception(MemoryInquiries(), RecordingQueue(), TestClock(), NullMeter())
    return Desk(reception, FakePeople(), FakeTalk(), FakeViews(), frozenset({"C01HELP"}))


def changed(before: Mapping[str, Any], text: str, at: str = "1764000009.000100", **more: Any) -> dict[str, Any]:
    """The event of an edit, as Slack sends it."""
    fresh = message(text, ts=str(before["ts"]), channel=str(before["channel"]))
    kept = ("channel", "channel_type", "event_ts")
    now = {name: value for name, value in {**before, **fresh}.items() if name not in kept}
    edited = {**now, "edited": {"user": ALICE.user, "ts": at}, **more}
    outer = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": at, "event_ts": at}
    old = {name: value for name, value in before.items() if name not in kept}
    return {
        **outer,
        "channel": before["channel"],
        "channel_type": before["channel_type"],
        "message": edited,
        "previous_message": old,
    }


def direct(desk: Desk, event: dict[str, Any]) -> None:
    in_direct(desk, event, envelope(event), context())


def asked(desk: Desk) -> list[Inquiry]:
    return list(desk.reception.of(ALICE))


def texts(inquiry: Inquiry) -> list[str]:
    return [piece.text for piece in inquiry.pieces]


def test_headers_put_into_a_message_afterwards_decide_its_inquiry_again() -> None:
    desk = office()
    said = message("a strange mail from accounts")
    direct(desk, said)
    direct(desk, changed(said, HEADERS))
    [inquiry] = asked(desk)
    assert texts(inquiry) == [HEADERS]
    assert (inquiry.revision, inquiry.stage) == (2, Stage.RECEIVED)


def test_an_edit_that_comes_again_decides_nothing_again() -> None:
    desk = office()
    said = message("a strange mail from accounts")
    for event in (said, changed(said, HEADERS), changed(said, HEADERS)):
        direct(desk, event)
    assert [each.revision for each in asked(desk)] == [2]


def test_what_was_small_talk_is_handed_in_when_it_becomes_a_mail() -> None:
    desk = office()
    said = message("hi")
    direct(desk, said)
    assert asked(desk) == []
    direct(desk, changed(said, HEADERS))
    [inquiry] = asked(desk)
    assert texts(inquiry) == [HEADERS]
    assert inquiry.place == Place(said["channel"], TS)


UNCHANGED = [
    ("a preview of a link", {"attachments": [{"title": "a page"}]}),
    ("no edit", {"edited": None}),
    ("of the bot", {"bot_id": "B0BOT", "edited": {"user": "U0BOT", "ts": "1764000009.000100"}}),
]


@pytest.mark.parametrize("more", [case[1] for case in UNCHANGED], ids=[case[0] for case in UNCHANGED])
def test_what_nobody_edited_is_left_alone(more: dict[str, Any]) -> None:
    desk = office()
    said = message("a strange mail from accounts")
    direct(desk, said)
    text = "a strange mail from accounts" if "attachments" in more else HEADERS
    direct(desk, changed(said, text, **more))
    assert [(texts(each), each.revision) for each in asked(desk)] == [(["a strange mail from accounts"], 1)]


def test_an_edit_to_small_talk_says_and_changes_nothing() -> None:
    desk = office()
    said = message("a strange mail from accounts")
    direct(desk, said)
    direct(desk, changed(said, "thanks!"))
    assert [(texts(each), each.revision) for each in asked(desk)] == [(["a strange mail from accounts"], 1)]
    assert isinstance(desk.reception.queue, RecordingQueue)
    assert desk.reception.queue.of("remark") == ()


def test_other_pieces_and_files_stay() -> None:
    desk = office()
    said = message("a strange mail from accounts")
    direct(desk, said)
    direct(desk, message("and it wants money", ts="1764000005.000100", thread_ts=TS))
    direct(desk, changed(said, HEADERS))
    [inquiry] = asked(desk)
    assert texts(inquiry) == [HEADERS, "and it wants money"]


def test_in_a_help_desk_channel_an_edit_counts_too() -> None:
    desk = office()
    said = {**message(HEADERS, channel="C01HELP"), "channel_type": "channel"}
    more = f"{HEADERS}\nX-Mailer: PHP"
    for event in (said, changed(said, more), changed(said, "never mind")):
        in_channel(desk, event, envelope(event), context())
    [inquiry] = asked(desk)
    assert (inquiry.surface, texts(inquiry)) == (Surface.CHANNEL, [more])


def test_an_edit_of_somebody_elses_message_is_not_theirs() -> None:
    desk = office()
    direct(desk, message("a strange mail from accounts"))
    kept = asked(desk)[0]
    assert isinstance(desk.reception.inquiries, MemoryInquiries)
    stranger = message("x")
    stranger["user"] = "U09OTHER"
    direct(desk, changed(stranger, HEADERS, user="U09OTHER"))
    assert desk.reception.inquiries.kept_[kept.id].pieces == (Piece(TS, "a strange mail from accounts"),)
