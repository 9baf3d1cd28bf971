"""Whom a verdict is about, as far as the facts let us name them."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.advice.words import NAME_LIMIT, from_mail
from bot.model import Answer, Claim, ClaimKind, Diagnosis, DomainClass, Facts, Question, Verdict

_ORDER = (
    ClaimKind.TOLD,
    ClaimKind.CONTACT,
    ClaimKind.STAFF,
    ClaimKind.KNOWN_PERSON,
    ClaimKind.BRAND,
    ClaimKind.PUBLIC_BODY,
)


class SenderKind(StrEnum):
    """How the headline speaks of the sender; the variants of a verdict's page."""

    PERSON = "person"
    CELEBRITY = "celebrity"
    """A person of public note, whom nobody here can ring up."""
    ORGANISATION = "organisation"
    CLAIMED = "claimed"
    """Junk, but the reporter said whom it is from, or paid: never contradicted."""
    PERSONAL = "personal"
    """Junk from an address like a person's own: whoever reads this may know them."""
    ACCOUNT = "account"
    """Only the address is known."""
    STRANGER = "stranger"
    """Only the address is known, and nothing shows that its owner is anybody whom one could ask."""
    DESK = "desk"
    """An office of our own."""
    NOBODY = "nobody"


_LETTERS = re.compile(r"[^\W\d_]{1,40}")
_KINDS = {
    ClaimKind.CONTACT: SenderKind.PERSON,
    ClaimKind.STAFF: SenderKind.PERSON,
    ClaimKind.TOLD: SenderKind.PERSON,
    ClaimKind.KNOWN_PERSON: SenderKind.CELEBRITY,
}


class Whose(StrEnum):
    STAFF = "staff"
    CONTACT = "contact"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Sender:
    """Names are of the directory or list where a claim stands behind them, else the mail's own; made harmless."""

    kind: SenderKind
    name: str
    address: str

    @property
    def spoken(self) -> str:
        """As it stands in "ask …"."""
        if self.kind in (SenderKind.PERSON, SenderKind.CELEBRITY, SenderKind.ORGANISATION, SenderKind.DESK):
            return self.name
        return f"the owner of {self.address}" if self.address else "the person it names"

    @property
    def whom(self) -> str:
        """As it stands in "phone …": nobody is sent to ring up the owner of a scammer's address."""
        known = (SenderKind.PERSON, SenderKind.ORGANISATION, SenderKind.DESK)
        return self.name if self.kind in known else "the person it names"

    @property
    def written(self) -> str:
        """Name and address, for technicians."""
        if self.name and self.address:
            return f"{self.name} ({self.address})"
        return self.name or self.address or "no name, no address"


def about(diagnosis: Diagnosis) -> Verdict:
    """The verdict that the reply speaks of: the headline, or what it leans to."""
    return diagnosis.leaning or diagnosis.verdict


def sender_of(facts: Facts, diagnosis: Diagnosis) -> Sender:
    """Whom the headline is about. A display name that nobody vouches for never makes a person."""
    author = facts.message.author
    address = from_mail(author.address, NAME_LIMIT)
    verdict = about(diagnosis)
    if verdict is Verdict.PLAIN_SPAM:
        return Sender(_junk_kind(facts), from_mail(author.name, NAME_LIMIT), address)
    claim = _claim(facts, verdict)
    name = _clean_name(claim.who) if claim else ""
    if claim and name:
        kind = _kind(claim)
        shown = verdict is Verdict.SPOOFED_NAME or diagnosis.verdict is Verdict.UNDETERMINED
        return Sender(kind if address or shown else SenderKind.NOBODY, name, address)
    owner = _clean_name(facts.author.owner)
    owned = facts.author.cls in (DomainClass.BRAND, DomainClass.INSTITUTION)
    if address and owner and owned and verdict is not Verdict.SPOOFED_NAME:
        return Sender(SenderKind.ORGANISATION, owner, address)
    known = diagnosis.standpoint(Question.STANDING).answer is Answer.YES
    kind = (SenderKind.ACCOUNT if known else SenderKind.STRANGER) if address else SenderKind.NOBODY
    return Sender(kind, from_mail(author.name, NAME_LIMIT), address)


def whose(facts: Facts) -> Whose:
    """Whether the account, address or name is ours (or the reporter's own), a contact's, or neither's."""
    kinds = {claim.kind for claim in facts.claims if claim.owns is not False}
    if facts.told.own_account or facts.author.cls is DomainClass.OURS or ClaimKind.STAFF in kinds:
        return Whose.STAFF
    if facts.author.cls is DomainClass.CONTACT or ClaimKind.CONTACT in kinds:
        return Whose.CONTACT
    return Whose.STRANGER


def brand(facts: Facts) -> Claim | None:
    """The organisation whose name the mail uses, theirs or not."""
    kinds = (ClaimKind.BRAND, ClaimKind.PUBLIC_BODY)
    return next((claim for claim in facts.claims if claim.kind in kinds), None)


def origin_proven(diagnosis: Diagnosis) -> bool:
    return diagnosis.standpoint(Question.ORIGIN).answer is Answer.YES


def _junk_kind(facts: Facts) -> SenderKind:
    author = facts.message.author
    if facts.told.claims or facts.told.paid:
        return SenderKind.CLAIMED
    if not author.address:
        return SenderKind.NOBODY
    words = [word for word in _LETTERS.findall(author.name.casefold()) if len(word) > 1]
    own_name = 2 <= len(words) <= 3 and any(word in author.local.casefold() for word in words)
    free = facts.author.cls is DomainClass.FREEMAIL
    like_a_person = free or (own_name and not facts.name_is_organisation)
    return SenderKind.PERSONAL if like_a_person else SenderKind.ACCOUNT


def _claim(facts: Facts, verdict: Verdict) -> Claim | None:
    """For a borrowed name, whose it is; for all else, who owns the address shown."""
    if verdict is Verdict.SPOOFED_NAME:
        ranked = sorted(facts.claims, key=lambda claim: (claim.owns is True, _ORDER.index(claim.kind)))
    else:
        # What the reporter says of an unknown address isn't what we say: "it really is from Anna" would be a promise.
        vouched = [
            claim for claim in facts.claims if claim.owns or (claim.owns is None and verdict is not Verdict.GENUINE)
        ]
        ranked = sorted(vouched, key=lambda claim: (claim.owns is not True, _ORDER.index(claim.kind)))
    if not ranked and verdict is Verdict.UNDETERMINED:
        ranked = sorted(facts.claims, key=lambda claim: _ORDER.index(claim.kind))
    return next(iter(ranked), None)


def _kind(claim: Claim) -> SenderKind:
    """A claim to be of our staff without anybody's address is to be an office of ours, or our domain."""
    if claim.kind is ClaimKind.STAFF and not claim.addresses:
        named = claim.where == "display name" and not {"@", "."} & set(claim.who)
        return SenderKind.DESK if named else SenderKind.ORGANISATION
    return _KINDS.get(claim.kind, SenderKind.ORGANISATION)


def _clean_name(who: str) -> str:
    """The name of "Name <address>"; "" where it is an address alone."""
    name = from_mail(who.partition("<")[0], NAME_LIMIT).strip(" \"'")
    return "" if "@" in name else name
