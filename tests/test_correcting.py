"""A technician's verdict on a mail goes into the casebook while the mail is kept."""

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.correcting import Correcting
from bot.deciding import Desk
from bot.model import Grade, Inquiry, Kind, Message, Piece, Place, Priority, Surface, Verdict
from bot.model.tickets import LiveTicket, TicketState
from tests.deskfakes import NOON, FakeMaterials, MemoryInquiries, TestClock
from tests.handlerkit import ALICE

MAIL = Message(Kind.WORDS, next(iter(Grade)))
INQUIRY = Inquiry("i1", Surface.DIRECT, ALICE, Place("D1", "1.0"), NOON, (Piece("1.0", "From: a@b.test"),))
TICKET = LiveTicket("T1", 1, TicketState.CLOSED, Priority.NORMAL, ("x",), NOON, NOON, 3)


def remembered(ticket: LiveTicket, inquiry: Inquiry) -> list[tuple[Message, Verdict, datetime]]:
    kept: list[tuple[Message, Verdict, datetime]] = []
    engine = SimpleNamespace(read=lambda _report: MAIL)
    desk = SimpleNamespace(inquiries=MemoryInquiries(), materials=FakeMaterials(), engine=engine, clock=TestClock())
    Correcting(cast(Desk, desk), lambda *told: kept.append(told))(ticket, inquiry)
    return kept


@pytest.mark.parametrize(
    ("ticket", "inquiry", "verdicts"),
    [
        (replace(TICKET, theirs=Verdict.HACKED_ACCOUNT), INQUIRY, [Verdict.HACKED_ACCOUNT]),
        (replace(TICKET, ours=Verdict.GENUINE), INQUIRY, []),
        (replace(TICKET, theirs=Verdict.UNDETERMINED), INQUIRY, []),
        (replace(TICKET, theirs=Verdict.GENUINE), replace(INQUIRY, pieces=()), []),
    ],
)
def test_only_what_a_technician_found_of_a_mail_that_is_kept(
    ticket: LiveTicket, inquiry: Inquiry, verdicts: list[Any]
) -> None:
    assert [verdict for _, verdict, _ in remembered(ticket, inquiry)] == verdicts
