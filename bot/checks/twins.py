"""A domain that differs from ours or a contact's in its ending alone, and is an organisation of its own all the same.

acme.com and acme.org mostly are two firms. Look-alikes are bought, too, so that a proof of origin clears such a domain
only as long as the mail neither takes one of our names nor asks for what look-alikes are bought for.
"""

from dataclasses import replace

from bot.model import Facts, LookalikeKind, Method, Result, Want

ENOUGH_MAILS = 3.0
"""Genuine mails known of a sender from which the domain is its own."""
_BOUGHT_FOR = frozenset({Want.BANK_DETAILS, Want.GIFT_CARDS, Want.CREDENTIALS, Want.MAILBOX})


def without_namesakes(facts: Facts) -> Facts:
    """The facts without the look-alike, and the claim made by it, that is an honest namesake."""
    twins = [t for t in facts.lookalikes if t.place == "from" and t.kind is LookalikeKind.OTHER_TLD]
    if not twins or _takes_our_name(facts) or not _established(facts):
        return facts
    if any(phrase.want in _BOUGHT_FOR for phrase in facts.phrases):
        return facts
    return replace(
        facts,
        lookalikes=tuple(twin for twin in facts.lookalikes if twin not in twins),
        claims=tuple(c for c in facts.claims if not (c.where == "address" and c.trick == LookalikeKind.OTHER_TLD)),
    )


def _takes_our_name(facts: Facts) -> bool:
    return any(claim.owns is False and claim.where != "address" for claim in facts.claims)


def _established(facts: Facts) -> bool:
    """Genuine mail of it is known, or DMARC passed for it, or both SPF and DKIM did (RFC 9989, 4.4)."""
    usual, now = facts.usual.maybe(), facts.dmarc_now.maybe()
    if (usual is not None and usual.mails >= ENOUGH_MAILS) or (now is not None and now.result is Result.PASS):
        return True
    passed = {
        s.method for s in facts.judged.stamps if s.result is Result.PASS and (not s.domain or _own(facts, s.domain))
    }
    return Method.DMARC in passed or {Method.SPF, Method.DKIM} <= passed


def _own(facts: Facts, domain: str) -> bool:
    own = facts.author.organisational
    return bool(own) and (domain.lower() == own or domain.lower().endswith("." + own))
