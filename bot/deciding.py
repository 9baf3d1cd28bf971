"""From an inquiry to its outcome: material is fetched, read, looked up among earlier reports, and checked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from bot import campaigns, pasting, sameness
from bot.campaigns import Campaigns
from bot.engine import Checked
from bot.errors import Shown, StoreUnavailable, TooLarge
from bot.model import (
    Asker,
    Belonging,
    Exhibit,
    FileRef,
    Inquiry,
    Kind,
    Message,
    Outcome,
    Reader,
    Report,
    Stage,
    Surface,
    Told,
    Wish,
)
from bot.parting import UNEXPECTED, parted
from bot.ports import Clock, Inquiries, Later, Materials, Meter, Queue, Sightings, Voice
from bot.revisions import while_current
from bot.sameness import Likeness, Sighting
from bot.ticketing import Ticketing

T = TypeVar("T")
MOST_RECIPIENTS = 200
MOST_STARTS = 5
"""How often a mail may be begun to be read without an end, before it is thought to take the process down."""
MOST_OCTETS = 60_000_000
"""Of all files of one inquiry together."""
LARGE = 5_000_000
"""Octets from which on only LARGE_AT_ONCE inquiries are worked at in one process, for its memory's sake."""
LARGE_AT_ONCE = 2
_LARGE_AGAIN_S = 2.0
_AWAY_AT_MOST_S = 600.0
_TURN_S = 3.0
"""How long a mail waits for the same one that is just being checked."""
NO_MAIL = Exhibit(b"There is no mail that can be read.", kind=Kind.WORDS)
"""Stands for what can't be read or wasn't handed in, where something was done already that can't wait for it."""


class Engine(Protocol):
    """The straight line for threads (`bot.engine.LoopEngine`)."""

    def read(self, report: Report) -> Message | Shown: ...

    def check(self, report: Report, message: Message) -> Checked | Shown: ...


class Away(Later):
    """A file can't be had yet; the longer that lasts, the later it is tried again."""


class Unexpected(Exception):
    """The line broke; it is logged there, and tried again by the queue."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the jobs work with."""

    inquiries: Inquiries
    sightings: Sightings
    queue: Queue
    voice: Voice
    materials: Materials
    engine: Engine
    clock: Clock
    meter: Meter
    tickets: Ticketing | None = None
    """Where tickets are kept; None: technicians get a post at most."""
    campaigns: Campaigns | None = None
    """Where campaigns are remembered; None: they aren't."""
    room: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(LARGE_AT_ONCE))
    """How many inquiries with large files are worked at at once."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An outcome, or why there is none; and what of the material it isn't about."""

    outcome: Outcome | Shown
    missing: tuple[Shown, ...] = ()
    kept: Inquiry | None = None
    """The inquiry as it was written with its outcome; it may have gone on meanwhile, or be forgotten."""


def decide(desk: Desk, inquiry: Inquiry) -> Decided:
    """What is to be told, which is written into the record too.

    Raises Later, StoreUnavailable, Unexpected, and Shown for a mail that takes the process down whenever it is read.
    """
    if desk.inquiries.begin(inquiry.id, inquiry.revision) > MOST_STARTS:
        desk.inquiries.end(inquiry.id, inquiry.revision)
        raise Shown("takes-the-process-down", "Reading this mail stops the program.", "A technician was told.")
    try:
        with _room(desk, inquiry):
            exhibits, missing = material(desk, inquiry)
            if missing and not is_harmed(inquiry.told) and (not exhibits or _is_beside_the_point(inquiry, missing)):
                return Decided(missing[0])
            inquiry, exhibits, left_out = parted(desk.inquiries, desk.queue, desk.engine.read, inquiry, exhibits)
            reader = Reader.NAMED if inquiry.told.own_account else inquiry.reader
            report = Report(exhibits, inquiry.told, reader, inquiry.received_at)
            done = _read_and_check(desk, inquiry, report)
            return replace(done, missing=(*missing, *left_out, *done.missing))
    finally:
        desk.inquiries.end(inquiry.id, inquiry.revision)


