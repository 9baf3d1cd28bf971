"""DNS answers gathered for a library that wants them at once.

pyspf and dkimpy ask synchronously. They are run over what was gathered here; what they miss is
fetched, and they are run again.
"""

import asyncio
from collections.abc import Iterable

from bot.errors import NotChecked
from bot.ports import DnsAnswer, Resolver

Key = tuple[str, str]


class Answers:
    """What the resolver said so far in one check, failures included."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._known: dict[Key, DnsAnswer | NotChecked] = {}

    async def fetch(self, name: str, rdtype: str) -> DnsAnswer | NotChecked:
        """The outcome of a look-up; the resolver sees to it that one question is asked once."""
        key = _key(name, rdtype)
        if key not in self._known:
            try:
                self._known[key] = await self._resolver.look_up(*key)
            except NotChecked as unknown:
                self._known[key] = unknown.with_traceback(None)
        return self._known[key]

    async def fetch_all(self, questions: Iterable[Key]) -> None:
        await asyncio.gather(*(self.fetch(name, rdtype) for name, rdtype in questions))

    def get(self, name: str, rdtype: str) -> DnsAnswer | NotChecked | None:
        """What is known already; None where nobody asked yet."""
        return self._known.get(_key(name, rdtype))


def _key(name: str, rdtype: str) -> Key:
    return name.lower().rstrip("."), rdtype
