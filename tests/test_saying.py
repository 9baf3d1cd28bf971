"""Saying a thing once, whatever breaks between claiming, sending and recording."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import saying
from bot.adapters.inquiries import RedisInquiries
from bot.adapters.store import Line
from bot.errors import Shown
from bot.model import Place
from bot.ports import Doubtful, Inquiries, Later, Said
from tests.deskfakes import FakeVoice, MemoryInquiries, TestClock
from tests.inquirykit import inquiry
from tests.storefixtures import line, server

__all__ = ["line", "server"]
ROOT = Path(__file__).parents[1]
HERE = Place("D1", "1.1")
ASKED = inquiry("inq00001")


@pytest.fixture(params=["memory", "store"])
def inquiries(request: pytest.FixtureRequest) -> Iterator[Inquiries]:
    """The fake is held to the same as what it stands for."""
    if request.param == "memory":
        yield MemoryInquiries()
        return
    record = RedisInquiries(request.getfixturevalue("line"), TestClock())
    yield record
    record.close()


def say(inquiries: Inquiries, voice: FakeVoice, mark: str = "answer-1") -> Said | None:
    return saying.once(inquiries, voice, ASKED.id, HERE, mark, lambda: voice.acknowledge(ASKED, mark))


def test_what_is_said_twice_is_said_once(inquiries: Inquiries) -> None:
    voice = FakeVoice()
    assert say(inquiries, voice) == say(inquiries, voice)
    assert len(voice.said) == 1
    assert voice.searched == [], "Slack is asked only in doubt"


def test_each_mark_is_said(inquiries: Inquiries) -> None:
    voice = FakeVoice()
    say(inquiries, voice, "answer-1")
    say(inquiries, voice, "answer-2")
    assert [each.mark for each in voice.said] == ["answer-1", "answer-2"]


def test_who_has_to_wait_gives_the_claim_back(inquiries: Inquiries) -> None:
    voice = FakeVoice()
    voice.faults["acknowledge"] = [Later(3, "429")]
    with pytest.raises(Later):
        say(inquiries, voice)
    say(inquiries, voice)
    assert len(voice.said) == 1
    assert voice.searched == []


def test_what_can_never_be_said_gives_the_claim_back(inquiries: Inquiries) -> None:
    voice = FakeVoice()
    voice.faults["acknowledge"] = [Shown("channel-gone", "", "")]
    with pytest.raises(Shown):
        say(inquiries, voice)
    assert say(inquiries, voice) is not None
    assert voice.searched == []


def test_a_doubtful_message_that_stands_there_is_not_said_again(inquiries: Inquiries) -> None:
    voice = FakeVoice()
    voice.spoken_faults["acknowledge"] = [Doubtful()]
    with pytest.raises(Doubtful):
        say(inquiries, voice)
    assert say(inquiries, voice) == voice.said[0].said
    assert len(voice.said) == 1
    assert voice.searched == ["answer-1"]
    say(inquiries, voice)
    assert voice.searched == ["answer-1"], "once found it is recorded"


def test_a_doubtful_message_that_never_arrived_is_said_again(inquiries: Inquiries) -> None:
    voice = FakeVoice()
    voice.faults["acknowledge"] = [Doubtful()]
    with pytest.raises(Doubtful):
        say(inquiries, voice)
    assert say(inquiries, voice) is not None
    assert len(voice.said) == 1


def test_a_search_that_has_to_wait_leaves_the_claim_in_doubt(inquiries: Inquiries) -> None:
    voice = FakeVoice()
    voice.spoken_faults["acknowledge"] = [Doubtful()]
    with pytest.raises(Doubtful):
        say(inquiries, voice)
    voice.faults["find"] = [Later(1, "429")]
    with pytest.raises(Later):
        say(inquiries, voice)
    say(inquiries, voice)
    assert len(voice.said) == 1


def test_who_says_nothing_may_say_something_later(inquiries: Inquiries) -> None:
    voice = FakeVoice()
    assert saying.once(inquiries, voice, ASKED.id, HERE, "call", lambda: None) is None
    assert saying.once(inquiries, voice, ASKED.id, HERE, "call", lambda: Said("C", "1")) == Said("C", "1")


def test_while_one_says_it_another_comes_later(inquiries: Inquiries) -> None:
    voice, inner = FakeVoice(), FakeVoice()

    def meanwhile() -> Said:
        with pytest.raises(Later):
            say(inquiries, inner)
        return voice.acknowledge(ASKED, "answer-1")

    saying.once(inquiries, voice, ASKED.id, HERE, "answer-1", meanwhile)
    assert (len(voice.said), len(inner.said)) == (1, 0)


def test_a_remark_that_belongs_to_no_inquiry_is_said_once_too(inquiries: Inquiries) -> None:
    voice = FakeVoice()
    for _ in range(2):
        saying.once(inquiries, voice, "", HERE, "T1:D1:7", lambda: voice.remark(HERE, "thanks", "T1:D1:7"))
    assert len(voice.said) == 1
    assert inquiries.at(Place("D1", "1.1")) is None


DIE_SAYING = """
import os, signal, sys
from bot import saying
from bot.adapters.inquiries import RedisInquiries
from bot.adapters.store import Line
from bot.model import Place
from bot.ports import Said
from tests.deskfakes import FakeVoice, TestClock

url, posted, sent = sys.argv[1:]
def post():
    if sent == "sent":
        open(posted, "a").write("said\\n")
    os.kill(os.getpid(), signal.SIGKILL)
record = RedisInquiries(Line(url), TestClock(), lease_s=0.5)
saying.once(record, FakeVoice(), "inq00001", Place("D1", "1.1"), "answer-1", post)
"""


@pytest.mark.parametrize("sent", ["sent", "unsent"])
def test_killed_while_sending_it_is_said_once_in_all(line: Line, tmp_path: Path, sent: str) -> None:
    posted = tmp_path / "slack"
    posted.touch()
    died = subprocess.run([sys.executable, "-c", DIE_SAYING, line.url, str(posted), sent], cwd=ROOT, timeout=30)
    assert died.returncode == -9
    record, voice = RedisInquiries(line, TestClock()), FakeVoice()

    def find(place: Place, inquiry: str, mark: str) -> Said | None:
        return Said("D1", "2.2", "1.1") if posted.read_text() else None

    voice.find = find  # type: ignore[method-assign]
    for _ in range(100):
        try:
            say(record, voice)
            break
        except Later:  # the dead one's lease has to end
            with record.hold("say:inq00001:answer-1", 2.0):
                pass
    record.close()
    assert len(posted.read_text().splitlines()) + len(voice.said) == 1
