"""A whole line for tests: real store, queue, worker and engine (offline), and a voice that records."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bot import handbook, jobs
from bot.adapters.contacts import Contacts
from bot.adapters.geoip import GeoAtlas
from bot.adapters.inquiries import RedisInquiries
from bot.adapters.queue import DeadLetters, RedisQueue, make_broker
from bot.adapters.sightings import RedisSightings
from bot.adapters.store import Line
from bot.adapters.worker import Worker
from bot.checks import Instruments
from bot.checks.names import name_words
from bot.deciding import Desk, Engine
from bot.engine import Checked, LoopEngine
from bot.errors import Shown
from bot.model import Asker, FileRef, Inquiry, Message, Piece, Place, Report, Stage, Submission, Surface, Trust
from bot.ports import Clock, Voice
from bot.reception import Reception
from bot.triage import Tools
from tests.deskfakes import FakeMaterials, FakeVoice, NullMeter
from tests.inquirykit import MARIA

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


@pytest.fixture(scope="module")
def engine() -> Iterator[LoopEngine]:
    """The real line, without a network; one for a module."""
    loop = LoopEngine(offline_tools)
    loop.start()
    yield loop
    loop.close()


@dataclass
class ScriptedEngine(Engine):
    """The real line, with something happening before it checks; `checked` counts."""

    inner: Engine
    before: Callable[[Report], None] = lambda _: None
    checked: int = 0

    def read(self, report: Report) -> Message | Shown:
        return self.inner.read(report)

    def check(self, report: Report, message: Message) -> Checked | Shown:
        self.checked += 1
        self.before(report)
        return self.inner.check(report, message)


@dataclass
class Office:
    """A desk whose parts a test may look into."""

    inquiries: RedisInquiries
    reception: Reception
    letters: DeadLetters
    desk: Desk
    worker: Worker
    voice: FakeVoice
    materials: FakeMaterials = field(default_factory=FakeMaterials)
    meter: NullMeter = field(default_factory=NullMeter)

    def stage(self, inquiry: Inquiry | None) -> Stage | None:
        kept = self.inquiries.find(inquiry.id) if inquiry else None
        return kept.stage if kept else None

    def answered(self, *inquiries: Inquiry | None) -> bool:
        """Waits until all are."""
        return until(lambda: all(self.stage(each) is Stage.ANSWERED for each in inquiries))


@contextmanager
def open_office(
    line: Line,
    engine: Engine,
    *,
    voice: Voice | None = None,
    threads: int = 4,
    heartbeat_ms: int = 15_000,
    haste: float = 20.0,
    lease_s: float = 12.0,
) -> Iterator[Office]:
    """Its worker isn't started; whatever was started is stopped at the end."""
    heard, materials, meter, clock = FakeVoice(), FakeMaterials(), NullMeter(), WallClock()
    inquiries, sightings = RedisInquiries(line, clock, lease_s=lease_s), RedisSightings(line)
    broker, letters = make_broker(line, meter, heartbeat_ms=heartbeat_ms, haste=haste), DeadLetters(line)
    queue = RedisQueue(broker, line.url)
    desk = Desk(inquiries, sightings, queue, voice or heard, materials, engine, clock, meter)
    jobs.register(broker, desk)
    worker = Worker(broker, threads=threads)
    reception = Reception(inquiries, queue, clock, meter)
    try:
        yield Office(inquiries, reception, letters, desk, worker, heard, materials, meter)
    finally:
        worker.close()
        for each in (letters, inquiries, sightings):
            each.close()


def pasted(
    ts: str, text: str = PASTED, *, asker: Asker = MARIA, thread: str = "", files: tuple[FileRef, ...] = ()
) -> Submission:
    """A direct message with a text and files."""
    pieces = (*((Piece(ts, text),) if text else ()), *(Piece(ts, file=file) for file in files))
    return Submission(f"T1:D1:{ts}", Surface.DIRECT, asker, Place("D1", thread or ts), pieces)


def until(holds: Callable[[], object], seconds: float = 30.0) -> bool:
    """Waits for something that another thread brings about."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
