"""Forgetting: the bot's own direct messages go, the embedded store's log too, and old buttons still call a person."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters import inquiries as kept
from bot.adapters.inquiries import RedisInquiries
from bot.adapters.store import Line
from bot.engine import LoopEngine
from bot.model import Inquiry, Place, Stage, Submission, Surface, Wish
from bot.ports import Later, Said
from bot.unsaying import APART_S, unsay
from tests.deskfakes import RecordingQueue, TestClock
from tests.deskline import Office, engine, open_office, pasted, until
from tests.inquirykit import JOSEF, MARIA, inquiry
from tests.storefixtures import line, server

__all__ = ["engine", "line", "server"]
ROOT = "1764000000.000100"


@pytest.fixture
def office(line: Line, engine: LoopEngine) -> Iterator[Office]:
    with open_office(line, engine) as made:
        made.worker.start()
        yield made


def test_only_what_stands_in_direct_messages_is_taken_back_and_one_by_one() -> None:
    queue = RecordingQueue()
    said = (Said("D1", "2"), Said("D1", "1", "2"), Said("C1", "3"), Said("D1", "2"), Said("", ""), Said("D2", ""))
    assert unsay(queue, said) == 2
    assert queue.jobs == [("unsay", Said("D1", "1"), 0.0), ("unsay", Said("D1", "2"), APART_S)]


def test_who_wants_to_be_forgotten_loses_what_was_said_to_them(office: Office) -> None:
    assert office.answered(office.reception.receive(pasted(ROOT)))
    other = pasted("1764000100.000100", asker=JOSEF)
    assert office.answered(office.reception.receive(other))
    mine = {(said.said.channel, said.said.ts) for said in office.voice.said if said.place.thread == ROOT}
    office.reception.forget(MARIA)
    assert until(lambda: len(office.voice.unsaid) == len(mine))
    assert {(said.channel, said.ts) for said in office.voice.unsaid} == mine


def test_what_stands_in_a_channel_stays(office: Office) -> None:
    in_channel = replace(pasted(ROOT), surface=Surface.CHANNEL, place=Place("C1", ROOT))
    assert office.answered(office.reception.receive(in_channel))
    office.reception.forget(MARIA)
    assert until(lambda: sum(each.unfinished + each.waiting for each in office.letters.depth()) == 0)
    assert office.voice.unsaid == []


def test_a_deletion_that_slack_puts_off_comes_again(office: Office) -> None:
    assert office.answered(office.reception.receive(pasted(ROOT)))
    office.voice.faults["unsay"] = [Later(0.1, "429")]
    office.reception.forget(MARIA)
    assert until(lambda: len(office.voice.unsaid) == 2)


def test_after_it_a_person_is_called_all_the_same_and_once(office: Office) -> None:
    for _ in range(2):
        office.reception.call(Wish.URGENT, MARIA, "old:urgent:UMARIA")
    assert until(lambda: bool(office.voice.heard("remark")))
    assert [each.wish for each in office.voice.heard("call_technicians")] == [Wish.URGENT]
    assert [(each.place, each.code) for each in office.voice.heard("remark")] == [(Place(MARIA.user), "noted-urgent")]
    assert [each.stage for each in office.inquiries.of(MARIA)] == [Stage.ANSWERED]


def log_of(line: Line) -> bytes:
    folder = Path(line.url.removeprefix("unix://").partition("?")[0]).parent
    return b"".join(part.read_bytes() for part in sorted((folder / "appendonlydir").iterdir()))


def test_what_was_forgotten_leaves_the_disk(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "COMPACTED_MS", 1)
    record = RedisInquiries(line, TestClock())
    report: Submission = pasted(ROOT)
    opened = record.open(kept_of(report), report.key)
    assert until(lambda: b"maria@example.org" in log_of(line))
    assert not record.compact()
    record.forget(MARIA, opened.received_at)
    assert record.compact()
    assert until(lambda: b"maria@example.org" not in log_of(line))
    assert not record.compact()
    record.close()


def test_it_is_not_written_anew_for_each_who_forgets(line: Line) -> None:
    record = RedisInquiries(line, TestClock())
    done = []
    for number in range(3):
        report = pasted(f"176400000{number}.000100")
        opened = record.open(kept_of(report), report.key)
        record.forget(MARIA, opened.received_at)
        done.append(record.compact())
    assert done == [True, False, False]
    record.close()


def test_an_owners_own_server_is_left_alone(line: Line) -> None:
    record = RedisInquiries(replace(line, lease=None), TestClock())
    report = pasted(ROOT)
    opened = record.open(kept_of(report), report.key)
    record.forget(MARIA, opened.received_at)
    assert not record.compact()
    record.close()


def kept_of(report: Submission) -> Inquiry:

    return replace(inquiry(), asker=report.asker, place=report.place, pieces=report.pieces)
