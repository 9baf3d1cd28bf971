"""How the mail travelled, and at which hop its origin is judged (EVIDENCE.md, "The trust boundary").

Signs that anybody can write into a mail (List-Id, Resent-*, an SRS return path) never decide alone: they count
where the receiver found out whose the sending server is. And the lines and stamps of a list or forwarder count
about the hop before it only where we know that server; else the answer is "can't tell".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.handbook.forwarders import Forwarders
from bot.hosts import family, is_inner, is_provider_network, is_relay
from bot.model import Hop, Judged, Message, Method, Passage, Result, Stamp, Trust, Zone

_LIST_PATH = re.compile(
    r"-bounces?(?:\+|$)|\+bounces?-|^owner-|-owner$|\+owner$|-return-\d|-errors$|-admin$|-request$|^bounce-?list",
    re.IGNORECASE,
)
_FORWARDED_PATH = re.compile(r"\+caf_=|^(?:[^@]{0,64}\+)?SRS[01]?[=+-]", re.IGNORECASE)
_LIST_FIELDS = frozenset(
    {"list-post", "x-beenthere", "x-mailman-version", "x-mailing-list", "mailing-list", "x-mailinglist"}
    | {"list-archive", "x-listname", "x-list", "x-google-group-id", "x-mlserver", "x-ml-name", "x-loop", "archived-at"}
)
_FORWARD_FIELDS = frozenset(
    {"x-forwarded-to", "x-forwarded-for", "resent-from", "resent-to", "resent-sender", "x-simplelogin-type"}
    | {"x-anonaddy-original-sender", "x-icloud-hme", "x-mozmail-relay", "duck-original-from", "x-pobox-orig-to"}
)
_VIA = re.compile(r"\svia\s[^<>]{1,120}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Way:
    """What the passage is judged from."""

    message: Message
    forwarders: Forwarders
    border: Hop
    inside: tuple[Stamp, ...]
    """The receiver's stamps about the border hop."""
    client: frozenset[str]
    """The families that the sending server is proven to belong to."""


def judge(message: Message, trust: Trust, forwarders: Forwarders) -> Judged:
    """How the mail came, the hop at which to judge its origin, and the believable stamps about that hop.

    `hop` is None where no line can be believed about it. `why` is a sentence for the technician.
    """
    if message.border is None:
        return _without_border(message)
    relay = _last_relay(message, trust)
    inside = _stamps_about_border(message, relay)
    way = _Way(message, forwarders, message.border, inside, _client(message.border, inside))
    if _submitted_here(way.border):
        who = way.border.authenticated
        return Judged(Passage.INTERNAL, way.border, inside, f"{way.border.by} took it from somebody signed in: {who}")
    return _through_list(way) or _through_forwarder(way) or _plain(way, relay)


def _without_border(message: Message) -> Judged:
    if not message.hops:
        return Judged(Passage.UNKNOWN, None, (), "the material has no Received lines")
    if all(hop.zone is Zone.INSIDE for hop in message.hops):
        stamps = tuple(stamp for stamp in message.stamps if stamp.zone is Zone.INSIDE)
        return Judged(Passage.INTERNAL, message.hops[-1], stamps, "every Received line is the receiver's own")
    return Judged(Passage.UNKNOWN, None, (), "the Received lines don't fit together at the receiver's border")


def _last_relay(message: Message, trust: Trust) -> Hop | None:
    """The lowest inside hop whose client is one of our relays; what was stamped above it is about the relay."""
    inside = (hop for hop in reversed(message.hops) if hop.zone is Zone.INSIDE)
    return next((hop for hop in inside if is_relay(hop.host, hop.helo, hop.ip, trust.our_relays)), None)


def _stamps_about_border(message: Message, relay: Hop | None) -> tuple[Stamp, ...]:
    inside = tuple(stamp for stamp in message.stamps if stamp.zone is Zone.INSIDE)
    if relay is None:
        return inside
    border = message.border
    return tuple(
        stamp
        for stamp in inside
        if (stamp.hop is not None and stamp.hop >= relay.index)
        or _survives(stamp)
        or (border is not None and stamp.ip == border.ip != "")
    )


