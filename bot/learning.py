"""Learning who sends how: mail known to be genuine in, habits of its senders remembered.

Only mail whose authentication holds teaches anything: a forged one in a folder of genuine mail would make
the forger's server a usual one.
"""

from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from bot.checks.history import SHARED
from bot.hosts import organisation
from bot.model import Facts, Message, Passage, Result, Usual, Zone
from bot.ports import Clock


class Skip(StrEnum):
    """Why a mail taught nothing; texts for the person who ran the command."""

    NO_ADDRESS = "no usable address in From"
    MANY_READINGS = "From can be read in more than one way"
    DMARC_FAILED = "DMARC failed"
    NOT_PROVEN = "no DKIM, SPF or DMARC pass for the domain in From, and the author didn't sign in"


class Memory(Protocol):
    """Where habits are kept (`bot.adapters.casebook`)."""

    async def remember(self, message: Message, at: datetime, observed: tuple[Usual, ...]) -> bool:
        """False if this mail was remembered before. Raises StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class LearnReport:
    """What came of it, in mails; `addresses` and `domains` are how many different ones taught something."""

    learned: int = 0
    known: int = 0
    """Learned before, so not counted again."""
    skipped: tuple[tuple[Skip, int], ...] = ()
    """By reason, the commonest first."""
    addresses: int = 0
    domains: int = 0


async def learn(mails: Iterable[Facts] | AsyncIterable[Facts], memory: Memory, clock: Clock) -> LearnReport:
    """Remembers the habits that these mails show; each mail counts once, however often it is learned.

    What was learned before StoreUnavailable is raised stays learned.
    """
    learned = known = 0
    skipped: Counter[Skip] = Counter()
    subjects: set[str] = set()
    async for facts in _each(mails):
        reason = why_not(facts)
        if reason is not None:
            skipped[reason] += 1
            continue
        observed = observe(facts)
        if await memory.remember(facts.message, when(facts, clock.now()), observed):
            learned += 1
            subjects.update(usual.subject for usual in observed)
        else:
            known += 1
    addresses = sum("@" in subject for subject in subjects)
    return LearnReport(learned, known, tuple(skipped.most_common()), addresses, len(subjects) - addresses)


def why_not(facts: Facts) -> Skip | None:
    """Why this mail may not teach anything, or None where it may."""
    if "@" not in facts.message.author.address:
        return Skip.NO_ADDRESS
    if len({sender.address.lower() for sender in facts.message.senders}) > 1:
        return Skip.MANY_READINGS
    if any(stamp.result is Result.FAIL for stamp in facts.stamp("dmarc")) and not _verified_now(facts):
        return Skip.DMARC_FAILED
    return None if _stamped(facts) or _verified_now(facts) or _signed_in(facts) else Skip.NOT_PROVEN


def observe(facts: Facts) -> tuple[Usual, ...]:
    """What one mail shows of its address and, where the domain is one organisation's, of that.

    The domain's part holds no names: it would be a list of its people.
    """
    message = facts.message
    server = facts.server.maybe() if not _server_is_anothers(facts) else None
    client = facts.client.maybe()
    of_address = Usual(
        subject=message.author.address.lower(),
        mails=1.0,
        servers=_once(organisation(server.host or server.helo) if server else ""),
        networks=_once(server.network.organisation if server else ""),
        countries=_once(server.network.country if server else ""),
        dkim_domains=_once(*_signers(facts)),
        mailers=_once(facts.mailer_family),
        id_domains=_once(facts.id_domain),
        offsets=_once(message.date.strftime("%z") if message.date else ""),
        names=_once(" ".join(message.author.name.split())),
        client_countries=_once(client.country if client else ""),
    )
    if facts.author.cls in SHARED or not facts.author.organisational:
        return (of_address,)
    return of_address, replace(of_address, subject=facts.author.organisational.lower(), names=())


def when(facts: Facts, now: datetime) -> datetime:
    """When the mail came: the receiver's own clock, else Date (the sender's word), never later than now."""
    border = facts.message.border
    told = (border.at if border else None) or facts.message.date or now
    return min(told if told.tzinfo else told.replace(tzinfo=UTC), now)


def _stamped(facts: Facts) -> bool:
    """A pass for the author's domain, by a verifier inside the trust boundary (RFC 9989, 4.4: aligned)."""
    return any(
        stamp.result is Result.PASS and stamp.zone is not Zone.OUTSIDE and _aligned(facts, stamp.domain)
        for method in ("dmarc", "dkim", "spf")
        for stamp in facts.stamp(method)
    )


def _verified_now(facts: Facts) -> bool:
    """A signature of the author's domain that holds now; today's SPF would say nothing of the delivery day."""
    return any(key.result is Result.PASS and _aligned(facts, key.domain) for key in facts.dkim_now.maybe() or ())


def _signed_in(facts: Facts) -> bool:
    """The receiver's own server took it from the author's account (RFC 4954): mail within one organisation."""
    hop = facts.judged.hop
    inside = facts.judged.passage is Passage.INTERNAL and hop is not None and hop.zone in (Zone.INSIDE, Zone.BORDER)
    return inside and hop is not None and hop.authenticated.lower() == facts.message.author.address.lower()


def _aligned(facts: Facts, domain: str) -> bool:
    organisation, name = facts.author.organisational.lower(), domain.lower().rstrip(".")
    return bool(organisation) and (name == organisation or name.endswith("." + organisation))


def _server_is_anothers(facts: Facts) -> bool:
    """A list or forwarder handed it over, and nothing tells of the hop before that."""
    handed_on = facts.judged.passage in (Passage.LIST, Passage.FORWARDER)
    hop = facts.judged.hop
    return handed_on and (hop is None or hop.zone is Zone.BORDER)


def _signers(facts: Facts) -> tuple[str, ...]:
    """The domains whose signatures held, at delivery or now."""
    stamped = (stamp.domain for stamp in facts.stamp("dkim") if stamp.result is Result.PASS)
    verified = (key.domain for key in facts.dkim_now.maybe() or () if key.result is Result.PASS)
    return tuple(sorted({domain.lower() for domain in (*stamped, *verified) if domain}))


def _once(*values: str) -> tuple[tuple[str, float], ...]:
    return tuple((value, 1.0) for value in values if value)


async def _each(mails: Iterable[Facts] | AsyncIterable[Facts]) -> AsyncIterator[Facts]:
    if isinstance(mails, AsyncIterable):
        async for facts in mails:
            yield facts
    else:
        for facts in mails:
            yield facts
