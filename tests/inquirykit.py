"""Inquiries and outcomes for tests, with something of everything in them."""

from datetime import timedelta

from bot.model import (
    Affected,
    Answer,
    Asker,
    Diagnosis,
    Exhibit,
    Finding,
    Grade,
    Inquiry,
    NextStep,
    Outcome,
    Piece,
    Place,
    Priority,
    Question,
    Reader,
    Reply,
    Standpoint,
    Surface,
    Ticket,
    Told,
    Unchecked,
    Verdict,
)
from tests.deskfakes import NOON

MARIA = Asker("T1", "UMARIA", "Maria Example", "maria@example.org", locale="en-GB")
JOSEF = Asker("T1", "UJOSEF", "Josef Example", "josef@example.org")
SECRETS = ("Maria", "maria@", "gift cards", "boss@", "Boss", "192.0.2.7", "mail.sender.test", "You were")
"""Words of the inquiry that must not outlive its content."""


def inquiry(id: str = "", *, asker: Asker = MARIA, place: Place = Place("D1", "1764000000.000100")) -> Inquiry:  # noqa: B008 (frozen)
    pieces = (Piece(place.thread or "1764000000.000100", "From: Boss <boss@example.org>\n\nbuy gift cards"),)
    told = Told(claims="Boss <boss@example.org>", clicked=True)
    return Inquiry(id, Surface.DIRECT, asker, place, NOON, pieces, told)


def outcome(revision: int = 1, verdict: Verdict = Verdict.SPOOFED_ADDRESS, *, grade: Grade = Grade.WHOLE) -> Outcome:
    reply = Reply(
        Reader.RECEIVER,
        "You were written to by somebody else than Boss.",
        ("Don't buy gift cards.",),
        ("boss@example.org was forged.",),
        ("Whether mail.sender.test answers.",),
        "",
        ("Call Boss.",),
        "the help desk",
        (("More", ("192.0.2.7",)),),
    )
    return Outcome(
        revision,
        diagnosis(verdict, grade=grade),
        reply,
        reply,
        Ticket("urgent", Priority.URGENT, "Maria bought gift cards", "boss@example.org"),
        "Boss",
        "boss@example.org",
        "192.0.2.7",
        "mail.sender.test",
        "RO",
        "0123abcd",
        2,
    )


def diagnosis(verdict: Verdict, *, grade: Grade = Grade.WHOLE, confidence: float = 0.9) -> Diagnosis:
    return Diagnosis(
        verdict,
        confidence,
        grade,
        None,
        False,
        (),
        (Affected(verdict, "boss@example.org"),),
        (Standpoint(Question.ORIGIN, Answer.NO, 0.01),),
        (Finding("dmarc-failed", Question.ORIGIN, "dmarc", -14.0, "DMARC failed", "mail.sender.test isn't Boss's."),),
        (Unchecked("SPF now", "mail.sender.test doesn't answer"),),
        NextStep("sent-items", "Ask Boss."),
        ((verdict, 0.9),),
    )


EML = (Exhibit(b"From: boss@example.org\r\n\r\nhello \xff", "a.eml"),)
SOON = timedelta(hours=1)
