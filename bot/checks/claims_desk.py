"""Claims to be our own office: the help desk by its name, "IT Support" or "Payroll" in mail that names our domain."""

import re

from bot.checks.claims_shared import Shown
from bot.checks.domains import is_below, organisational
from bot.handbook.spelling import fold, letters
from bot.model import Claim, ClaimKind, DomainClass

MOST_TEXT = 4_000
"""Characters of the text in which our domain is looked for."""
_IT = re.compile(
    r"\b(?:it|edv|ict|tech(?:nical)?|computer|web ?mail|e ?mail|mail|system|network|internal)[ -]{0,2}"
    r"(?:help ?desk|support|service ?desk|services?|department|dept|team|admin(?:istrator)?s?|security|abteilung)\b"
    r"|\b(?:help|service) ?desk\b|\bsysadmin\b|\bservice informatique\b|\bsoporte tecnico\b|\bsuporte tecnico\b",
)
_STAFF = re.compile(
    r"^(?:the )?(?:hr|human resources?|payroll|personnel|personalabteilung|lohnbuchhaltung|ressources humaines"
    r"|recursos humanos)(?: (?:department|dept|team|office|support|service|services|admin))?$",
)
_ASKS = re.compile(
    r"password|passwort|kennwort|mailbox|postfach|mot de passe|contrase|senha|wachtwoord|quota|sign.in|log.?in",
)
"""Beside a receiver's own address in the text, words that only the keeper of the mailbox has a reason for."""
_HANDLED = (DomainClass.PLATFORM, DomainClass.CONTACT, DomainClass.BRAND)
"""Ticket systems, suppliers and known companies run help desks of their own."""


def desk_claims(shown: Shown) -> list[Claim]:
    """The help desk whose name is set, anywhere; an office of an ordinary name where the mail names our domain."""
    name = fold(shown.name[:200]).text.strip()
    if not name:
        return []
    ours = _our_domains(shown)
    set_names = {letters(fold(each).text) for each in shown.trust.desk_names} - {""}
    if letters(name) in set_names:
        return [_claim(shown, "our help desk", ours)]
    what = "IT help desk" if _IT.search(name) else "personnel office" if _STAFF.match(name) else ""
    if not what or not ours or not _names(shown, ours):
        return []
    return [_claim(shown, f"our {what}", ours)]


def _claim(shown: Shown, who: str, ours: tuple[str, ...]) -> Claim:
    return Claim(ClaimKind.STAFF, who, "display name", shown.name.strip(), ours, (), _owns(shown, ours))


def _owns(shown: Shown, ours: tuple[str, ...]) -> bool | None:
    domain = shown.domain.domain
    if is_below(domain, *ours):
        return True
    handled = shown.domain.cls in _HANDLED or is_below(domain, *shown.trust.sending_services)
    return None if shown.rewritten or handled else False


def _our_domains(shown: Shown) -> tuple[str, ...]:
    """As set; else those of the receivers, where everybody has an address of the same organisation."""
    if shown.trust.our_domains:
        return shown.trust.our_domains
    boxes = (*shown.message.to, *shown.message.cc)
    found = {
        organisational(box.domain.lower()) for box in boxes if box.domain and box.domain not in shown.lists.freemail
    }
    return tuple(found) if len(found) == 1 else ()


def _names(shown: Shown, ours: tuple[str, ...]) -> bool:
    """Whether name, subject or text speak of our domain; a receiver's own address counts beside the mailbox alone."""
    message = shown.message
    head = f"{shown.box.name[:300]}\n{message.subject[:300]}".casefold()
    text = message.text[:MOST_TEXT].casefold()
    asks = _ASKS.search(f"{head}\n{text}") is not None
    for domain in ours:
        if domain in head:
            return True
        spoken = re.search(rf"(?<![\w.-])(@|[\w.+-]{{1,64}}@)?{re.escape(domain)}(?![\w-])", text)
        if spoken and (spoken.group(1) is None or asks):
            return True
    return False
