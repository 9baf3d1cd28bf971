"""A ticket as it lives: what it is about, how far it is, and the acts that its record consists of.

`bot.model.Ticket` is what asks for one to be opened. A LiveTicket is what the acts so far have made of it
(`bot.tickets.apply`): nothing in it changes but by an act, and no act is ever taken back or edited.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.diagnosis import Priority, Verdict
from bot.model.inquiry import Place


class TicketState(StrEnum):
    NEW = "new"
    TAKEN = "taken"
    WAITING = "waiting"
    """The reporter was asked; the clock stands."""
    ON_HOLD = "on-hold"
    CLOSED = "closed"
    REOPENED = "reopened"
    """Open again, and nobody has it."""


class Role(StrEnum):
    """As what somebody acts; the handlers check it at every click."""

    TECHNICIAN = "technician"
    REPORTER = "reporter"
    SENDER = "apparent-sender"
    """Who was asked whether they sent the mail."""
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. `name` is for showing; `user` tells people apart (Slack's id, "" for the bot)."""

    role: Role
    user: str = ""
    name: str = ""


BOT = Actor(Role.BOT)


class ActKind(StrEnum):
    OPENED = "opened"
    JOINED = "joined"
    """Another inquiry of the same mail, campaign or account."""
    RAISED = "raised"
    """A further reason; it may raise the priority."""
    POSTED = "posted"
    """The technicians' post stands in Slack."""
    TAKE = "take"
    RELEASE = "release"
    HAND_OVER = "hand-over"
    ASK = "ask"
    ANSWERED = "answered"
    """The reporter wrote, asked or not."""
    CHANGE_VERDICT = "change-verdict"
    HOLD = "hold"
    RESUMED = "resumed"
    NOTE = "note"
    TICK = "tick"
    UNTICK = "untick"
    WAIVE = "waive"
    CLOSE = "close"
    REOPENED = "reopened"
    REMINDED = "reminded"
    FEEDBACK = "feedback"
    SENDER_ASKED = "sender-asked"
    SENDER_SAID = "sender-said"
    NOTICE_PROPOSED = "notice-proposed"
    NOTICE_APPROVED = "notice-approved"
    NOTICE_SENT = "notice-sent"
    PACK_MADE = "pack-made"
    """The text for an outside victim, to be read out or sent by SMS."""
    CONFIRMED = "confirmed"
    """A technician lets something count that came from a suspect account."""
    REFUSED = "refused"
    FORGOTTEN = "forgotten"


class Closing(StrEnum):
    """How a ticket ends: a closed list."""

    HACKED_FIXED = "hacked-fixed"
    HACKED_TOLD = "hacked-told"
    """Somebody outside, whom we can only tell."""
    ADDRESS_FORGED = "address-forged"
    NAME_BORROWED = "name-borrowed"
    SPAM = "spam"
    GENUINE = "genuine"
    SENDER_CONFIRMED = "sender-confirmed"
    """The apparent sender says that they wrote it."""
    HARM_CONTAINED = "harm-contained"
    """What the reporter typed, opened, approved or paid is dealt with."""
    MAIL_SYSTEM_MENDED = "mail-system-mended"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    """The reporter doesn't need anybody any more."""
    UNRESOLVED = "unresolved"


