"""The reception: takes what the handlers bring, joins it to its inquiry, keeps it, and queues the work.

All of it runs before Slack is answered, so it only talks to the store. What is handed in twice is taken once; what
was kept but not queued, because the process died between, is queued when Slack brings it again.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from bot import pasting
from bot.model import Asker, Belonging, Inquiry, Piece, Place, Stage, Submission, Surface, Told, Wish
from bot.ports import Clock, Inquiries, Meter, Queue
from bot.rates import Rates, Refusal
from bot.unsaying import unsay

TOO_MANY = "rate-limited"
"""The remark for somebody over their rate."""
CHOSEN_AGAIN = "shortcut-again"
"""The remark for somebody who chooses a message that they have an answer about."""
MOST_PIECES, MOST_TEXT = 50, 2_000_000
"""Pieces, and octets of text, of one inquiry; what comes after isn't taken."""
SETTLE_S = 2.0
"""How long a text that looks cut waits for its other half."""
_TURN_S = 0.5
"""How long a direct message waits for another of the same person that is just being taken."""


@dataclass(frozen=True, slots=True)
class Reception:
    """One for each process. Every method raises StoreUnavailable, on which Slack must not be acknowledged."""

    inquiries: Inquiries
    queue: Queue
    clock: Clock
    meter: Meter
    remember: timedelta = timedelta(days=1)
    """How long a delivery's key is known (Slack's last retry comes after 5 minutes)."""
    reports_an_hour: int = 30
    """How many mails one person may hand in within an hour."""

    def receive(self, submission: Submission) -> Inquiry | None:
        """Opens an inquiry, or adds to the one whose thread (or whose paste within 20 s) this continues.

        In the thread of somebody else's inquiry, in a help-desk channel, it is an inquiry of its own; one without a
        person, of a forwarded mail whose sender nobody knows, becomes that of the first who goes on with it. None
        where nothing was taken: the person is over their rate (each such message is answered).
        """
        known = self.inquiries.known(_taken(submission.key))
        self.meter.count("duplicates" if known else "reports", surface=submission.surface.value)
        if submission.surface is Surface.DIRECT:
            with self.inquiries.hold(f"taking:{_who(submission.asker)}", _TURN_S):
                inquiry = self._take(submission, known)
        else:
            inquiry = self._take(submission, known)
        if inquiry is not None and not known:
            self.inquiries.first(_taken(submission.key), self.remember)
        return inquiry

    def edit(self, submission: Submission) -> Inquiry | None:
        """What somebody wrote is another text now: it takes the old one's place, and the inquiry is decided again.
        Where the old one was no material, this is handed in like any other.
        """
        asker, at = submission.asker, {piece.ts for piece in submission.pieces}
        standing = (self._standing(place) for place in (submission.place, _beside(submission.place, asker)))
        before = next((each for each in standing if each is not None and _same(each.asker, asker)), None)
        if before is None or not any(piece.ts in at for piece in before.pieces):
            return self.receive(submission)
        written = tuple(piece for piece in submission.pieces if piece.file is None)

        def edited(kept: Inquiry) -> Inquiry:
            others = tuple(piece for piece in kept.pieces if piece.file or piece.ts not in at)
            return replace(kept, pieces=pasting.in_order((*written, *others)))

        changed = self._change(before, edited)
        if changed.stage is Stage.RECEIVED:
            self._queue_check(changed)
        return changed

    def told(self, inquiry: str, told: Told, by: Asker, key: str) -> Inquiry | None:
        """Adds answers (fields that aren't None win over earlier ones) and re-decides; None where it is unknown, its
        content's time is over, or `by` may not answer for it.
        """
        mine = self.find(inquiry, by)
        if mine is None or not _goes_on(mine):
            return None
        again = self.inquiries.known(_taken(key))
        changed = mine if again else self._change(mine, lambda kept: replace(kept, told=merged(kept.told, told)))
        if changed.stage is Stage.RECEIVED:
            self.queue.check(changed.id, changed.revision)
        self.inquiries.first(_taken(key), self.remember)
        return changed

    def wish(self, inquiry: str, wish: Wish, by: Asker, key: str) -> Inquiry | None:
        """Records "get a person", "this is wrong" or "I clicked or typed my password", and calls the technicians.

        In a help-desk channel everybody there may call a person, since they may have clicked, too.
        """
        mine = self.inquiries.find(inquiry)
        if mine is None or mine.stage is Stage.FORGOTTEN or not _may_wish(mine, wish, by):
            return None

        def wished(kept: Inquiry) -> Inquiry:
            return kept if wish in kept.wishes else replace(kept, wishes=(*kept.wishes, wish))

        changed = self.inquiries.change(inquiry, wished)
        if not self.inquiries.known(_taken(key)):
            self.queue.wish(inquiry, wish)
            self.inquiries.first(_taken(key), self.remember)
        return changed

    def call(self, wish: Wish, by: Asker, key: str) -> Inquiry:
        """Calls a person for somebody whose inquiry isn't kept any more: of a new one, without a mail."""
        now = self.clock.now()
        new = Inquiry("", Surface.DIRECT, by, Place(by.user), now, wishes=(wish,), stage=Stage.ANSWERED)
        opened = self.inquiries.open(new, key)
        if not self.inquiries.known(_taken(key)):
            self.queue.wish(opened.id, wish)
            self.inquiries.first(_taken(key), self.remember)
        return opened

    def remark(self, place: Place, code: str, key: str) -> None:
        """Queues a short reply to something that isn't material: thanks, hello, help, nothing."""
        if not self.inquiries.known(_taken(key)):
            self.queue.remark(place, code, key)
            self.inquiries.first(_taken(key), self.remember)

    def find(self, inquiry: str, by: Asker) -> Inquiry | None:
        """The inquiry, if `by` asked it."""
        found = self.inquiries.find(inquiry)
        return found if found is not None and _same(found.asker, by) else None

    def adopt(self, inquiry: str, by: Asker) -> Inquiry | None:
        """Makes an inquiry without a person that of whoever goes on with it first; None where it is not theirs."""
        found = self.inquiries.find(inquiry)
        if found is not None and _is_adoptable(found, by):
            found = self.inquiries.change(inquiry, lambda kept: _known_better(kept, by))
        return found if found is not None and _same(found.asker, by) else None

    def continues(self, place: Place, by: Asker) -> bool:
        """Whether this is the thread of an inquiry of theirs, so that what they say there belongs to it."""
        found = (self.inquiries.at(each) for each in (place, _beside(place, by)))
        return any(each is not None and each.stage is not Stage.FORGOTTEN and _same(each.asker, by) for each in found)

    def of(self, asker: Asker) -> tuple[Inquiry, ...]:
        """For `/checkmail status` and Home."""
        return self.inquiries.of(asker)

    def forget(self, asker: Asker) -> int:
        """For `/checkmail forget`: how many at once; of very many the rest is queued."""
        now = self.clock.now()
        unsay(self.queue, self.inquiries.spoken(asker, now))
        gone = self.inquiries.forget(asker, now)
        left = self.inquiries.latest(asker)
        if left is not None and left.received_at <= now:  # too many for the seconds that Slack waits
            self.queue.forget(asker, now)
        self.meter.count("forgotten")
        return gone

    def _is_too_many(self, submission: Submission) -> bool:
        found = Rates(self.inquiries, self.reports_an_hour, self.remember).refusal(submission)
        if found is None:
            return False
        self.meter.count("refused", why=TOO_MANY)
        if found is Refusal.TOLD and submission.place.channel:
            self.queue.remark(submission.place, TOO_MANY, submission.key)
        return True

    def _take(self, submission: Submission, known: bool) -> Inquiry | None:
        if submission.about is not None:
            return self._take_chosen(submission, submission.about, known)
        before, aside = self._standing(submission.place), None
        if before is not None and not _same(before.asker, submission.asker):
            if submission.surface is not Surface.CHANNEL:
                return None
            if not _is_adoptable(before, submission.asker):
                aside = _beside(submission.place, submission.asker)
                before = self._standing(aside)
        if before is None or not _goes_on(before):
            before = self._half(submission)
        if before is not None:
            return self._add(before, submission, known)
        if not known and self._is_too_many(submission):
            return None
        return self._open(submission, known, aside)

    def _take_chosen(self, submission: Submission, about: Place, known: bool) -> Inquiry | None:
        """A message that somebody chose: again, the answer that stands is pointed to, if there is a whole one."""
        aside = Place(about.channel, f"{about.thread}:{submission.asker.user}:chosen")
        before = self._standing(aside)
        if before is None or not _goes_on(before):
            if not known and self._is_too_many(submission):
                return None
            return self._open(submission, known, aside)
        if not known and before.stage is Stage.ANSWERED and self._is_whole(before):
            self.queue.remark(before.place, CHOSEN_AGAIN, submission.key)
            return before
        return before if known else self._again(before, submission)

    def _is_whole(self, inquiry: Inquiry) -> bool:
        """Whether it was answered with all that was handed in."""
        files = (piece.file for piece in inquiry.pieces if piece.file)
        decided = inquiry.outcome is not None and inquiry.outcome.revision == inquiry.revision
        return decided and all(self.inquiries.kept(inquiry.id, file.id) is not None for file in files)

    def _again(self, before: Inquiry, submission: Submission) -> Inquiry:
        """Decides it again, of the files as Slack gives them now."""
        now, new = self.clock.now(), {_identity(piece) for piece in submission.pieces}

        def again(kept: Inquiry) -> Inquiry:
            if kept.stage in (Stage.RECEIVED, Stage.FORGOTTEN):
                return kept
            pieces = (*submission.pieces, *(piece for piece in kept.pieces if _identity(piece) not in new))
            return replace(kept, pieces=pieces, revision=kept.revision + 1, stage=Stage.RECEIVED, changed_at=now)

        changed = self.inquiries.change(before.id, again)
        if changed.stage is Stage.RECEIVED:
            self._queue_check(changed)
        return changed

    def _standing(self, place: Place) -> Inquiry | None:
        found = self.inquiries.at(place)
        return None if found is None or found.stage is Stage.FORGOTTEN else found

    def _half(self, submission: Submission) -> Inquiry | None:
        """The inquiry that this person opened a moment ago in the same direct message with a part of this paste."""
        if submission.surface is not Surface.DIRECT or any(piece.file for piece in submission.pieces):
            return None
        last = self.inquiries.latest(submission.asker)
        if last is not None and last.parent:
            last = self.inquiries.find(last.parent)
        if last is None or not _goes_on(last) or last.surface is not Surface.DIRECT:
            return None
        near = last.place.channel == submission.place.channel
        return last if near and _is_half(last.pieces, submission.pieces) else None

    def _add(self, before: Inquiry, submission: Submission, known: bool) -> Inquiry:
        def added(kept: Inquiry) -> Inquiry:
            there = {_identity(piece) for piece in kept.pieces}
            new = tuple(piece for piece in submission.pieces if _identity(piece) not in there)
            pieces = pasting.in_order((*kept.pieces, *new)) if new else kept.pieces
            if _is_too_much(pieces):
                pieces = kept.pieces
            more = replace(kept, pieces=pieces, told=merged(kept.told, submission.told))
            return _known_better(more, submission.asker)

        changed = self._change(before, added)
        if not known and _is_too_much((*changed.pieces, *submission.pieces)) and submission.place.channel:
            there = {_identity(piece) for piece in changed.pieces}
            if any(_identity(piece) not in there for piece in submission.pieces):
                self.queue.remark(submission.place, TOO_MANY, submission.key)
        if changed.stage is Stage.RECEIVED and not known:
            self._queue_check(changed)
        return changed

    def _open(self, submission: Submission, known: bool, aside: Place | None = None) -> Inquiry:
        """`aside`: where it is found, if its thread is somebody else's inquiry's."""
        new = Inquiry(
            "",
            submission.surface,
            submission.asker,
            aside or submission.place,
            self.clock.now(),
            pieces=submission.pieces,
            told=submission.told,
            reader=submission.reader,
            step=submission.step,
        )
        opened = self.inquiries.open(new, submission.key)
        if opened.place == aside:
            opened = self.inquiries.change(opened.id, lambda kept: replace(kept, place=submission.place))
        if opened.stage is Stage.RECEIVED and not known:
            self.queue.acknowledge(opened.id)
            self._queue_check(opened)
        return opened

    def _queue_check(self, inquiry: Inquiry) -> None:
        last = inquiry.pieces[-1] if inquiry.pieces else Piece("")
        cut = inquiry.surface is Surface.DIRECT and last.file is None and pasting.is_cut(last.text)
        self.queue.check(inquiry.id, inquiry.revision, delay_s=SETTLE_S if cut else 0.0)

    def _change(self, before: Inquiry, change: Callable[[Inquiry], Inquiry]) -> Inquiry:
        """Changes it; where that changed anything, it waits for an answer again, under a new revision."""
        now = self.clock.now()

        def revised(kept: Inquiry) -> Inquiry:
            after = change(kept) if kept.stage is not Stage.FORGOTTEN else kept
            if after == kept:
                return kept
            return replace(after, revision=kept.revision + 1, stage=Stage.RECEIVED, changed_at=now)

        return self.inquiries.change(before.id, revised)


