"""Fakes of the desk's ports: what is said is recorded, what is kept stays in memory, and faults come on script."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.errors import Shown
from bot.model import Asker, Exhibit, FileRef, Inquiry, Outcome, Place, Stage, Wish
from bot.ports import Clock, Doubtful, Inquiries, Later, Materials, Meter, Queue, Said, Voice

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass
class TestClock(Clock):
    """A clock that stands until it is moved."""

    __test__ = False
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def go(self, by: timedelta) -> None:
        self.at += by


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message that a FakeVoice said: what kind, of which inquiry, with which mark, and what it was given."""

    what: str
    inquiry: str
    mark: str
    place: Place
    said: Said
    outcome: Outcome | None = None
    why: Shown | None = None
    wish: Wish | None = None
    code: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass
class FakeVoice(Voice):
    """Says everything into `said`. `faults[what]` are raised one by one, before anything is said;

    a Doubtful in `spoken_faults[what]` is raised after the message went out. `blind`: `find` finds nothing.
    """

    said: list[Utterance] = field(default_factory=list)
    faults: dict[str, list[Later | Doubtful | Shown]] = field(default_factory=lambda: defaultdict(list))
    spoken_faults: dict[str, list[Doubtful]] = field(default_factory=lambda: defaultdict(list))
    busy: list[bool] = field(default_factory=list)
    steps: list[tuple[str, Outcome | None, Shown | None]] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    unsaid: list[Said] = field(default_factory=list)
    technicians: bool = True
    blind: bool = False
    on_say: Callable[[str, str], None] | None = None
    """Called with what and mark before each message, such as to die there."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, inquiry: Inquiry, mark: str) -> Said:
        return self._say("acknowledge", inquiry.id, mark, inquiry.place)

    def working(self, inquiry: Inquiry, busy: bool) -> None:
        self.busy.append(busy)

    def answer(self, inquiry: Inquiry, outcome: Outcome, mark: str) -> Said:
        return self._say("answer", inquiry.id, mark, inquiry.place, outcome=outcome)

    def cannot(self, inquiry: Inquiry, why: Shown, mark: str) -> Said:
        return self._say("cannot", inquiry.id, mark, inquiry.place, why=why)

    def remark(self, place: Place, code: str, mark: str, **values: str) -> Said:
        return self._say("remark", "", mark, place, code=code, values=tuple(sorted(values.items())))

    def call_technicians(self, inquiry: Inquiry, wish: Wish | None, mark: str) -> Said | None:
        if not self.technicians:
            return None
        return self._say("call_technicians", inquiry.id, mark, Place("CTECH"), wish=wish, outcome=inquiry.outcome)

    def complain(self, inquiry: Inquiry, why: Shown, mark: str) -> Said | None:
        return self._say("complain", inquiry.id, mark, Place("CTECH"), why=why) if self.technicians else None

    def finish_step(self, inquiry: Inquiry, outcome: Outcome | None, why: Shown | None) -> None:
        self._fault("finish_step")
        self.steps.append((inquiry.step, outcome, why))

    def unsay(self, said: Said) -> None:
        self._fault("unsay")
        self.unsaid.append(said)

    def find(self, place: Place, inquiry: str, mark: str) -> Said | None:
        self.searched.append(mark)
        self._fault("find")
        if self.blind:
            return None
        return next((each.said for each in self.said if (each.inquiry, each.mark) == (inquiry, mark)), None)

    def heard(self, what: str) -> tuple[Utterance, ...]:
        """What was said of one kind, in order."""
        return tuple(each for each in self.said if each.what == what)

    def _say(
        self,
        what: str,
        inquiry: str,
        mark: str,
        place: Place,
        *,
        outcome: Outcome | None = None,
        why: Shown | None = None,
        wish: Wish | None = None,
        code: str = "",
        values: tuple[tuple[str, str], ...] = (),
    ) -> Said:
        if self.on_say is not None:
            self.on_say(what, mark)
        self._fault(what)
        with self._lock:
            ts = f"1764000000.{len(self.said):06d}"
            said = Said(place.channel, ts, place.thread)
            self.said.append(Utterance(what, inquiry, mark, place, said, outcome, why, wish, code, values))
        if self.spoken_faults[what]:
            raise self.spoken_faults[what].pop(0)
        return said

    def _fault(self, what: str) -> None:
        if self.faults[what]:
            raise self.faults[what].pop(0)


@dataclass
class FakeMaterials(Materials):
    """Files by id. `faults` are raised one by one before anything is fetched; `fetched` counts."""

    files: dict[str, tuple[Exhibit, ...]] = field(default_factory=dict)
    faults: list[Later | Shown] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def fetch(self, file: FileRef) -> tuple[Exhibit, ...]:
        self.fetched.append(file.id)
        if self.faults:
            raise self.faults.pop(0)
        if file.id not in self.files:
            raise Shown("file-gone", "The file isn't there any more.", "Upload it again.")
        return self.files[file.id]


@dataclass
class MemoryInquiries(Inquiries):
    """Inquiries in memory, for one process; nothing expires but what `first` was given, by `clock`."""

    clock: Clock = field(default_factory=TestClock)
    kept_: dict[str, Inquiry] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    threads: dict[Place, str] = field(default_factory=dict)
    seen: dict[str, datetime] = field(default_factory=dict)
    materials: dict[tuple[str, str], tuple[Exhibit, ...]] = field(default_factory=dict)
    marks: dict[tuple[str, str], Said | bool] = field(default_factory=dict)
    tallies: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    starts: dict[tuple[str, int], int] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    """Names that are held; put one in to make it busy."""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def open(self, inquiry: Inquiry, key: str) -> Inquiry:
        with self._lock:
            known = self.keys.get(key)
            if known is not None:
                return self.kept_[known]
            inquiry = replace(inquiry, id=inquiry.id or f"inq{len(self.keys) + 1:05d}")
            self.keys[key] = inquiry.id
            self.kept_[inquiry.id] = inquiry
            if inquiry.place.thread and not inquiry.parent:
                self.threads[inquiry.place] = inquiry.id
            return inquiry

    def find(self, id: str) -> Inquiry | None:
        return self.kept_.get(id)

    def at(self, place: Place) -> Inquiry | None:
        known = self.threads.get(place)
        return self.kept_.get(known) if known else None

    def of(self, asker: Asker) -> tuple[Inquiry, ...]:
        mine = [each for each in self.kept_.values() if _same(each.asker, asker) and each.asker.verified]
        return tuple(sorted(mine, key=lambda each: each.received_at, reverse=True)[:50])

    def change(self, id: str, change: Callable[[Inquiry], Inquiry]) -> Inquiry:
        with self._lock:
            if id not in self.kept_:
                raise Shown("inquiry-gone", "That question isn't kept any more.", "Hand the mail in again.")
            before, after = self.kept_[id], change(self.kept_[id])
            for piece in set(after.pieces) - set(before.pieces):
                self.threads.setdefault(Place(after.place.channel, piece.ts), id)
            if after.place.thread:
                self.threads.setdefault(after.place, id)
            self.kept_[id] = after
            return after

    def first(self, key: str, within: timedelta) -> bool:
        with self._lock:
            now = self.clock.now()
            if self.seen.get(key, now) > now:
                return False
            self.seen[key] = now + within
            return True

    def known(self, key: str) -> bool:
        now = self.clock.now()
        return self.seen.get(key, now) > now

    def latest(self, asker: Asker) -> Inquiry | None:
        return next(iter(self.of(asker)), None)

    def tally(self, key: str, within: timedelta) -> int:
        with self._lock:
            now = self.clock.now()
            count, until = self.tallies.get(key, (0, now + within))
            count, until = (count + 1, until) if until > now else (1, now + within)
            self.tallies[key] = (count, until)
            return count

    def begin(self, id: str, revision: int) -> int:
        with self._lock:
            self.starts[id, revision] = self.starts.get((id, revision), 0) + 1
            return self.starts[id, revision]

    def end(self, id: str, revision: int) -> None:
        self.starts.pop((id, revision), None)

    @contextmanager
    def hold(self, name: str, wait_s: float = 0.0) -> Iterator[bool]:
        with self._lock:
            free = name not in self.held
            self.held.add(name)
        try:
            yield free
        finally:
            if free:
                self.held.discard(name)

    def overdue(self, most: int) -> tuple[Inquiry, ...]:
        waiting = [each for each in self.kept_.values() if each.stage is Stage.RECEIVED]
        return tuple(each for each in waiting if self.clock.now() - each.received_at > timedelta(minutes=1))[:most]

    def keep(self, id: str, name: str, exhibits: tuple[Exhibit, ...]) -> None:
        self.materials[id, name] = exhibits

    def kept(self, id: str, name: str) -> tuple[Exhibit, ...] | None:
        return self.materials.get((id, name))

    def saying(self, id: str, mark: str) -> Said | bool:
        with self._lock:
            state = self.marks.get((id, mark))
            if state is None:
                self.marks[id, mark] = False
                return True
            return state

    def heard(self, id: str, mark: str) -> Said | None:
        state = self.marks.get((id, mark))
        return state if isinstance(state, Said) else None

    def said(self, id: str, mark: str, said: Said) -> None:
        with self._lock:
            self.marks[id, mark] = said
            self.threads.setdefault(Place(said.channel, said.thread or said.ts), id)

    def unsaid(self, id: str, mark: str) -> None:
        with self._lock:
            self.marks.pop((id, mark), None)

    def spoken(self, asker: Asker, until: datetime) -> tuple[Said, ...]:
        mine = {each.id for each in self.kept_.values() if _same(each.asker, asker) and each.received_at <= until}
        return tuple(said for (id, _), said in self.marks.items() if id in mine and isinstance(said, Said))

    def compact(self) -> bool:
        return False

    def forget(self, asker: Asker, until: datetime) -> int:
        with self._lock:
            mine = [each for each in self.kept_.values() if _same(each.asker, asker) and each.received_at <= until]
            for each in mine:
                self.kept_[each.id] = Inquiry(
                    each.id,
                    each.surface,
                    Asker(asker.team, ""),
                    Place("", ""),
                    each.received_at,
                    stage=Stage.FORGOTTEN,
                )
                for name in [name for name in self.materials if name[0] == each.id]:
                    del self.materials[name]
            return len(mine)


@dataclass
class RecordingQueue(Queue):
    """Jobs as tuples, in order. `faults` are raised one by one by whichever is queued next."""

    jobs: list[tuple[object, ...]] = field(default_factory=list)
    faults: list[Shown] = field(default_factory=list)

    def acknowledge(self, inquiry: str) -> None:
        self._add("acknowledge", inquiry)

    def check(self, inquiry: str, revision: int, *, delay_s: float = 0.0) -> None:
        self._add("check", inquiry, revision, delay_s)

    def wish(self, inquiry: str, wish: Wish) -> None:
        self._add("wish", inquiry, wish)

    def remark(self, place: Place, code: str, mark: str) -> None:
        self._add("remark", place, code, mark)

    def forget(self, asker: Asker, until: datetime) -> None:
        self._add("forget", asker, until)

    def unsay(self, said: Said, *, delay_s: float = 0.0) -> None:
        self._add("unsay", said, delay_s)

    def of(self, what: str) -> tuple[tuple[object, ...], ...]:
        """The jobs of one kind, in order."""
        return tuple(job for job in self.jobs if job[0] == what)

    def _add(self, *job: object) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.jobs.append(job)


@dataclass
class NullMeter(Meter):
    """Remembers what was counted and timed, in `counted` and `timed`."""

    counted: list[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    timed: list[tuple[str, float, tuple[tuple[str, str], ...]]] = field(default_factory=list)

    def count(self, what: str, **labels: str) -> None:
        self.counted.append((what, tuple(sorted(labels.items()))))

    def time(self, what: str, seconds: float, **labels: str) -> None:
        self.timed.append((what, seconds, tuple(sorted(labels.items()))))

    def names(self) -> Iterable[str]:
        return [what for what, _ in self.counted]


def _same(one: Asker, other: Asker) -> bool:
    return (one.team, one.user) == (other.team, other.user)
