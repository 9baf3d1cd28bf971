"""What the benchmark measures: the one place to swap when the line grows."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

from bot import handbook
from bot.adapters.geoip import GeoAtlas
from bot.checks import Instruments
from bot.model import Exhibit, Report, Trust
from bot.ports import Person, Resolver
from bot.triage import Tools, triage

Check = Callable[[bytes, Resolver], Awaitable[object]]


class Nobody:
    """A Directory without anybody."""

    def people(self) -> tuple[Person, ...]:
        return ()

    def named(self, name: str) -> tuple[Person, ...]:
        return ()

    def owner(self, address: str) -> Person | None:
        return None


class Now:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def make_tools() -> Tools:
    """The shipped knowledge and every rule, nobody in the directory, and no resolver yet."""
    known = handbook.load()
    instruments = Instruments(
        lists=known.lists,
        phrases=known.phrases,
        link_lists=known.link_lists,
        servers=known.servers,
        forwarders=known.forwarders,
        trust=Trust(),
        atlas=GeoAtlas(),
        directory=Nobody(),
        clock=Now(),
    )
    return Tools(known, instruments)


def make_check(tools: Tools) -> Check:
    """The whole straight line, from the octets to the reply, over tools that are loaded once."""

    async def check(raw: bytes, resolver: Resolver) -> object:
        asking = replace(tools, instruments=replace(tools.instruments, resolver=resolver))
        return await triage(Report((Exhibit(raw),)), asking)

    return check
