"""What several rules ask of the facts: alignment, the strongest stamp, words for values."""

from collections.abc import Iterable

from bot.model import (
    Claim,
    ClaimKind,
    DomainClass,
    Facts,
    JudgedLink,
    LinkClass,
    Mailbox,
    Method,
    Passage,
    Phrase,
    Relation,
    Result,
    Stamp,
    Want,
    Zone,
)

BAD = frozenset({Result.FAIL, Result.SOFTFAIL})
SHARED_SENDERS = frozenset({DomainClass.FREEMAIL, DomainClass.PLATFORM, DomainClass.TENANT})


def within(name: str, organisation: str) -> bool:
    """Whether a host or domain is the organisational domain itself or lies below it."""
    name, organisation = name.lower().rstrip("."), organisation.lower()
    return bool(organisation) and (name == organisation or name.endswith("." + organisation))


def is_authors(facts: Facts, name: str) -> bool:
    """Relaxed alignment with From (RFC 9989, 4.4.1)."""
    return within(name, facts.author.organisational)


def stamps(facts: Facts, method: Method, *results: Result, aligned: bool | None = None) -> tuple[Stamp, ...]:
    """The believable stamps about the judged hop with one of these results."""
    return tuple(
        stamp
        for stamp in facts.stamp(method)
        if stamp.result in results and (aligned is None or is_authors(facts, stamp.domain) is aligned)
    )


def handed_on(facts: Facts) -> bool:
    """The mail came through a list or a forwarder, which may break SPF, DKIM and DMARC."""
    return facts.judged.passage in (Passage.LIST, Passage.FORWARDER)


def wrongly_claimed(facts: Facts, *kinds: ClaimKind, places: Iterable[str] = ()) -> Claim | None:
    """The first claim of these kinds whose owner doesn't own the address shown."""
    allowed = tuple(places)
    fitting = (c for c in facts.claims if c.kind in kinds and c.owns is False)
    return next((c for c in fitting if not allowed or c.where in allowed), None)


def owned(facts: Facts, *kinds: ClaimKind) -> Claim | None:
    """The first claim of these kinds whose owner does own the address shown."""
    return next((c for c in facts.claims if c.kind in kinds and c.owns is True), None)


def claims_wrongly(facts: Facts) -> bool:
    return any(c.owns is False for c in facts.claims)


def wanted(facts: Facts, *wants: Want) -> tuple[Phrase, ...]:
    return tuple(phrase for phrase in facts.phrases if phrase.want in wants)


def quoted(phrases: Iterable[Phrase], most: int = 3) -> str:
    """The words found, in quotation marks."""
    words = list(dict.fromkeys(phrase.words.strip()[:60] for phrase in phrases))
    return ", ".join(f"“{word}”" for word in words[:most])


def links_of(facts: Facts, *classes: LinkClass) -> tuple[JudgedLink, ...]:
    return tuple(judged for judged in facts.links if judged.cls in classes)


def hosts(links: Iterable[JudgedLink], most: int = 3) -> str:
    found = list(dict.fromkeys(judged.link.host for judged in links if judged.link.host))
    return ", ".join(found[:most])


def replies_elsewhere(facts: Facts) -> Mailbox | None:
    """The first Reply-To address outside the organisation of From."""
    if not facts.message.author.address:
        return next((box for box in facts.message.reply_to if box.address), None)
    shared = facts.author.cls in SHARED_SENDERS
    for box in facts.message.reply_to:
        same = box.address.lower() == facts.message.author.address.lower()
        if box.address and not same and (shared or not is_authors(facts, box.domain)):
            return box
    return None


def class_of(facts: Facts, domain: str) -> DomainClass | None:
    known = facts.domain(domain.lower())
    return known.cls if known else None


def signed_in_as(facts: Facts) -> str:
    """The account that signed in to send, as a believable line or header names it; "" if none does."""
    hop = facts.judged.hop
    if hop is not None and hop.authenticated and hop.zone is not Zone.OUTSIDE:
        return hop.authenticated
    for later in facts.message.hops:
        if later.authenticated and hop is not None and later.index == hop.index + 1:
            return later.authenticated
    return next((o.account for o in facts.message.originations if "@" in o.account), "")


def from_own_server(facts: Facts) -> bool:
    return facts.server_relation in (Relation.SAME_DOMAIN, Relation.ITS_PROVIDER)
