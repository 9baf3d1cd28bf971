"""A ticket's clock: when its first answer and its end are due, and what has to be said of that now.

It runs in working time, stands while the ticket waits or rests, and begins anew when it is reopened. Nothing of it is
kept but the moments: a changed priority or changed working hours count at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.model.diagnosis import Priority
from bot.model.tickets import Level, LiveTicket, TicketState
from bot.office_hours import ALWAYS, OfficeHours

SOON, LATE = 0.75, 1.5
"""The shares of a target at which the owner, and at which the manager is told."""


@dataclass(frozen=True, slots=True)
class Target:
    """Working time from the beginning."""

    first: timedelta
    """Until somebody has taken it up."""
    end: timedelta
    """Until it is closed."""


TARGETS: Mapping[Priority, Target] = MappingProxyType(
    {
        Priority.URGENT: Target(timedelta(minutes=30), timedelta(hours=4)),
        Priority.HIGH: Target(timedelta(hours=2), timedelta(hours=8)),
        Priority.NORMAL: Target(timedelta(hours=8), timedelta(hours=40)),
    }
)


@dataclass(frozen=True, slots=True)
class Timing:
    """What the owner has set about time."""

    hours: OfficeHours = ALWAYS
    targets: Mapping[Priority, Target] = field(default_factory=lambda: TARGETS)
    urgent_always: bool = False
    """Urgent tickets run round the clock: somebody is on call."""
    no_answer: timedelta = timedelta(hours=16)
    """Working time after which a reporter who was asked is reminded."""

    def of(self, ticket: LiveTicket) -> OfficeHours:
        always = self.urgent_always and ticket.priority is Priority.URGENT
        return ALWAYS if always else self.hours


@dataclass(frozen=True, slots=True)
class Due:
    """When it is due, None where it is done or the clock stands."""

    first: datetime | None
    end: datetime | None

    @property
    def next(self) -> datetime | None:
        known = [at for at in (self.first, self.end) if at is not None]
        return min(known) if known else None


def due(ticket: LiveTicket, timing: Timing) -> Due:
    """The moments at which the targets are missed."""
    target = timing.targets[ticket.priority]
    first = None if ticket.answered_at else moment(ticket, target.first, timing)
    return Due(first, moment(ticket, target.end, timing))


def moment(ticket: LiveTicket, span: timedelta, timing: Timing) -> datetime | None:
    """When that much time has run on the ticket's clock; None where it doesn't run."""
    if not ticket.is_open or ticket.paused_at is not None or ticket.clock_from is None:
        return None
    hours, start, left = timing.of(ticket), ticket.clock_from, span
    for pause in ticket.pauses:
        ran = hours.between(start, pause.start)
        if ran >= left:  # it was over before that pause
            return hours.after(start, left)
        left, start = left - ran, max(start, pause.end)
    return hours.after(start, left)


def elapsed(ticket: LiveTicket, now: datetime, timing: Timing) -> timedelta:
    """The working time that has run on its clock."""
    if ticket.clock_from is None:
        return timedelta()
    hours, start, total = timing.of(ticket), ticket.clock_from, timedelta()
    for pause in ticket.pauses:
        total, start = total + hours.between(start, pause.start), max(start, pause.end)
    return total + hours.between(start, ticket.paused_at or ticket.closed_at or now)


def wakes(ticket: LiveTicket, timing: Timing) -> datetime | None:
    """When it has to be looked at next: something is to be said, or its rest is over."""
    if ticket.state is TicketState.ON_HOLD:
        return ticket.hold_until
    known = [at for _, at in _levels(ticket, timing)]
    return min(known) if known else None


def reminders(ticket: LiveTicket, now: datetime, timing: Timing) -> tuple[Level, ...]:
    """What is to be said now, the gravest first: that alone is said, the rest was missed meanwhile. Nothing at night:
    what comes up then (after a restart, say) waits for `opens`.
    """
    hours = timing.of(ticket)
    if not hours.works(now) and not hours.works(now - _EVENING):
        return ()
    reached = {level for level, at in _levels(ticket, timing) if at <= now}
    return tuple(level for level in _GRAVEST if level in reached)


def opens(ticket: LiveTicket, now: datetime, timing: Timing) -> datetime:
    """When somebody is there again: now, or when work begins."""
    return timing.of(ticket).after(now, timedelta())


_FIRST = (Level.FIRST_SOON, Level.FIRST_DUE, Level.FIRST_LATE)
_END = (Level.SOON, Level.DUE, Level.LATE)
_GRAVEST = (Level.LATE, Level.FIRST_LATE, Level.DUE, Level.FIRST_DUE, Level.SOON, Level.FIRST_SOON, Level.NO_ANSWER)
_EVENING = timedelta(minutes=30)
"""How long after work a reminder may still come: what is due when work ends is due on that day."""


def _levels(ticket: LiveTicket, timing: Timing) -> list[tuple[Level, datetime]]:
    """What is still to be said, and when."""
    if ticket.state is TicketState.WAITING:
        if ticket.asked_at is None or Level.NO_ANSWER in ticket.reminded:
            return []
        return [(Level.NO_ANSWER, timing.of(ticket).after(ticket.asked_at, timing.no_answer))]
    target = timing.targets[ticket.priority]
    wanted = [] if ticket.answered_at else list(zip(_FIRST, _shares(target.first), strict=True))
    wanted += list(zip(_END, _shares(target.end), strict=True))
    moments = ((level, moment(ticket, span, timing)) for level, span in wanted if level not in ticket.reminded)
    return [(level, at) for level, at in moments if at is not None]


def _shares(target: timedelta) -> tuple[timedelta, timedelta, timedelta]:
    return SOON * target, target, LATE * target
