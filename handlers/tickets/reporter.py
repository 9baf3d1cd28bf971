"""What a reporter writes in the thread of their report, once that is a ticket."""

from bot.errors import Shown, StoreUnavailable
from bot.intake.pasted import is_headers
from bot.model import Asker, Piece, Place
from bot.model.tickets import TicketState
from handlers.desk import Desk

PASSED_ON = "reporter-passed-on"
"""The talk's code of what is replied where a message is for the technician alone."""
_NOTHING_NEW = frozenset({"thanks", "hello", "bye", "okay", "abuse"})
"""Small talk that opens no ticket again."""


def to_ticket(desk: Desk, asker: Asker, place: Place, found: tuple[Piece, ...], small: str | None, key: str) -> bool:
    """Passes the words on to the ticket; whether they were for the technician alone, and not material to be checked.

    `small`: the code of the small talk that they are. Raises StoreUnavailable.
    """
    inquiry = desk.reception.inquiries.at(place) if desk.tickets is not None else None
    if desk.tickets is None or inquiry is None or inquiry.asker.user != asker.user or not asker.user:
        return False
    words = "\n".join(piece.text for piece in found if piece.text).strip()
    ticket = desk.tickets.ticketing.of_inquiry(asker.team, inquiry.id)
    if ticket is None or not words or is_headers(words) or any(piece.file for piece in found):
        return False
    asked = ticket.state is TicketState.WAITING
    if small in _NOTHING_NEW and not (asked and small in ("okay", "abuse")):
        return False
    try:
        desk.tickets.ticketing.wrote(inquiry, words, key)
    except StoreUnavailable:
        raise
    except Shown:  # somebody closed or forgot it in the meantime: then it is material like any other
        return False
    return asked
