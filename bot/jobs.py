"""The durable queue's actors: acknowledge, check, and what people wish for; each may run twice and says things once.

What an actor raises decides its fate (`bot.adapters.fate`): Later, Doubtful and StoreUnavailable come again, Shown
is for good, anything else is tried a few times. What is given up comes to `give_up`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import dramatiq
import structlog
from dramatiq.broker import Broker
from dramatiq.threading import Interrupt

from bot import saying
from bot.deciding import Away, Decided, Desk, decide, is_harmed
from bot.errors import Shown, StoreUnavailable
from bot.model import Asker, Inquiry, Outcome, Place, Stage, Surface, Wish
from bot.ports import Later, Said
from bot.revisions import while_current
from bot.saying import TECHNICIANS, Busy
from bot.unsaying import unsay

log = structlog.get_logger()
OPEN = (Stage.RECEIVED, Stage.FAILED)
"""Without an answer; one that was given up gets it still when somebody retries its job."""
BUSY_S = 1.0
TURN_S = 2.0
"""How long an answer waits for the acknowledgement that is just being said."""
FOR_THE_OWNER = frozenset({"missing-scope", "token-revoked"})
OWNER_AGAIN = timedelta(hours=1)
"""How soon the technicians are told again of what is still not mended."""
PATIENCE = timedelta(minutes=3)
"""How long a person hears nothing while a file can't be had."""
NO_TECHNICIANS = "no-technicians"
"""The remark where technicians should have been called and couldn't be."""
WRITTEN = "written-to-you"
"""The remark in a channel's thread where the answer goes to whoever asked alone."""
_NOTHING = Said("", "")
"""Recorded for what isn't a message."""


def register(broker: Broker, desk: Desk) -> None:
    """Declares the actors. The lower a priority, the sooner."""
    work = Work(desk)

    def declare(run: Callable[..., None], queue: str, priority: int) -> None:
        quiet = (Exception, Interrupt)  # told by `fate`, without what a traceback may quote
        dramatiq.actor(actor_name=run.__name__, queue_name=queue, priority=priority, broker=broker, throws=quiet)(run)

    def acknowledge(inquiry: str) -> None:
        work.acknowledge(inquiry)

    def wish(inquiry: str, wish: str) -> None:
        work.wish(inquiry, Wish(wish))

    def remark(channel: str, thread: str, code: str, mark: str) -> None:
        work.remark(Place(channel, thread), code, mark)

    def check(inquiry: str, revision: int) -> None:
        work.check(inquiry, revision)

    def forget(team: str, user: str, until: float) -> None:
        work.forget(Asker(team, user), datetime.fromtimestamp(until, UTC))

    def take_back(channel: str, ts: str) -> None:
        work.desk.voice.unsay(Said(channel, ts))

    def give_up(job: str, args: list[str | int], code: str) -> None:
        work.give_up(job, args, code)

    declare(acknowledge, "prompt", 0)
    declare(wish, "prompt", 1)
    declare(remark, "prompt", 5)
    declare(forget, "prompt", 5)
    declare(give_up, "prompt", 5)
    declare(check, "checks", 10)
    declare(take_back, "checks", 20)