def merged(before: Told, new: Told) -> Told:
    """What was told in all; a later answer counts instead of an earlier one."""
    said: dict[str, Any] = {
        field.name: value
        for field in fields(Told)
        if (value := getattr(new, field.name)) is not None and (value or field.name != "own_account")
    }
    return replace(before, **said)


def _goes_on(inquiry: Inquiry) -> bool:
    """Whether more can be added: it wasn't forgotten, and its content is still there."""
    return inquiry.stage is not Stage.FORGOTTEN and bool(inquiry.pieces)


def _is_adoptable(inquiry: Inquiry, by: Asker) -> bool:
    """Whether it is nobody's: of a forwarded mail in a channel, whose sender nobody knows."""
    nobodys = not inquiry.asker.user and inquiry.surface is Surface.CHANNEL and not inquiry.step
    return nobodys and inquiry.asker.team == by.team and by.verified and bool(by.user)


def _known_better(inquiry: Inquiry, by: Asker) -> Inquiry:
    """With its person as they are known now, or with one at all."""
    was = inquiry.asker
    was_unknown = was.belonging is Belonging.UNKNOWN and by.belonging is not Belonging.UNKNOWN
    better = _same(was, by) and by.verified and (was_unknown or not was.verified)
    if not better and not _is_adoptable(inquiry, by):
        return inquiry
    return replace(inquiry, asker=by)