def _is_beside_the_point(inquiry: Inquiry, missing: tuple[Shown, ...]) -> bool:
    """Whether all that is left of a message that somebody chose is what its writer said to the file."""
    files = sum(1 for piece in inquiry.pieces if piece.file)
    headers = any(pasting.is_headers(piece.text) for piece in inquiry.pieces)
    return inquiry.surface is Surface.SHORTCUT and len(missing) == files and not headers


@contextmanager
def _room(desk: Desk, inquiry: Inquiry) -> Iterator[None]:
    """Memory for what is large, or may be; others wait in the queue, not in a thread. Raises Later."""
    sizes = [piece.file.size or LARGE for piece in inquiry.pieces if piece.file and piece.file.mode != "email"]
    if sum(sizes) < LARGE:
        yield
        return
    if not desk.room.acquire(blocking=False):
        raise Later(_LARGE_AGAIN_S, "no room for what is large")
    try:
        yield
    finally:
        desk.room.release()


def material(desk: Desk, inquiry: Inquiry) -> tuple[tuple[Exhibit, ...], tuple[Shown, ...]]:
    """Everything handed in, in order, and why some of it isn't to be had. Raises Away, StoreUnavailable."""
    found, missing, left = list(pasting.texts(inquiry.pieces)), list[Shown](), MOST_OCTETS
    for piece in pasting.in_order(inquiry.pieces):
        if piece.file is None:
            continue
        try:
            exhibits = _fetched(desk, inquiry, piece.file, left)
        except StoreUnavailable:
            raise
        except Shown as gone:
            missing.append(gone)
            continue
        left -= sum(len(each.content) for each in exhibits)
        found += exhibits
    return tuple(found), tuple(missing)


def _fetched(desk: Desk, inquiry: Inquiry, file: FileRef, left: int) -> tuple[Exhibit, ...]:
    """Raises Away, StoreUnavailable, Shown."""
    if file.size > left:
        raise _too_much()
    exhibits = desk.inquiries.kept(inquiry.id, file.id)
    if exhibits is None:
        try:
            exhibits = desk.materials.fetch(file)
        except Later as away:
            waited = (desk.clock.now() - (inquiry.changed_at or inquiry.received_at)).total_seconds()
            raise Away(max(away.seconds, min(_AWAY_AT_MOST_S, waited / 4)), away.why) from away
        desk.inquiries.keep(inquiry.id, file.id, exhibits)
    if sum(len(each.content) for each in exhibits) > left:
        raise _too_much()
    return exhibits


def _too_much() -> TooLarge:
    return TooLarge(
        "too-large-together",
        f"Those files are larger than {MOST_OCTETS // 1_000_000} MB together; I didn't look at all of them.",
        "Please send me only the one mail that you ask about, without its attachments or only its headers.",
    )


def _read_and_check(desk: Desk, inquiry: Inquiry, report: Report) -> Decided:
    message = _expected(desk, desk.engine.read(report))
    if isinstance(message, Shown):
        return _unread(desk, inquiry, report, message)
    if _is_own(inquiry.asker, message) and not inquiry.told.own_account:
        inquiry = _named(desk, inquiry)
        report = replace(report, told=inquiry.told, reader=inquiry.reader)
    mail = sameness.exactly(message, report.told, report.reader) if _shares(inquiry.asker) else ""
    if not mail:
        return _settled(desk, inquiry, message, _check(desk, inquiry, report, message), mail)
    with desk.inquiries.hold(f"mail:{inquiry.asker.team}:{mail}", _TURN_S):
        # Of many who report one mail at once, one has it checked.
        outcome = _known(desk, inquiry, mail) or _check(desk, inquiry, report, message)
        return _settled(desk, inquiry, message, outcome, mail)


