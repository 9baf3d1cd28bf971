"""Whom a verdict is about, as far as the facts let us name them."""

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
    ACCOUNT = "account"
    """Only the address is known."""
    NOBODY = "nobody"


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
        if self.kind in (SenderKind.PERSON, SenderKind.CELEBRITY, SenderKind.ORGANISATION):
            return self.name
        return f"the owner of {self.address}" if self.address else "the person it names"

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
    claim = _claim(facts, verdict)
    name = _clean_name(claim.who) if claim else ""
    if claim and name:
        kind = _KINDS.get(claim.kind, SenderKind.ORGANISATION)
        shown = verdict is Verdict.SPOOFED_NAME or diagnosis.verdict is Verdict.UNDETERMINED
        return Sender(kind if address or shown else SenderKind.NOBODY, name, address)
    owner = _clean_name(facts.author.owner)
    owned = facts.author.cls in (DomainClass.BRAND, DomainClass.INSTITUTION)
    if address and owner and owned and verdict is not Verdict.SPOOFED_NAME:
        return Sender(SenderKind.ORGANISATION, owner, address)
    kind = SenderKind.ACCOUNT if address else SenderKind.NOBODY
    return Sender(kind, from_mail(author.name, NAME_LIMIT), address)


def whose(facts: Facts) -> Whose:
    """Whether the account, address or name is ours (or the reporter's own), a contact's, or neither's."""
    kinds = {claim.kind for claim in facts.claims if claim.owns is not False}
    if facts.told.own_account or facts.author.cls is DomainClass.OURS or ClaimKind.STAFF in kinds:
        return Whose.STAFF
    if facts.author.cls is DomainClass.CONTACT or ClaimKind.CONTACT in kinds:
        return Whose.CONTACT
    return Whose.STRANGER


def origin_proven(diagnosis: Diagnosis) -> bool:
    return diagnosis.standpoint(Question.ORIGIN).answer is Answer.YES


def _claim(facts: Facts, verdict: Verdict) -> Claim | None:
    """For a borrowed name, whose it is; for all else, who owns the address shown."""
    if verdict is Verdict.SPOOFED_NAME:
        ranked = sorted(facts.claims, key=lambda claim: (claim.owns is True, _ORDER.index(claim.kind)))
    else:
        vouched = [claim for claim in facts.claims if claim.owns is not False]
        ranked = sorted(vouched, key=lambda claim: (claim.owns is not True, _ORDER.index(claim.kind)))
    if not ranked and verdict is Verdict.UNDETERMINED:
        ranked = sorted(facts.claims, key=lambda claim: _ORDER.index(claim.kind))
    return next(iter(ranked), None)


def _clean_name(who: str) -> str:
    """The name of "Name <address>"; "" where it is an address alone."""
    name = from_mail(who.partition("<")[0], NAME_LIMIT).strip(" \"'")
    return "" if "@" in name else name
