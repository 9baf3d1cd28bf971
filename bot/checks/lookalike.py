"""Domains made to look like known ones: swapped letters, added words, another top level, a brand as subdomain."""

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from bot.checks.domains import (
    is_cheap,
    is_domain,
    is_institution,
    organisational,
    parents,
    public_suffix,
    registered_label,
)
from bot.handbook.brands import Brand
from bot.handbook.lists import Lists
from bot.handbook.spelling import latin_twin, strip_marks
from bot.hosts import to_ascii
from bot.model import Lookalike, LookalikeKind, Message, Trust
from bot.ports import Directory, Person

LEAST = 5
"""Letters of a label below which nothing but the same label counts as its imitation."""
LEAST_TWO_WRONG = 10
"""Letters from which two wrong ones are still an imitation."""
MOST_LINKS = 60
"""Different link hosts that are looked at."""

_DIGITS = str.maketrans("01345789", "oleastbg")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_COUNTRY = re.compile(r"(?:com?|net|org)?\.?[a-z]{2}")
_OLD_TLDS = frozenset({"com", "net", "org", "info", "biz", "edu", "gov", "io", "co", "me", "eu"})
_WORD = re.compile(r"[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class _Known:
    domain: str
    whose: str
    label: str
    generic: bool
    """A brand whose name is a common word: no part of a longer name counts for it."""
    ours: bool
    """Our own or a contact's: every other top level imitates it."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownDomains:
    """The domains that may be imitated, indexed; made by `known_domains`."""

    labels: dict[str, _Known]
    domains: dict[str, _Known]
    long_labels: dict[str, tuple[str, ...]]
    """Labels long enough to be found misspelt, by their first letter."""
    lists: Lists


def known_domains(lists: Lists, trust: Trust, directory: Directory | None) -> KnownDomains:
    """Brands', our and our contacts' domains; made once for the same three."""
    return _indexed(lists, trust.our_domains, cast(Hashable, directory))


def lookalikes(message: Message, known: KnownDomains) -> tuple[Lookalike, ...]:
    """What imitates a known domain in From, Reply-To and links, each imitation once."""
    places = [("from", box.domain) for box in message.senders]
    places += [("reply-to", box.domain) for box in message.reply_to]
    hosts = tuple(dict.fromkeys(link.host for link in message.links if link.host))
    places += [("link", host) for host in hosts[:MOST_LINKS]]
    found: dict[tuple[str, str], Lookalike] = {}
    own = {known.lists.owner(box.domain) for box in message.senders}
    for place, domain in dict.fromkeys(places):
        twin = lookalike(domain, place, known)
        if twin is not None and not (place == "link" and _is_noise(twin, own, known)):
            found.setdefault((place, twin.imitates), twin)
    return tuple(found.values())


def _is_noise(twin: Lookalike, senders: set[Brand | None], known: KnownDomains) -> bool:
    """A link's host that is no host, or that a brand's own mail leads to: perhaps one of its lesser domains."""
    return not is_domain(twin.domain) or known.lists.owner(twin.imitates) in senders


def lookalike(domain: str, place: str, known: KnownDomains) -> Lookalike | None:
    """Which known domain this one imitates; None for the known ones themselves and for everybody else's."""
    domain = domain.strip().strip(".").lower()[:253]
    domain = to_ascii(domain) or domain
    found = _imitated(domain, known)
    if found is None:
        return None
    original, kind = found
    return Lookalike(domain, original.domain, original.whose, kind, place)


@lru_cache(maxsize=4096)
def _imitated(domain: str, known: KnownDomains) -> tuple[_Known, LookalikeKind] | None:
    if not domain or domain in known.lists.freemail or any(parent in known.domains for parent in parents(domain)):
        return None
    hidden = _inside(domain, known)
    if hidden is not None:
        return hidden, LookalikeKind.SUBDOMAIN
    if not is_domain(domain) or organisational(domain) in known.lists.platform:
        return None
    label, suffix = _unicode(registered_label(domain)), public_suffix(domain)
    if label in known.labels:
        same = known.labels[label]
        return (same, LookalikeKind.OTHER_TLD) if _odd_suffix(same, label, suffix, domain, known.lists) else None
    for looked in _looks(label):
        if looked in known.labels and len(looked) >= LEAST:
            return known.labels[looked], LookalikeKind.CONFUSABLE
    misspelt = _misspelt(label, known)
    if misspelt is not None:
        return misspelt, LookalikeKind.MISSPELT
    added = _with_added_words(label, known)
    return (added, LookalikeKind.ADDED_WORDS) if added is not None else None


def _inside(domain: str, known: KnownDomains) -> _Known | None:
    """A whole known domain to the left of another one: paypal.com.evil.example, or with a sign before it."""
    labels = re.split(r"[^\w-]+", domain)
    # outlook.com.br is one registered name, not outlook.com below com.br.
    most = len(labels) - organisational(domain).count(".") - 1 if is_domain(domain) else len(labels)
    for start in range(len(labels) - 1):
        for end in range(start + 2, min(most, start + 3) + 1):
            part = ".".join(labels[start:end])
            if part in known.domains:
                return known.domains[part]
    return None


def _odd_suffix(same: _Known, label: str, suffix: str, domain: str, lists: Lists) -> bool:
    """Whether the same label under this suffix is an imitation, not the brand's own site in another country."""
    if is_institution(domain, lists):  # its registry gives such names to schools and authorities alone
        return False
    if same.ours:
        return len(label) >= LEAST and label not in lists.roles
    if same.generic or len(label) < LEAST:
        return False
    if is_cheap(domain, lists):
        return True
    return suffix not in _OLD_TLDS and not _COUNTRY.fullmatch(suffix)


def _looks(label: str) -> Iterator[str]:
    """What the label can be read as: foreign letters as Latin, digits as letters, rn as m."""
    bare = latin_twin(label) or label
    bare = strip_marks(bare.casefold())
    if bare != label:
        yield bare
    digits = bare.translate(_DIGITS)
    if digits != bare:
        yield digits
        yield bare.replace("1", "i").translate(_DIGITS)
    for pair, letter in _PAIRS:
        if pair in bare:
            yield bare.replace(pair, letter)
    if "-" in bare:
        yield bare.replace("-", "")


def _misspelt(label: str, known: KnownDomains) -> _Known | None:
    """One letter wrong, missing, added or swapped; two in long names. The first letter is kept."""
    if len(label) < LEAST:
        return None
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extractOne

    most = 2 if len(label) >= LEAST_TWO_WRONG else 1
    hit = extractOne(label, known.long_labels.get(label[0], ()), scorer=OSA.distance, score_cutoff=most)
    if hit is None:
        return None
    original, distance = str(hit[0]), int(hit[1])
    if len(original) < (LEAST_TWO_WRONG if distance > 1 else LEAST + 1):
        return None
    if label.rstrip("s") == original.rstrip("s") or _only_digits_differ(label, original):
        return None
    return known.labels[original]


def _only_digits_differ(label: str, original: str) -> bool:
    """brand24 and brand25 are two names, not an imitation."""
    return any(map(str.isdigit, original)) and re.sub(r"\d", "", label) == re.sub(r"\d", "", original)


def _with_added_words(label: str, known: KnownDomains) -> _Known | None:
    """The brand's label beside account-like words: paypal-secure, securepaypal, paypal2-login."""
    parts = label.split("-")
    roles = known.lists.roles
    for part in parts:
        hit = known.labels.get(part)
        if hit is None or len(parts) == 1:
            continue
        rest = [word for other in parts if other != part for word in _WORD.findall(other)]
        roly = [word in roles or word.isdigit() for word in rest]
        if (not hit.generic and len(part) >= LEAST and any(roly)) or (len(part) >= LEAST - 1 and rest and all(roly)):
            return hit
    return _glued(label.replace("-", ""), known)


def _glued(label: str, known: KnownDomains) -> _Known | None:
    """The brand's label with account-like words glued to it."""
    for cut in range(LEAST, len(label) - 1):
        for part, rest in ((label[:cut], label[cut:]), (label[-cut:], label[:-cut])):
            hit = known.labels.get(part)
            if hit is None or hit.generic:
                continue
            if rest.isdigit() or (len(rest) > 2 and _all_roles(rest, known.lists.roles)):
                return hit
    return None


def _all_roles(rest: str, roles: frozenset[str], depth: int = 3) -> bool:
    """Whether the letters are one to three account-like words without spaces."""
    if rest in roles or rest.isdigit():
        return True
    if depth == 1:
        return False
    return any(rest[:cut] in roles and _all_roles(rest[cut:], roles, depth - 1) for cut in range(3, len(rest) - 1))


def _unicode(label: str) -> str:
    """A label as people see it (RFC 5890: U-label); itself where it isn't an A-label."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:  # not a valid A-label
        return label


@lru_cache(maxsize=4)
def _indexed(lists: Lists, our_domains: tuple[str, ...], directory: Hashable) -> KnownDomains:
    labels: dict[str, _Known] = {}
    domains: dict[str, _Known] = {}
    for item in (*_of_ours(our_domains), *_of_contacts(cast("Directory | None", directory), lists), *_of_brands(lists)):
        domains.setdefault(item.domain, item)
        labels.setdefault(item.label, item)
    long_labels: dict[str, list[str]] = {}
    for label, item in labels.items():
        if len(label) > LEAST and not item.generic:
            long_labels.setdefault(label[0], []).append(label)
    by_letter = {letter: tuple(group) for letter, group in long_labels.items()}
    return KnownDomains(labels, domains, by_letter, lists)


def _of_ours(our_domains: Iterable[str]) -> Iterator[_Known]:
    for domain in our_domains:
        yield _Known(domain.lower(), "ours", _unicode(registered_label(domain.lower())), generic=False, ours=True)


def _of_contacts(directory: Directory | None, lists: Lists) -> Iterator[_Known]:
    """Domains of people: somebody's alone is theirs; what several share is the organisation's, of our staff ours."""
    owners: dict[str, list[Person]] = {}
    for person in directory.people() if directory else ():
        for domain in dict.fromkeys(organisational(each.rpartition("@")[2].lower()) for each in person.addresses):
            if domain not in lists.freemail:
                owners.setdefault(domain, []).append(person)
    for domain, people in owners.items():
        staff = sum(person.staff for person in people)
        whose = "ours" if staff > 1 else domain if len(people) > 1 else people[0].name
        yield _Known(domain, whose, _unicode(registered_label(domain)), generic=False, ours=True)


def _of_brands(lists: Lists) -> Iterator[_Known]:
    for brand in lists.brands:
        common = {alias.key for alias in brand.aliases if alias.common}
        for domain in brand.domains:
            label = registered_label(domain)
            generic = label.replace("-", "") in common or len(label) < LEAST or label in lists.roles
            yield _Known(domain, brand.name, label, generic=generic, ours=False)
