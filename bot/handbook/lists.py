"""knowledge/brands.toml and knowledge/lists/: what is known of brands, people, domains and the words of names.

Values only; what follows from them is decided in `bot.checks`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import ip_network
from pathlib import Path

from bot.handbook.brands import HOST, Brand, load_brands
from bot.handbook.faults import Fault
from bot.handbook.people import KnownPerson, load_people
from bot.handbook.spelling import fold
from bot.handbook.tables import check_keys, read_table, text_of

DOMAINS, NAMES, SIMULATIONS = "lists/domains.toml", "lists/names.toml", "lists/simulations.toml"

_DOMAIN_LISTS = ("freemail", "platform", "tenant", "disposable")
_WORD_LISTS = ("titles", "suffixes", "company", "roles", "organisation", "bait")
_SPELLINGS = ("slavic_spellings", "spellings")


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor of phishing simulations."""

    name: str
    headers: tuple[str, ...]
    networks: tuple[str, ...]
    """CIDR."""
    hosts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Lists:
    """All lists; made by `load_lists`. Words are folded (`bot.handbook.spelling.fold`), hosts lower case."""

    brands: tuple[Brand, ...]
    people: tuple[KnownPerson, ...]
    freemail: frozenset[str]
    platform: frozenset[str]
    """Domains that send or show what strangers write."""
    tenant: frozenset[str]
    cheap: frozenset[str]
    """Top-level domains and public suffixes that throw-away domains favour."""
    institution: tuple[str, ...]
    """Suffixes of public services and schools; "xx" for any country or state."""
    disposable: frozenset[str]
    """Throw-away mailboxes that the package of `is_disposable` doesn't know."""
    titles: frozenset[str]
    suffixes: frozenset[str]
    company: frozenset[str]
    """Legal forms."""
    roles: frozenset[str]
    """Words that an account, an office or a product stands beside."""
    organisation: frozenset[str]
    nobody: frozenset[str]
    """Whole display names that name nobody."""
    bait: frozenset[str]
    """Words of giving money; one that ends in * is a beginning."""
    spellings: Mapping[str, str]
    """Names as they are written in several countries, each with the first of its line."""
    slavic: frozenset[str]
    """The firsts of the Slavic lines."""
    simulations: tuple[Vendor, ...]

    @cached_property
    def brand_of_domain(self) -> dict[str, Brand]:
        """The brand that a domain (as it stands in the file) belongs to; the first one named wins."""
        found: dict[str, Brand] = {}
        for brand in self.brands:
            for domain in brand.domains:
                found.setdefault(domain, brand)
        return found

    def owner(self, domain: str) -> Brand | None:
        """The brand whose the domain, or one that it lies below, is."""
        while "." in domain:
            if domain in self.brand_of_domain:
                return self.brand_of_domain[domain]
            domain = domain.partition(".")[2]
        return None


def load_lists(root: Path, faults: list[Fault]) -> Lists:
    """Every list below `root` (knowledge/). What is wrong is appended to `faults`, all of it, and left out."""
    domains = read_table(root, DOMAINS, faults)
    check_keys(domains, frozenset({*_DOMAIN_LISTS, "cheap", "institution"}), DOMAINS, faults)
    hosts = {key: _hosts(text_of(domains, key, DOMAINS, faults), key, faults) for key in _DOMAIN_LISTS}
    names = read_table(root, NAMES, faults)
    check_keys(names, frozenset({*_WORD_LISTS, *_SPELLINGS, "nobody"}), NAMES, faults)
    slavic, others = (_spellings(text_of(names, key, NAMES, faults), key, faults) for key in _SPELLINGS)
    words = {key: frozenset(fold(text_of(names, key, NAMES, faults), whole=True).text.split()) for key in _WORD_LISTS}
    return Lists(
        brands=load_brands(root, faults),
        people=load_people(root, faults),
        cheap=frozenset(text_of(domains, "cheap", DOMAINS, faults).split()),
        institution=tuple(text_of(domains, "institution", DOMAINS, faults).split()),
        nobody=_phrases(text_of(names, "nobody", NAMES, faults)),
        spellings={**others, **slavic},
        slavic=frozenset(slavic.values()),
        simulations=_simulations(root, faults),
        **hosts,
        **words,
    )


@lru_cache(maxsize=1)
def _package_disposable() -> frozenset[str]:
    from disposable_email_domains import blocklist  # ten thousand names: loaded when first asked

    return frozenset(blocklist)


def is_disposable(domain: str, lists: Lists) -> bool:
    """Whether the domain, or one that it lies below, hands out throw-away mailboxes."""
    while "." in domain:
        if domain in lists.disposable or domain in _package_disposable():
            return True
        domain = domain.partition(".")[2]
    return False


def _hosts(text: str, key: str, faults: list[Fault]) -> frozenset[str]:
    seen: set[str] = set()
    for host in text.split():
        if not HOST.fullmatch(host):
            faults.append(Fault(DOMAINS, f"{key}: {host!r} isn't a host name", "write it like example.com, lower case"))
        elif host in seen:
            faults.append(Fault(DOMAINS, f"{key}: {host} stands there twice", "keep one of the two"))
        seen.add(host)
    return frozenset(seen)


def _spellings(text: str, key: str, faults: list[Fault]) -> dict[str, str]:
    """Each word of a line with the line's first; a word of two lines would make two names one."""
    found: dict[str, str] = {}
    for line in fold(text, whole=True).text.splitlines():
        first, *others = line.split() or [""]
        for word in (first, *others) if first else ():
            if word in found:
                faults.append(Fault(NAMES, f"{key}: {word} stands there twice", "keep it in one line"))
            found.setdefault(word, first)
    return found


def _phrases(text: str) -> frozenset[str]:
    parts = (re.sub(r"[\W_]+", " ", part).strip() for part in fold(text, whole=True).text.split(";"))
    return frozenset(filter(None, parts))


def _simulations(root: Path, faults: list[Fault]) -> tuple[Vendor, ...]:
    vendors: list[Vendor] = []
    for id_, entry in read_table(root, SIMULATIONS, faults).items():
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            faults.append(Fault(SIMULATIONS, f"[{id_}] has no name", 'add name = "…"'))
            continue
        lists = {key: _texts(entry.get(key, [])) for key in ("headers", "networks", "hosts")}
        if not lists["headers"]:
            faults.append(Fault(SIMULATIONS, f"[{id_}] has no headers", 'add headers = ["X-…"]'))
        for network in lists["networks"]:
            _check_network(id_, network, faults)
        vendors.append(Vendor(str(entry["name"]), **lists))
    return tuple(vendors)


def _check_network(id_: str, network: str, faults: list[Fault]) -> None:
    try:
        ip_network(network)
    except ValueError as why:
        faults.append(Fault(SIMULATIONS, f"[{id_}] {why}", "write a network such as 192.0.2.0/24"))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
