"""A whole line for tests: real store, queue, worker and engine (offline), and a voice that records."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot import deciding, handbook, jobs
from bot.adapters.contacts import Contacts
from bot.adapters.geoip import GeoAtlas
from bot.adapters.inquiries import RedisInquiries
from bot.adapters.queue import DeadLetters, RedisQueue, make_broker
from bot.adapters.sightings import RedisSightings
from bot.adapters.store import Line, open_line
from bot.adapters.worker import Worker
from bot.checks import Instruments
from bot.checks.names import name_words
from bot.engine import LoopEngine
from bot.model import Asker, Piece, Place, Submission, Surface, Trust
from bot.ports import Clock
from bot.reception import Reception
from bot.triage import Tools
from tests.deskfakes import FakeMaterials, FakeVoice, NullMeter

MARIA = Asker("T1", "UMARIA", "Maria Example", "maria@example.org")
PASTED = """Return-Path: <bounce@sender.test>
Received: from mail.sender.test (mail.sender.test [192.0.2.7]) by mx.example.org with ESMTPS id 1
Authentication-Results: mx.example.org; spf=fail smtp.mailfrom=sender.test; dmarc=fail header.from=example.org
From: Boss Example <boss@example.org>
To: maria@example.org
Subject: gift cards
Date: Tue, 24 Nov 2026 11:00:00 +0000
Message-ID: <1@sender.test>

Are you free? I need you to buy gift cards for me, and keep it between us.
"""


class WallClock(Clock):
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@asynccontextmanager
async def offline_tools() -> AsyncIterator[Tools]:
    known = handbook.load()
    yield Tools(
        known,
        Instruments(
            lists=known.lists,
            phrases=known.phrases,
            link_lists=known.link_lists,
            forwarders=known.forwarders,
            servers=known.servers,
            trust=Trust(),
            directory=Contacts.load(None, name_words(known.lists), ()),
            atlas=GeoAtlas(),
            clock=WallClock(),
        ),
    )


@dataclass
class Desk:
    """A desk whose parts a test may look into."""

    line: Line
    inquiries: RedisInquiries
    reception: Reception
    letters: DeadLetters
    work: deciding.Desk
    worker: Worker
    voice: FakeVoice = field(default_factory=FakeVoice)
    materials: FakeMaterials = field(default_factory=FakeMaterials)
    meter: NullMeter = field(default_factory=NullMeter)


@contextmanager
def open_desk(folder: Path, *, engine: deciding.Engine | None = None, threads: int = 4) -> Iterator[Desk]:
    """Its worker isn't started; whatever was started is stopped at the end."""
    voice, materials, meter, clock = FakeVoice(), FakeMaterials(), NullMeter(), WallClock()
    loop = None if engine else LoopEngine(offline_tools)
    with open_line(None, folder) as line:
        inquiries, broker, letters = RedisInquiries(line, clock), make_broker(line, meter), DeadLetters(line)
        queue = RedisQueue(broker, line.url)
        if loop is not None:
            loop.start()
        chosen = engine or loop
        assert chosen is not None
        work = deciding.Desk(inquiries, RedisSightings(line), queue, voice, materials, chosen, clock, meter)
        jobs.register(broker, work)
        worker = Worker(broker, threads=threads)
        reception = Reception(inquiries, queue, clock, meter)
        try:
            yield Desk(line, inquiries, reception, letters, work, worker, voice, materials, meter)
        finally:
            worker.close()
            if loop is not None:
                loop.close()
            letters.close()
            inquiries.close()


def pasted(ts: str, text: str = PASTED, *, asker: Asker = MARIA, channel: str = "D1", thread: str = "") -> Submission:
    """A direct message with a text."""
    place = Place(channel, thread or ts)
    return Submission(f"T1:{channel}:{ts}", Surface.DIRECT, asker, place, (Piece(ts, text),))


def until(holds: Callable[[], object], seconds: float = 20.0) -> bool:
    """Waits for something that another thread brings about."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