def _may_wish(inquiry: Inquiry, wish: Wish, by: Asker) -> bool:
    there = inquiry.surface is Surface.CHANNEL and inquiry.asker.team == by.team and bool(by.user)
    return _same(inquiry.asker, by) or (there and wish is not Wish.WRONG)


def _beside(place: Place, asker: Asker) -> Place:
    """Where an inquiry is found that stands in the thread of somebody else's."""
    return Place(place.channel, f"{place.thread}:{asker.user}")


def _is_half(kept: tuple[Piece, ...], new: tuple[Piece, ...]) -> bool:
    pairs = ((pasting.in_order((one, other))) for one in kept for other in new if one.ts and other.ts)
    introduced = pasting.introduces(kept, new) or pasting.introduces(new, kept)
    return introduced or any(pasting.continues(before, after) for before, after in pairs)


def _is_too_much(pieces: tuple[Piece, ...]) -> bool:
    octets = sum(len(piece.text.encode("utf-8", "replace")) for piece in pieces)
    return len(pieces) > MOST_PIECES or octets > MOST_TEXT


def _identity(piece: Piece) -> tuple[str, str]:
    return (piece.ts, piece.file.id) if piece.file else (piece.ts, piece.text)


def _same(one: Asker, other: Asker) -> bool:
    return bool(one.user) and (one.team, one.user) == (other.team, other.user)


def _who(asker: Asker) -> str:
    return f"{asker.team}:{asker.user}"


def _taken(key: str) -> str:
    return f"taken:{key}"
