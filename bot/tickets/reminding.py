"""What the clock says of many tickets at once. Pure; never more than a few pings, however long nobody looked."""

from collections.abc import Sequence
from datetime import datetime

from bot.model.tickets import Act, Level, LiveTicket
from bot.tickets import acts
from bot.tickets.clock import Timing, reminders

GATHERED = 3
"""Of more tickets than these, the on-call group or the manager hears in one message."""
LOUD = frozenset({Level.FIRST_DUE, Level.FIRST_LATE, Level.DUE, Level.LATE})
"""Levels that ping somebody."""


def spoken(found: Sequence[LiveTicket], now: datetime, timing: Timing) -> list[tuple[LiveTicket, Act | None]]:
    """For each ticket of one team the reminder that it needs, its gravest; None where nothing is to be said now."""
    missed = [(ticket, reminders(ticket, now, timing)) for ticket in found]
    loud = [ticket.number for ticket, levels in missed if levels and levels[0] in LOUD]
    together = tuple(loud) if len(loud) > GATHERED else ()
    return [(ticket, _act(levels, together) if levels else None) for ticket, levels in missed]


def _act(levels: tuple[Level, ...], together: tuple[int, ...]) -> Act:
    return acts.remind(levels[0], levels[1:], together if levels[0] in LOUD else ())
