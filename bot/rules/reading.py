"""What several rules ask of the facts: alignment, the strongest stamp, words for values."""

import re
from collections.abc import Iterable

from bot.model import (
    Attachment,
    Claim,
    ClaimKind,
    DomainClass,
    Facts,
    Grade,
    Hop,
    JudgedLink,
    LinkClass,
    Mailbox,
    Method,
    Origination,
    Passage,
    Phrase,
    Relation,
    Result,
    Stamp,
    Want,
    Zone,
)

THROUGH = frozenset({Passage.LIST, Passage.FORWARDER})
HOSTINGS_OWN = frozenset({"X-Authenticated-Sender", "X-Get-Message-Sender-Via", "X-AuthUser", "X-EN-AuthUser"})
"""Fields that hosting panels write for the account that signed in; a forger can, too, but seldom thinks of it."""
DANGEROUS = ("exe", "iso", "vhd", "lnk", "script", "cab", "one", "msi", "jar", "img")
PAGES = ("text/html", "image/svg+xml", "html", "svg")
PAGE_ENDINGS = ("html", "htm", "shtml", "xhtml", "svg", "mht", "mhtml")
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
    """A list or forwarder handed it over, and nothing believable tells of the hop before.

    Such a server breaks SPF, DKIM and DMARC honestly, so what was checked about it says nothing of the author.
    """
    hop = facts.judged.hop
    return facts.judged.passage in THROUGH and facts.judged.known and (hop is None or hop.zone is Zone.BORDER)


def by_known_list(facts: Facts) -> bool:
    """A mailing list that we know took it in; what a stranger's list does proves nothing."""
    return facts.judged.passage is Passage.LIST and facts.judged.known


def rewritten_by_list(facts: Facts) -> bool:
    """A list put its own address into From ("Maria via List"), as lists do to get past DMARC."""
    if facts.judged.passage is not Passage.LIST or not facts.author.organisational:
        return False
    list_host = facts.message.traits.list_id.rpartition("<")[2].strip(" <>")
    return " via " in facts.message.author.name.lower() or within(list_host, facts.author.domain)


def believed(facts: Facts, stamp: Stamp) -> float:
    """How far a stamp counts: less where a list or forwarder wrote it, or where the sender may have."""
    if stamp.zone is Zone.HANDED:
        return 0.7
    if not facts.judged.known and stamp.result is Result.FAIL:
        return 0.5  # an honest list would break it, too
    return 0.4 if _doubtful(facts, stamp) else 1.0


def _doubtful(facts: Facts, stamp: Stamp) -> bool:
    """A pass right below the border line, for a server that has nothing to do with the author."""
    strange = facts.server_relation in (Relation.UNRELATED, Relation.GENERIC_HOSTING)
    return stamp.beside and stamp.result is Result.PASS and strange


def vouched(facts: Facts) -> bool:
    """Some check passed for the author's domain, its own tenant signed, or a service set as ours sent it."""
    if facts.our_service:
        return True
    passed = [s for s in stamps(facts, Method.DMARC, Result.PASS, Result.BESTGUESSPASS) if _of_author(facts, s)]
    for method in (Method.SPF, Method.DKIM):
        passed += stamps(facts, method, Result.PASS, aligned=True)
    passed += [s for s in stamps(facts, Method.DKIM, Result.PASS) if is_authors_tenant(facts, s)]
    return any(not _doubtful(facts, stamp) for stamp in passed)


def passes_claimed(facts: Facts) -> tuple[Stamp, ...]:
    """Passes for the author's domain, those too that the sender may have written himself (`believed` says how far)."""
    spf_and_dkim = [s for m in (Method.SPF, Method.DKIM) for s in stamps(facts, m, Result.PASS, aligned=True)]
    dmarc = stamps(facts, Method.DMARC, Result.PASS, Result.BESTGUESSPASS)
    return (*spf_and_dkim, *(stamp for stamp in dmarc if _of_author(facts, stamp)))


def known_to_reporter(facts: Facts) -> bool:
    """Whoever answers for the owner, or has an older mail of theirs, knows whose the address is."""
    told = facts.told
    asked = told.own_account or told.sender_denies or told.sender_confirms or told.strange_account_signs
    named = owned(facts, ClaimKind.TOLD) is not None
    compared = any(point.point == "From address" and point.same for point in facts.comparison)
    return bool(asked or named or compared or told.in_sent_items is not None) and not claims_wrongly(facts)


def _of_author(facts: Facts, stamp: Stamp) -> bool:
    return not stamp.domain or is_authors(facts, stamp.domain)


def is_authors_tenant(facts: Facts, stamp: Stamp) -> bool:
    """`contoso-com.20230601.gappssmtp.com` and `contoso.onmicrosoft.com` belong to contoso.com."""
    label = facts.author.organisational.replace(".", "-")
    first = stamp.domain.partition(".")[0]
    if within(stamp.domain, "gappssmtp.com"):
        return first in (label, facts.author.domain.replace(".", "-"))
    registered = facts.author.organisational.partition(".")[0].replace("-", "")
    return within(stamp.domain, "onmicrosoft.com") and bool(registered) and registered in first.replace("-", "")


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


