"""What is usual for a sender, from the casebook: of the address itself, else of its organisation."""

from bot.errors import NotChecked
from bot.model import DomainClass, DomainFacts, Fact, Message, Usual
from bot.ports import Casebook

ENOUGH_MAILS = 3.0
"""Decayed mails that a history needs before it says what is usual (EVIDENCE.md, 13)."""
SHARED = frozenset({DomainClass.FREEMAIL, DomainClass.DISPOSABLE, DomainClass.PLATFORM, DomainClass.NOT_A_DOMAIN})
"""Domains whose addresses are strangers to each other: one's habits say nothing of another's."""
_WHAT, _EARLIER = "the sender's usual servers", "whether this address wrote before"


async def known(message: Message, author: DomainFacts, casebook: Casebook | None) -> tuple[Fact[Usual], Fact[float]]:
    """The habits of the sender, and how many genuine mails of the address itself are known.

    Habits are the address's, or its organisational domain's where too few mails of the address are known;
    `Usual.subject` tells which. Unknown where neither has ENOUGH_MAILS, or the casebook is away.
    """
    address = message.author.address.lower()
    if casebook is None:
        return _neither("no history is kept")
    if not address:
        return _neither("the mail has no usable address to look up")
    try:
        own = await casebook.usual(address)
        earlier = Fact.known(_EARLIER, own.mails if own is not None else 0.0)
        if own is not None and own.mails >= ENOUGH_MAILS:
            return Fact.known(_WHAT, own), earlier
        return await _or_domains(own, author, casebook), earlier
    except NotChecked as unknown:
        return _neither(unknown.why)


def _neither(why: str) -> tuple[Fact[Usual], Fact[float]]:
    return Fact.unknown(_WHAT, why), Fact.unknown(_EARLIER, why)


async def _or_domains(own: Usual | None, author: DomainFacts, casebook: Casebook) -> Fact[Usual]:
    organisations = await _of_domain(author, casebook)
    if organisations is not None and organisations.mails >= ENOUGH_MAILS:
        return Fact.known(_WHAT, organisations)
    return Fact.unknown(_WHAT, _too_few(own or organisations))


async def _of_domain(author: DomainFacts, casebook: Casebook) -> Usual | None:
    if author.cls in SHARED or not author.organisational:
        return None
    return await casebook.usual_of_domain(author.organisational)


def _too_few(found: Usual | None) -> str:
    if found is None:
        return "no genuine mail of this sender is known"
    mails = round(found.mails)
    return f"too few mails of {found.subject} are known ({mails}; it takes {ENOUGH_MAILS:.0f})"