@dataclass(frozen=True, slots=True)
class Work:
    """What each job does."""

    desk: Desk

    def acknowledge(self, id: str) -> None:
        """Says "I've got it"; where that opens a thread, the inquiry lives there from then on."""
        inquiry = self.desk.inquiries.find(id)
        if inquiry is None or inquiry.stage is Stage.FORGOTTEN:
            return
        try:
            self._acknowledged(inquiry)
        except Busy:  # the check that came as soon is at it
            return

    def check(self, id: str, revision: int) -> None:
        """Decides what was handed in and answers, unless a newer revision has a job of its own, or it is answered."""
        with self.desk.inquiries.hold(f"check:{id}") as alone:
            if not alone:
                raise Later(BUSY_S, "another worker has it")
            inquiry = self.desk.inquiries.find(id)
            if inquiry is None or inquiry.stage not in OPEN or inquiry.revision != revision:
                return
            if inquiry.stage is Stage.FAILED and not inquiry.pieces:
                return  # its content's time was over before somebody retried it
            self._answer(self._acknowledged(inquiry, TURN_S))

    def wish(self, id: str, wish: Wish) -> None:
        """Calls the technicians, and tells the person in their thread whether somebody was called."""
        inquiry = self.desk.inquiries.find(id)
        if inquiry is None:
            return
        called, mark = self._called(inquiry, wish), f"noted-{wish.value}"
        heard = _apart(inquiry)
        if heard.place.channel:
            code = mark if called else NO_TECHNICIANS
            self._say(heard, mark, lambda: self.desk.voice.remark(heard.place, code, mark))
            self._tell_where(inquiry)

    def remark(self, place: Place, code: str, mark: str) -> None:
        """Says a short text once; `mark` is the key of what it replies to."""
        voice = self.desk.voice
        saying.once(self.desk.inquiries, voice, "", place, mark, lambda: voice.remark(place, code, mark))

    def forget(self, asker: Asker, until: datetime) -> None:
        """Forgets the rest of what somebody handed in."""
        while True:
            unsay(self.desk.queue, self.desk.inquiries.spoken(asker, until))
            if not self.desk.inquiries.forget(asker, until):
                return

    def give_up(self, job: str, args: list[str | int], code: str) -> None:
        """Tells the person and the technicians of a job that is given up, once for each revision."""
        inquiry = self.desk.inquiries.find(str(args[0])) if args and job != "remark" else None
        if job in ("tell", "take_back") or inquiry is None or inquiry.stage is Stage.FORGOTTEN:
            return
        why = _given_up(code, inquiry.id)
        if job == "check":
            self._give_up_check(inquiry, int(args[1]), why)
        else:
            self._complain(inquiry, why, f"complain-{job}")

    def _give_up_check(self, inquiry: Inquiry, revision: int, why: Shown) -> None:
        if inquiry.stage not in OPEN or inquiry.revision != revision:
            return
        now = self.desk.clock.now()
        self._change(inquiry, lambda kept: replace(kept, stage=Stage.FAILED, changed_at=now))
        self._complain(inquiry, why, f"complain-{revision}")
        self._finish_step(inquiry, None, why)
        mark = f"failed-{revision}"
        if inquiry.place.channel:
            self._where_possible(
                inquiry, mark, lambda: self._say(inquiry, mark, lambda: self.desk.voice.cannot(inquiry, why, mark))
            )
        self.desk.meter.count("failures", code=why.code)

    def _acknowledged(self, inquiry: Inquiry, wait_s: float = 0.0) -> Inquiry:
        if not inquiry.place.channel or inquiry.parent:  # a workflow's step without a person to tell, or one of several
            return inquiry
        said = self._say(inquiry, "acknowledge", lambda: self._first_word(inquiry), wait_s)
        if said is None or inquiry.place.thread:
            return inquiry
        place = Place(said.channel, said.thread or said.ts)
        return self.desk.inquiries.change(
            inquiry.id,
            lambda kept: kept if kept.place.thread or not kept.place.channel else replace(kept, place=place),
        )

    def _first_word(self, inquiry: Inquiry) -> Said:
        said = self.desk.voice.acknowledge(inquiry, "acknowledge")
        took = (self.desk.clock.now() - inquiry.received_at).total_seconds()
        self.desk.meter.time("acknowledgement", took, surface=inquiry.surface.value)
        return said

    def _answer(self, inquiry: Inquiry) -> None:
        self.desk.voice.working(inquiry, True)
        try:
            done = self._decided(inquiry)
            current = done.kept or self.desk.inquiries.find(inquiry.id)
            if current is None or current.stage not in OPEN or current.revision != inquiry.revision:
                return  # more came meanwhile, with a job of its own, or it was forgotten
            if isinstance(done.outcome, Shown):
                self._tell_missing(current, done.missing)
                self._tell_cannot(current, done.outcome)
            else:
                self._tell(current, done.outcome, done.missing)
        finally:
            self.desk.voice.working(inquiry, False)

    def _decided(self, inquiry: Inquiry) -> Decided:
        known = inquiry.outcome
        if known is not None and known.revision == inquiry.revision:
            return Decided(known, kept=inquiry)  # decided, but the worker died before it was said
        try:
            return decide(self.desk, inquiry)
        except Away:
            since = inquiry.changed_at or inquiry.received_at
            if self.desk.clock.now() - since >= PATIENCE:
                self._tell_missing(inquiry, (_delayed(),))
            raise

    def _tell(self, inquiry: Inquiry, outcome: Outcome, missing: tuple[Shown, ...]) -> None:
        mark = f"answer-{inquiry.revision}"
        heard = _apart(inquiry)
        if heard.place.channel:
            self._reply(heard, mark, lambda: self.desk.voice.answer(heard, outcome, mark))
            self._tell_where(inquiry)
        self._tell_missing(inquiry, missing)
        if outcome.ticket is not None or self.desk.tickets is not None:
            self._called(replace(inquiry, outcome=outcome), None)
        self._finish_step(inquiry, outcome, None)
        self._done(inquiry)
        verdict = outcome.diagnosis.verdict.value
        self.desk.meter.count("verdicts", surface=inquiry.surface.value, verdict=verdict)

    def _tell_where(self, inquiry: Inquiry) -> None:
        """In a channel's thread, that whoever asked got the answer for themselves; once."""
        if _apart(inquiry) != inquiry:
            voice, place = self.desk.voice, inquiry.place
            self._say(inquiry, WRITTEN, lambda: voice.remark(place, WRITTEN, f"{WRITTEN}-{inquiry.id}"))

    def _tell_cannot(self, inquiry: Inquiry, why: Shown) -> None:
        self._tell_owner(inquiry, why)
        mark = f"answer-{inquiry.revision}"
        if inquiry.place.channel:
            self._reply(inquiry, mark, lambda: self.desk.voice.cannot(inquiry, why, mark))
        self._finish_step(inquiry, None, why)
        self._done(inquiry)
        self.desk.meter.count("failures", code=why.code)

    def _tell_owner(self, inquiry: Inquiry, why: Shown) -> None:
        """What only whoever looks after the bot can mend; not for each report that suffers from it."""
        if why.code in FOR_THE_OWNER and self.desk.inquiries.first(f"owner-told:{why.code}", OWNER_AGAIN):
            self._complain(inquiry, why, f"complain-{why.code}")

    def _tell_missing(self, inquiry: Inquiry, missing: tuple[Shown, ...]) -> None:
        """What of the material the answer isn't about, each once: it couldn't be had, or is another mail."""
        heard = _apart(inquiry)
        for code, why in {why.code: why for why in missing}.items():
            self._tell_owner(inquiry, why)
            mark = f"missing-{code}"
            if heard.place.channel:
                self._say(heard, mark, lambda why=why, mark=mark: self.desk.voice.cannot(heard, why, mark))  # type: ignore[misc]  # mypy can't see the defaults

    def _done(self, inquiry: Inquiry) -> None:
        now = self.desk.clock.now()
        self._change(inquiry, lambda kept: replace(kept, stage=Stage.ANSWERED, changed_at=now))
        since = inquiry.changed_at or inquiry.received_at
        self.desk.meter.time("verdict", (now - since).total_seconds(), surface=inquiry.surface.value)

    def _called(self, inquiry: Inquiry, wish: Wish | None) -> bool:
        """As a ticket, or where none are kept as a post."""
        if self.desk.tickets is not None:
            return self.desk.tickets.report(inquiry, inquiry.outcome, wish) is not None
        ticket = inquiry.outcome.ticket if inquiry.outcome else None
        mark = f"wish-{wish.value}" if wish else f"ticket-{ticket.reason if ticket else ''}"
        return self._call(inquiry, wish, mark)

    def _call(self, inquiry: Inquiry, wish: Wish | None, mark: str) -> bool:
        """Whether technicians were called; where none are set, or they can't be, that is no reason to fail."""
        voice = self.desk.voice
        return self._where_possible(
            inquiry, mark, lambda: self._post(inquiry, mark, lambda: voice.call_technicians(inquiry, wish, mark))
        )

    def _complain(self, inquiry: Inquiry, why: Shown, mark: str) -> None:
        voice = self.desk.voice
        self._where_possible(
            inquiry, mark, lambda: self._post(inquiry, mark, lambda: voice.complain(inquiry, why, mark))
        )

    def _finish_step(self, inquiry: Inquiry, outcome: Outcome | None, why: Shown | None) -> None:
        if not inquiry.step:
            return

        def finish() -> Said:
            self.desk.voice.finish_step(inquiry, outcome, why)
            return _NOTHING

        self._where_possible(inquiry, "step", lambda: self._post(inquiry, "step", finish))

    def _where_possible(self, inquiry: Inquiry, mark: str, say: Callable[[], object]) -> bool:
        """Says it if it can be said at all; if not, that is logged and counted. Whether anything was said."""
        try:
            return say() is not None
        except StoreUnavailable:
            raise
        except Shown as cannot:
            log.error("can't be said", inquiry=inquiry.id, mark=mark, why=cannot.code)
            self.desk.meter.count("errors", where=mark)
            return False

    def _say(self, inquiry: Inquiry, mark: str, say: Callable[[], Said | None], wait_s: float = 0.0) -> Said | None:
        inquiries, voice = self.desk.inquiries, self.desk.voice
        return saying.once(inquiries, voice, inquiry.id, inquiry.place, mark, say, wait_s=wait_s)

    def _reply(self, inquiry: Inquiry, mark: str, say: Callable[[], Said | None]) -> Said | None:
        """Under the lease of `check`, the only job that answers."""
        return saying.once_alone(self.desk.inquiries, self.desk.voice, inquiry.id, inquiry.place, mark, say)

    def _post(self, inquiry: Inquiry, mark: str, say: Callable[[], Said | None]) -> Said | None:
        return saying.once(self.desk.inquiries, self.desk.voice, inquiry.id, TECHNICIANS, mark, say)

    def _change(self, inquiry: Inquiry, change: Callable[[Inquiry], Inquiry]) -> None:
        self.desk.inquiries.change(inquiry.id, while_current(inquiry, change))


def _delayed() -> Shown:
    return Shown(
        "file-delayed",
        "Slack isn't giving me the file yet.",
        "I keep trying, and you needn't send it again. If it is urgent, paste the mail's headers here meanwhile.",
    )


def _apart(inquiry: Inquiry) -> Inquiry:
    """As it is spoken to: what somebody did is nobody else's business, so of a case in a channel they hear in direct
    message from then on.
    """
    told = is_harmed(inquiry.told) or Wish.URGENT in inquiry.wishes
    if inquiry.surface is not Surface.CHANNEL or not inquiry.asker.user or not told:
        return inquiry
    return replace(inquiry, surface=Surface.DIRECT, place=Place(inquiry.asker.user))


def _given_up(code: str, reference: str) -> Shown:
    return Shown(
        "given-up",
        f"Something went wrong, and I couldn't finish this (reference {reference}, {code}).",
        "A technician was told. It isn't your fault; until they come back to you, don't act on the mail.",
    )
