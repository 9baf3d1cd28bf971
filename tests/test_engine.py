"""The engine for threads: one loop, a deadline, and what breaks is a value or an exception of the asking thread."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest

from bot.engine import Checked, LoopEngine
from bot.errors import BadSetting, Shown
from bot.model import Case, Exhibit, Message, Reader, Report
from bot.triage import Tools
from tests.deskline import PASTED, engine, offline_tools

__all__ = ["engine"]
REPORT = Report((Exhibit(PASTED.encode()),))


def judge(engine: LoopEngine, report: Report = REPORT) -> Checked | Shown:
    message = engine.read(report)
    return message if isinstance(message, Shown) else engine.check(report, message)


def test_threads_ask_at_once_and_each_gets_both_replies(engine: LoopEngine) -> None:
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda _: judge(engine), range(12)))
    for each in told:
        assert isinstance(each, Checked)
        assert (each.case.reply.reader, each.technician.reader) == (Reader.RECEIVER, Reader.TECHNICIAN)


def test_what_cannot_be_read_is_told(engine: LoopEngine) -> None:
    assert isinstance(judge(engine, Report((Exhibit(b""),))), Shown)


def test_the_whole_line_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("bot.engine.triage_or_tell", endless)
    engine = LoopEngine(offline_tools, within_s=0.1)
    engine.start()
    with pytest.raises(TimeoutError):
        judge(engine)
    assert engine.fault() == ""
    engine.close()


def test_each_case_is_heard_of_once() -> None:
    heard: list[str] = []

    async def remember(case: Case, tools: Tools) -> None:
        heard.append(case.message.author.address)

    engine = LoopEngine(offline_tools, decided=remember)
    engine.start()
    judge(engine)
    engine.close()
    assert heard == ["boss@example.org"]


def test_tools_are_opened_once_and_closed_with_it() -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def tools() -> AsyncIterator[Tools]:
        seen.append("opened")
        async with offline_tools() as opened:
            yield opened
        seen.append("closed")

    engine = LoopEngine(tools)
    engine.start()
    judge(engine)
    judge(engine)
    for _ in range(2):
        engine.close()
    assert seen == ["opened", "closed"]


def test_tools_that_cannot_be_opened_are_told_at_the_start() -> None:
    @asynccontextmanager
    async def broken() -> AsyncIterator[Tools]:
        async with offline_tools() as opened:
            if opened:
                raise BadSetting("bad", "CONTACTS isn't a file.", "Correct it.")
            yield opened

    engine = LoopEngine(broken)
    with pytest.raises(BadSetting):
        engine.start()
    engine.close()


def test_what_breaks_while_it_is_read_is_a_value_with_a_reference(
    engine: LoopEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Message:
        raise RuntimeError("From: boss@example.org")

    monkeypatch.setattr("bot.triage.read", broken)
    told = engine.read(REPORT)
    assert isinstance(told, Shown)
    assert told.code == "unexpected"
    assert "boss" not in told.message + told.hint


def test_the_staffs_domains_are_ours_as_soon_as_they_are_known_and_never_those_of_everybody() -> None:
    found: list[str] = []
    engine = LoopEngine(offline_tools, ours=lambda: found)
    engine.start()
    try:
        assert engine._opened().instruments.trust.our_domains == ()
        found += ["firm.example.org", "gmail.com", "co.uk", "github.io", "example.com"]
        assert engine._opened().instruments.trust.our_domains == ("firm.example.org", "example.com")
    finally:
        engine.close()
