"""knowledge/brands.toml: whose names are borrowed, and the domains that they really send from."""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.handbook.faults import Fault
from bot.handbook.spelling import fold, letters
from bot.handbook.tables import check_keys, meant, read_table
from bot.model import ClaimKind

FILE = "brands.toml"
LEAST = 4
"""Letters that an alias needs to count wherever it stands."""
LEAST_IDEOGRAPHS = 2

HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_KEYS = frozenset({"name", "aliases", "common", "generic", "domains", "country", "sector", "kind", "shares"})
SECTORS = frozenset(
    "ai antivirus bank car charity court crypto education energy estate finance food games government health home "
    "hosting insurance jobs listed lottery loyalty mail parcel payment pharmacy police post product retail saas shop "
    "social sport streaming support tax tech telco tickets travel tv".split()
)
"""What a brand does: what is told to somebody who typed a password there depends on it."""
_EVERYDAY = frozenset(
    {"account", "active", "alert", "apple", "bank", "card", "care", "cash", "center", "club", "direct",
     "discover", "energy", "express", "finance", "first", "free", "general", "global", "group", "health", "home",
     "house", "insurance", "life", "line", "live", "mail", "market", "media", "mobile", "money", "national",
     "network", "news", "next", "office", "online", "open", "orange", "pay", "plus", "post", "premium", "prime",
     "pro", "safe", "secure", "service", "shop", "signal", "sky", "smart", "square", "star", "steam", "store",
     "support", "target", "team", "time", "total", "travel", "trust", "union", "united", "wallet", "world"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to write a brand's name."""

    words: str
    common: bool
    """A common word or a surname: counts only alone or beside account-like words."""
    key: str
    """Its folded letters and digits, without spaces."""


@dataclass(frozen=True, slots=True)
class Brand:
    """An organisation whose name is borrowed; its domains hold for all their subdomains."""

    id: str
    name: str
    aliases: tuple[Alias, ...]
    domains: tuple[str, ...]
    country: str
    sector: str
    kind: ClaimKind
    """BRAND or PUBLIC_BODY."""
    shares: tuple[str, ...] = ()
    """Ids of brands that send from some of the same domains."""


def load_brands(root: Path, faults: list[Fault]) -> tuple[Brand, ...]:
    """All brands of `root`/brands.toml. What is wrong is appended to `faults`, all of it, and left out."""
    brands: list[Brand] = []
    taken: dict[str, str] = {}
    for id_, entry in read_table(root, FILE, faults).items():
        if not isinstance(entry, dict):
            faults.append(Fault(FILE, f"{id_} stands outside of a section", f"begin the brand with [{id_}]"))
            continue
        brand = _brand(id_, entry, faults)
        if brand is not None:
            _check_taken(brand, taken, faults)
            brands.append(brand)
    _check_shared(brands, faults)
    if not brands and not any(fault.file == FILE for fault in faults):
        faults.append(Fault(FILE, "holds no brands", "add one as CONTRIBUTING.md shows"))
    return tuple(brands)


def _brand(id_: str, entry: dict[str, object], faults: list[Fault]) -> Brand | None:
    if not entry.keys() <= _KEYS:
        check_keys(entry, _KEYS, f"{FILE} [{id_}]", faults)
    _check_types(id_, entry, faults)
    name, domains = _text(entry, "name"), tuple(_text(entry, "domains").split())
    if not name or not domains:
        what = "name" if not name else "domains"
        if what not in entry:
            faults.append(Fault(FILE, f"[{id_}] has no {what}", f'add {what} = "…"'))
        return None
    for domain in domains:
        if not HOST.fullmatch(domain):
            faults.append(Fault(FILE, f"[{id_}] {domain!r} isn't a host name", "write it like example.com, lower case"))
    kind = _text(entry, "kind") or ClaimKind.BRAND.value
    if kind not in (ClaimKind.BRAND.value, ClaimKind.PUBLIC_BODY.value):
        faults.append(Fault(FILE, f"[{id_}] kind = {kind!r}", 'write kind = "public-body" or leave it out'))
        kind = ClaimKind.BRAND.value
    country, sector = _text(entry, "country"), _text(entry, "sector")
    if len(country) != 2 or not country.isupper() or not sector:
        faults.append(Fault(FILE, f"[{id_}] needs a country and a sector", 'such as country = "DE", sector = "bank"'))
    elif sector not in SECTORS:
        faults.append(Fault(FILE, f"[{id_}] sector = {sector!r}", meant(sector, SECTORS)))
    aliases = _aliases(id_, name, entry, faults)
    shares = tuple(_text(entry, "shares").split())
    return Brand(id_, name, aliases, domains, country, sector, ClaimKind(kind), shares)


def _check_types(id_: str, entry: dict[str, object], faults: list[Fault]) -> None:
    for key in sorted(entry.keys() & _KEYS):
        value = entry[key]
        if key == "generic":
            wrong, remedy = not isinstance(value, bool), "write generic = true, without quotes, or leave it out"
        else:
            apart = "; " if key in ("aliases", "common") else "spaces" if key in ("domains", "shares") else ""
            how = f", the parts separated by {apart.strip()}" if apart else ""
            wrong, remedy = not isinstance(value, str), f'write it as one text: {key} = "…"{how}'
        if wrong:
            faults.append(Fault(FILE, f"[{id_}] {key} = {value!r}"[:160], remedy))


def _aliases(id_: str, name: str, entry: dict[str, object], faults: list[Fault]) -> tuple[Alias, ...]:
    generic = entry.get("generic", False) is True
    found = [_alias(name, generic)]
    found += [_alias(words, False) for words in _split(entry, "aliases")]
    found += [_alias(words, True) for words in _split(entry, "common")]
    for alias in found:
        if not alias.common and _is_weak(alias.key):
            remedy = "set generic = true" if alias.words == name else "move it to common"
            faults.append(Fault(FILE, f"[{id_}] {alias.words!r} is too short or too common a word", remedy))
    return tuple(found)


def _alias(words: str, common: bool) -> Alias:
    return Alias(words, common, letters(fold(words).text))


def _is_weak(key: str) -> bool:
    """Too short, or too everyday a word, to count wherever it stands."""
    least = LEAST if key.isascii() else LEAST_IDEOGRAPHS
    return len(key) < least or key in _EVERYDAY


def _check_taken(brand: Brand, taken: dict[str, str], faults: list[Fault]) -> None:
    for alias in brand.aliases:
        other = taken.setdefault(alias.key, brand.id)
        if other != brand.id:
            faults.append(Fault(FILE, f"[{brand.id}] {alias.words!r} is [{other}] too", "keep it in one of the two"))
    if len(set(brand.domains)) < len(brand.domains):
        faults.append(Fault(FILE, f"[{brand.id}] names a domain twice", "keep it once"))


def _check_shared(brands: list[Brand], faults: list[Fault]) -> None:
    """A domain of two brands makes the one's mail the other's: it must be meant."""
    owners: dict[str, list[Brand]] = {}
    shared: set[tuple[str, str]] = set()
    for brand in brands:
        for domain in dict.fromkeys(brand.domains):
            for other in owners.setdefault(domain, []):
                known = other.id in brand.shares or brand.id in other.shares
                if not known and (brand.id, other.id) not in shared:
                    remedy = f'take it out of one, or write shares = "{other.id}" where both do send from it'
                    faults.append(Fault(FILE, f"[{brand.id}] {domain} is a domain of [{other.id}] too", remedy))
                shared |= {(brand.id, other.id), (other.id, brand.id)}
            owners[domain].append(brand)
    for brand in brands:
        for id_ in brand.shares:
            if (brand.id, id_) not in shared:
                faults.append(Fault(FILE, f"[{brand.id}] shares no domain with {id_!r}", "take it out of shares"))


def _text(entry: dict[str, object], key: str) -> str:
    value = entry.get(key, "")
    return value.strip() if isinstance(value, str) else ""


def _split(entry: dict[str, object], key: str) -> list[str]:
    return [part for part in map(str.strip, _text(entry, key).split(";")) if part]
