"""What worried people do, on the whole line: several mails, harm without a mail, edits, forgetting."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.demo.workspace import Upload, until
from bot.model import Wish
from handlers.actions import HARM_MODAL, WISHES
from tests.test_endtoend import FORGED, FORWARD, HEADERS, SETTINGS, TALK, WAS_FORGED, Desk, _mark, _text, serving
from tests.workspace import ALICE, BOB, CAROL, HELP_DESK, TECHNICIANS, workspace

Json = dict[str, Any]
PICTURE = Upload("IMG_1.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 300)
FROM_ALICE = FORGED.replace(b"accounts@kestrel.test", b"alice@example.com")
SUBJECT = "Your invoice is overdue: new bank details"
OTHER = FORGED.replace(SUBJECT.encode(), b"Second reminder").replace(b"Message-ID: <", b"Message-ID: <second-")
LABEL = TALK.text("answer-of-several", about="").strip()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with workspace(crowd=50) as slack, serving(tmp_path_factory.mktemp("worried"), slack, **SETTINGS) as made:
        yield made


def answers(desk: Desk, channel: str, count: int) -> list[str]:
    def found() -> list[Json]:
        posts = [post for post in desk.slack.said(channel) if _mark(post).startswith("answer-")]
        return posts if len(posts) >= count else []

    return [_text(post) for post in until(found, f"{count} answers", 30)]


def said(desk: Desk, channel: str) -> str:
    desk.settled()
    return "\n".join(map(_text, desk.slack.said(channel)))


def test_two_files_in_one_message_are_two_answers(desk: Desk) -> None:
    user = desk.somebody()
    posted = desk.slack.say(user, files=[Upload("a.eml", FORGED), Upload("b.eml", OTHER)])
    told = answers(desk, posted.channel, 2)
    assert sorted(text.splitlines()[0] for text in told) == [f"{LABEL} Second reminder", f"{LABEL} {SUBJECT}"]
    desk.settled()
    assert sorted(desk.marks(posted.channel)) == ["acknowledge", "answer-1", "answer-1"]


def test_a_picture_beside_a_mail_is_mentioned(desk: Desk) -> None:
    posted = desk.slack.say(desk.somebody(), files=[PICTURE, Upload("a.eml", FORGED)])
    assert WAS_FORGED in desk.read(posted.channel, posted.ts)
    assert TALK.text("picture-beside") in said(desk, posted.channel)


def test_a_picture_beside_words_is_mentioned(desk: Desk) -> None:
    posted = desk.slack.say(desk.somebody(), text="They ask me to pay this invoice today.", files=[PICTURE])
    desk.read(posted.channel, posted.ts)
    assert TALK.text("picture-beside") in said(desk, posted.channel)


def test_a_file_of_the_form_is_read(desk: Desk) -> None:
    user = desk.somebody()
    file = desk.slack.upload(user, Upload("a.eml", FORGED))
    desk.slack.command(user, "/checkmail")
    assert desk.slack.submit(user, {"file": [file]})["ok"]
    [answer] = answers(desk, desk.slack.direct(user), 1)
    assert WAS_FORGED in answer


@pytest.mark.parametrize("with_file", [False, True], ids=["alone", "with a file that can't be read"])
def test_harm_in_the_form_gets_first_steps_and_a_technician(desk: Desk, with_file: bool) -> None:
    user = desk.somebody()
    values: Json = {"harm": ["typed-password"]}
    if with_file:
        values["file"] = [desk.slack.upload(user, PICTURE)]
    before = len(desk.slack.said(TECHNICIANS))
    desk.slack.command(user, "/checkmail")
    assert desk.slack.submit(user, values)["ok"]
    [answer] = answers(desk, desk.slack.direct(user), 1)
    assert "password" in answer
    until(lambda: len(desk.slack.said(TECHNICIANS)) > before, "a technician was told", 30)
    if with_file:
        assert TALK.text("a-picture") in said(desk, desk.slack.direct(user))


def test_a_mail_in_ones_own_name_does_not_send_one_to_phone_oneself(desk: Desk) -> None:
    posted = desk.slack.say(ALICE, files=[Upload("a.eml", FROM_ALICE)])
    answer = desk.read(posted.channel, posted.ts)
    assert "Tell Alice" not in answer
    assert "Your address" in answer


def test_harm_in_a_channel_is_told_in_private(desk: Desk) -> None:
    posted = desk.slack.say(CAROL, HELP_DESK, files=[Upload("a.eml", FORGED)])
    first = desk.answer(HELP_DESK, posted.ts)
    desk.slack.press(CAROL, HELP_DESK, first["ts"], WISHES[Wish.URGENT])
    until(lambda: any(view["callback_id"] == HARM_MODAL for view in desk.slack.modals(CAROL)), "the form is open")
    assert desk.slack.submit(CAROL, {"harm": ["typed-password"]})["ok"]
    [answer] = answers(desk, desk.slack.direct(CAROL), 1)
    assert "password" in answer
    desk.settled()
    thread = desk.slack.said(HELP_DESK, posted.ts)
    assert [_mark(post) for post in thread].count("answer-1") == 1
    assert "password" not in "\n".join(_text(post) for post in thread[2:])
    assert TALK.text("written-to-you") in _text(thread[-1])


def test_headers_added_by_editing_decide_it_again(desk: Desk) -> None:
    user = desk.somebody()
    posted = desk.slack.say(user, text="I got a strange mail from accounts about an invoice.")
    desk.read(posted.channel, posted.ts)
    desk.slack.edit_message(posted.channel, posted.ts, HEADERS)
    until(lambda: WAS_FORGED in said(desk, posted.channel), "it is decided again", 30)


def test_the_original_attached_to_a_forward_is_what_is_read(desk: Desk) -> None:
    attached = Upload("original.eml", FORGED)
    quoted = FORWARD | {"text": FORWARD["text"].replace("Subject: Invoice overdue", f"Subject: {SUBJECT}")}
    posted = desk.slack.forward_mail(quoted, user=BOB, attachments=[attached])
    answer = desk.read(posted.channel, posted.ts)
    assert WAS_FORGED in answer
    assert TALK.text("headers-lost") not in answer


def test_a_mail_attached_to_a_forward_of_another_is_answered_too(desk: Desk) -> None:
    attached = Upload("other.eml", FORGED.replace(b"accounts@kestrel.test", b"sales@kestrel.test"))
    posted = desk.slack.forward_mail(FORWARD, user=BOB, attachments=[attached])
    until(lambda: len([mark for mark in desk.marks(posted.channel, posted.ts) if mark == "answer-1"]) == 2, "two", 30)
    told = "\n".join(_text(post) for post in desk.slack.said(posted.channel, posted.ts))
    assert f"{LABEL} Invoice overdue" in told
    assert f"{LABEL} {SUBJECT}" in told


def test_forgetting_takes_the_answers_back_and_leaves_the_way_to_a_person(desk: Desk) -> None:
    user = desk.somebody()
    posted = desk.report(user)
    answer = desk.answer(posted.channel, posted.ts)
    desk.settled()
    desk.slack.command(user, "/checkmail", "forget")
    assert desk.slack.submit(user, {})["ok"]
    until(lambda: answer["ts"] not in {post["ts"] for post in desk.slack.messages(posted.channel)}, "it's gone", 30)
    desk.said(posted.channel, TALK.text("command-forgotten")[:40])