def _survives(stamp: Stamp) -> bool:
    """A signature that still verifies speaks for its domain, whoever handed the mail on."""
    return stamp.method is Method.DKIM and stamp.result is Result.PASS and not stamp.beside


def _client(border: Hop, inside: Iterable[Stamp]) -> frozenset[str]:
    proven = {family(border.host)} if border.host not in ("", "unknown") else set()
    if is_provider_network(family(border.helo), border.ip):
        proven.add(family(border.helo))
    proven |= {family(s.domain) for s in inside if s.method is Method.SPF and s.result is Result.PASS}
    return frozenset(proven - {""})


def _submitted_here(border: Hop) -> bool:
    return bool(border.authenticated)


def _known(domains: frozenset[str], client: frozenset[str]) -> str:
    """The known domain that the sending server belongs to, "" if none."""
    return next((domain for domain in sorted(domains) if family(domain) in client), "")


def _through_list(way: _Way) -> Judged | None:
    if not _has_list_traits(way.message):
        return None
    known = _known(way.forwarders.lists, way.client)
    list_families = {family(host) for host in _list_hosts(way.message)} - {""}
    hosted = bool(list_families & way.client)
    if known or _google_group(way, list_families):
        return _handed(way, Passage.LIST, f"the list server {known or 'of Google Groups'}")
    if _list_unchecked(way, list_families):
        why = f"through a list server that calls itself {way.border.helo}; the receiver checked nothing of it"
        return Judged(Passage.LIST, None, (), why)
    own_mailing = _author_family(way.message) in way.client and not _munged(way.message)
    if not hosted or not _list_path(way.message) or own_mailing:
        return None
    why = f"through the list server {way.border.host or way.border.helo}, which isn't one that we know"
    return Judged(Passage.LIST, None, _without_excuse(way.inside), why, known=False)


def _without_excuse(stamps: Iterable[Stamp]) -> tuple[Stamp, ...]:
    """What an unknown list can't have broken, and that DMARC failed: anybody may call a server a list."""
    return tuple(stamp for stamp in stamps if _survives(stamp) or stamp.method is Method.DMARC)


def _list_unchecked(way: _Way, list_families: set[str]) -> bool:
    """Receivers of old looked up and stamped nothing: a list that we know is then only named by all of its fields."""
    named = family(way.border.helo)
    known = {family(domain) for domain in way.forwarders.lists}
    return not way.client and not way.inside and named in known & list_families and _list_path(way.message)


def _google_group(way: _Way, list_families: set[str]) -> bool:
    """Google's servers send the groups of every domain that is theirs, with `+bnc` in the return path."""
    named = "googlegroups.com" in list_families or "x-google-group-id" in _names(way.message)
    return named and "google.com" in way.client and "+bnc" in (way.message.return_path or "").lower()


def _has_list_traits(message: Message) -> bool:
    """A list's fields, and its return path or its marks: newsletters have a List-Id, too."""
    marks = len(_names(message) & _LIST_FIELDS) + (message.traits.precedence.lower() == "list") + _munged(message)
    marks += _list_path(message) + bool(message.traits.list_id)
    return marks >= 2


def _list_path(message: Message) -> bool:
    return bool(_LIST_PATH.search((message.return_path or "").rpartition("@")[0][:300]))


def _list_hosts(message: Message) -> list[str]:
    list_id = message.traits.list_id.rpartition("<")[2].strip(" <>")
    path = (message.return_path or "").rpartition("@")[2]
    sender = message.sender.domain if message.sender else ""
    return [list_id.partition(".")[2] or list_id, list_id, path, sender]


def _munged(message: Message) -> bool:
    """ "Maria via List <list@…>" """
    return bool(_VIA.search(message.author.name[:200]))


def _author_family(message: Message) -> str:
    return family(message.author.domain)