def _unread(desk: Desk, inquiry: Inquiry, report: Report, why: Shown) -> Decided:
    """Without a mail there is no verdict; but what to do first after harm doesn't depend on one."""
    if not is_harmed(report.told) or report.exhibits == (NO_MAIL,):
        return Decided(why)
    done = _read_and_check(desk, inquiry, replace(report, exhibits=(NO_MAIL,)))
    return replace(done, missing=(*done.missing, *((why,) if report.exhibits else ())))


def is_harmed(told: Told) -> bool:
    """Whether something was done already that can't wait."""
    return any((told.clicked, told.opened, told.typed_password, told.paid, told.approved))


def _is_own(asker: Asker, message: Message) -> bool:
    """Whether the mail seems to come from whoever asks: then they are the person in From, and nobody to be phoned.

    What Slack keeps of a forward may name who forwarded it.
    """
    own = asker.address.casefold()
    return bool(own) and message.kind is not Kind.SLACK_EMAIL and message.author.address.casefold() == own


def _named(desk: Desk, inquiry: Inquiry) -> Inquiry:
    """Kept with the inquiry, so that nobody else is told what was meant for the person in From."""

    def named(kept: Inquiry) -> Inquiry:
        return replace(kept, told=replace(kept.told, own_account=True), reader=Reader.NAMED)

    desk.inquiries.change(inquiry.id, while_current(inquiry, named))
    return named(inquiry)


def _left_out(message: Message) -> tuple[Shown, ...]:
    """That other mails were handed in too: a report is about one, and nobody must think that the rest is fine."""
    several = any(defect.code == "another-mail" for defect in message.defects)
    other = Shown("another-mail", "The answer is about one mail of several.", "Please send the others one by one.")
    partly = Shown("partly-read", "The mail is too long to be read to its end.", "")
    return (*((other,) if several else ()), *((partly,) if sameness.is_partly_read(message) else ()))


def _check(desk: Desk, inquiry: Inquiry, report: Report, message: Message) -> Outcome | Shown:
    before = desk.clock.now()
    result = _expected(desk, desk.engine.check(report, message))
    desk.meter.time("check", (desk.clock.now() - before).total_seconds())
    return result if isinstance(result, Shown) else _in_campaign(desk, inquiry, outcome_of(inquiry, result), result)


def _in_campaign(desk: Desk, inquiry: Inquiry, outcome: Outcome, checked: Checked) -> Outcome:
    """With the campaign that the mail belongs to, and how many reported that."""
    if desk.campaigns is None or not _shares(inquiry.asker):
        return outcome
    traits = campaigns.traits_of(checked.case.message, checked.case.facts)
    who = sameness.person(inquiry.asker.team, inquiry.asker.user)
    found = campaigns.belongs(desk.campaigns, inquiry.asker.team, traits, who)
    return replace(outcome, campaign=found.id, campaign_people=found.people) if found else outcome


def _known(desk: Desk, inquiry: Inquiry, mail: str) -> Outcome | None:
    """What was found for this very mail a while ago, for the same reader who told the same."""
    id = desk.sightings.same(inquiry.asker.team, mail)
    theirs = desk.inquiries.find(id) if id and id != inquiry.id else None
    if theirs is None or theirs.outcome is None or theirs.outcome.mail != mail or not theirs.pieces:
        return None
    if theirs.outcome.borrowed or Wish.WRONG in theirs.wishes:
        return None
    desk.meter.count("reused")
    people = _again(desk, inquiry, theirs.outcome.campaign)
    return replace(theirs.outcome, revision=inquiry.revision, seen_before=0, campaign_people=people)


def _again(desk: Desk, inquiry: Inquiry, campaign: str) -> int:
    if desk.campaigns is None or not campaign:
        return 0
    who = sameness.person(inquiry.asker.team, inquiry.asker.user)
    return desk.campaigns.again(inquiry.asker.team, campaign, who)


