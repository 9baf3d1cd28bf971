"""The tickets' service over the real embedded store, with a clock that is moved and a queue that records."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bot import handbook
from bot.adapters.store import Line, open_line
from bot.adapters.tickets import RedisTickets
from bot.model import Asker, Inquiry, Outcome, Piece, Place, Priority, Surface, Ticket, Told, Verdict
from bot.model.telling import Tell
from bot.office_hours import read_hours
from bot.ticketing import Done, Keeper, Ticketing
from bot.tickets.accounts import AccountBook
from bot.tickets.clock import Timing
from bot.tickets.keeping import Teller
from tests.deskfakes import NullMeter, TestClock
from tests.inquirykit import outcome as some_outcome

TEAM = "T1"
ANN = Asker(TEAM, "UANN", "Ann Meyer", "ann@firm.example")
BEN = Asker(TEAM, "UBEN", "Ben Otto", "ben@firm.example")
VIC = Asker(TEAM, "UVIC", "Vic Brandt", "vic@firm.example")
MEMBERS = {each.address: each.user for each in (ANN, BEN, VIC)}
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HANDBOOK = handbook.load()
_NUMBERS = count(1)


@dataclass
class RecordingTeller(Teller):
    told: list[tuple[str, int, int]] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    def tell(self, team: str, number: int, version: int) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.told.append((team, number, version))


@dataclass
class Shop:
    """A desk with its store."""

    ticketing: Ticketing
    clock: TestClock
    teller: RecordingTeller
    tickets: RedisTickets

    def said(self, done: Done | None) -> list[tuple[str, str, str]]:
        """To whom what was told, and which of them: without the post, which every act brings up to date."""
        assert done is not None
        return [(each.whom.value, each.code, each.user or each.inquiry) for each in done.tells if each.code != "post"]

    def outstanding(self) -> list[Tell]:
        """What the jobs would tell; it is told then."""
        tells: list[Tell] = []
        for team, number, version in dict.fromkeys(self.teller.told):
            tells += self.ticketing.tells(team, number, version)
            self.ticketing.told(team, number, version)
        self.teller.told.clear()
        return tells


def make_shop(line: Line, clock: TestClock | None = None, **changes: Any) -> Shop:
    clock = clock or TestClock(MONDAY)
    teller = RecordingTeller()
    keeps = {key: changes.pop(key) for key in ("keep_content", "keep_record") if key in changes}
    tickets = RedisTickets(line, clock, **keeps)
    timing = Timing(changes.pop("hours", read_hours("Mon-Fri 9:00-17:00")), urgent_always=changes.pop("always", False))
    keeper = Keeper(tickets, teller, clock, NullMeter(), timing, changes.pop("desk", False))
    book = AccountBook(
        HANDBOOK,
        whose=lambda team, address: MEMBERS.get(address, "") if team.startswith("T") else "",
        vip=lambda address: address == "chief@partner.example",
        our_domains=frozenset({"firm.example"}),
        our_provider="microsoft-365",
    )
    ticketing = Ticketing(keeper, book, help_desk="IT desk (555-0100)", **changes)
    return Shop(ticketing, clock, teller, tickets)


@contextmanager
def opened_line(folder: Path) -> Iterator[Line]:
    with open_line(None, folder) as line:
        yield line


def inquiry(asker: Asker = ANN, id: str = "", **told: bool) -> Inquiry:
    ts = f"1764000000.{next(_NUMBERS):06d}"
    return Inquiry(
        id or f"inq{ts[-6:]}",
        Surface.DIRECT,
        asker,
        Place(f"D{asker.user}", ts),
        MONDAY,
        (Piece(ts, "From: …"),),
        Told(**told),  # type: ignore[arg-type]
    )


def hacked(address: str = VIC.address, *, priority: Priority = Priority.URGENT, **changes: Any) -> Outcome:
    """That account was broken into, as the engine's handbook escalates it."""
    summary = f"The account {address} of ours was very likely broken into. Contain it first."
    ticket = Ticket("hacked-staff", priority, summary, address)
    found = replace(
        some_outcome(verdict=Verdict.HACKED_ACCOUNT),
        ticket=ticket,
        sender_name="Vic Brandt",
        sender_address=address,
        server_host="mail-eopbgr.outbound.protection.outlook.com",
        seen_before=0,
        campaign="c-hacked",
    )
    diagnosis = replace(found.diagnosis, affected=())
    return replace(found, diagnosis=diagnosis, **changes)


def plain(verdict: Verdict = Verdict.SPOOFED_NAME, **changes: Any) -> Outcome:
    """Something that needs nobody."""
    found = replace(some_outcome(verdict=verdict), ticket=None, sender_address="x@bad.example", seen_before=0)
    diagnosis = replace(found.diagnosis, affected=(), **changes.pop("diagnosis", {}))
    return replace(found, diagnosis=diagnosis, **changes)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def everything(client: Any) -> bytes:
    """All that the store holds of tickets: keys and values."""
    read: dict[bytes, Callable[[bytes], list[bytes]]] = {
        b"string": lambda key: [client.get(key)],
        b"hash": lambda key: [part for pair in client.hgetall(key).items() for part in pair],
        b"list": lambda key: client.lrange(key, 0, -1),
        b"zset": lambda key: client.zrange(key, 0, -1),
    }
    keys = list(client.scan_iter("checkmail:ticket*"))
    return b"\n".join(part for key in keys for part in (key, *read[client.type(key)](key)))
