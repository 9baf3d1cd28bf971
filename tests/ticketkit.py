"""Tickets for tests: people, a checklist, an opening, and any act that anybody might try."""

from datetime import UTC, datetime, timedelta
from random import Random

from bot.model import Place, Priority, Verdict
from bot.model.tickets import (
    BOT,
    Account,
    Act,
    ActKind,
    Actor,
    Again,
    CheckStep,
    Closing,
    Level,
    LiveTicket,
    Opening,
    Reporter,
    Role,
    Said3,
)
from bot.tickets import begin
from bot.tickets.permission import ALSO_CLOSED, MAY, ONLY_CLOSED

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TEA, TOM = Actor(Role.TECHNICIAN, "UTEA", "Tea Koch"), Actor(Role.TECHNICIAN, "UTOM", "Tom Adler")
VIC = Actor(Role.TECHNICIAN, "UVIC", "Vic Brandt")
"""A technician whose own account is the one that was broken into."""
ANN, BEN = Actor(Role.REPORTER, "UANN", "Ann Meyer"), Actor(Role.REPORTER, "UBEN", "Ben Otto")
VICTIM = Actor(Role.SENDER, "UVIC", "Vic Brandt")
OTHER = Actor(Role.SENDER, "UOTH", "Otho Lang")
REPORTING_VICTIM = Actor(Role.REPORTER, "UVIC", "Vic Brandt")
PEOPLE = (TEA, TOM, VIC, ANN, BEN, VICTIM, OTHER, REPORTING_VICTIM, BOT)

STEPS = tuple(
    CheckStep(
        f"1.microsoft-365.{number}", topic, must, f"Do the {topic}.", "https://learn.example.com/", "vic@example.org"
    )
    for number, (topic, must) in enumerate(
        (("sessions", True), ("password", True), ("second-factor", True), ("log", False)), 1
    )
)


def reporter(person: Actor = ANN, inquiry: str = "inq1") -> Reporter:
    return Reporter(inquiry, person.user, person.name, START)


def opening(**changes: object) -> Opening:
    """Vic's account, broken into, as Ann reports it."""
    values: dict[str, object] = {
        "reason": "hacked-staff",
        "priority": Priority.HIGH,
        "reporter": reporter(),
        "summary": "The account vic@example.org of ours was very likely broken into.",
        "affected": "vic@example.org",
        "accounts": (Account("vic@example.org", "UVIC", "microsoft-365", True),),
        "campaign": "c1",
        "verdict": Verdict.HACKED_ACCOUNT,
        "confidence": 0.9,
        "strong": True,
        "steps": STEPS,
    }
    return Opening(**{**values, **changes})  # type: ignore[arg-type]


def new_ticket(at: datetime = START, **changes: object) -> LiveTicket:
    return begin("T1", 1, Act(ActKind.OPENED, BOT, at, opening=opening(**changes)))


def guess(**changes: object) -> LiveTicket:
    """Nothing but a guess, of nobody's account."""
    blank: dict[str, object] = {"accounts": (), "steps": (), "strong": False, "verdict": Verdict.UNDETERMINED}
    return new_ticket(START, **{**blank, "reason": "asked-for-a-person", **changes})


REASONS = ("hacked-staff", "clicked", "paid")


def some_act(dice: Random, ticket: LiveTicket, at: datetime) -> Act:
    """Any act by anybody; mostly one that could be allowed, sometimes nonsense."""
    sensible = dice.random() < 0.85
    kinds = [kind for kind in ActKind if _fits(kind, ticket, dice)] if sensible else list(ActKind)
    kind = dice.choice(kinds)
    people = [each for each in PEOPLE if each.role in MAY[kind]] if sensible else list(PEOPLE)
    waiting = [each.number for each in ticket.parked] or [dice.randrange(40)]
    until = dice.choice((-1, 1, 1, 30, 200))
    return Act(
        kind,
        dice.choice(people),
        at,
        text=dice.choice(("", "   ", *["Because the phone call said so."] * 6)),
        user=dice.choice(("UTEA", "UTOM", "UVIC", "UOTH", "")),
        name="Somebody",
        inquiry=dice.choice(("inq1", "inq2", "inq9", "")),
        step=dice.choice((*(step.id for step in STEPS), "nothing")),
        verdict=dice.choice((None, *Verdict)),
        outcome=dice.choice((None, *Closing, *[Closing.HACKED_FIXED, Closing.WITHDRAWN] * 2)),
        until=at + timedelta(days=until),
        said=dice.choice((None, *Said3)),
        helped=dice.choice((None, True, False)),
        again=dice.choice((None, *Again)),
        level=dice.choice((None, *Level)),
        missed=dice.choice(((), (Level.SOON,))),
        number=dice.choice(waiting),
        opening=_more(dice),
        place=Place("CTECH", "1700000000.000100"),
        recipients=dice.choice(((), ("UBEN",), ("UBEN", "UOTH"))),
        accounts=dice.choice(((), (Account("vic@example.org", "UVIC", "microsoft-365", True),))),
        steps=dice.choice(((), STEPS)),
    )


def _fits(kind: ActKind, ticket: LiveTicket, dice: Random) -> bool:
    if kind in (ActKind.CONFIRMED, ActKind.REFUSED):
        return bool(ticket.parked)
    if not ticket.is_open:
        return kind in ONLY_CLOSED or (kind in ALSO_CLOSED and dice.random() < 0.3)
    return kind not in ONLY_CLOSED


def _more(dice: Random) -> Opening:
    person, hacked = dice.choice((ANN, BEN, REPORTING_VICTIM)), dice.random() < 0.5
    return opening(
        reason=dice.choice(REASONS),
        priority=dice.choice(list(Priority)),
        reporter=Reporter(f"inq{dice.randint(1, 5)}", person.user, person.name, START),
        accounts=(Account("vic@example.org", "UVIC", "microsoft-365", True),) if hacked else (),
        strong=hacked,
        steps=STEPS if hacked else (),
    )