def _handed(way: _Way, passage: Passage, through: str) -> Judged:
    """Judged at the hop before a server that we know, by what that server wrote."""
    handed = [hop for hop in way.message.hops if hop.zone is Zone.HANDED]
    entry = next((hop for hop in reversed(handed) if hop.ip and not is_inner(hop.ip)), None)
    stamps = tuple(stamp for stamp in way.message.stamps if stamp.zone is Zone.HANDED) + _surviving(way.inside)
    if entry is None:
        own = "was written on its own machine" if handed else "doesn't say from whom it came"
        return Judged(passage, None, stamps, f"through {through}; by its lines the mail {own}")
    return Judged(
        passage, entry, stamps, f"through {through}, which took it from {entry.host or entry.helo or entry.ip}"
    )


def _surviving(stamps: Iterable[Stamp]) -> tuple[Stamp, ...]:
    return tuple(stamp for stamp in stamps if _survives(stamp))


def _through_forwarder(way: _Way) -> Judged | None:
    known = _known(way.forwarders.forwarders, way.client)
    if known and _forward_signs(way.message):
        return _handed(way, Passage.FORWARDER, f"the forwarder {known}")
    return _by_arc(way) or _by_surviving_signature(way)


def _forward_signs(message: Message) -> bool:
    """The return path was rewritten (SRS, Gmail's `+caf_=`), or the fields of a forwarding service stand there."""
    if _FORWARDED_PATH.search((message.return_path or "")[:300]):
        return True
    return bool(_names(message) & _FORWARD_FIELDS)


def _names(message: Message) -> set[str]:
    return {header.name.strip().lower() for header in message.headers}


def _by_arc(way: _Way) -> Judged | None:
    """A chain of two or more sets below the border that the receiver found to pass, the last by a known sealer.

    Set 1 with cv=none stands on direct mail, too; the receiver's own set says nothing of the way.
    """
    own = {stamp.arc_instance for stamp in way.message.stamps if stamp.zone is Zone.INSIDE and stamp.arc_instance}
    below = [each for each in way.message.arc if each.instance not in own]
    passed = any(stamp.method is Method.ARC and stamp.result is Result.PASS for stamp in way.inside)
    if not passed or not below or below[-1].instance < 2 or below[-1].cv != "pass":
        return None
    sealers = {family(domain) for domain in way.forwarders.sealers}
    if any(family(each.sealer) not in sealers for each in below):
        return None
    first = below[0].instance
    stamps = tuple(stamp for stamp in way.message.stamps if stamp.arc_instance == first)
    why = f"{len(below)} servers sealed it on the way (ARC); judged by what {below[0].sealer} found first"
    handed = [hop for hop in way.message.hops if hop.zone is Zone.HANDED and hop.ip and not is_inner(hop.ip)]
    return Judged(Passage.FORWARDER, handed[-1] if handed else None, stamps + _surviving(way.inside), why)


def _by_surviving_signature(way: _Way) -> Judged | None:
    """The author's signature verifies while SPF fails for the author's own domain: somebody handed it on."""
    author = _author_family(way.message)
    if not author:
        return None
    signed = any(_survives(stamp) and family(stamp.domain) == author for stamp in way.inside)
    refused = any(
        stamp.method is Method.SPF and stamp.result in (Result.FAIL, Result.SOFTFAIL) and family(stamp.domain) == author
        for stamp in way.inside
    )
    if not signed or not refused or author in way.client:
        return None
    stamps = tuple(stamp for stamp in way.inside if stamp.method is not Method.SPF)
    return Judged(
        Passage.FORWARDER, way.border, stamps, "the author's signature holds, but another server handed it on"
    )


def _plain(way: _Way, relay: Hop | None) -> Judged:
    if relay is not None:
        return Judged(
            Passage.OUR_RELAY, way.border, way.inside, f"through our relay {relay.host or relay.helo or relay.ip}"
        )
    why = f"{way.border.host or way.border.helo or way.border.ip} handed it to {way.border.by}"
    if _forward_signs(way.message):
        why += "; it claims to have been forwarded, by nobody whom we know as a forwarder"
    return Judged(Passage.DIRECT, way.border, way.inside, why)
