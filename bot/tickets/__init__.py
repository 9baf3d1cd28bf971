"""A ticket's life: acts in, the ticket out. Pure: who, when and what come in with the act.

    after = apply(before, act)      raises Shown where that isn't allowed
    line = recorded(before, act, after)

The record is the truth: `replay` makes the same ticket of it again.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.errors import Shown
from bot.model.tickets import Act, ActKind, Entry, LiveTicket, Role
from bot.tickets.effects import effect, opened, parked
from bot.tickets.permission import check, recheck

__all__ = ["apply", "begin", "recorded", "replay"]


def begin(team: str, number: int, act: Act) -> LiveTicket:
    """A new ticket. Raises Shown where the act doesn't open one."""
    if act.kind is not ActKind.OPENED or act.opening is None or act.by.role is not Role.BOT:
        raise Shown("no-ticket", f"There is no ticket {number}.", "Look at the queue: /checkmail queue")
    return opened(team, number, act)


def apply(ticket: LiveTicket, act: Act) -> LiveTicket:
    """The ticket after the act. Raises Shown: not-allowed, taken (it names by whom), closed, steps-open, …"""
    parks = check(ticket, act)
    if act.kind is ActKind.CONFIRMED:
        recheck(ticket, next(each.act for each in ticket.parked if each.number == act.number))
    return _advanced(ticket, act, parks=parks)


def recorded(before: LiveTicket | None, act: Act, after: LiveTicket) -> Entry:
    """The line that the record gets for an act."""
    waits = before is not None and any(each.number == after.version for each in after.parked)
    return Entry(after.version, act, before.state if before else None, after.state, waits)


def replay(team: str, number: int, record: Iterable[Entry]) -> LiveTicket:
    """The ticket that a record makes. Raises Shown where the record begins with something else than an opening."""
    ticket: LiveTicket | None = None
    for line in record:
        ticket = begin(team, number, line.act) if ticket is None else _advanced(ticket, line.act, parks=line.parked)
    if ticket is None:
        raise Shown("no-ticket", f"There is no ticket {number}.", "Look at the queue: /checkmail queue")
    return ticket


def _advanced(ticket: LiveTicket, act: Act, *, parks: bool) -> LiveTicket:
    after = parked(ticket, act) if parks else effect(ticket, act)
    return replace(after, version=ticket.version + 1, changed_at=max(ticket.changed_at, act.at))
