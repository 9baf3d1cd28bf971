"""The Resolver on a recursive DNS server: asynchronous, cached, bounded.

One question is asked once while in flight and within its time to live; every failure is a
NotChecked that names the question and the cause.
"""

import asyncio
import functools
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import dns.exception
import dns.resolver

from bot.adapters.dns_transport import Server, exchange
from bot.adapters.dns_wire import MAX_LINKS, BadReply, Question, Reading, question, what
from bot.errors import NotChecked
from bot.ports import DnsAnswer

_ATTEMPTS = (0.6, 1.0, 2.0)
"""Seconds that each attempt waits; the third is for checks with a long deadline."""

_MIN_TTL = 2
"""Seconds that any answer is kept, so that one check asks once even where the TTL is 0."""

_MAX_TTL = 3_600

_FAILURE_TTL = 5
"""Seconds that a failure is remembered (RFC 9520, 3.2: at least 1, at most 300)."""

_IN_FLIGHT = 64
"""Sockets open at a time."""

Key = tuple[str, str]


def system_servers() -> tuple[Server, ...]:
    """The servers that this machine uses, read now; none where none is configured."""
    try:
        system = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return ()
    return tuple((each, system.port) for each in system.nameservers if isinstance(each, str))


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer or failure, and until when (of the cache's clock) it holds."""

    outcome: DnsAnswer | NotChecked
    until: float


class Cache:
    """What was answered, by question; the least recently used goes first. Seconds of a monotonic clock."""

    def __init__(self, entries: int = 10_000) -> None:
        self._entries = entries
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()

    def get(self, key: Key, now: float) -> DnsAnswer | NotChecked | None:
        kept = self._kept.get(key)
        if kept is None or kept.until <= now:
            return None
        self._kept.move_to_end(key)
        return kept.outcome

    def put(self, key: Key, outcome: DnsAnswer | NotChecked, now: float) -> None:
        ttl = outcome.ttl if isinstance(outcome, DnsAnswer) else _FAILURE_TTL
        self._kept[key] = _Kept(outcome, now + min(max(ttl, _MIN_TTL), _MAX_TTL))
        self._kept.move_to_end(key)
        while len(self._kept) > self._entries:
            self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)


@dataclass(slots=True)
class _Loop:
    """What belongs to one event loop: its questions in flight and its bound on them."""

    loop: asyncio.AbstractEventLoop
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_IN_FLIGHT))
    asking: dict[Key, "asyncio.Task[DnsAnswer | NotChecked]"] = field(default_factory=dict)


class Dns:
    """The Resolver port over UDP and TCP (RFC 1035, 7766).

    `servers` are (address, port), asked in turn on each attempt; without them the machine's own are
    read at the first question. `now` is a monotonic clock in seconds. A resolver may be used by one
    event loop after another, not by two at a time.
    """

    def __init__(
        self,
        servers: tuple[Server, ...] = (),
        *,
        cache: Cache | None = None,
        now: Callable[[], float] | None = None,
    ) -> None:
        self._servers = servers
        self._cache = Cache() if cache is None else cache
        self._now = now
        self._here: _Loop | None = None

    async def look_up(self, name: str, rdtype: str) -> DnsAnswer:
        """The answer; the name is compared without case. Raises NotChecked, which says why."""
        asked = question(name, rdtype)
        key = (asked.name.to_text(), rdtype)
        outcome = self._cache.get(key, self._clock()) or await self._join(key, asked, name.lower().rstrip("."))
        if isinstance(outcome, NotChecked):
            raise NotChecked(outcome.what, outcome.why)
        return outcome

    async def aclose(self) -> None:
        """Gives up what is in flight; the resolver may be used again."""
        here, self._here = self._here, None
        if here is None or here.loop is not asyncio.get_running_loop():
            return
        for task in here.asking.values():
            task.cancel()
        await asyncio.gather(*here.asking.values(), return_exceptions=True)

    def _clock(self) -> float:
        return asyncio.get_running_loop().time() if self._now is None else self._now()

    async def _join(self, key: Key, asked: Question, name: str) -> DnsAnswer | NotChecked:
        """Waits for the one task that asks; an asker who leaves doesn't stop it for the others."""
        here = self._local()
        task = here.asking.get(key)
        if task is None:
            task = here.loop.create_task(self._ask(here, key, asked, name))
            here.asking[key] = task
            task.add_done_callback(functools.partial(_forget, here, key))
        return await asyncio.shield(task)

    def _local(self) -> _Loop:
        loop = asyncio.get_running_loop()
        if self._here is None or self._here.loop is not loop:
            self._here = _Loop(loop)
        return self._here

    async def _ask(self, here: _Loop, key: Key, asked: Question, name: str) -> DnsAnswer | NotChecked:
        async with here.free:
            try:
                outcome: DnsAnswer | NotChecked = await self._resolve(asked, name)
            except NotChecked as unknown:
                outcome = unknown.with_traceback(None)
        self._cache.put(key, outcome, self._clock())
        return outcome

    async def _resolve(self, asked: Question, name: str) -> DnsAnswer:
        """Follows aliases across replies (RFC 1034, 3.6.2) up to the bound."""
        passed, current, ttl = {asked.name}, asked, _MAX_TTL
        for _ in range(MAX_LINKS + 1):
            reading = await self._attempt(current, name)
            if reading.ask_next is None:
                return DnsAnswer(name, asked.rdtype.name, reading.status, reading.records, min(ttl, reading.ttl))
            if passed.intersection(reading.links):
                break
            passed.update(reading.links)
            ttl = min(ttl, reading.ttl or ttl)
            current = Question(reading.ask_next, asked.rdtype)
        raise NotChecked(what(name, asked.rdtype.name), "CNAME loop")

    async def _attempt(self, asked: Question, name: str) -> Reading:
        """One server after the other, with growing patience; the last cause is told."""
        cause, refused = "no DNS server is configured", set[Server]()
        for server, seconds in self._attempts():
            if server in refused:
                continue  # it said no: asking it again at once won't change that
            try:
                return await exchange(asked, server, seconds)
            except TimeoutError:
                cause = "no answer"
            except BadReply as bad:
                cause = str(bad)
                refused.add(server)
            except OSError as broken:
                cause = f"the DNS server can't be reached ({broken.strerror or type(broken).__name__})"
        raise NotChecked(what(name, asked.rdtype.name), cause)

    def _attempts(self) -> Iterator[tuple[Server, float]]:
        if not self._servers:
            self._servers = system_servers()
        for number, seconds in enumerate(_ATTEMPTS if self._servers else ()):
            yield self._servers[number % len(self._servers)], seconds


def _forget(here: _Loop, key: Key, task: "asyncio.Task[DnsAnswer | NotChecked]") -> None:
    if here.asking.get(key) is task:
        del here.asking[key]