def some(names: Iterable[str], most: int = 3) -> str:
    """The first of them by the alphabet: sets have no order, and a sentence needs one."""
    ordered = sorted(names)
    return ", ".join(ordered[:most]) + (", …" if len(ordered) > most else "")


def replies_elsewhere(facts: Facts) -> Mailbox | None:
    """The first Reply-To address outside the organisation of From, and not at a mailing service that takes answers."""
    if not facts.message.author.address:
        return next((box for box in facts.message.reply_to if box.address), None)
    shared = facts.author.cls in SHARED_SENDERS
    for box in facts.message.reply_to:
        same = box.address.lower() == facts.message.author.address.lower()
        served = box.domain in facts.services
        if box.address and not same and not served and (shared or not is_authors(facts, box.domain)):
            return box
    return None


def class_of(facts: Facts, domain: str) -> DomainClass | None:
    known = facts.domain(domain.lower())
    return known.cls if known else None


def signed_in_as(facts: Facts) -> str:
    """The account that signed in to send, as the handing server or a believable header names it; "" if none does."""
    hop = facts.judged.hop
    named = [each.authenticated for each in _submissions(facts) if "@" in each.authenticated]
    if named and hop is not None:
        return named[0]
    return next((o.account for o in facts.message.originations if "@" in o.account and _by_server(o, hop)), "")


def headers_are_whole(facts: Facts) -> bool:
    """Only then does a field that isn't there tell anything: people paste some lines, and forwards keep a few."""
    return bool(facts.message.headers) and facts.message.grade in (Grade.WHOLE, Grade.FULL_HEADERS)


def submission(facts: Facts) -> Hop | None:
    """The line in which the sender's own server took the mail from somebody who had signed in there (RFC 3848)."""
    hop = facts.judged.hop
    later = [h for h in facts.message.hops if hop is not None and h.index > hop.index]
    signed = next((h for h in later if h.protocol.upper().endswith("A") or h.authenticated), None)
    if signed is None:
        return None
    written_by_author = is_authors(facts, signed.by) and signed.zone is not Zone.OUTSIDE
    # Anybody can put such a line below the border.
    return signed if written_by_author or facts.server_relation is Relation.SAME_DOMAIN else None


def a_persons_mailbox(facts: Facts) -> bool:
    """Named after the person who writes: Maria Lopez at maria.lopez@ or m.lopez@, no office and no campaign."""
    author = facts.message.author
    words = [word for word in re.findall(r"[^\W\d_]{1,40}", author.name.casefold()[:200]) if len(word) > 1]
    if not 2 <= len(words) <= 4 or facts.name_is_organisation:
        return False
    local = author.local.casefold()
    return words[-1] in local and (words[0] in local or local.startswith(words[0][0]))


def _submissions(facts: Facts) -> tuple[Hop, ...]:
    """The judged hop and the line that the handing server itself wrote, just below."""
    hop = facts.judged.hop
    return tuple(h for h in facts.message.hops if hop is not None and h.index in (hop.index, hop.index + 1))


def _by_server(origination: Origination, hop: Hop | None) -> bool:
    """Inside the boundary, or written by the very server that handed the mail over, as far as its form tells."""
    return origination.zone is Zone.INSIDE or (hop is not None and origination.header in HOSTINGS_OWN)


def from_own_server(facts: Facts) -> bool:
    return facts.server_relation in (Relation.SAME_DOMAIN, Relation.ITS_PROVIDER)


def in_words(facts: Facts) -> str:
    """The sending server in words; a name that is only its own word (HELO) is said to be that."""
    server, hop = facts.server.maybe(), facts.judged.hop
    if server is None:
        return "the server"
    country = f", {server.network.country}" if server.network.country else ""
    if hop is not None and hop.host not in ("", "unknown"):
        return f"{hop.host[:100]} ({server.ip}{country})"
    named = f", which calls itself {server.helo[:100]}" if server.helo else ""
    return f"the server {server.ip}{country}{named}"


def dangerous(attachment: Attachment) -> bool:
    """Whether the file runs a program, by its content or its name."""
    name = attachment.name.lower()
    ending = name.rpartition(".")[2] if "." in name else ""
    return attachment.sniffed in DANGEROUS or ending in (*DANGEROUS, "js", "vbs", "hta", "scr", "bat", "ps1", "wsf")


def is_page(attachment: Attachment) -> bool:
    """Whether it is a web page that opens in the browser, by its content or its name; none of the mail's own parts."""
    ending = attachment.name.lower().rpartition(".")[2] if "." in attachment.name else ""
    return not attachment.inline and (attachment.sniffed in PAGES or ending in PAGE_ENDINGS)
