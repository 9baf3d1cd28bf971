"""The durable queue's actors: acknowledge, check, and what people wish for; each may run twice and says things once.

What an actor raises decides its fate (`bot.adapters.fate`): Later, Doubtful and StoreUnavailable come again, Shown
is for good, anything else is tried a few times. What is given up comes to `give_up`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import dramatiq
import structlog
from dramatiq.broker import Broker
from dramatiq.threading import Interrupt

from bot import pasting, saying
from bot.engine import Checked
from bot.errors import Shown, StoreUnavailable
from bot.model import Exhibit, Inquiry, Outcome, Place, Report, Stage, Wish
from bot.ports import Clock, Inquiries, Later, Materials, Meter, Queue, Said, Voice
from bot.saying import TECHNICIANS

log = structlog.get_logger()
MOST_STARTS = 5
"""How often a mail may be begun to be read without an end, before it is thought to take the process down."""
BUSY_S = 1.0
NOTED = {wish: f"noted-{wish.value}" for wish in Wish}
NO_TECHNICIANS = "no-technicians"
UNEXPECTED = "unexpected"


class Engine(Protocol):
    """The straight line for threads (`bot.engine.LoopEngine`)."""

    def check(self, report: Report) -> Checked | Shown: ...


class Unexpected(Exception):
    """The line broke; it is logged there, and tried again here."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the actors work with."""

    inquiries: Inquiries
    queue: Queue
    voice: Voice
    materials: Materials
    engine: Engine
    clock: Clock
    meter: Meter


def register(broker: Broker, desk: Desk) -> None:
    """Declares the actors. The lower a priority, the sooner."""

    def declare(run: Callable[..., None], queue: str, priority: int) -> None:
        quiet = (Exception, Interrupt)  # told by `fate`, without what a traceback may quote
        dramatiq.actor(actor_name=run.__name__, queue_name=queue, priority=priority, broker=broker, throws=quiet)(run)

    def acknowledge(inquiry: str) -> None:
        Work(desk).acknowledge(inquiry)

    def check(inquiry: str, revision: int) -> None:
        Work(desk).check(inquiry, revision)

    def wish(inquiry: str, wish: str) -> None:
        Work(desk).wish(inquiry, Wish(wish))

    def remark(channel: str, thread: str, code: str, mark: str) -> None:
        Work(desk).remark(Place(channel, thread), code, mark)

    def give_up(job: str, args: list[object], code: str) -> None:
        Work(desk).give_up(job, args, code)

    declare(acknowledge, "prompt", 0)
    declare(remark, "prompt", 5)
    declare(wish, "prompt", 1)
    declare(check, "checks", 10)
    declare(give_up, "prompt", 5)


