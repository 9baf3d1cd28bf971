"""What a case is, and short ways to write the facts of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from bot.model import (
    Claim,
    ClaimKind,
    DomainClass,
    DomainFacts,
    Fact,
    Facts,
    Hop,
    IpKind,
    Judged,
    JudgedLink,
    Link,
    LinkClass,
    Mailbox,
    Method,
    Network,
    Passage,
    Phrase,
    Result,
    Server,
    Stamp,
    Usual,
    Want,
    Zone,
)
from tests.facts import BORDER, facts

Given = Mapping[str, Any]
_OF_FACTS = frozenset(each.name for each in fields(Facts))


@dataclass(frozen=True, slots=True)
class Case:
    """One rule's case, told as changes of an ordinary mail from Maria Example <maria@example.org> to Bob."""

    rule: str
    says: tuple[str, ...]
    """Values that the sentence must name."""
    fires: Given
    quiet: Mapping[str, Given]
    """Near misses: what is different, and the changes on top of `fires` that make it so."""
    reads: tuple[str, ...] = field(default=())
    """The facts without which the rule can't be checked (fields of Facts)."""

    def facts(self) -> Facts:
        return changed(facts(), self.fires)

    def near_misses(self) -> Mapping[str, Facts]:
        return {why: changed(self.facts(), changes) for why, changes in self.quiet.items()}


def changed(known: Facts, changes: Given) -> Facts:
    """The facts with fields of Facts or of its Message replaced; `mail_links` are the message's links."""
    mail = {name.removeprefix("mail_"): value for name, value in changes.items() if name not in _OF_FACTS}
    rest = {name: value for name, value in changes.items() if name in _OF_FACTS}
    return replace(known, message=replace(known.message, **mail), **rest)


def box(address: str, name: str = "") -> Mailbox:
    return Mailbox(name, address)


def sender(address: str, name: str = "Maria Example") -> tuple[Mailbox, ...]:
    return (Mailbox(name, address),)


def domain(name: str, cls: DomainClass = DomainClass.OTHER, organisational: str = "", **more: Any) -> DomainFacts:
    return DomainFacts(name, organisational or name, cls, **more)


def claim(kind: ClaimKind, *, owns: bool | None = False, where: str = "display name", trick: str = "") -> Claim:
    """Somebody called "Acme", known at acme.test and desk@acme.test, claimed by the words "ACME Service"."""
    return Claim(kind, "Acme", where, "ACME Service", ("acme.test",), ("desk@acme.test",), owns, trick)


def stamp(method: Method, result: Result, name: str = "example.org", **more: Any) -> Stamp:
    values = {"zone": Zone.BORDER, "authserv_id": "mx.example.com", "domain": name, "ip": "192.0.2.1"} | more
    return Stamp(method, result, **values)


def judged(*stamps: Stamp, passage: Passage = Passage.DIRECT, hop: Hop | None = BORDER) -> Judged:
    """By these stamps; a list or forwarder in `passage` is judged at the border itself."""
    return Judged(passage, hop, stamps)


def phrases(*wants: Want, words: str = "some telling words") -> tuple[Phrase, ...]:
    return tuple(Phrase(want, words, "text") for want in wants)


def link(cls: LinkClass, host: str = "site.test", shows: str = "") -> tuple[JudgedLink, ...]:
    return (JudgedLink(Link("here", f"https://{host}/", host), cls, shows),)


def network(country: str = "DE", *, organisation: str = "Example Net", ip: str = "192.0.2.1") -> Network:
    return Network(ip, IpKind.PUBLIC, country, 64500, organisation)


def server(country: str = "DE", host: str = "mail.example.org", organisation: str = "Example Net") -> Fact[Server]:
    near = network(country, organisation=organisation)
    return Fact.known("the sending server", Server(near.ip, host, host, near, 0))


def client(country: str) -> Fact[Network]:
    return Fact.known("where it was written", network(country, ip="198.51.100.7"))


def usual(subject: str = "maria@example.org", mails: float = 9.0, **seen: tuple[str, ...]) -> Fact[Usual]:
    """History of a sender; each habit as names, of equal weight."""
    habits: dict[str, Any] = {habit: tuple((name, 3.0) for name in names) for habit, names in seen.items()}
    return Fact.known("the sender's usual servers", Usual(subject, mails, **habits))


def known(value: Any) -> Fact[Any]:
    return Fact.known("a look-up", value)
