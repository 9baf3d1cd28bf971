"""Whom the mail claims to be from, and whether the address shown is theirs (DESIGN.md, question 1).

A claim is a contact, our staff, or a known person, brand or public body in the display name; in the subject where
the name is generic; or an address built to look like theirs. Never the body alone, never Sender.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.checks.claims_brands import address_claims, brand_claims, subject_claims, written_address_claims
from bot.checks.claims_desk import desk_claims
from bot.checks.claims_people import contact_claims, known_person_claims, told_claims
from bot.checks.claims_shared import Shown
from bot.checks.domains import classify
from bot.checks.names import is_nobody
from bot.handbook.lists import Lists
from bot.model import Claim, ClaimKind, Mailbox, Message, Told, Trust
from bot.ports import Directory

MOST_READINGS = 4
"""Readings of From that are looked at."""

_ORGANISATIONS = (ClaimKind.BRAND, ClaimKind.PUBLIC_BODY)
_PLACES = ("told", "display name", "address", "subject")


def claims(message: Message, told: Told, lists: Lists, directory: Directory | None, trust: Trust) -> tuple[Claim, ...]:
    """Everybody whom the mail claims to be from, over all readings of From; each person or organisation once.

    `owns` is None where the address may be theirs: a list's rewriting, a company named behind a person's name,
    the same name under another country's suffix.
    """
    boxes = tuple(dict.fromkeys(message.senders))[:MOST_READINGS] or (Mailbox("", ""),)
    found: list[Claim] = []
    for box in boxes:
        shown = Shown(box, classify(box.domain, lists, trust, directory), message, lists, directory, trust)
        found += _of_reading(shown)
    if told.claims:
        first = Shown(boxes[0], classify(boxes[0].domain, lists, trust, directory), message, lists, directory, trust)
        found += told_claims(told.claims, first)
    return _settled(found)


def _of_reading(shown: Shown) -> list[Claim]:
    people = contact_claims(shown)
    offices = [] if people else desk_claims(shown)
    found = [*people, *offices, *written_address_claims(shown), *brand_claims(shown), *address_claims(shown)]
    if not any(claim.where == "display name" for claim in people):
        found += known_person_claims(shown)
    if is_nobody(shown.box.name, shown.box.address, shown.lists) and not found:
        found += subject_claims(shown)
    return found


def _settled(found: Iterable[Claim]) -> tuple[Claim, ...]:
    """Each once, the plainest place first; beside an organisation whose address it is, others are only mentioned."""
    best: dict[tuple[ClaimKind, str], Claim] = {}
    for claim in sorted(found, key=lambda claim: _PLACES.index(claim.where)):
        best.setdefault((claim.kind, claim.who), claim)
    held = tuple(best.values())
    if not any(claim.owns and claim.kind in _ORGANISATIONS for claim in held):
        return held
    return tuple(
        replace(claim, owns=None) if claim.owns is False and claim.kind in _ORGANISATIONS else claim for claim in held
    )
