"""The queue: `/checkmail queue`, `/checkmail ticket 123`, `/checkmail stats`, and the technicians' part of Home."""

import re
from typing import Any

from bot.model import Asker
from bot.tickets.ports import Pile
from handlers.blocks import ticketlines
from handlers.blocks.kit import Block, Post, escaped, header, paragraph
from handlers.blocks.tickets import Seen, ticket_post
from handlers.desk import Desk
from handlers.tickets.room import TicketRoom

_COMMAND = re.compile(r"(?i)(queue|stats|ticket #?(\d{1,9}))")
_SHOWN = 5
"""Tickets of one pile that Home and the queue show."""
_MOST_BLOCKS = 90


def is_for_technicians(text: str) -> bool:
    return _COMMAND.fullmatch(" ".join(text.split())) is not None


def answer(desk: Desk, room: TicketRoom, who: Asker, text: str) -> Post:
    """What a technician asked; everybody else is told that it isn't for them. Raises StoreUnavailable."""
    talk = room.wording.talk
    if not desk.people.is_technician(who.user):
        return _said(talk.text("ticket-not-technician"))
    found = _COMMAND.fullmatch(" ".join(text.split()))
    word = found.group(1).lower() if found else ""
    if word == "stats":
        return _said(ticketlines.stats(room.ticketing.totals(who.team, who.user), room.wording))
    if word == "queue":
        return _queue(room, who)
    return _ticket(room, who, int(found.group(2)) if found else 0)


def with_tickets(desk: Desk, who: Asker, view: dict[str, Any]) -> dict[str, Any]:
    """Home with the queue above it, for technicians. Raises StoreUnavailable."""
    room = desk.tickets
    if room is None or not desk.people.is_technician(who.user):
        return view
    piles = (
        ("ticket-mine-heading", Pile.MINE),
        ("ticket-unowned-heading", Pile.UNOWNED),
        ("ticket-queue-heading", Pile.OPEN),
        ("ticket-campaigns-heading", Pile.CAMPAIGNS),
    )
    pages = [(code, room.ticketing.queue(who.team, pile, who.user, count=_SHOWN)) for code, pile in piles]
    totals = ticketlines.stats(room.ticketing.totals(who.team, who.user), room.wording)
    blocks: list[Block] = [header(room.wording.talk.text("label-tickets")), paragraph(totals)]
    blocks += ticketlines.queue(pages, room.wording)
    return view | {"blocks": [*blocks, *view.get("blocks", ())][:_MOST_BLOCKS]}


def _queue(room: TicketRoom, who: Asker) -> Post:
    page = room.ticketing.queue(who.team, Pile.OPEN, count=15)
    blocks = ticketlines.queue([("ticket-queue-heading", page)], room.wording)
    lines = [ticketlines.queue_line(each, room.wording) for each in page.tickets]
    return Post(escaped("\n".join(lines) or room.wording.talk.text("ticket-queue-empty")), blocks)


def _ticket(room: TicketRoom, who: Asker, number: int) -> Post:
    ticket = room.ticketing.find(who.team, number)
    if ticket is None:
        return _said(room.wording.talk.text("ticket-none-there", number=str(number)))
    due = room.ticketing.due_of(ticket)
    return ticket_post(ticket, Seen(due.first, due.end, blast=len(room.ticketing.blast(ticket))), room.wording)


def _said(text: str) -> Post:
    return Post(escaped(text), (paragraph(text),))