class Said3(StrEnum):
    """The answer to "did you send this?"."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Again(StrEnum):
    """Why a closed ticket opens again."""

    WROTE = "wrote"
    WISHED = "wished"
    RELAPSE = "relapse"
    """A new report of the same account soon after."""
    TECHNICIAN = "technician"


class Level(StrEnum):
    """How far a target is missed: at 75 %, at 100 % (the on-call group), and later (the manager)."""

    FIRST_SOON = "first-soon"
    FIRST_DUE = "first-due"
    FIRST_LATE = "first-late"
    SOON = "soon"
    DUE = "due"
    LATE = "late"
    NO_ANSWER = "no-answer"
    """The reporter has been asked and says nothing."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account that the ticket is about."""

    address: str
    """Folded; "" where only the person is known."""
    user: str = ""
    """Whose it is in this workspace, by Slack's id: what is pressed from there is suspect."""
    provider: str = ""
    """A page of knowledge/providers."""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Reporter:
    """One inquiry of the ticket, with who asked."""

    inquiry: str
    user: str
    name: str = ""
    at: datetime | None = None
    helped: bool | None = None
    """Their feedback."""


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One step of the checklist. Exactly one of ticked and waived is set once it is settled."""

    id: str
    """Unique in the ticket, the same for the same step of a page."""
    topic: str
    must: bool
    text: str
    source: str = ""
    account: str = ""
    """The account whose step it is."""
    ticked: bool = False
    waived: bool = False
    by: Actor | None = None
    at: datetime | None = None
    why: str = ""

    @property
    def settled(self) -> bool:
        return self.ticked or self.waived


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """What an inquiry brings to a ticket, new or not."""

    reason: str
    """An entry of knowledge/escalation.toml."""
    priority: Priority
    reporter: Reporter
    summary: str = ""
    affected: str = ""
    accounts: tuple[Account, ...] = ()
    campaign: str = ""
    verdict: Verdict | None = None
    confidence: float = 0.0
    strong: bool = False
    """More than a guess: "I did" alone never ends it."""
    acted: bool = False
    """It is about what the reporter did: the mail's verdict is another matter."""
    steps: tuple[CheckStep, ...] = ()
    task: str = ""
    """What exactly is to be done, such as the DNS record to add."""
    apparent: str = ""
    """Whose address the mail shows, by Slack's id; "" for nobody of this workspace."""
    recipients: tuple[str, ...] = ()
    """Who else of this workspace stands in To or Cc, by Slack's id."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One warning to everybody who may have got the mail."""

    recipients: tuple[str, ...]
    """Slack ids."""
    text: str
    approved_by: str = ""
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody does to a ticket. Which fields count, says the kind (`bot.tickets.acts` makes them)."""

    kind: ActKind
    by: Actor
    at: datetime
    text: str = ""
    """The question, answer, note, reason or summary."""
    user: str = ""
    """To whom: the new owner, the apparent sender."""
    name: str = ""
    inquiry: str = ""
    step: str = ""
    verdict: Verdict | None = None
    outcome: Closing | None = None
    until: datetime | None = None
    said: Said3 | None = None
    helped: bool | None = None
    again: Again | None = None
    level: Level | None = None
    missed: tuple[Level, ...] = ()
    """Lower levels that needn't be said any more."""
    together: tuple[int, ...] = ()
    """Tickets that are reminded of at once: the first of them speaks for all."""
    number: int = 0
    """Of the act that is confirmed or refused."""
    opening: Opening | None = None
    place: Place | None = None
    recipients: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()
    steps: tuple[CheckStep, ...] = ()
    """The account that a new verdict speaks of, and its checklist."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the record: the act, its number, and the states before and after it."""

    number: int
    act: Act
    was: TicketState | None
    became: TicketState
    parked: bool = False
    """It came from a suspect account and waits for a technician."""


@dataclass(frozen=True, slots=True)
class Parked:
    """An act that doesn't count until a technician says so."""

    number: int
    act: Act


@dataclass(frozen=True, slots=True)
class LiveTicket:
    """What the acts so far have made of a ticket."""

    team: str
    number: int
    """Sequential in the workspace, from 1: short and sayable."""
    state: TicketState
    priority: Priority
    reasons: tuple[str, ...]
    opened_at: datetime
    changed_at: datetime
    version: int
    """How many acts it has; the last one's number."""
    summary: str = ""
    affected: str = ""
    task: str = ""
    accounts: tuple[Account, ...] = ()
    reporters: tuple[Reporter, ...] = ()
    reports: int = 0
    """How many inquiries it has in all: `reporters` holds the first thousand."""
    campaign: str = ""
    ours: Verdict | None = None
    """Our own verdict, at opening."""
    confidence: float = 0.0
    strong: bool = False
    acted: bool = False
    theirs: Verdict | None = None
    """The technician's, which counts."""
    owner: str = ""
    owner_name: str = ""
    post: Place | None = None
    """The technicians' post, `thread` being its ts."""
    clock_from: datetime | None = None
    """When the clock began: at opening, or at the last reopening."""
    answered_at: datetime | None = None
    """The first answer by a technician since then."""
    paused_at: datetime | None = None
    """Set while it waits or is on hold."""
    pauses: tuple[Span, ...] = ()
    reminded: tuple[Level, ...] = ()
    asked_at: datetime | None = None
    """Set while a question to the reporter is open."""
    hold_until: datetime | None = None
    steps: tuple[CheckStep, ...] = ()
    apparent: str = ""
    """Whose address the mail shows, by Slack's id."""
    recipients: tuple[str, ...] = ()
    """Who else may have got it, by Slack's id."""
    sender: str = ""
    """Who was asked whether they sent it."""
    sender_said: Said3 | None = None
    notice: Notice | None = None
    told: tuple[str, ...] = ()
    """Whom a notice reached, so that nobody gets it twice."""
    parked: tuple[Parked, ...] = ()
    packs: tuple[str, ...] = ()
    outcome: Closing | None = None
    closed_at: datetime | None = None
    closed_by: Actor | None = None
    rounds: int = 0
    """How often it was reopened."""
    forgotten: bool = False
    """Content and names go as soon as it is closed."""

    @property
    def verdict(self) -> Verdict | None:
        """What counts now."""
        return self.theirs or self.ours

    @property
    def overturned(self) -> bool:
        """A technician found otherwise than we did."""
        return self.theirs is not None and self.ours is not None and self.theirs is not self.ours

    @property
    def is_open(self) -> bool:
        return self.state is not TicketState.CLOSED

    @property
    def suspects(self) -> frozenset[str]:
        """People of this workspace whose own account may be in somebody else's hands."""
        return frozenset(account.user for account in self.accounts if account.user)
