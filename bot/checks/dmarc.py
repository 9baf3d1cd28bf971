"""DMARC as it evaluates now (RFC 9989): the DNS tree walk, alignment, the policy that applies.

Nothing is asked that the answer doesn't hang on: where the author's domain has a record and an
identifier is that very domain, one question settles it.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from bot.checks.answers import Answers
from bot.checks.dmarc_record import Record, only_record
from bot.errors import NotChecked
from bot.model import DkimNow, DmarcNow, DmarcPolicy, Fact, Result, SpfNow
from bot.ports import DnsAnswer, DnsStatus, Resolver

WHAT = "DMARC now"

MAX_QUESTIONS = 8
"""Of one walk (RFC 9989, 4.10)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name of the walk that has a record."""

    name: str
    record: Record


@dataclass(frozen=True, slots=True)
class Identifier:
    """A domain that SPF or DKIM vouches for."""

    domain: str
    method: str


class Dmarc:
    """DMARC for one author domain."""

    def __init__(self, author: str, resolver: Resolver) -> None:
        self._author = author.lower().rstrip(".")
        self._answers = Answers(resolver)
        self._walks: dict[str, tuple[Entry, ...]] = {}

    async def policy(self) -> DmarcPolicy | None:
        """The policy that applies to the author's domain, None where none is published (RFC 9989, 4.10.1).

        `policy` is the one of p, sp and np that applies, the other two are as published. Raises NotChecked.
        """
        own = await self._entry(self._author)
        if own is not None:
            return _as_policy(own, own.record.policy) if own.record.usable else None
        entries = await self._walk(self._author)
        found = _inherited(self._author, entries)
        if found is None or not found.record.usable:
            return None
        return _as_policy(found, await self._inherited_word(found.record), organisational(self._author, entries))

    async def evaluate(self, spf: Fact[SpfNow], dkim: Fact[tuple[DkimNow, ...]]) -> DmarcNow:
        """The result (RFC 9989, 5.3). Raises NotChecked where it hangs on something that isn't known."""
        return await self.passes(spf, dkim) or await self._fails(spf, dkim)

    async def passes(self, spf: Fact[SpfNow], dkim: Fact[tuple[DkimNow, ...]]) -> DmarcNow | None:
        """The result if what is known settles it: pass, or none where no policy is published. Raises NotChecked."""
        policy = await self.policy()
        if policy is None:
            return DmarcNow(Result.NONE, None, "no policy is published")
        for identifier in _vouched(spf, dkim):
            if await self.aligned(identifier, policy):
                return DmarcNow(Result.PASS, policy, f"{identifier.method} of {identifier.domain}")
        return None

    async def _fails(self, spf: Fact[SpfNow], dkim: Fact[tuple[DkimNow, ...]]) -> DmarcNow:
        _refuse_if_open(spf, dkim)
        return DmarcNow(Result.FAIL, await self.policy(), _why_not(_vouched(spf, dkim)))

    async def aligned(self, identifier: Identifier, policy: DmarcPolicy) -> bool:
        """RFC 9989, 4.5. Raises NotChecked where a walk has no answer."""
        domain = identifier.domain.lower().rstrip(".")
        if domain == self._author:
            return True
        strict = policy.strict_dkim if identifier.method == "DKIM" else policy.strict_spf
        # One label in common is a top-level domain: no walk makes that one organisation.
        if strict or _labels_in_common(domain, self._author) < 2:
            return False
        walks = await asyncio.gather(self._walk(domain), self._walk(self._author))
        return organisational(domain, walks[0]) == organisational(self._author, walks[1])

    async def _inherited_word(self, record: Record) -> str:
        """p, sp or np of a record above the author's domain (RFC 9989, 4.7)."""
        below = record.subdomain_policy or record.policy
        if not record.nonexistent_policy or record.nonexistent_policy == below:
            return below
        outcome = await self._answers.fetch(self._author, "MX")
        if isinstance(outcome, NotChecked):
            raise NotChecked(WHAT, f"{outcome.what}: {outcome.why}")
        return record.nonexistent_policy if outcome.status is DnsStatus.NO_NAME else below

    async def _walk(self, domain: str) -> tuple[Entry, ...]:
        if domain not in self._walks:
            found = await asyncio.gather(*(self._entry(name) for name in names(domain)))
            self._walks[domain] = _up_to_psd([entry for entry in found if entry is not None])
        return self._walks[domain]

    async def _entry(self, name: str) -> Entry | None:
        outcome = await self._answers.fetch(f"_dmarc.{name}", "TXT")
        if not isinstance(outcome, DnsAnswer):
            raise NotChecked(WHAT, f"{outcome.what}: {outcome.why}")
        record = only_record(outcome.records)
        return None if record is None else Entry(name, record)


