"""Which questions an SPF record is going to need, read off it before it is evaluated (RFC 7208).

Evaluation asks one thing after another. Here the tree of include and redirect is walked with all
branches at once, so that evaluation finds its answers there. A question that is missed, such as
one whose name holds a macro, costs time and nothing else.
"""

import asyncio
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from bot.checks.answers import Answers
from bot.errors import NotChecked
from bot.ports import DnsAnswer

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_QUESTIONS = 16
"""Questions asked ahead: evaluation stops after 10 terms that look something up (RFC 7208, 4.6.4)."""

MAX_RECORD = 4_096
"""Octets of a record that is still evaluated; RFC 7208, 3.4 wants it to fit into 512."""

MAX_TERM = 512


@dataclass(frozen=True, slots=True)
class Term:
    """A mechanism or modifier that looks something up, without its macros being expanded."""

    kind: str
    target: str


def record_of(answer: DnsAnswer | NotChecked | None) -> str:
    """The SPF record among a domain's TXT records; "" if there isn't exactly one (RFC 7208, 4.5)."""
    if not isinstance(answer, DnsAnswer):
        return ""
    found = [each for each in answer.records if each.lower() == b"v=spf1" or each[:7].lower() == b"v=spf1 "]
    if len(found) != 1 or too_long(found[0]):
        return ""
    return found[0].decode("ascii", "replace")


def too_long(record: bytes) -> bool:
    """Whether a record is over our bounds: evaluating it could take more than its share of time."""
    return len(record) > MAX_RECORD or any(len(term) > MAX_TERM for term in record.split(b" "))


def terms(record: str, domain: str, ip: Address) -> Iterator[Term]:
    """The terms that are reached, as far as plain addresses tell, in their order."""
    redirect = ""
    for word in record.split(" ")[1:]:
        bare = word.lstrip("+-~?")
        name, mark, rest = _split(bare)
        if mark == "=":
            redirect = rest if name == "redirect" else redirect
        elif name == "all" or (name in ("ip4", "ip6") and _covers(rest, ip)):
            return  # evaluation ends here at the latest
        elif name in ("include", "exists", "a", "mx"):
            yield Term(name, rest.partition("/")[0] or domain)
    if redirect:
        yield Term("redirect", redirect)


def _split(word: str) -> tuple[str, str, str]:
    at = next((place for place, sign in enumerate(word) if sign in ":=/"), len(word))
    mark = word[at : at + 1]
    rest = word[at:] if mark == "/" else word[at + 1 :]
    return word[:at].lower(), mark, rest


def _covers(network: str, ip: Address) -> bool:
    try:
        return ip in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


class Walk:
    """One walk over a record tree, within its bound on questions."""

    def __init__(self, answers: Answers, ip: Address) -> None:
        self._answers = answers
        self._ip = ip
        self._asked: set[tuple[str, str]] = set()

    async def from_domain(self, domain: str) -> None:
        """Gathers the answers that evaluating this domain's record needs."""
        if self._may_ask(domain, "TXT"):
            record = record_of(await self._answers.fetch(domain, "TXT"))
            await asyncio.gather(*(self._term(term) for term in terms(record, domain, self._ip)))

    async def _term(self, term: Term) -> None:
        target = term.target.lower().rstrip(".")
        if "%" in target or not target:
            return
        if term.kind in ("include", "redirect"):
            await self.from_domain(target)
        elif term.kind == "mx":
            await self._exchanges(target)
        else:
            await self._addresses(target, "A" if term.kind == "exists" else self._type())

    async def _exchanges(self, domain: str) -> None:
        if not self._may_ask(domain, "MX"):
            return
        answer = await self._answers.fetch(domain, "MX")
        if isinstance(answer, DnsAnswer):
            hosts = [record.decode("ascii", "replace").partition(" ")[2] for record in answer.records]
            await asyncio.gather(*(self._addresses(host, self._type()) for host in hosts if host))

    async def _addresses(self, host: str, rdtype: str) -> None:
        if self._may_ask(host, rdtype):
            await self._answers.fetch(host, rdtype)

    def _may_ask(self, name: str, rdtype: str) -> bool:
        key = (name.lower().rstrip("."), rdtype)
        if key in self._asked or len(self._asked) >= MAX_QUESTIONS:
            return False
        self._asked.add(key)
        return True

    def _type(self) -> str:
        return "A" if self._ip.version == 4 else "AAAA"
