"""Claims to be a person: contacts, staff, people of public note, and whom the reporter named."""

import re
from email.utils import parseaddr

from bot.checks.claims_shared import Shown, owns_brand
from bot.checks.domains import is_below, organisational
from bot.checks.names import same_person
from bot.checks.naming import brands_in, people_in, read_name
from bot.handbook.personal import Sameness
from bot.handbook.spelling import fold
from bot.model import Claim, ClaimKind, DomainClass
from bot.ports import Person

MOST_TEXT = 4_000
"""Characters of the text in which words of giving money are looked for."""

INITIAL = "initial and surname"
"""How `handbook.personal` names that likeness."""
_WORD = re.compile(r"[^\W\d_]+")


def contact_claims(shown: Shown) -> list[Claim]:
    """People of the directory whom the display name means, and the one whose address it is."""
    if shown.directory is None:
        return []
    owner = shown.directory.owner(shown.box.address) if shown.box.address else None
    if owner is not None:
        named = same_person(shown.name, owner.name, shown.lists, owner.nicknames).answer is not Sameness.NO
        where = "display name" if named else "address"
        return [_personal(owner, where, shown.box.name if named else shown.box.address, owns=True)]
    known = [
        (person, same_person(shown.name, person.name, shown.lists, person.nicknames))
        for person in shown.directory.named(shown.name)
    ]
    fitting = [(person, like) for person, like in known if like.answer is not Sameness.NO]
    found: list[Claim] = []
    for person, like in fitting:
        alone = like.why == INITIAL and len(fitting) == 1  # "J. Miller" means the one Miller whom we know
        sure = like.answer is Sameness.SAME or alone
        if sure or person.vip or like.trick:
            owns = _owns_person(person, shown) if sure else None
            found.append(_personal(person, "display name", shown.name.strip(), owns=owns, trick=like.trick))
    return found


def known_person_claims(shown: Shown) -> list[Claim]:
    """People of public note in the display name; common names only where the mail speaks of giving money."""
    found: list[Claim] = []
    for named in people_in(read_name(shown.name), shown.lists):
        person = named.person
        if person.common and not _speaks_of_money(shown):
            continue
        owns = bool(person.domains) and is_below(shown.domain.domain, *person.domains)
        owns_it = None if not owns and shown.rewritten else owns
        kind = ClaimKind.KNOWN_PERSON
        found.append(Claim(kind, person.name, "display name", named.matched, person.domains, (), owns_it, named.trick))
    return found


def told_claims(said: str, shown: Shown) -> list[Claim]:
    """Whom the reporter says that it claims to be: "Name <address>", a name or an address."""
    name, address = parseaddr(said[:400])
    if "@" not in address:
        name, address = said.strip()[:200], ""
    if address:
        owns = _same_mailbox(address, shown)
        domain = organisational(address.rpartition("@")[2].lower())
        domains = tuple({domain} - shown.lists.freemail)
        return [Claim(ClaimKind.TOLD, name or address, "told", said.strip(), domains, (address.lower(),), owns)]
    if shown.directory is not None:
        for person in shown.directory.named(name):
            if same_person(name, person.name, shown.lists, person.nicknames).answer is Sameness.SAME:
                mine = shown.box.address.lower() in map(str.lower, person.addresses)
                owns_it = True if mine else _owns_person(person, shown)
                return [Claim(ClaimKind.TOLD, person.name, "told", name, (), person.addresses, owns_it)]
    for named in brands_in(read_name(name), shown.lists):
        owned = owns_brand(named.brand, shown)
        return [Claim(ClaimKind.TOLD, named.brand.name, "told", name, named.brand.domains, (), owned)]
    return [Claim(ClaimKind.TOLD, name, "told", name)]


def _personal(person: Person, where: str, matched: str, *, owns: bool | None, trick: str = "") -> Claim:
    kind = ClaimKind.STAFF if person.staff else ClaimKind.CONTACT
    return Claim(kind, person.name, where, matched, (), person.addresses, owns, trick)


def _owns_person(person: Person, shown: Shown) -> bool | None:
    """Whether the address is the person's; unknown where it lies in their organisation, or a list rewrote it."""
    if shown.rewritten:
        return None
    if not shown.box.address or shown.domain.cls is DomainClass.FREEMAIL:
        return False
    theirs = {organisational(address.rpartition("@")[2].lower()) for address in person.addresses}
    return None if shown.domain.organisational in theirs - shown.lists.freemail else False


def _same_mailbox(address: str, shown: Shown) -> bool | None:
    """The same address: yes. The same organisation: can't be told. Another one: no."""
    if address.lower() == shown.box.address.lower():
        return True
    domain = address.rpartition("@")[2].lower()
    same = bool(shown.box.address) and organisational(domain) == shown.domain.organisational
    return None if same and domain not in shown.lists.freemail else False


def _speaks_of_money(shown: Shown) -> bool:
    bait = shown.lists.bait
    begins = tuple(word[:-1] for word in bait if word.endswith("*"))
    text = fold(f"{shown.message.subject}\n{shown.message.text[:MOST_TEXT]}", whole=True).text
    return any(word in bait or word.startswith(begins) for word in _WORD.findall(text))
