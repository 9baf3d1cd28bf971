"""Says in Slack what is told of tickets: the technicians' post, lines below it, and messages to people."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from bot.model import Inquiry, Place, Surface
from bot.model.telling import Tell, Whom
from bot.model.tickets import LiveTicket
from bot.ports import Later, Said
from bot.ticketing import Ticketing
from handlers.blocks.ticketlines import said
from handlers.blocks.tickets import Seen, ticket_post
from handlers.pacing import Budget
from handlers.voice import SlackVoice

_MOST = 5_000
_AGAIN_S = 2.0


@dataclass(frozen=True, slots=True)
class TicketVoice:
    """One for each process. Every method raises Later, Doubtful, Shown."""

    voice: SlackVoice
    ticketing: Ticketing
    on_call: str = ""
    """The user group that is named when a target is missed."""
    manager: str = ""
    """The person who hears when nothing else helped; "" for the on-call group."""
    updates: Budget = field(default_factory=lambda: Budget(40))
    _shown: OrderedDict[tuple[str, int], int] = field(default_factory=OrderedDict)
    """The version that each post shows, so that many acts at once cost one call."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, ticket: LiveTicket, inquiry: Inquiry | None, tell: Tell) -> Said:
        """The ticket's post, new."""
        post = ticket_post(ticket, self._seen(ticket, inquiry), self.voice.wording, group=self.voice.group)
        return self.voice.sender.post(self.voice.technicians, "", post, inquiry=tell.ticket, mark="post")

    def update(self, ticket: LiveTicket, inquiry: Inquiry | None) -> None:
        """Brings the post up to date, unless it shows that or something newer."""
        if ticket.post is None or self._known(ticket):
            return
        if not self.updates.take():
            raise Later(_AGAIN_S, "budget")
        post = ticket_post(ticket, self._seen(ticket, inquiry), self.voice.wording, group=self.voice.group)
        self.voice.sender.amend(ticket.post.channel, ticket.post.thread, post)
        with self._lock:
            self._shown[ticket.team, ticket.number] = ticket.version
            if len(self._shown) > _MOST:
                self._shown.popitem(last=False)

    def place(self, tell: Tell, ticket: LiveTicket, inquiry: Inquiry | None) -> Place | None:
        """Where it is said; None for nowhere."""
        match tell.whom:
            case Whom.REPORTER:
                return inquiry.place if inquiry and inquiry.place.channel else None
            case Whom.TECHNICIAN | Whom.SENDER | Whom.RECIPIENT:
                return Place(tell.user) if tell.user else None
            case Whom.MANAGER if self.manager:
                return Place(self.manager)
            case Whom.THREAD | Whom.ON_CALL | Whom.MANAGER:
                return ticket.post
            case _:
                return None

    def say(self, tell: Tell, ticket: LiveTicket, place: Place) -> Said | None:
        """None where there is nothing to say."""
        group = (self.on_call or self.voice.group) if tell.whom in (Whom.ON_CALL, Whom.MANAGER) else ""
        post = said(tell, ticket, self.voice.wording, group="" if place.channel == self.manager else group)
        if post is None:
            return None
        return self.voice.sender.post(place.channel, place.thread, post, inquiry=tell.ticket, mark=tell.mark)

    def _known(self, ticket: LiveTicket) -> bool:
        with self._lock:
            return self._shown.get((ticket.team, ticket.number), 0) >= ticket.version

    def _seen(self, ticket: LiveTicket, inquiry: Inquiry | None) -> Seen:
        due = self.ticketing.due_of(ticket)
        private = inquiry is None or inquiry.surface is not Surface.CHANNEL
        link = "" if private or inquiry is None else self.voice.permalink(inquiry)
        evidence = inquiry.id if inquiry and inquiry.outcome else ""
        outcome = inquiry.outcome if inquiry else None
        sender = f"{outcome.sender_name} {outcome.sender_address}".strip() if outcome else ""
        return Seen(due.first, due.end, link, private, evidence, sender, len(self.ticketing.blast(ticket)))
