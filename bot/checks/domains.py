"""What a domain is, told from lists and its shape alone; nothing is asked of the network."""

import re
from collections.abc import Hashable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from bot.handbook.lists import Lists, is_disposable
from bot.hosts import organisation, to_ascii
from bot.model import DomainClass, DomainFacts, Trust
from bot.ports import Directory

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PRIVATE_TLDS = frozenset({"test", "example", "local", "lan", "internal", "corp", "intranet", "home"})
"""Not delegated (RFC 2606, 6761), yet used inside organisations."""
_COUNTRY_OR_STATE = re.compile(r"[a-z]{2}")
_LONGEST_ACRONYM = 4

# How unusual letter b is after letter a: -log2 p - 1, from 0 to 9, row a, column b. Counted over 9,500 words of many
# languages: the names in the public suffix list, given names, brand names. Made-up labels average over 5, names 2 to 4.
_UNUSUAL = (
    "64446545373232649233554746",
    "14672887268366369346378749",
    "27572882393387269463498956",
    "16641656278654269346466847",
    "44434656486242558123555556",
    "27572377258387289264299759",
    "16751745277474279346387959",
    "18672877187575278565496958",
    "35343546674341458333656765",
    "17761976269975169769299969",
    "17772776285576269445268949",
    "25641677296267259844358948",
    "14672887198756249757498948",
    "26322536264673278832568956",
    "54446545574332449233354646",
    "26652773387367239235498969",
    "35777775777775547775057777",
    "25442747285544269443447946",
    "25462672374666347732276957",
    "17662763278566269333476947",
    "44434646454432549223776655",
    "19661978178676359466468959",
    "08772784297675359646797968",
    "26473477177755327553376447",
    "15443556576443248434366998",
    "17672955295965359775299944",
)


def classify(domain: str, lists: Lists, trust: Trust, directory: Directory | None) -> DomainFacts:
    """What is known offline of a domain, which may be anything that stood behind an @; of letters, by its A-labels."""
    domain = domain.strip().rstrip(".").lower()
    domain = to_ascii(domain) or domain
    if not is_domain(domain):
        return DomainFacts(domain, domain, DomainClass.NOT_A_DOMAIN)
    org = organisational(domain)
    brand = lists.owner(domain)
    cls = _class_of(domain, org, lists, trust)
    owner = brand.name if brand else ""
    if cls is DomainClass.OTHER:
        contact = contact_of_domain(org, directory)
        if contact:
            cls, owner = DomainClass.CONTACT, contact
        elif brand:
            cls = DomainClass.BRAND
    known = cls in (
        DomainClass.OURS,
        DomainClass.CONTACT,
        DomainClass.BRAND,
        DomainClass.INSTITUTION,
        DomainClass.FREEMAIL,
    )
    random = 0.0 if known else random_looking(org)
    return DomainFacts(domain, org, cls, owner, random, is_cheap(domain, lists))


@lru_cache(maxsize=8192)
def is_domain(domain: str) -> bool:
    """Whether it could be looked up: clean labels (RFC 1035, 2.3.1; A-labels of RFC 5890) below a real top level."""
    ascii_form = to_ascii(domain)
    labels = ascii_form.split(".")
    if len(labels) < 2 or len(ascii_form) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return False
    return labels[-1] in _PRIVATE_TLDS or _icann_suffixes().publicsuffix(ascii_form, accept_unknown=False) is not None


def organisational(domain: str) -> str:
    """The organisational domain by the public suffix list, private suffixes included; the domain itself where none.

    RFC 9989, 4.10 finds it by a tree walk of DNS; this is the offline stand-in. Customers of a site builder
    (a.github.io, b.github.io) are two organisations.
    """
    return organisation(domain) or domain


def public_suffix(domain: str) -> str:
    """The part under which anybody can register: co.uk, com, it.com."""
    return organisational(domain).partition(".")[2]


def registered_label(domain: str) -> str:
    """The label that its owner chose: "example" of mail.example.co.uk."""
    return organisational(domain).partition(".")[0]


def parents(domain: str) -> Iterator[str]:
    """The domain and those that it lies below, down to two labels."""
    while "." in domain:
        yield domain
        domain = domain.partition(".")[2]


