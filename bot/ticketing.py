"""The tickets' service: what handlers and jobs call. It asks, decides, keeps, and queues what has to be told.

    done = ticketing.act(team, 123, acts.take(actor), key)      raises Shown: taken (it names by whom), closed, …
    done.ticket, done.tells

Every act is kept before anything is told. What is told comes from the store: the job `tell(team, number, version)`
says each Tell once, then calls `told`. A job that was lost is queued again by `due`, which runs every minute.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import Shown, StoreUnavailable
from bot.handbook.checklists import FriendPack, friend_pack
from bot.model.diagnosis import Verdict
from bot.model.inquiry import Asker, Inquiry, Outcome, Place, Wish
from bot.model.telling import Tell
from bot.model.tickets import (
    BOT,
    Act,
    ActKind,
    Actor,
    Again,
    Closing,
    Entry,
    LiveTicket,
    Opening,
    Reporter,
    Role,
    Said3,
    TicketState,
)
from bot.tickets import acts, reasons
from bot.tickets.accounts import AccountBook
from bot.tickets.clock import Due, due, opens, wakes
from bot.tickets.closing import bot_may_close
from bot.tickets.keeping import Done, Keeper, breathe, busy
from bot.tickets.ports import Page, Pile, claims_of, inquiry_claim
from bot.tickets.reminding import spoken
from bot.tickets.telling import HARMFUL

__all__ = ["Done", "Keeper", "Ticketing"]

_TRIES = 60
_LOST = timedelta(seconds=90)
"""How long after an act its telling is thought lost."""


@dataclass(frozen=True, slots=True)
class Ticketing:
    """One for each process. Every method raises StoreUnavailable, and Shown where something isn't allowed."""

    keeper: Keeper
    book: AccountBook
    help_desk: str = ""
    """As it stands in "call …" (`bot.advice.desk_to_call`)."""
    many: int = 5
    """Reports of one campaign from which on it is a ticket of its own accord."""
    relapse: timedelta = timedelta(days=14)
    sender_closes: bool = False
    """Whether the apparent sender's "I did" closes what is nothing but a guess."""

    # What reporters bring

    def report(self, inquiry: Inquiry, outcome: Outcome | None = None, wish: Wish | None = None) -> Done | None:
        """Opens a ticket for an inquiry, joins it to one that is open, or reopens one; None where nobody is needed.

        May be called as often as one likes: what is known already changes nothing.
        """
        grounds = self._grounds(inquiry, outcome, wish)
        values = reasons.spoken(outcome, self.help_desk)
        ticket = reasons.wanted(self.book.handbook.escalation, outcome, grounds, values)
        if ticket is None:
            return None
        brought = reasons.opening(inquiry, outcome, ticket, self.book)
        for attempt in range(_TRIES):
            done = self._brought(inquiry.asker.team, brought)
            if done is not None:
                return done
            breathe(attempt)
        raise busy()

    def known(self, team: str, campaign: str) -> LiveTicket | None:
        """The ticket of a campaign, whose technician's verdict the next reporter may be told at once; None where
        there is none, or it would clear a mail that is merely like the one that was looked at.
        """
        number = self.keeper.tickets.about(team, f"campaign:{campaign}") if campaign else 0
        ticket = self.keeper.tickets.find(team, number) if number else None
        return ticket if ticket is not None and ticket.theirs in HARMFUL else None

    def wrote(self, inquiry: Inquiry, text: str, key: str = "") -> Done | None:
        """The reporter wrote in their thread (no thanks, which the handlers tell): the open ticket has their answer,
        a closed one opens again. None where the inquiry has no ticket.
        """
        ticket = self.of_inquiry(inquiry.asker.team, inquiry.id)
        if ticket is None:
            return None
        by = _reporter(inquiry)
        if ticket.is_open:
            return self.act(ticket.team, ticket.number, acts.answered(by, text, inquiry.id), key)
        again = acts.reopen(by, Again.WROTE, text, _named_again(ticket, inquiry))
        return self.act(ticket.team, ticket.number, again, key)

    def forget(self, asker: Asker, inquiries: tuple[str, ...]) -> int:
        """Takes a person's name out of the tickets of their inquiries, and out of every line of the record; what a
        technician is working with goes when they are done. How many tickets that were.
        """
        numbers = {self.keeper.tickets.about(asker.team, inquiry_claim(inquiry)) for inquiry in inquiries} - {0}
        return sum(self._forget(asker, number) for number in sorted(numbers))

    # What anybody does

    def act(self, team: str, number: int, act: Act, key: str = "") -> Done:
        """Does something to a ticket (`bot.tickets.acts`), if it is allowed. `key` is the delivery's: done twice,
        it counts once.
        """
        done = self.keeper.act(team, number, lambda ticket: self._filled(ticket, act), key)
        return self._closed_by_sender(done)

    def pack(self, team: str, number: int, by: Actor, key: str = "") -> tuple[Done, FriendPack]:
        """The text for the owner of an account outside, by their provider."""
        ticket = self.keeper.found(team, number)
        account = next((each for each in ticket.accounts if not each.ours), None)
        if account is None:
            raise Shown("no-outsider", "No account of somebody outside is in this ticket.", "Use the checklist.")
        made = friend_pack(
            self.book.handbook.checklists,
            self.book.handbook.providers,
            account.provider,
            desk=self.help_desk,
            address=account.address,
            theirs="your own IT support",
        )
        return self.act(team, number, acts.pack_made(by, made.provider), key), made

    # What is seen

    def find(self, team: str, number: int) -> LiveTicket | None:
        return self.keeper.tickets.find(team, number)

    def of_inquiry(self, team: str, inquiry: str) -> LiveTicket | None:
        number = self.keeper.tickets.about(team, inquiry_claim(inquiry))
        return self.keeper.tickets.find(team, number) if number else None

    def at(self, team: str, place: Place) -> LiveTicket | None:
        """The ticket in whose thread, in the technicians' channel, something was written."""
        number = self.keeper.tickets.at(team, place)
        return self.keeper.tickets.find(team, number) if number else None

    def story(self, team: str, number: int) -> tuple[Entry, ...]:
        return self.keeper.tickets.story(team, number)

    def queue(self, team: str, pile: Pile = Pile.OPEN, user: str = "", start: int = 0, count: int = 20) -> Page:
        return self.keeper.tickets.pile(team, pile, user, start, count)

    def totals(self, team: str, user: str = "") -> dict[Pile, int]:
        return self.keeper.tickets.totals(team, user)

    def due_of(self, ticket: LiveTicket) -> Due:
        """When its first answer and its end are due."""
        return due(ticket, self.keeper.timing)

    def blast(self, ticket: LiveTicket) -> tuple[str, ...]:
        """Whom a notice may go to: who stood in To and Cc, by Slack's id; not who reported it and knows."""
        knows = {each.user for each in ticket.reporters} | set(ticket.told) | ticket.suspects
        return tuple(user for user in ticket.recipients if user not in knows)

    # What the clock and the queue do

    def due(self, most: int = 200) -> tuple[Done, ...]:
        """Once a minute, by one process: reminders, rests that are over, and tellings that were lost."""
        now = self.keeper.clock.now()
        for team, number, version in self.keeper.tickets.untold(now - _LOST, most):
            self.keeper.teller.tell(team, number, version)
        teams = dict[str, list[LiveTicket]]()
        for team, number in self.keeper.tickets.waking(now, most):
            ticket = self.keeper.tickets.find(team, number)
            if ticket is None:
                self.keeper.tickets.sleep(team, number)
            else:
                teams.setdefault(team, []).append(ticket)
        return tuple(done for found in teams.values() for done in self._looked_at(found, now))

    def tells(self, team: str, number: int, version: int) -> tuple[Tell, ...]:
        """For the job: what is still to be told of an act."""
        return self.keeper.tickets.tells(team, number, version)

    def told(self, team: str, number: int, version: int) -> None:
        """For the job, when each Tell was said, or can't ever be."""
        self.keeper.tickets.told(team, number, version)

    def reclock(self, team: str) -> None:
        """After working hours or targets were changed: puts the open tickets in their new order."""
        timing, tickets = self.keeper.timing, self.keeper.tickets
        for ticket in tickets.pile(team, Pile.OPEN, count=1_000_000).tickets:
            tickets.place(ticket, due(ticket, timing).next, wakes(ticket, timing))

    # How

    def _grounds(self, inquiry: Inquiry, outcome: Outcome | None, wish: Wish | None) -> reasons.Grounds:
        addresses = (inquiry.asker.address, outcome.sender_address if outcome else "")
        vip = any(self.book.vip(address) for address in addresses if address)
        count = max(outcome.seen_before + 1, outcome.campaign_people) if outcome else 1
        return reasons.Grounds(wish, vip, count >= self.many)

    def _brought(self, team: str, brought: Opening) -> Done | None:
        """None where somebody was faster, and it has to be looked at again."""
        mine = self.keeper.tickets.about(team, inquiry_claim(brought.reporter.inquiry))
        if mine:
            return self.keeper.act(team, mine, lambda now: self._once_more(now, brought))
        claims = tuple((claim, self.keeper.tickets.about(team, claim)) for claim in claims_of(brought))
        for claim, number in claims:
            ticket = self.keeper.tickets.find(team, number) if number else None
            if ticket is not None and self._joins(ticket, claim, brought):
                return self.keeper.act(team, number, lambda now, claim=claim: self._joins(now, claim, brought))  # type: ignore[misc]  # mypy can't see the default
        steps = reasons.steps(self.book, brought.accounts, help_desk=self.help_desk)
        claims += ((inquiry_claim(brought.reporter.inquiry), 0),)
        return self.keeper.open(team, replace(brought, steps=steps), claims)

    def _once_more(self, ticket: LiveTicket, brought: Opening) -> Act | None:
        """An inquiry that has its ticket brings another reason, or nothing new."""
        known = brought.reason in ticket.reasons
        if ticket.is_open:
            return None if known else acts.raised(self._with_steps(ticket, brought))
        wished = brought.reason.startswith("wish-")
        if known and not wished:
            return None
        return acts.reopen(BOT, Again.WISHED, brought.summary, self._with_steps(ticket, brought))

    def _joins(self, ticket: LiveTicket, claim: str, brought: Opening) -> Act | None:
        """How a report becomes a part of what is there already; None where it is a matter of its own."""
        if ticket.is_open:
            return acts.joined(self._with_steps(ticket, brought))
        if ticket.closed_at is None or self.keeper.clock.now() - ticket.closed_at > self.relapse:
            return None
        if claim.startswith("campaign:"):
            return acts.joined(brought) if ticket.theirs in HARMFUL and not brought.reason.startswith("wish-") else None
        return acts.reopen(BOT, Again.RELAPSE, brought.summary, self._with_steps(ticket, brought))

    def _closed_by_sender(self, done: Done) -> Done:
        """Where that is set, an "I did" ends what is nothing but a guess."""
        act = done.entry.act if done.entry else None
        if not self.sender_closes or act is None or act.kind is not ActKind.SENDER_SAID or act.said is not Said3.YES:
            return done
        close = acts.close(BOT, Closing.SENDER_CONFIRMED)
        if done.parked or not done.ticket.is_open or not bot_may_close(done.ticket, close):
            return done
        return self.keeper.act(done.ticket.team, done.ticket.number, lambda _: close)

    def _filled(self, ticket: LiveTicket, act: Act) -> Act:
        """With the checklist that a new verdict brings, and the asked person that is known."""
        if act.kind is ActKind.SENDER_ASKED and not act.user:
            return replace(act, user=ticket.apparent)
        if act.kind is not ActKind.CHANGE_VERDICT or act.verdict is not Verdict.HACKED_ACCOUNT or ticket.steps:
            return act
        accounts = ticket.accounts or (
            self.book.account(ticket.team, ticket.affected if "@" in ticket.affected else ""),
        )
        steps = reasons.steps(self.book, accounts, help_desk=self.help_desk)
        return replace(act, accounts=accounts, steps=steps)

    def _with_steps(self, ticket: LiveTicket, brought: Opening) -> Opening:
        """With the checklist of accounts that the ticket doesn't have yet; after a relapse of all of them."""
        known = {(each.address, each.user) for each in ticket.accounts} if ticket.is_open else set()
        new = tuple(each for each in brought.accounts if (each.address, each.user) not in known)
        first = len(ticket.accounts) + 1 if ticket.is_open else 1
        steps = reasons.steps(self.book, new, first=first, help_desk=self.help_desk)
        return replace(brought, accounts=new, steps=steps)

    def _forget(self, asker: Asker, number: int) -> bool:
        act = acts.forget(Actor(Role.REPORTER, asker.user, asker.name))
        try:
            self.act(asker.team, number, act)
        except StoreUnavailable:
            raise
        except Shown:  # nothing of theirs is in it, or it waits for a technician already
            return False
        return True

    def _looked_at(self, found: list[LiveTicket], now: datetime) -> list[Done]:
        """Of one team: what rests comes back, what is late is said."""
        resting = [ticket for ticket in found if ticket.state is TicketState.ON_HOLD]
        others = [ticket for ticket in found if ticket.state is not TicketState.ON_HOLD]
        made = [self._tried(ticket, acts.resume()) for ticket in resting]
        for ticket, act in spoken(others, now, self.keeper.timing):
            if act is None:
                self._sleep(ticket, now)
            else:
                made.append(self._tried(ticket, act))
        return [done for done in made if done is not None]

    def _sleep(self, ticket: LiveTicket, now: datetime) -> None:
        """Nobody is there now, or what it woke for is done."""
        at = wakes(ticket, self.keeper.timing)
        again = max(at, opens(ticket, now, self.keeper.timing)) if at else None
        self.keeper.tickets.place(ticket, due(ticket, self.keeper.timing).next, again)

    def _tried(self, ticket: LiveTicket, act: Act) -> Done | None:
        try:
            return self.keeper.act(ticket.team, ticket.number, lambda _: act)
        except StoreUnavailable:
            raise
        except Shown:  # somebody did something in the meantime
            return None


def _reporter(inquiry: Inquiry) -> Actor:
    return Actor(Role.REPORTER, inquiry.asker.user, inquiry.asker.name)


def _named_again(ticket: LiveTicket, inquiry: Inquiry) -> Opening:
    """Whoever writes again is named again, if their name was taken out meanwhile."""
    asker = inquiry.asker
    reporter = Reporter(inquiry.id, asker.user, asker.name, inquiry.received_at)
    return Opening(ticket.reasons[0], ticket.priority, reporter)
