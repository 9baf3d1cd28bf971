"""The engine for threads: one event loop in a thread of its own, in which the straight line runs with its tools."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from dramatiq.asyncio import EventLoopThread

from bot.advice import advise
from bot.errors import Shown
from bot.hosts import is_public_suffix, organisation
from bot.model import Case, Message, Reader, Reply, Report, Verdict
from bot.triage import Tools, read_or_tell, triage_or_tell


@dataclass(frozen=True, slots=True)
class Checked:
    """A case, and the same told to a technician."""

    case: Case
    technician: Reply


class LoopEngine:
    """A part of a process (`bot.running.Part`) that threads ask for cases."""

    name = "engine"

    def __init__(
        self,
        tools: Callable[[], AbstractAsyncContextManager[Tools]],
        *,
        within_s: float = 30.0,
        ours: Callable[[], Sequence[str]] = tuple,
        decided: Callable[[Case, Tools], Awaitable[None]] | None = None,
        corrected: Callable[[Message, Verdict, datetime, Tools], Awaitable[None]] | None = None,
    ) -> None:
        """`tools` are opened in the loop when it starts; `within_s` is the deadline of the whole line; `ours` are the
        domains that the workspace's staff have, as far as they are known when somebody asks; `decided`
        hears of each case, to remember it; `corrected` of what a technician found of a mail.
        """
        self._open, self._within_s, self._decided, self._corrected = tools, within_s, decided, corrected
        self._loop = EventLoopThread(logging.getLogger(__name__))
        self._loop.daemon = True
        self._stack = AsyncExitStack()
        self._tools: Tools | None = None
        self._ours = ours
        self._lock, self._closed = threading.Lock(), False

    def start(self) -> None:
        """Raises Shown where the tools can't be opened."""
        self._loop.start(timeout=5.0)
        self._tools = self._loop.run_coroutine(self._stack.enter_async_context(self._open()))

    def read(self, report: Report) -> Message | Shown:
        """The line's first arrow, in the caller's thread: pure, so it needn't wait for the loop."""
        return read_or_tell(report, self._opened())

    def check(self, report: Report, message: Message) -> Checked | Shown:
        """The rest of the line. Raises TimeoutError after the deadline."""
        return self._loop.run_coroutine(self._check(report, message))

    def remember(self, message: Message, verdict: Verdict, at: datetime) -> None:
        """A technician's verdict. Raises StoreUnavailable."""
        if self._corrected is not None:
            self._loop.run_coroutine(self._corrected(message, verdict, at, self._opened()))

    def drain(self, seconds: float) -> None:
        """Nothing to do: whoever asks waits for the answer."""

    def close(self) -> None:
        with self._lock:
            if self._closed or not self._loop.is_alive():
                return
            self._closed = True
        self._loop.run_coroutine(self._stack.aclose())
        self._loop.stop()  # type: ignore[no-untyped-call]  # dramatiq's

    def fault(self) -> str:
        return "" if self._closed or self._loop.is_alive() else "the event loop died"

    def _opened(self) -> Tools:
        assert self._tools is not None, "the engine was started"
        return with_ours(self._tools, self._ours())

    async def _check(self, report: Report, message: Message) -> Checked | Shown:
        tools = self._opened()
        async with asyncio.timeout(self._within_s):
            case = await triage_or_tell(report, tools, message=message)
            if isinstance(case, Shown):
                return case
            if self._decided is not None:
                await self._decided(case, tools)
        told = replace(report, reader=Reader.TECHNICIAN)
        reply, _ = advise(told, case.facts, case.diagnosis, tools.handbook, tools.help_desk)
        return Checked(case, reply)


def with_ours(tools: Tools, domains: Sequence[str]) -> Tools:
    """The tools with these domains as ours, too; never one in which anybody can have an address or register one."""
    instruments = tools.instruments
    lists, known = instruments.lists, instruments.trust.our_domains
    shared = lists.freemail | lists.disposable | lists.platform
    more = tuple(
        domain
        for domain in domains
        if domain not in known and not is_public_suffix(domain) and not {domain, organisation(domain)} & shared
    )
    if not more:
        return tools
    trust = replace(instruments.trust, our_domains=(*known, *more))
    return replace(tools, instruments=replace(instruments, trust=trust))
