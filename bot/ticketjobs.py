"""The tickets' jobs: telling what an act has to be told, each thing once, and looking at the clock."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import dramatiq
import structlog
from dramatiq.broker import Broker
from dramatiq.threading import Interrupt

from bot import saying
from bot.errors import Shown, StoreUnavailable
from bot.model import Inquiry, Place, Stage
from bot.model.telling import Tell, Whom
from bot.model.tickets import ActKind, LiveTicket
from bot.ports import Inquiries, Later, Meter, Said, Voice
from bot.ticketing import Ticketing
from bot.tickets import acts

log = structlog.get_logger()
EVERY_S = 15.0
_TURN_S = 5.0


class Says(Protocol):
    """What is said of tickets in Slack (`handlers.ticketvoice.TicketVoice`). Raises Later, Doubtful, Shown."""

    def post(self, ticket: LiveTicket, inquiry: Inquiry | None, tell: Tell) -> Said: ...

    def update(self, ticket: LiveTicket, inquiry: Inquiry | None) -> None: ...

    def place(self, tell: Tell, ticket: LiveTicket, inquiry: Inquiry | None) -> Place | None: ...

    def say(self, tell: Tell, ticket: LiveTicket, place: Place) -> Said | None: ...


@dataclass(frozen=True, slots=True)
class Telling:
    """What the job works with."""

    ticketing: Ticketing
    inquiries: Inquiries
    voice: Voice
    says: Says
    meter: Meter
    corrected: Callable[[LiveTicket, Inquiry], None]
    """Hears of a technician's verdict on the mail of an inquiry, before its reporter does."""

    def tell(self, team: str, number: int, version: int) -> None:
        """Says all that an act has to be told. May run twice and says things once. Raises Later, Doubtful,
        StoreUnavailable; what can't ever be said is logged and left.
        """
        for tell in self.ticketing.tells(team, number, version):
            try:
                self._one(tell)
            except StoreUnavailable:
                raise
            except Shown as cannot:
                log.error("can't be told", ticket=number, whom=tell.whom.value, code=tell.code, why=cannot.code)
                self.meter.count("errors", where=f"ticket-{tell.whom.value}")
        self._after(team, number, version)
        self.ticketing.told(team, number, version)

    def _one(self, tell: Tell) -> None:
        ticket = self.ticketing.find(tell.team, tell.number)
        if ticket is None:
            return
        if tell.whom is Whom.POST:
            self._post(ticket, tell)
            return
        inquiry = self.inquiries.find(tell.inquiry) if tell.inquiry else None
        if inquiry is not None and inquiry.stage is Stage.FORGOTTEN:
            return
        if inquiry is not None and tell.code in ("ended", "corrected"):
            self.corrected(ticket, inquiry)
        place = self.says.place(tell, ticket, inquiry)
        if place is not None:
            self._once(tell, place, tell.mark, lambda: self.says.say(tell, ticket, place))

    def _post(self, ticket: LiveTicket, tell: Tell) -> None:
        with self.inquiries.hold(f"post:{tell.ticket}", _TURN_S) as alone:
            if not alone:
                raise Later(1.0, "another worker has the post")
            ticket = self.ticketing.find(tell.team, tell.number) or ticket
            first = next((each.inquiry for each in ticket.reporters if each.inquiry), "")
            inquiry = self.inquiries.find(first) if first else None
            if ticket.post is not None:
                self.says.update(ticket, inquiry)
                return
            said = self._once(tell, saying.TECHNICIANS, "post", lambda: self.says.post(ticket, inquiry, tell))
            if said is not None:
                self.ticketing.act(tell.team, tell.number, acts.posted(Place(said.channel, said.ts)), "post")

    def _once(self, tell: Tell, place: Place, mark: str, say: Callable[[], Said | None]) -> Said | None:
        return saying.once(self.inquiries, self.voice, tell.ticket, place, mark, say)

    def _after(self, team: str, number: int, version: int) -> None:
        """A notice is sent when everybody has it."""
        ticket = self.ticketing.find(team, number)
        notice = ticket.notice if ticket else None
        if notice is None or not notice.approved_by or notice.sent:
            return
        line = next((each for each in self.ticketing.story(team, number) if each.number == version), None)
        if line is not None and line.act.kind in (ActKind.NOTICE_APPROVED, ActKind.CONFIRMED):
            self.ticketing.act(team, number, acts.notice_sent(), f"notice-sent-{version}")


def register(broker: Broker, telling: Telling) -> None:
    """Declares the actor that `RedisQueue.tell` names."""

    def tell(team: str, number: int, version: int) -> None:
        telling.tell(team, number, version)

    quiet = (Exception, Interrupt)  # told by `fate`, without what a traceback may quote
    dramatiq.actor(actor_name="tell", queue_name="prompt", priority=2, broker=broker, throws=quiet)(tell)


class TicketClock:
    """A part of a process (`bot.running.Part`): a thread of which one looks at the clock for all processes."""

    name = "ticket-clock"

    def __init__(self, ticketing: Ticketing, inquiries: Inquiries, *, every_s: float = EVERY_S) -> None:
        self._ticketing, self._inquiries, self._every_s = ticketing, inquiries, every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def drain(self, seconds: float) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def close(self) -> None:
        self.drain(1.0)

    def fault(self) -> str:
        return "" if self._stop.is_set() or self._thread.is_alive() else "the ticket clock's thread died"

    def look(self) -> int:
        """What is due; how many acts that made. Raises StoreUnavailable."""
        with self._inquiries.hold("ticket-clock") as alone:
            return len(self._ticketing.due()) if alone else 0

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.look()
            except StoreUnavailable as away:  # next time
                log.warning("store away", why=away.code)
