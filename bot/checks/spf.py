"""SPF as it stands now (RFC 7208), evaluated by pyspf over answers that we fetched.

pyspf never opens a socket: its look-up function is replaced by one that knows only the answers of
the evaluation under way. The local part of MAIL FROM stays here unless the owner reveals it: pyspf
is given a token in its place, and a question that holds the token isn't asked.
"""

import asyncio
import ipaddress
import secrets
import warnings
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

from bot.checks.answers import Answers, Key
from bot.checks.spf_walk import Walk, too_long
from bot.errors import NotChecked
from bot.model import Result, SpfNow
from bot.ports import DnsAnswer, DnsStatus, Resolver

with warnings.catch_warnings():
    # Its string escapes are deprecated; Python says so where it has to compile the file anew.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", SyntaxWarning)
    import spf

WHAT = "SPF now"

_ROUNDS = 40
"""Evaluations in one check: 10 terms, each with up to 10 MX or PTR names, rarely miss one at a time."""

_HEAD_START_S = 0.03
"""Seconds that the walk may gather answers before evaluation begins."""

_QUERY_TIME_S = 20
"""pyspf's bound on the time of its look-ups; ours take none."""


@dataclass(slots=True)
class _Evaluation:
    """What pyspf's look-ups see and leave behind."""

    answers: Answers
    token: str
    missing: list[Key] = field(default_factory=list)


class _Missing(Exception):
    """pyspf asked what wasn't fetched yet."""


class _Asks(Exception):
    """The record makes a question of the sender's local part."""


_CURRENT: ContextVar[_Evaluation] = ContextVar("spf evaluation")


async def check(
    *, ip: str, mail_from: str, helo: str, resolver: Resolver, reveal_local_part: bool = False, explain: bool = False
) -> SpfNow:
    """The result for a client's address and its MAIL FROM, or its HELO for the null reverse-path.

    `explain` also fetches the domain's explanation of a fail. Raises NotChecked for an unusable
    address, and where the record asks for the sender's full address and it may not be told.
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError as bad:
        raise NotChecked(WHAT, "the sending server's address isn't known") from bad
    install()
    answers = Answers(resolver)
    token = "" if reveal_local_part else "x" + secrets.token_hex(12)
    identity = _Identity(str(address), _hidden(mail_from, token), helo)
    walk = asyncio.create_task(Walk(answers, address).from_domain(identity.domain()))
    try:
        await asyncio.wait({walk}, timeout=_HEAD_START_S)
        return await _evaluate(identity, _Evaluation(answers, token), explain)
    finally:
        walk.cancel()


def install() -> None:
    """Replaces pyspf's look-up by ours, for the whole process; again is harmless."""
    spf.DNSLookup = _look_up


@dataclass(frozen=True, slots=True)
class _Identity:
    """Who sent, as pyspf takes it."""

    ip: str
    mail_from: str
    helo: str

    def query(self, explain: bool) -> "_Query":
        return _Query(self, explain)

    def domain(self) -> str:
        return str(spf.split_email(self.mail_from, self.helo)[1]).lower().rstrip(".")


class _Query(spf.query):  # type: ignore[misc]  # pyspf has no types
    """pyspf's query, which fetches an explanation only when it is wanted."""

    def __init__(self, identity: _Identity, explain: bool) -> None:
        super().__init__(identity.ip, identity.mail_from, identity.helo, querytime=_QUERY_TIME_S)
        self._explain = explain

    def dns(self, name: str, qtype: str, *rest: object, **named: object) -> list[object]:
        # An empty name is a bare Exception in pyspf; it names nothing, so there is nothing there.
        return list(super().dns(name, qtype, *rest, **named)) if name else []

    def validated_ptrs(self) -> list[str]:
        """RFC 7208, 5.5: an error in looking up the names or one's addresses passes it over."""
        try:
            names = self.dns_ptr(self.i)[: spf.MAX_PTR]
        except spf.TempError:
            return []
        return [name for name in names if self._maps_back(name)]

    def _maps_back(self, name: str) -> bool:
        try:
            return bool(self.cidrmatch(self.dns_a(name, self.A), self.cidrmax))
        except spf.TempError:
            return False

    def get_explanation(self, spec: str) -> str | None:
        # pyspf fetches it before it knows whether the check fails, and swallows every error here.
        return super().get_explanation(spec) if self._explain else None


async def _evaluate(identity: _Identity, evaluation: _Evaluation, explain: bool) -> SpfNow:
    result, said = await _settle(identity, evaluation, explain=False)
    if explain and result is Result.FAIL:
        result, said = await _settle(identity, evaluation, explain=True)
    return SpfNow(result, identity.domain(), said)


async def _settle(identity: _Identity, evaluation: _Evaluation, *, explain: bool) -> tuple[Result, str]:
    """Evaluates until nothing is missing. Raises NotChecked."""
    reset = _CURRENT.set(evaluation)
    try:
        for _ in range(_ROUNDS):
            evaluation.missing.clear()
            outcome = _run(identity, explain)
            if outcome is not None and not evaluation.missing:
                return outcome
            await evaluation.answers.fetch_all(tuple(evaluation.missing))
    finally:
        _CURRENT.reset(reset)
    raise NotChecked(WHAT, "the record needs too many look-ups")


def _run(identity: _Identity, explain: bool) -> tuple[Result, str] | None:
    """One evaluation; None if an answer was missing."""
    try:
        result, _, said = identity.query(explain).check()
    except _Missing:
        return None
    except _Asks as asks:
        raise NotChecked(WHAT, "the record asks for the sender's full address; not sent") from asks
    except (spf.PermError, AssertionError, ValueError, LookupError, TypeError, AttributeError) as broken:
        # What pyspf lets escape on hostile records: numbers of thousands of digits, loops, empty terms.
        return Result.PERMERROR, f"the record can't be evaluated ({type(broken).__name__})"
    return Result(result), str(said).replace(_CURRENT.get().token or "\0", "…")


def _look_up(name: str, qtype: str, strict: object = True, timeout: object = None) -> list[tuple[Key, object]]:  # noqa: ARG001  # pyspf's signature
    """pyspf's DNSLookup: the answer as it wants it. RFC 7208, 4.6.4 counts the empty ones itself."""
    evaluation = _CURRENT.get()
    if evaluation.token and evaluation.token in name.lower():
        raise _Asks
    outcome = evaluation.answers.get(name, qtype)
    if outcome is None:
        evaluation.missing.append((name, qtype))
        raise _Missing
    if isinstance(outcome, NotChecked):
        raise spf.TempError(f"{outcome.what}: {outcome.why}")
    return list(_records(outcome, name, qtype))


def _records(answer: DnsAnswer, name: str, qtype: str) -> Iterator[tuple[Key, object]]:
    if answer.status is not DnsStatus.FOUND:
        return
    for record in answer.records:
        yield (name, qtype), _value(record, qtype)


def _value(record: bytes, qtype: str) -> object:
    if qtype == "TXT":
        if record[:6].lower() == b"v=spf1" and too_long(record):
            raise spf.PermError("the record is longer than we evaluate")
        return [record]
    text = record.decode("ascii", "replace")
    if qtype == "MX":
        preference, _, host = text.partition(" ")
        return int(preference), host
    return text


def _hidden(mail_from: str, token: str) -> str:
    """MAIL FROM with the token for its local part."""
    local, at, domain = mail_from.rpartition("@")
    return f"{token}@{domain}" if token and at and local else mail_from
