"""What somebody did comes first and is nobody else's business; mail in one's own name is told to its owner."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.adapters.store import Line
from bot.engine import LoopEngine
from bot.model import Asker, Exhibit, FileRef, Outcome, Piece, Place, Reader, Submission, Surface, Told, Wish
from tests.deskline import PASTED, Office, engine, open_office, pasted, until
from tests.inquirykit import JOSEF, MARIA
from tests.storefixtures import line, server

__all__ = ["engine", "line", "server"]
ROOT = "1764000000.000100"
IN_CHANNEL = Place("C1", ROOT)
HARM = {
    "clicked": Told(clicked=True),
    "opened": Told(opened=True),
    "typed": Told(typed_password=True),
    "paid": Told(paid=True),
    "approved": Told(approved=True),
}


@pytest.fixture
def office(line: Line, engine: LoopEngine) -> Iterator[Office]:
    with open_office(line, engine) as made:
        made.worker.start()
        yield made


def form(told: Told, *pieces: Piece, asker: Asker = MARIA) -> Submission:
    return Submission("view:V1", Surface.COMMAND, asker, Place(asker.user), pieces, told)


def in_channel(told: Told = Told()) -> Submission:  # noqa: B008 (frozen)
    return Submission("T1:C1:1", Surface.CHANNEL, MARIA, IN_CHANNEL, (Piece(ROOT, PASTED),), told)


def answers(office: Office) -> list[Outcome]:
    return [each.outcome for each in office.voice.heard("answer") if each.outcome]


@pytest.mark.parametrize("told", HARM.values(), ids=HARM)
def test_harm_without_a_mail_gets_first_steps(office: Office, told: Told) -> None:
    assert office.answered(office.reception.receive(form(told)))
    (answer,) = answers(office)
    assert answer.reply.steps
    assert office.voice.heard("cannot") == ()


def test_a_password_typed_calls_the_technicians_though_the_file_cannot_be_read(office: Office) -> None:
    office.materials.files["F1"] = (Exhibit(b"\x89PNG\r\n\x1a\n" + b"\0" * 300, "IMG_1.png"),)
    report = form(Told(typed_password=True), Piece(ROOT, file=FileRef("F1", "IMG_1.png")))
    assert office.answered(office.reception.receive(report))
    (answer,) = answers(office)
    assert answer.ticket is not None
    assert [each.why.code for each in office.voice.heard("cannot") if each.why] == ["a-picture"]
    assert len(office.voice.heard("call_technicians")) == 1


def test_nothing_at_all_is_still_refused(office: Office) -> None:
    assert office.answered(office.reception.receive(form(Told(clicked=False))))
    assert answers(office) == []
    assert [each.why.code for each in office.voice.heard("cannot") if each.why] == ["empty"]


def test_the_person_in_from_is_told_as_such(office: Office) -> None:
    owner = replace(JOSEF, address="Boss@Example.org")
    inquiry = office.reception.receive(pasted(ROOT, asker=owner))
    assert office.answered(inquiry)
    assert answers(office)[0].reply.reader is Reader.NAMED
    kept = office.inquiries.find(inquiry.id) if inquiry else None
    assert kept is not None
    assert (kept.reader, kept.told.own_account) == (Reader.NAMED, True)


def test_what_the_owner_was_told_is_not_told_to_others(office: Office) -> None:
    owner = replace(JOSEF, address="boss@example.org")
    assert office.answered(office.reception.receive(pasted(ROOT, asker=owner)))
    assert office.answered(office.reception.receive(pasted("1764000100.000100")))
    assert [answer.reply.reader for answer in answers(office)] == [Reader.NAMED, Reader.RECEIVER]


@pytest.mark.parametrize("address", ["", "maria@example.org"], ids=["unknown", "another"])
def test_whoever_is_not_in_from_is_its_receiver(office: Office, address: str) -> None:
    assert office.answered(office.reception.receive(pasted(ROOT, asker=replace(JOSEF, address=address))))
    assert answers(office)[0].reply.reader is Reader.RECEIVER


def test_own_mail_that_others_got_is_told_to_its_owner(office: Office) -> None:
    assert office.answered(office.reception.receive(replace(pasted(ROOT), told=Told(own_account=True))))
    assert answers(office)[0].reply.reader is Reader.NAMED


def test_harm_in_a_channel_is_answered_in_direct_message_and_the_thread_says_only_that(office: Office) -> None:
    inquiry = office.reception.receive(in_channel())
    assert inquiry is not None
    assert office.answered(inquiry)
    office.reception.told(inquiry.id, Told(typed_password=True), MARIA, "view:V2")
    assert office.answered(inquiry)
    places = [each.place for each in office.voice.heard("answer")]
    assert places == [IN_CHANNEL, Place(MARIA.user)]
    assert [(each.place, each.code) for each in office.voice.heard("remark")] == [(IN_CHANNEL, "written-to-you")]


def test_that_a_technician_was_told_of_harm_is_said_in_direct_message(office: Office) -> None:
    inquiry = office.reception.receive(in_channel())
    assert inquiry is not None
    assert office.answered(inquiry)
    office.reception.wish(inquiry.id, Wish.URGENT, MARIA, "urgent")
    assert until(lambda: len(office.voice.heard("remark")) == 2)
    said = {each.code: each.place for each in office.voice.heard("remark")}
    assert said == {"noted-urgent": Place(MARIA.user), "written-to-you": IN_CHANNEL}


def test_a_case_without_harm_stays_in_its_thread(office: Office) -> None:
    assert office.answered(office.reception.receive(in_channel(Told(clicked=False))))
    assert [each.place for each in office.voice.heard("answer")] == [IN_CHANNEL]
    assert office.voice.heard("remark") == ()
