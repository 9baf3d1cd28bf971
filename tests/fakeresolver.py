"""The Resolver port over a table, with what was asked written down."""

import asyncio
from collections.abc import Mapping, Sequence

from bot.errors import NotChecked
from bot.ports import DnsAnswer, DnsStatus

Zones = Mapping[str, Mapping[str, Sequence[str | bytes] | str]]
"""By name and type the records; a text instead of records is why there is no answer."""


class FakeResolver:
    """A name that isn't in the table is NXDOMAIN, a type that isn't is NODATA; `*` stands for every name or type."""

    def __init__(self, zones: Zones, *, delay_s: float = 0.0, silent: tuple[str, ...] = ()) -> None:
        self._zones = zones
        self._delay_s = delay_s
        self._silent = silent
        self.asked: list[tuple[str, str]] = []

    async def look_up(self, name: str, rdtype: str) -> DnsAnswer:
        self.asked.append((name, rdtype))
        if name in self._silent:
            await asyncio.Event().wait()
        await asyncio.sleep(self._delay_s)
        types = self._zones.get(name, self._zones.get("*"))
        value = None if types is None else types.get(rdtype, types.get("*"))
        if isinstance(value, str):
            raise NotChecked(f"DNS {rdtype} {name}", value)
        if value is None:
            return DnsAnswer(name, rdtype, DnsStatus.NO_NAME if types is None else DnsStatus.NO_DATA)
        records = tuple(each.encode() if isinstance(each, str) else each for each in value)
        return DnsAnswer(name, rdtype, DnsStatus.FOUND, records, 300)