def is_below(domain: str, *above: str) -> bool:
    """Whether the domain is one of `above` or lies below it."""
    return any(domain == parent or domain.endswith("." + parent) for parent in above if parent)


def is_cheap(domain: str, lists: Lists) -> bool:
    """Whether it lies under a top-level domain or sold suffix that throw-away domains favour."""
    return domain.rpartition(".")[2] in lists.cheap or public_suffix(domain) in lists.cheap


def contact_of_domain(organisation: str, directory: Directory | None) -> str:
    """A contact with an address in that organisational domain, as "Name"; "" where there is none."""
    return _contact_domains(cast(Hashable, directory)).get(organisation, "") if directory is not None else ""


def random_looking(domain: str) -> float:
    """How much the registered label looks machine-made, 0 to 1: unusual letter pairs, digits between letters."""
    label = registered_label(domain).replace("-", "")
    if label.startswith("xn") or len(label) <= _LONGEST_ACRONYM:
        return 0.0
    if label.isdigit():
        return 0.5
    scores = [int(_UNUSUAL[ord(a) - 97][ord(b) - 97]) for a, b in pairwise(label) if _pair(a, b)]
    unusual = sum(scores) / len(scores) if len(scores) > 2 else 3.0
    inner_digits = len(re.findall(r"(?<=[a-z])\d{1,3}(?=[a-z])", label))
    score = max(0.0, (unusual - 4.0) / 1.8) + 0.3 * inner_digits + (0.2 if inner_digits and label[0].isdigit() else 0.0)
    return round(min(1.0, score), 2)


def _pair(a: str, b: str) -> bool:
    return "a" <= a <= "z" and "a" <= b <= "z"


def _class_of(domain: str, organisation: str, lists: Lists, trust: Trust) -> DomainClass:
    """By lists alone, the surest first; contacts and brands come after."""
    if is_below(domain, *trust.our_domains):
        return DomainClass.OURS
    if is_disposable(domain, lists):
        return DomainClass.DISPOSABLE
    if domain in lists.freemail:
        return DomainClass.FREEMAIL
    above = set(parents(domain))
    if above & lists.tenant:
        return DomainClass.TENANT
    if is_institution(domain, lists):
        return DomainClass.INSTITUTION
    if above & lists.platform or (_is_hosted(organisation) and not is_cheap(domain, lists)):
        return DomainClass.PLATFORM
    return DomainClass.OTHER


def is_institution(domain: str, lists: Lists) -> bool:
    """Whether a suffix of it is one of lists.institution; "xx" needs a suffix that the public list knows."""
    patterns = frozenset(lists.institution)
    for suffix in (*parents(domain), domain.rpartition(".")[2]):
        if suffix in patterns:
            return suffix != domain or "." in suffix
        shape = ".".join(
            "xx" if _COUNTRY_OR_STATE.fullmatch(part) and i else part for i, part in enumerate(suffix.split("."))
        )
        shape = re.sub(r"\.xx\.xx$", ".xx.us", shape) if suffix.endswith(".us") else shape
        if shape in patterns and "xx" in shape and _icann_suffixes().publicsuffix(suffix) == suffix:
            return True
    return False


def _is_hosted(organisation: str) -> bool:
    """Whether it is a customer's name under a suffix of the public list's private part: a site builder's, a cloud's."""
    suffix = public_suffix(organisation)
    return suffix.count(".") >= 1 and _icann_suffixes().publicsuffix(suffix) != suffix


@lru_cache(maxsize=1)
def _icann_suffixes() -> "PublicSuffixList":
    """The suffixes that registries made, without those that hosts of customers entered."""
    from publicsuffixlist import PublicSuffixList  # ten thousand rules: read when first asked

    return PublicSuffixList(only_icann=True)


@lru_cache(maxsize=4)
def _contact_domains(directory: Hashable) -> dict[str, str]:
    """Organisational domain to a contact's name. Freemail is told before contacts are asked."""
    found: dict[str, str] = {}
    for person in cast(Directory, directory).people():
        for address in person.addresses:
            found.setdefault(organisational(address.rpartition("@")[2]), person.name)
    return found
