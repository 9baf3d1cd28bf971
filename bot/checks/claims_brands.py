"""Claims to be an organisation: in the display name, in the subject, in an address that is written there or built."""

import re
from collections.abc import Iterator

from bot.checks.claims_shared import Shown, owns_brand
from bot.checks.domains import is_below, organisational
from bot.checks.lookalike import known_domains, lookalike
from bot.checks.names import has_persons_shape, hosts_in, is_nobody, is_person_shaped
from bot.checks.naming import Named, Reading, brands_in, read_name
from bot.handbook.brands import Brand
from bot.handbook.personal import is_given_name
from bot.model import Claim, ClaimKind, DomainClass

_ADDRESS = re.compile(r"[\w.+'-]{1,64}@((?:[\w-]{1,63}\.){1,6}[a-z]{2,24})", re.IGNORECASE)
_REPLY = re.compile(
    r"^(?:\s*(?:re|fwd?|aw|wg|antw|tr|enc|res|rv|sv|vs|odp|r|i|ynt)(?:\[\d+\])?\s*:|\s*\[(?:external|extern|spam|ext)\])+",
    re.IGNORECASE,
)
_YOUR = frozenset({"your", "ihr", "ihre", "ihrem", "ihren", "dein", "deine", "votre", "vos", "ton", "su", "sus", "tu"})
_YOUR |= {"seu", "sua", "teu", "vostro", "tuo", "il", "uw", "je", "jouw", "twoje", "din", "ditt"}
_FROM = frozenset(("from", "von", "de", "da", "van", "od", "fra", "av", "by", "du", "des", "of", "bei", "for"))
_WEAK_HOSTS = (DomainClass.FREEMAIL, DomainClass.DISPOSABLE, DomainClass.PLATFORM, DomainClass.NOT_A_DOMAIN)


def brand_claims(shown: Shown) -> list[Claim]:
    """Brands and public bodies in the display name."""
    # An address in the name is read by `written_address_claims`: someone@gmail.com doesn't say Gmail.
    reading = read_name(_ADDRESS.sub(" ", shown.name[:300]))
    hits = brands_in(reading, shown.lists)
    found = [_claim(hit, "display name", _owned(hit, reading, shown)) for hit in _counting(hits, reading, shown)]
    if shown.channel:
        found += [
            _claim(hit, "display name", True)
            for hit in brands_in(read_name(shown.channel), shown.lists)
            if owns_brand(hit.brand, shown)
        ]
    return found


def subject_claims(shown: Shown) -> list[Claim]:
    """Brands that the subject speaks for: "Netflix: …", "Your Norton order"; for names that name nobody.

    Without any name an answer or forward is somebody's talk about the brand.
    """
    if not shown.box.name.strip() and _REPLY.match(shown.message.subject[:300]):
        return []
    reading = read_name(_REPLY.sub("", shown.message.subject[:300]).strip())
    return [
        _claim(hit, "subject", owns_brand(hit.brand, shown))
        for hit in brands_in(reading, shown.lists)
        if _speaks_for(hit, reading, shown)
    ]


def written_address_claims(shown: Shown) -> list[Claim]:
    """Another address or domain that is written in the display name, as if the mail were from there."""
    text = shown.box.name[:300]
    found = [_of_written(match.group(), match.group(1).lower(), shown) for match in _ADDRESS.finditer(text)]
    recipients = {box.domain for box in (*shown.message.to, *shown.message.cc)} - shown.lists.freemail
    for host in hosts_in(text):
        known = is_below(host, *shown.trust.our_domains) or shown.lists.owner(host) or host in recipients
        if known:
            found.append(_of_written(host, host, shown))
    return [claim for claim in found if claim is not None]


def address_claims(shown: Shown) -> list[Claim]:
    """An address that is built to look like somebody's: a look-alike domain, a brand before a freemail's @."""
    if not shown.box.address:
        return []
    known = known_domains(shown.lists, shown.trust, shown.directory)
    twin = lookalike(shown.box.domain, "from", known)
    if twin is not None:
        brand = shown.lists.owner(twin.imitates)
        kind = brand.kind if brand else ClaimKind.STAFF if twin.whose == "ours" else ClaimKind.CONTACT
        who = twin.imitates if twin.whose == "ours" else twin.whose
        domains = brand.domains if brand else (twin.imitates,)
        return [Claim(kind, who, "address", shown.box.domain, domains, (), False, twin.kind.value)]
    return list(_of_local_part(shown))


def _claim(hit: Named, where: str, owns: bool | None) -> Claim:
    brand = hit.brand
    return Claim(brand.kind, brand.name, where, hit.matched, brand.domains, (), owns, hit.trick)


def _counting(hits: tuple[Named, ...], reading: Reading, shown: Shown) -> Iterator[Named]:
    """The hits that claim: distinctive names anywhere but as a surname, common words only in their company."""
    taken = {at for hit in hits for at in range(hit.first, hit.last + 1)}
    rest = [token for at, token in enumerate(reading.tokens) if at not in taken]
    lists = shown.lists
    plain_company = all(token.key in lists.roles or token.key in lists.company or token.key.isdigit() for token in rest)
    nobody = is_nobody(shown.name, shown.box.address, lists) and not shown.name.strip()
    for hit in hits:
        if hit.alias.common and (not plain_company or nobody or " ".join(_keys(reading)) in lists.nobody):
            continue
        if _is_surname(hit, reading, shown):
            continue
        yield hit


