"""Material on its way to a decision: bounded, patient with a file host that is away, counted before it is read."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from bot import deciding, jobs
from bot.errors import Shown
from bot.model import Exhibit, FileRef, Piece
from bot.ports import Later, Sightings
from tests.deskfakes import FakeMaterials, FakeVoice, MemoryInquiries, NullMeter, RecordingQueue, TestClock
from tests.inquirykit import EML, inquiry


def make_desk(clock: TestClock, voice: FakeVoice, materials: FakeMaterials) -> deciding.Desk:
    """All in memory, without an engine."""
    queue, meter, inquiries = RecordingQueue(), NullMeter(), MemoryInquiries(clock)
    nothing = cast("Sightings", None), cast("deciding.Engine", None)
    return deciding.Desk(inquiries, nothing[0], queue, voice, materials, nothing[1], clock, meter)


def test_while_the_file_host_is_away_the_person_hears_it_once_and_it_is_asked_ever_more_seldom() -> None:
    clock, voice = TestClock(), FakeVoice()
    desk = make_desk(clock, voice, FakeMaterials(faults=[Later(5, "503")] * 4))
    one = desk.inquiries.open(replace(inquiry(), pieces=(Piece("1.0", file=FileRef("F1", size=9)),)), "k")
    waits = []
    for minutes in (0, 2, 8, 300):
        clock.go(timedelta(minutes=minutes))
        with pytest.raises(Later) as later:
            jobs.Work(desk).check(one.id, 1)
        waits.append(later.value.seconds)
    assert waits == [5, 30, 150, 600]
    assert [each.why and each.why.code for each in voice.heard("cannot")] == ["file-delayed"]


class Oom(BaseException):
    """The process dies."""


def test_a_file_that_takes_the_process_down_while_it_is_fetched_is_given_up() -> None:
    def fetch(file: FileRef) -> tuple[Exhibit, ...]:
        raise Oom

    desk, starts = make_desk(TestClock(), FakeVoice(), FakeMaterials()), Counter[tuple[str, int]]()
    one = desk.inquiries.open(replace(inquiry(), pieces=(Piece("1.0", file=FileRef("F1", size=9)),)), "k")
    desk.materials.fetch = fetch  # type: ignore[method-assign]

    def begin(id: str, revision: int) -> int:
        starts[id, revision] += 1
        return starts[id, revision]

    desk.inquiries.begin = begin  # type: ignore[method-assign]
    for _ in range(deciding.MOST_STARTS):
        with pytest.raises(Oom):
            deciding.decide(desk, one)
    with pytest.raises(Shown, match="stops the program"):
        deciding.decide(desk, one)


def test_files_that_are_too_large_together_are_refused_by_the_size_that_slack_says() -> None:
    materials = FakeMaterials({f"F{number}": EML for number in range(3)})
    desk = make_desk(TestClock(), FakeVoice(), materials)
    files = tuple(Piece(f"{number}.0", file=FileRef(f"F{number}", size=70_000_000)) for number in range(2))
    one = replace(inquiry("abc"), pieces=(*files, Piece("2.0", file=FileRef("F2", size=9))))
    found, missing = deciding.material(desk, one)
    assert (found, [each.code for each in missing]) == (EML, ["too-large-together"] * 2)
    assert materials.fetched == ["F2"]


def test_sizes_that_slack_did_not_say_are_counted_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "MOST_OCTETS", 2 * len(EML[0].content))
    desk = make_desk(TestClock(), FakeVoice(), FakeMaterials({f"F{number}": EML for number in range(3)}))
    one = replace(inquiry("abc"), pieces=tuple(Piece(f"{number}.0", file=FileRef(f"F{number}")) for number in range(3)))
    found, missing = deciding.material(desk, one)
    assert (found, [each.code for each in missing]) == (EML * 2, ["too-large-together"])


def test_what_is_large_waits_in_the_queue_where_others_have_the_room() -> None:
    desk = make_desk(TestClock(), FakeVoice(), FakeMaterials({"F1": EML}))
    one = desk.inquiries.open(replace(inquiry(), pieces=(Piece("1.0", file=FileRef("F1", size=9_000_000)),)), "k")
    for _ in range(deciding.LARGE_AT_ONCE):
        assert desk.room.acquire(blocking=False)
    with pytest.raises(Later, match="no room"):
        deciding.decide(desk, one)
    assert desk.materials.fetched == []  # type: ignore[attr-defined]
