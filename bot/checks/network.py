"""All look-ups of one check, overlapping and under one deadline.

Each fact is a task of its own. What is finished at the deadline counts; the rest is unknown and says so.
"""

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.checks import arc, dkim, spf
from bot.checks.answers import Answers
from bot.checks.dmarc import WHAT as DMARC
from bot.checks.dmarc import Dmarc
from bot.checks.domains import organisational
from bot.checks.envelope import envelope
from bot.checks.origin import EXISTS, RELATION, dns_relation, domain_exists
from bot.errors import NotChecked
from bot.model import (
    ArcNow,
    DkimNow,
    DmarcNow,
    DnsRelation,
    DomainClass,
    DomainFacts,
    Fact,
    Judged,
    Message,
    Result,
    Server,
    SpfNow,
)
from bot.ports import Resolver

T = TypeVar("T")

DKIM, ARC = "DKIM now", "ARC now"

_TURNS_TO_SEND = 30
"""Turns of the event loop in which tasks start, sockets open and datagrams leave; a deep SPF record of which all is
cached takes as many, and turns in which nothing happens cost next to nothing."""

_NO_DOMAIN = "the From address has no domain that could be looked up"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked up: the mail, where it is judged, the From domain, the sending server."""

    message: Message
    judged: Judged
    author: DomainFacts
    server: Fact[Server]


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What DNS told of one mail, each as a fact."""

    spf: Fact[SpfNow]
    dkim: Fact[tuple[DkimNow, ...]]
    dmarc: Fact[DmarcNow]
    arc: Fact[ArcNow]
    relation: Fact[DnsRelation]
    exists: Fact[bool]


class LookUps:
    """The look-ups of one check, started on construction; `finish` waits for them."""

    def __init__(self, subject: Subject, resolver: Resolver, *, reveal_local_part: bool) -> None:
        self._subject = subject
        self._resolver = resolver
        self._answers = Answers(resolver)
        self._reveal = reveal_local_part
        self._started = asyncio.get_running_loop().time()
        self._spf = _start(spf.WHAT, self._spf_now())
        self._dkim = _start(DKIM, self._dkim_now())
        self._arc = _start(ARC, self._arc_now())
        self._dmarc = _start(DMARC, self._dmarc_now())
        self._relation = _start(RELATION, self._related())
        self._exists = _start(EXISTS, self._is_there())
        self._tasks = (self._spf, self._dkim, self._arc, self._dmarc, self._relation, self._exists)

    async def set_off(self) -> bool:
        """Lets the first questions be sent; whether every answer was there already."""
        for _ in range(_TURNS_TO_SEND):
            if all(task.done() for task in self._tasks):
                return True
            await asyncio.sleep(0)
        return False

    async def finish(self, deadline_s: float) -> NetworkFacts:
        """The facts, at most that many seconds after the look-ups were started."""
        left = self._started + deadline_s - asyncio.get_running_loop().time()
        await asyncio.wait(self._tasks, timeout=max(0.0, left))
        self.cancel()
        why = f"no answer within {deadline_s:g} s"
        return NetworkFacts(
            _result(self._spf, spf.WHAT, why),
            _result(self._dkim, DKIM, why),
            _result(self._dmarc, DMARC, why),
            _result(self._arc, ARC, why),
            _result(self._relation, RELATION, why),
            _result(self._exists, EXISTS, why),
        )

    def cancel(self) -> None:
        """Gives up what isn't finished."""
        for task in self._tasks:
            task.cancel()

    async def _spf_now(self) -> SpfNow:
        subject = self._subject
        said = envelope(subject.message, subject.judged, subject.server.maybe())
        now = await spf.check(
            ip=said.ip,
            mail_from=said.mail_from,
            helo=said.helo,
            resolver=self._resolver,
            reveal_local_part=self._reveal,
        )
        if now.result is Result.TEMPERROR:
            raise NotChecked(spf.WHAT, now.explanation)
        return replace(now, aligned=self._aligned(now.domain))

    async def _dkim_now(self) -> tuple[DkimNow, ...]:
        message = self._subject.message
        if not message.raw:
            raise NotChecked(DKIM, "the whole message isn't there")
        if not message.signatures:
            return ()
        found = await dkim.check(message.raw, self._resolver, delivered=dkim.delivered_at(message))
        late = [now.reason for now in found if now.result is Result.TEMPERROR]
        if late and len(late) == len(found):
            raise NotChecked(DKIM, late[0])
        return tuple(replace(now, aligned=self._aligned(now.domain)) for now in found)

    async def _arc_now(self) -> ArcNow:
        message = self._subject.message
        if not message.raw:
            raise NotChecked(ARC, "the whole message isn't there")
        if not message.arc:
            return ArcNow(Result.NONE)
        now = await arc.check(message.raw, self._resolver)
        if now.result is Result.TEMPERROR:
            raise NotChecked(ARC, now.reason)
        return now

    async def _dmarc_now(self) -> DmarcNow:
        self._refuse_no_domain(DMARC)
        dmarc = Dmarc(self._subject.author.domain, self._resolver)
        _, signed = await asyncio.gather(_quietly(dmarc.policy()), asyncio.shield(self._dkim))
        early = await dmarc.passes(Fact.unknown(spf.WHAT, "not waited for"), signed)
        if early is not None:
            return early
        return await dmarc.evaluate(await asyncio.shield(self._spf), signed)

    async def _related(self) -> DnsRelation:
        self._refuse_no_domain(RELATION)
        server = self._subject.server.maybe()
        if server is None:
            raise NotChecked(RELATION, self._subject.server.why_not)
        spf_now, dkim_now = asyncio.shield(self._spf), asyncio.shield(self._dkim)
        return await dns_relation(self._subject.author, server, spf_now, dkim_now, self._answers)

    async def _is_there(self) -> bool:
        self._refuse_no_domain(EXISTS)
        return await domain_exists(self._subject.author.domain, self._answers)

    def _refuse_no_domain(self, what: str) -> None:
        author = self._subject.author
        if not author.domain or author.cls is DomainClass.NOT_A_DOMAIN:
            raise NotChecked(what, _NO_DOMAIN)

    def _aligned(self, domain: str) -> bool:
        author = self._subject.author.organisational
        return bool(domain) and bool(author) and organisational(domain) == author


def _start(what: str, work: Coroutine[object, object, T]) -> "asyncio.Task[Fact[T]]":
    return asyncio.get_running_loop().create_task(_as_fact(what, work))


async def _as_fact(what: str, work: Awaitable[T]) -> Fact[T]:
    try:
        return Fact.known(what, await work)
    except NotChecked as unknown:
        why = unknown.why if unknown.what == what else f"{unknown.what}: {unknown.why}"
        return Fact.unknown(what, why)


async def _quietly(work: Awaitable[object]) -> None:
    try:
        await work
    except NotChecked:
        return  # asked ahead; who needs the answer is told the same again


def _result(task: "asyncio.Task[Fact[T]]", what: str, why: str) -> Fact[T]:
    return Fact.unknown(what, why) if task.cancelled() or not task.done() else task.result()