def _keys(reading: Reading) -> list[str]:
    return [token.key for token in reading.tokens]


def _is_surname(hit: Named, reading: Reading, shown: Shown) -> bool:
    """ "Sarah Rossmann", or "Jonas Leclerc" whose address says the same: a person, not the shop."""
    tokens = reading.tokens
    if hit.first == 0 or hit.first != hit.last or hit.last != len(tokens) - 1 or len(tokens) > 3:
        return False
    before = tokens[:-1]
    if any(token.key in shown.lists.roles and len(token.key) > 2 for token in before):
        return False
    local = re.sub(r"[\W_]", "", shown.box.local.casefold())
    in_address = tokens[-1].key in local and local != tokens[-1].key and before[0].key[0] in local
    return in_address or is_given_name(before[0].key) or before[0].key in shown.lists.titles


def _owned(hit: Named, reading: Reading, shown: Shown) -> bool | None:
    """As `owns_brand`; a company in brackets behind a person's name says where they work, not who sends."""
    owns = owns_brand(hit.brand, shown)
    if owns is False and _is_affiliation(hit, reading, shown):
        return None
    return owns


def _is_affiliation(hit: Named, reading: Reading, shown: Shown) -> bool:
    before = reading.text[: reading.tokens[hit.first].start].rstrip()
    return before.endswith("(") and has_persons_shape(before[:-1], shown.lists)


def _speaks_for(hit: Named, reading: Reading, shown: Shown) -> bool:
    """Whether the subject is written in the brand's voice, not about it."""
    keys, roles = _keys(reading), shown.lists.roles
    before, after = keys[max(0, hit.first - 3) : hit.first], keys[hit.last + 1 : hit.last + 4]
    role_after = any(len(key) > 2 and key in roles for key in after[:2])
    role_before = bool(before) and len(before[-1]) > 2 and before[-1] in roles
    yours = bool(set(before) & _YOUR) and (role_after or role_before)
    signed = len(before) > 1 and before[-1] in _FROM and before[-2] in roles
    if hit.alias.common:
        return (yours or signed) and hit.alias.key not in roles and hit.matched != hit.matched.lower()
    start, end = reading.tokens[hit.first].start, reading.tokens[hit.last].end
    label = re.match(r"\s?[:|\]»>–—]|\s-\s", reading.text[end:]) is not None
    named = bool(shown.box.name.strip())
    leads = not any(map(str.isalnum, reading.text[:start])) and (label or (role_after and named))
    closes = hit.last == len(keys) - 1 and re.search(r"\s[-|–—]\s*$", reading.text[:start]) is not None
    return yours or signed or leads or closes


def _of_written(matched: str, domain: str, shown: Shown) -> Claim | None:
    """The claim that an address or host written in the name makes; None where it is the sender's own."""
    organisation = organisational(domain)
    if matched.lower() == shown.box.address.lower() or organisation == shown.domain.organisational:
        return None
    owns = None if shown.rewritten else False
    person = shown.directory.owner(matched) if shown.directory is not None and "@" in matched else None
    if person is not None:
        kind = ClaimKind.STAFF if person.staff else ClaimKind.CONTACT
        return Claim(kind, person.name, "display name", matched, (), person.addresses, owns)
    if is_below(domain, *shown.trust.our_domains):
        return Claim(ClaimKind.STAFF, matched, "display name", matched, (organisation,), (), owns)
    brand = shown.lists.owner(domain)
    if brand is not None and domain not in shown.lists.freemail:
        kept = owns_brand(brand, shown)
        return Claim(brand.kind, brand.name, "display name", matched, brand.domains, (), kept)
    return Claim(ClaimKind.BRAND, matched, "display name", matched, (organisation,), (), owns)


def _of_local_part(shown: Shown) -> Iterator[Claim]:
    """paypal-service@gmail.com: a brand and account-like words before the @ of anybody's domain."""
    lists = shown.lists
    weak = shown.domain.cls in _WEAK_HOSTS or shown.domain.cheap_tld
    nameless = is_nobody(shown.box.name, shown.box.address, lists)
    if not (weak or nameless) or is_person_shaped(shown.box.name, shown.box.address, lists):
        return
    reading = read_name(re.sub(r"[._+-]", " ", shown.box.local[:64]))
    hits = brands_in(reading, lists)
    taken = {at for hit in hits for at in range(hit.first, hit.last + 1)}
    rest = [token.key for at, token in enumerate(reading.tokens) if at not in taken]
    if not all(key in lists.roles or key.isdigit() for key in rest):
        return
    for hit in hits:
        owned = owns_brand(hit.brand, shown)
        if owned is False and not (hit.alias.common and not rest) and (weak or rest) and not hit.trick:
            yield _brand_at_address(hit.brand, shown)


def _brand_at_address(brand: Brand, shown: Shown) -> Claim:
    return Claim(brand.kind, brand.name, "address", shown.box.address, brand.domains, (), False)