def _settled(desk: Desk, inquiry: Inquiry, message: Message, outcome: Outcome | Shown, mail: str) -> Decided:
    """With how many others reported the same, a forwarded copy with what was found of the whole mail; written down."""
    if isinstance(outcome, Shown):
        return Decided(outcome)
    whole = not sameness.is_partly_read(message)
    like = sameness.likeness(message) if whole and _receives(inquiry.asker) else None
    copies = _copies(desk, inquiry, like)
    me = sameness.person(inquiry.asker.team, inquiry.asker.user)
    counted = replace(outcome, mail=mail, seen_before=len({each.who for each in copies} - {me}))
    final = _founded(desk, counted, copies)
    kept = _write(desk, inquiry, final)
    if kept.stage is not Stage.FORGOTTEN:
        _remember(desk, inquiry, counted, like, mail)
    return Decided(final, _left_out(message), kept)


def _copies(desk: Desk, inquiry: Inquiry, like: Likeness | None) -> tuple[Sighting, ...]:
    if like is None:
        return ()
    group = desk.sightings.copies(inquiry.asker.team, like.group)
    return tuple(each for each in group if each.inquiry != inquiry.id and sameness.alike(like, each))


def _founded(desk: Desk, own: Outcome, copies: tuple[Sighting, ...]) -> Outcome:
    source = sameness.founds(own.diagnosis, copies)
    theirs = desk.inquiries.find(source) if source else None
    if theirs is None or theirs.outcome is None or not sameness.passes_on(theirs, own):
        return own
    desk.meter.count("borrowed")
    return sameness.taken_over(own, theirs.outcome)


def _remember(desk: Desk, inquiry: Inquiry, outcome: Outcome, like: Likeness | None, mail: str) -> None:
    if not _shares(inquiry.asker):
        return
    diagnosis = outcome.diagnosis
    who = sameness.person(inquiry.asker.team, inquiry.asker.user)
    whole = diagnosis.grade in sameness.WHOLE and inquiry.told == Told()
    sketch, hosts = (like.sketch, like.hosts) if like else ((), ())
    sighting = Sighting(inquiry.id, who, whole, diagnosis.verdict, sketch, hosts)
    desk.sightings.sighted(inquiry.asker.team, sighting, like.group if like else "", mail)


def _write(desk: Desk, inquiry: Inquiry, outcome: Outcome) -> Inquiry:
    def decided(kept: Inquiry) -> Inquiry:
        before = kept.outcome
        previous = before if before and before.revision != outcome.revision else kept.previous
        return replace(kept, outcome=outcome, previous=previous, part=inquiry.part)

    return desk.inquiries.change(inquiry.id, while_current(inquiry, decided))


def _shares(asker: Asker) -> bool:
    """Whose reports others may profit from: a guest could hand in what makes others' mails look harmful, and so could
    whoever writes a member's address into the mail that is forwarded.
    """
    return asker.belonging is Belonging.STAFF and asker.verified


def _receives(asker: Asker) -> bool:
    """Who may know what others of the workspace reported."""
    return asker.belonging is not Belonging.STRANGER


def _expected(desk: Desk, result: T | Shown) -> T | Shown:
    if isinstance(result, Shown) and result.code == UNEXPECTED:
        desk.meter.count("errors", where="engine")
        raise Unexpected(result.message)
    return result


def outcome_of(inquiry: Inquiry, checked: Checked) -> Outcome:
    """What is kept of a case."""
    case = checked.case
    author, server = case.message.author, case.facts.server.maybe()
    return Outcome(
        inquiry.revision,
        case.diagnosis,
        case.reply,
        checked.technician,
        case.ticket,
        author.name,
        author.address,
        server.ip if server else "",
        server.host if server else "",
        server.network.country if server else "",
        recipients=_recipients(case.message),
    )


def _recipients(message: Message) -> tuple[str, ...]:
    """Who else may have got it; the first of them."""
    addresses = (box.address.casefold() for box in (*message.to, *message.cc) if "@" in box.address)
    return tuple(dict.fromkeys(address[:320] for address in addresses))[:MOST_RECIPIENTS]