def names(domain: str) -> tuple[str, ...]:
    """The names of a walk, from the domain up to its top-level domain: eight at most (RFC 9989, 4.10)."""
    labels = domain.split(".")
    first = min(len(labels) - 1, MAX_QUESTIONS - 1)
    return (domain, *(".".join(labels[-count:]) for count in range(first, 0, -1)))


def organisational(domain: str, entries: Iterable[Entry]) -> str:
    """The organisational domain that a walk found; the domain itself where it found none (RFC 9989, 4.10.2)."""
    fewest = domain
    for entry in entries:
        if entry.record.psd == "n":
            return entry.name
        if entry.record.psd == "y" and entry.name != domain:
            labels = entry.name.count(".") + 2
            return ".".join(domain.split(".")[-labels:])
        fewest = entry.name
    return fewest


def _up_to_psd(entries: list[Entry]) -> tuple[Entry, ...]:
    """The walk ends at the first record that says what it is (RFC 9989, 4.10, steps 2 and 6)."""
    ends = (number for number, entry in enumerate(entries, 1) if entry.record.psd != "u")
    return tuple(entries[: next(ends, len(entries))])


def _inherited(author: str, entries: tuple[Entry, ...]) -> Entry | None:
    """The organisational domain's record, else the public suffix's."""
    above = organisational(author, entries)
    at = next((entry for entry in entries if entry.name == above), None)
    return at or next((entry for entry in entries if entry.record.psd == "y"), None)


def _as_policy(found: Entry, applies: str, above: str = "") -> DmarcPolicy:
    record = found.record
    return DmarcPolicy(
        domain=found.name,
        policy=applies,
        subdomain_policy=record.subdomain_policy,
        nonexistent_policy=record.nonexistent_policy,
        testing=record.testing,
        strict_spf=record.strict_spf,
        strict_dkim=record.strict_dkim,
        psd=record.psd,
        organisational=above,
    )


def _vouched(spf: Fact[SpfNow], dkim: Fact[tuple[DkimNow, ...]]) -> list[Identifier]:
    """What passes, signatures first: they are known sooner."""
    found = [Identifier(now.domain, "DKIM") for now in dkim.maybe() or () if now.result is Result.PASS]
    now = spf.maybe()
    return [*found, Identifier(now.domain, "SPF")] if now is not None and now.result is Result.PASS else found


def _refuse_if_open(spf: Fact[SpfNow], dkim: Fact[tuple[DkimNow, ...]]) -> None:
    """A temporary error is not a failure (RFC 9989, 5.3.6): what isn't known might have aligned."""
    for fact in (spf, dkim):
        if fact.why_not:
            raise NotChecked(WHAT, f"{fact.what}: {fact.why_not}")
    late = next((now for now in dkim() if now.result is Result.TEMPERROR), None)
    if late is not None:
        raise NotChecked(WHAT, late.reason)
    if spf().result is Result.TEMPERROR:
        raise NotChecked(WHAT, spf().explanation)


def _why_not(vouched: list[Identifier]) -> str:
    if not vouched:
        return "neither SPF nor a signature passes"
    others = ", ".join(f"{each.method} of {each.domain}" for each in vouched[:3])
    return f"what passes isn't aligned: {others}"


def _labels_in_common(one: str, other: str) -> int:
    count = 0
    for left, right in zip(reversed(one.split(".")), reversed(other.split(".")), strict=False):
        if left != right:
            break
        count += 1
    return count
