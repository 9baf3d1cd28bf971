"""What the desk needs of a store of tickets; `bot.adapters.tickets` is it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.model.inquiry import Place
from bot.model.telling import Tell
from bot.model.tickets import Entry, LiveTicket, Opening


class Pile(StrEnum):
    """A list of the queue; each is kept in order, the most pressing first."""

    OPEN = "open"
    MINE = "mine"
    """Of one technician."""
    UNOWNED = "unowned"
    WAITING = "waiting"
    ON_HOLD = "on-hold"
    URGENT = "urgent"
    CAMPAIGNS = "campaigns"
    """Open ones with several reports, the most reported first."""
    CLOSED = "closed"
    """The last closed first."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a pile."""

    tickets: tuple[LiveTicket, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Written:
    """What is kept with a ticket: its last act, what that has to be told, and when it is to be looked at again."""

    entry: Entry
    tells: tuple[Tell, ...]
    due: datetime | None
    """The next missed target, by which the queue is ordered; None while the clock stands."""
    wakes: datetime | None
    key: str = ""
    """Of the delivery that brought it: one that is known already isn't written again."""
    person: str = ""
    """Somebody whose name is taken out of the whole record with this act."""


class Tickets(Protocol):
    """The tickets of all workspaces. Every method raises StoreUnavailable."""

    def next_number(self, team: str) -> int:
        """The number that a new ticket will have if nobody is faster."""
        ...

    def open(self, ticket: LiveTicket, written: Written, claims: tuple[tuple[str, int], ...]) -> bool:
        """Keeps a new ticket under its number. False where somebody was faster: the number is taken, or one of the
        claims (`claims_of`, with the number that it was found to have, 0 for none) has changed.
        """
        ...

    def write(self, before: LiveTicket, after: LiveTicket, written: Written) -> bool:
        """Appends an act. False where the kept ticket isn't `before` any more, or the key is known."""
        ...

    def find(self, team: str, number: int) -> LiveTicket | None: ...

    def story(self, team: str, number: int) -> tuple[Entry, ...]:
        """Its whole record; of lines whose content's time is over, what is left."""
        ...

    def done(self, team: str, number: int, key: str) -> int:
        """The number of the act that a delivery brought; 0 where it is unknown."""
        ...

    def about(self, team: str, claim: str) -> int:
        """The last ticket of that claim; 0 for none."""
        ...

    def at(self, team: str, place: Place) -> int:
        """The ticket whose post in the technicians' channel has this thread; 0 for none."""
        ...

    def pile(self, team: str, pile: Pile, user: str = "", start: int = 0, count: int = 20) -> Page: ...

    def totals(self, team: str, user: str = "") -> dict[Pile, int]:
        """How many lie on each pile; MINE is that user's."""
        ...

    def closed_since(self, team: str, since: datetime, most: int = 10_000) -> tuple[LiveTicket, ...]: ...

    def waking(self, now: datetime, most: int) -> tuple[tuple[str, int], ...]:
        """Team and number of tickets that have to be looked at."""
        ...

    def place(self, ticket: LiveTicket, due: datetime | None, wakes: datetime | None) -> None:
        """Puts an open ticket elsewhere in the queue, and looks at it again at another time, without an act."""
        ...

    def sleep(self, team: str, number: int) -> None:
        """Looks at it no more until it has another act."""
        ...

    def tells(self, team: str, number: int, version: int) -> tuple[Tell, ...]:
        """What an act has to be told, as long as it wasn't; else nothing."""
        ...

    def told(self, team: str, number: int, version: int) -> None:
        """All of it was told."""
        ...

    def untold(self, before: datetime, most: int) -> tuple[tuple[str, int, int], ...]:
        """Team, number and version of what was written before that time and isn't told yet: its job was lost. Each
        is named again only after a while.
        """
        ...


def claims_of(opening: Opening) -> tuple[str, ...]:
    """What a ticket is about, so that a second report of it finds the first: accounts, else the campaign."""
    accounts = tuple(claim for each in opening.accounts for claim in account_claims(each.address, each.user))
    if accounts or opening.acted:  # who paid or opened something is helped alone
        return tuple(dict.fromkeys(accounts))
    return (f"campaign:{opening.campaign}",) if opening.campaign else ()


def account_claims(address: str, user: str = "") -> tuple[str, ...]:
    """By its address, and by Slack's id of whose it is."""
    return ((f"account:{address.casefold()}",) if address else ()) + ((f"user:{user}",) if user else ())


def inquiry_claim(inquiry: str) -> str:
    return f"inquiry:{inquiry}"
