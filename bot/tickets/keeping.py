"""Keeping an act: read, applied, written if nobody was faster, and queued to be told."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.errors import Shown, StoreUnavailable
from bot.model.telling import Tell
from bot.model.tickets import Act, ActKind, Entry, LiveTicket, Opening, Role
from bot.ports import Clock, Meter
from bot.tickets import acts, apply, begin, recorded
from bot.tickets.clock import Timing, due, wakes
from bot.tickets.ports import Tickets, Written
from bot.tickets.telling import tells

_TRIES = 60


class Teller(Protocol):
    """The durable queue, for telling. Raises StoreUnavailable."""

    def tell(self, team: str, number: int, version: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    ticket: LiveTicket
    entry: Entry | None = None
    """The line of the record; None where nothing was done: it was known already."""
    tells: tuple[Tell, ...] = ()

    @property
    def parked(self) -> bool:
        """It came from a suspect account and waits for a technician: say so to whoever pressed it."""
        return self.entry is not None and self.entry.parked


@dataclass(frozen=True, slots=True)
class Keeper:
    """Does acts to kept tickets, however many do so at once. Every method raises StoreUnavailable."""

    tickets: Tickets
    teller: Teller
    clock: Clock
    meter: Meter
    timing: Timing = field(default_factory=Timing)
    desk: bool = False
    """Whether another help desk follows along."""

    def found(self, team: str, number: int) -> LiveTicket:
        ticket = self.tickets.find(team, number)
        if ticket is None:
            raise Shown("no-ticket", f"There is no ticket {number}.", "Look at the queue: /checkmail queue")
        return ticket

    def open(self, team: str, brought: Opening, claims: tuple[tuple[str, int], ...]) -> Done | None:
        """A new ticket; None where somebody was faster."""
        number = self.tickets.next_number(team)
        act = replace(acts.opened(brought), at=self.clock.now())
        ticket = begin(team, number, act)
        written = self._written(None, act, ticket)
        if not self.tickets.open(ticket, written, claims):
            return None
        self.meter.count("tickets", priority=ticket.priority.value, reason=brought.reason)
        return self._told(ticket, written)

    def act(self, team: str, number: int, make: Callable[[LiveTicket], Act | None], key: str = "") -> Done:
        """What `make` wants done, made anew where somebody was faster; nothing where it wants nothing. Raises Shown
        where that isn't allowed.
        """
        for attempt in range(_TRIES):
            before = self.found(team, number)
            known = self.tickets.done(team, number, key) if key else 0
            if known:
                self.teller.tell(team, number, known)  # the process may have died before it was queued
                return Done(before)
            wanted = make(before)
            if wanted is None:
                return Done(before)
            act = replace(wanted, at=max(self.clock.now(), before.changed_at))
            after = apply(before, act)
            written = self._written(before, act, after, key)
            if self.tickets.write(before, after, written):
                self.meter.count("ticket_acts", kind=act.kind.value)
                return self._told(after, written)
            breathe(attempt)
        raise busy()

    def _written(self, before: LiveTicket | None, act: Act, after: LiveTicket, key: str = "") -> Written:
        entry = recorded(before, act, after)
        told = tells(before, entry, after, desk=self.desk)
        person = _forgets(before, entry)
        return Written(entry, told, due(after, self.timing).next, wakes(after, self.timing), key, person)

    def _told(self, ticket: LiveTicket, written: Written) -> Done:
        if written.tells:
            self.teller.tell(ticket.team, ticket.number, ticket.version)
        return Done(ticket, written.entry, written.tells)


def _forgets(before: LiveTicket | None, entry: Entry) -> str:
    """Whose name goes out of the record with this act."""
    act = entry.act
    if act.kind is ActKind.CONFIRMED and before is not None:
        act = next(each.act for each in before.parked if each.number == act.number)
    counts = act.kind is ActKind.FORGOTTEN and not entry.parked and act.by.role is Role.REPORTER
    return act.by.user if counts else ""


def breathe(attempt: int) -> None:
    time.sleep(random.uniform(0, 0.002 * (attempt + 1)))  # noqa: S311 (spreads processes, hides nothing)


def busy() -> StoreUnavailable:
    return StoreUnavailable("store-busy", "Too many processes write one ticket at once.", "Try it once more.")