@dataclass(frozen=True, slots=True)
class Work:
    """What each job does."""

    desk: Desk

    def acknowledge(self, id: str) -> None:
        """Says "I've got it"; where that opens a thread, the inquiry lives there from then on."""
        inquiry = self.desk.inquiries.find(id)
        if inquiry is not None and inquiry.stage is not Stage.FORGOTTEN:
            self._acknowledged(inquiry)

    def check(self, id: str, revision: int) -> None:
        """Decides what was handed in and answers, unless a newer revision has a job of its own, or it is answered."""
        with self.desk.inquiries.hold(f"check:{id}") as alone:
            if not alone:
                raise Later(BUSY_S, "another worker has it")
            inquiry = self.desk.inquiries.find(id)
            if inquiry is None or inquiry.stage is not Stage.RECEIVED or inquiry.revision != revision:
                return
            self._answer(self._acknowledged(inquiry))

    def wish(self, id: str, wish: Wish) -> None:
        """Calls the technicians, and tells the person that they were called."""
        desk, inquiry = self.desk, self.desk.inquiries.find(id)
        if inquiry is None:
            return
        called = self._call(inquiry, wish, f"wish-{wish.value}")
        code = NOTED[wish] if called else NO_TECHNICIANS
        mark = f"noted-{wish.value}"
        if inquiry.place.channel:
            self._once(inquiry, inquiry.place, mark, lambda: desk.voice.remark(inquiry.place, code, mark))

    def remark(self, place: Place, code: str, mark: str) -> None:
        """Says a short text once."""
        self._once_of(mark, place, mark, lambda: self.desk.voice.remark(place, code, mark))

    def give_up(self, job: str, args: list[object], code: str) -> None:
        """Tells the person and the technicians of a job that is given up, once for each revision."""
        inquiry = self.desk.inquiries.find(str(args[0])) if args and job != "remark" else None
        if inquiry is None or inquiry.stage is Stage.FORGOTTEN:
            return
        revision = int(str(args[1])) if job == "check" else inquiry.revision
        if job == "check" and (inquiry.stage is not Stage.RECEIVED or inquiry.revision != revision):
            return
        why = _given_up(code, inquiry.id)
        if job == "check":
            self._change(inquiry, revision, lambda kept: replace(kept, stage=Stage.FAILED))
        self._try(inquiry, TECHNICIANS, f"complain-{job}-{revision}", lambda mark: self._complain(inquiry, why, mark))
        if job != "acknowledge" and inquiry.place.channel:
            self._try(
                inquiry,
                inquiry.place,
                f"failed-{job}-{revision}",
                lambda mark: self.desk.voice.cannot(inquiry, why, mark),
            )
        if job == "check":
            self._finish_step(inquiry, None, why)

    def _acknowledged(self, inquiry: Inquiry) -> Inquiry:
        desk, mark = self.desk, "acknowledge"
        if not inquiry.place.channel:
            return inquiry  # a workflow's step without a person to tell
        said = self._once(inquiry, inquiry.place, mark, lambda: self._first_word(inquiry, mark))
        if said is None or inquiry.place.thread:
            return inquiry
        place = Place(said.channel, said.thread or said.ts)
        return desk.inquiries.change(inquiry.id, lambda kept: kept if kept.place.thread else replace(kept, place=place))

    def _first_word(self, inquiry: Inquiry, mark: str) -> Said:
        said = self.desk.voice.acknowledge(inquiry, mark)
        took = (self.desk.clock.now() - inquiry.received_at).total_seconds()
        self.desk.meter.time("acknowledgement", took, surface=inquiry.surface.value)
        return said

    def _answer(self, inquiry: Inquiry) -> None:
        self.desk.voice.working(inquiry, True)
        try:
            outcome = self._outcome(inquiry)
            if isinstance(outcome, Shown):
                self._told_cannot(inquiry, outcome)
                return
            kept = self._change(inquiry, inquiry.revision, lambda before: _decided(before, outcome))
            if kept.stage is Stage.RECEIVED and kept.revision == inquiry.revision:
                self._told(kept, outcome)
        finally:
            self.desk.voice.working(inquiry, False)

    def _told(self, inquiry: Inquiry, outcome: Outcome) -> None:
        if inquiry.place.channel:
            mark = f"answer-{inquiry.revision}"
            self._once(inquiry, inquiry.place, mark, lambda: self.desk.voice.answer(inquiry, outcome, mark))
        if outcome.ticket is not None:
            self._call(inquiry, None, f"ticket-{outcome.ticket.reason}")
        self._finish_step(inquiry, outcome, None)
        self._done(inquiry)
        self.desk.meter.count("verdicts", surface=inquiry.surface.value, verdict=outcome.diagnosis.verdict.value)

    def _told_cannot(self, inquiry: Inquiry, why: Shown) -> None:
        if inquiry.place.channel:
            mark = f"answer-{inquiry.revision}"
            self._once(inquiry, inquiry.place, mark, lambda: self.desk.voice.cannot(inquiry, why, mark))
        self._finish_step(inquiry, None, why)
        self._done(inquiry)
        self.desk.meter.count("failures", code=why.code)

    def _done(self, inquiry: Inquiry) -> None:
        now = self.desk.clock.now()
        self._change(inquiry, inquiry.revision, lambda kept: replace(kept, stage=Stage.ANSWERED, changed_at=now))
        since = inquiry.changed_at or inquiry.received_at
        self.desk.meter.time("verdict", (now - since).total_seconds(), surface=inquiry.surface.value)

    def _outcome(self, inquiry: Inquiry) -> Outcome | Shown:
        known = inquiry.outcome
        if known is not None and known.revision == inquiry.revision:
            return known  # decided, but the worker died before it was said
        try:
            exhibits = self._material(inquiry)
        except StoreUnavailable:
            raise
        except Shown as unreadable:
            return unreadable
        report = Report(exhibits, inquiry.told, inquiry.reader, inquiry.received_at)
        result = self._checked(inquiry, report)
        if isinstance(result, Shown):
            return result
        return outcome_of(inquiry, result)

    def _checked(self, inquiry: Inquiry, report: Report) -> Checked | Shown:
        desk = self.desk
        if desk.inquiries.begin(inquiry.id, inquiry.revision) > MOST_STARTS:
            desk.inquiries.end(inquiry.id, inquiry.revision)
            raise Shown("takes-the-process-down", "Reading this mail stops the program.", "A technician was told.")
        before = desk.clock.now()
        try:
            result = desk.engine.check(report)
        finally:
            desk.inquiries.end(inquiry.id, inquiry.revision)
        desk.meter.time("check", (desk.clock.now() - before).total_seconds())
        if isinstance(result, Shown) and result.code == UNEXPECTED:
            desk.meter.count("errors", where="engine")
            raise Unexpected(result.message)
        return result

    def _material(self, inquiry: Inquiry) -> tuple[Exhibit, ...]:
        """Everything handed in, in order. Raises Later, and Shown where none of it can be had."""
        found, faults = list(pasting.texts(inquiry.pieces)), list[Shown]()
        for piece in pasting.in_order(inquiry.pieces):
            if piece.file is None:
                continue
            exhibits = self.desk.inquiries.kept(inquiry.id, piece.file.id)
            try:
                if exhibits is None:
                    exhibits = self.desk.materials.fetch(piece.file)
                    self.desk.inquiries.keep(inquiry.id, piece.file.id, exhibits)
            except StoreUnavailable:
                raise
            except Shown as gone:
                faults.append(gone)
                continue
            found += exhibits
        if faults and not found:
            raise faults[0]
        for number, fault in enumerate(faults):
            self._missing(inquiry, fault, f"missing-{inquiry.revision}-{number}")
        return tuple(found)

    def _missing(self, inquiry: Inquiry, why: Shown, mark: str) -> None:
        if inquiry.place.channel:
            self._once(inquiry, inquiry.place, mark, lambda: self.desk.voice.cannot(inquiry, why, mark))

    def _call(self, inquiry: Inquiry, wish: Wish | None, mark: str) -> bool:
        """Whether technicians were called; where they can't be, that is logged and no reason to fail."""
        try:
            said = self._once(inquiry, TECHNICIANS, mark, lambda: self.desk.voice.call_technicians(inquiry, wish, mark))
        except StoreUnavailable:
            raise
        except Shown as cannot:
            log.error("technicians can't be called", inquiry=inquiry.id, why=cannot.code)
            self.desk.meter.count("errors", where="technicians")
            return False
        return said is not None

    def _complain(self, inquiry: Inquiry, why: Shown, mark: str) -> Said | None:
        return self.desk.voice.complain(inquiry, why, mark)

    def _finish_step(self, inquiry: Inquiry, outcome: Outcome | None, why: Shown | None) -> None:
        if not inquiry.step:
            return
        nothing = Said("", "")

        def finish() -> Said:
            self.desk.voice.finish_step(inquiry, outcome, why)
            return nothing

        self._try(inquiry, TECHNICIANS, "step", lambda _: finish())

    def _try(self, inquiry: Inquiry, place: Place, mark: str, say: Callable[[str], Said | None]) -> None:
        """Says it once if it can be said at all."""
        try:
            self._once(inquiry, place, mark, lambda: say(mark))
        except StoreUnavailable:
            raise
        except Shown as cannot:
            log.error("can't be said", inquiry=inquiry.id, mark=mark, why=cannot.code)

    def _once(self, inquiry: Inquiry, place: Place, mark: str, say: Callable[[], Said | None]) -> Said | None:
        return self._once_of(inquiry.id, place, mark, say)

    def _once_of(self, id: str, place: Place, mark: str, say: Callable[[], Said | None]) -> Said | None:
        return saying.once(self.desk.inquiries, self.desk.voice, id, place, mark, say)

    def _change(self, inquiry: Inquiry, revision: int, change: Callable[[Inquiry], Inquiry]) -> Inquiry:
        """Changes it, unless it went on or was forgotten meanwhile."""

        def careful(kept: Inquiry) -> Inquiry:
            alive = kept.stage is not Stage.FORGOTTEN and kept.revision == revision
            return change(kept) if alive else kept

        return self.desk.inquiries.change(inquiry.id, careful)


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
    )


def _decided(kept: Inquiry, outcome: Outcome) -> Inquiry:
    previous = kept.outcome if kept.outcome and kept.outcome.revision != outcome.revision else kept.previous
    return replace(kept, outcome=outcome, previous=previous)


def _given_up(code: str, reference: str) -> Shown:
    return Shown(
        "given-up",
        f"Something went wrong, and I couldn't finish this (reference {reference}, {code}).",
        "A technician was told. It isn't your fault; until they come back to you, don't act on the mail.",
    )
