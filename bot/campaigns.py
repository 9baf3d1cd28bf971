"""Whether two mails are one campaign: the same mail or a variant of it, by subject, links, sending network and text.

Wider than `bot.sameness`, which decides what one person may be told from another's report: here a variant only joins a
ticket and counts, so another sender, another link or a rewritten text may differ, but not all of them. Whoever makes a
mail look like a campaign's gets into the technicians' hands: nobody is cleared by it (`Ticketing.known`).

All that is kept is digests, so that a campaign outlives the content of its mails.
"""

import hashlib
import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from bot.hosts import organisation
from bot.model import Facts, IpKind, LinkClass, Message
from bot.sameness import plain_subject, similarity, sketch

SAME = 4
"""Points from which two mails are of one campaign."""
ALMOST, ALIKE, SIMILAR = 0.8, 0.5, 0.25
"""Shares of the text that two have in common."""
MOST_TOKENS = 24
MOST_HOSTS = 20
_LOOKED_AT = 40_000
_WORD = re.compile(r"\w{1,60}")
_NUMBER = re.compile(r"\d[\d.,:/-]{0,30}")
_CODE = re.compile(r"\b(?=[a-z0-9]{0,39}\d)(?=[a-z0-9]{0,39}[a-z])[a-z0-9]{6,40}\b")
_SHARED = frozenset({LinkClass.OWN, LinkClass.BRAND, LinkClass.TRACKER, LinkClass.SHORTENER})
"""Links that mails of many senders have."""
_FEWEST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Traits:
    """What a mail has in common with the rest of its campaign: digests, and the sketch of its text."""

    subject: str = ""
    """Of the subject's shape: without numbers, codes and the receiver's name."""
    author: str = ""
    network: str = ""
    hosts: tuple[str, ...] = ()
    """Of the organisations that it links to, those that everybody links to left out."""
    sketch: tuple[int, ...] = ()

    @property
    def tells(self) -> bool:
        """Whether there is enough of its own to say that another is like it."""
        return bool(self.sketch) or bool(self.subject and (self.hosts or self.author))


class Campaigns(Protocol):
    """What is remembered of campaigns, within one workspace. Every method raises StoreUnavailable."""

    def near(self, team: str, tokens: tuple[str, ...]) -> tuple[tuple[str, Traits], ...]:
        """Campaigns with mails that share a token, each with those mails' traits, the newest first."""
        ...

    def add(self, team: str, campaign: str, traits: Traits, tokens: tuple[str, ...], who: str) -> int:
        """Remembers a mail of a campaign; how many people reported it, this one too."""
        ...

    def again(self, team: str, campaign: str, who: str) -> int:
        """Counts somebody who reported a mail that is known already."""
        ...


@dataclass(frozen=True, slots=True)
class Membership:
    """The campaign that a mail belongs to."""

    id: str
    people: int
    """How many reported it."""


def belongs(campaigns: Campaigns, team: str, traits: Traits, who: str) -> Membership | None:
    """The campaign that this is a mail of, an earlier one if there is any; None where it has too little of its own.
    `who` is a digest of the person (`sameness.person`).
    """
    if not traits.tells:
        return None
    tokens = tokens_of(traits)
    near = campaigns.near(team, tokens)
    best = max(near, key=lambda each: points(traits, each[1]), default=None)
    id = best[0] if best and points(traits, best[1]) >= SAME else name_of(traits)
    return Membership(id, campaigns.add(team, id, traits, tokens, who))


def traits_of(message: Message, facts: Facts) -> Traits:
    """What is compared of a mail."""
    words = _words(message.text)
    links = (each.link.host for each in facts.links if each.cls not in _SHARED and each.link.host)
    hosts = sorted({_digest(organisation(host)) for host in links})
    subject = _shape(message)
    server = facts.server.maybe()
    return Traits(
        subject=_digest(subject) if len(subject) > 3 else "",
        author=_digest(message.author.address.casefold()) if message.author.address else "",
        network=_network(server.ip, server.network.asn, server.network.kind) if server else "",
        hosts=tuple(hosts[:MOST_HOSTS]),
        sketch=sketch(words) if len(words) >= _FEWEST_WORDS else (),
    )


def points(one: Traits, other: Traits) -> int:
    """How much speaks for one campaign. Sender and network alone never do: they send other mails, too."""
    text = similarity(one.sketch, other.sketch)
    body = 4 if text >= ALMOST else 3 if text >= ALIKE else 1 if text >= SIMILAR else 0
    subject = 2 if one.subject and one.subject == other.subject else 0
    if not body and not subject:
        return 0
    links = 2 if set(one.hosts) & set(other.hosts) else 0
    sender = sum(1 for a, b in ((one.author, other.author), (one.network, other.network)) if a and a == b)
    return body + subject + links + sender


def tokens_of(traits: Traits) -> tuple[str, ...]:
    """By which a campaign is found; of a text the smallest hashes, which similar texts share."""
    tokens = [f"s{traits.subject}"] if traits.subject else []
    tokens += [f"h{host}" for host in traits.hosts[:8]]
    tokens += [f"t{hash:x}" for hash in traits.sketch[:12]]
    return tuple(tokens[:MOST_TOKENS])


def name_of(traits: Traits) -> str:
    """A new campaign's id: the same for the same mail, so that two who report it at once don't make two."""
    return _digest(repr((traits.subject, traits.hosts, traits.sketch[:16], traits.author if not traits.sketch else "")))


def _shape(message: Message) -> str:
    """The subject without what differs from receiver to receiver."""
    plain = plain_subject(message.subject)
    for name in _receivers(message):
        plain = re.sub(rf"\b{re.escape(name)}\b", "*", plain)
    return " ".join(_NUMBER.sub("0", _CODE.sub("#", plain)).split())


def _receivers(message: Message) -> Iterable[str]:
    """Words by which receivers are called, the longest first."""
    boxes = (*message.to, *message.cc)[:20]
    texts = (part for box in boxes for part in (box.address, box.local, box.domain, box.name))
    words = {text.casefold() for text in texts} | {word for box in boxes for word in _words(f"{box.name} {box.local}")}
    return sorted((word for word in words if 3 <= len(word) <= 80), key=lambda word: (-len(word), word))[:60]


def _network(ip: str, asn: int, kind: IpKind) -> str:
    """The network that sent it: its number where the file knows it, else the neighbourhood of the address."""
    if asn:
        return _digest(f"as{asn}")
    if kind is not IpKind.PUBLIC:
        return ""
    try:
        wide = 24 if ipaddress.ip_address(ip).version == 4 else 48
        return _digest(str(ipaddress.ip_network(f"{ip}/{wide}", strict=False)))
    except ValueError:
        return ""


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text[:_LOOKED_AT]).casefold())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
