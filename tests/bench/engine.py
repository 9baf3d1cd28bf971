"""What the benchmark measures: the one place to swap when the line grows."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

from bot import handbook
from bot.adapters.geoip import GeoAtlas
from bot.checks import Instruments, examine
from bot.intake import read
from bot.model import Exhibit, Limits, Report, Told, Trust
from bot.ports import Person, Resolver

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


def instruments() -> Instruments:
    """The shipped knowledge, nobody in the directory, and no resolver yet."""
    known = handbook.load()
    return Instruments(
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


def make_check() -> Check:
    """Reading and examining, over tools that are loaded once."""
    tools = instruments()

    async def check(raw: bytes, resolver: Resolver) -> object:
        message = read(Report((Exhibit(raw),)), trust=tools.trust, limits=Limits())
        return await examine(message, Told(), replace(tools, resolver=resolver))

    return check
