"""What a mail wants that costs money or a password, and which steps warn of it."""

import re
from collections.abc import Mapping

from bot.advice.sender import Sender, SenderKind, about
from bot.handbook.pages import When
from bot.model import Diagnosis, Facts, Verdict, Want

WARNINGS: Mapping[Want, When] = {
    # The dearest first.
    Want.BANK_DETAILS: When.BANK_DETAILS,
    Want.GIFT_CARDS: When.GIFT_CARDS,
    Want.STRANDED: When.ASKS_MONEY,
    Want.MONEY: When.STRANGERS_MONEY,
    Want.LOAN: When.ASKS_MONEY,
}
_ADVERTISING = frozenset(
    {Want.MARKETING, Want.BUSINESS_OFFER, Want.PILLS, Want.CASINO, Want.DATING, Want.CRYPTO, Want.PRIZE}
)
_ADVERTISED = frozenset({Want.LOAN, Want.MONEY, Want.GIFT_CARDS})
_SIGN_IN = frozenset({"asks-to-sign-in", "threatens-the-mailbox"})
_LEADS_TO_A_PAGE = frozenset(
    {"link-to-a-strangers-sign-in", "link-hides-its-target", "link-to-an-imitation", "page-as-attachment"}
)
_BAIT = frozenset({Want.DOCUMENT, Want.DELIVERY, Want.FINE, Want.QR_CODE})
"""What people are to follow a link for; of no honest sender it ends at a form."""
_PLAIN = (SenderKind.ACCOUNT, SenderKind.NOBODY, SenderKind.PERSONAL)
_CARDS = re.compile(
    r"gift[ -]?cards?|e-?gift|itunes|google play|steam card|razer gold|paysafe|geschenkkarte|gutschein|guthabenkarte"
    r"|cartes? cadeau|tarjetas? (?:de )?regalo|cart(?:ão|ões)[ -]presente|vales?[ -]presente|cart[ae] regalo"
    r"|buon[oi] regalo|cadeaukaart|cadeaubon|kart[ay] podarunkow|hediye kart|подарочн|подарунков"
)
_BLAST = re.compile(r"explosive|bomb|hitman|acid|ddos|ransom", re.IGNORECASE)
"""Threats of another kind, of which nobody here says that they are made up."""
_PASSWORD = re.compile(
    r"password|passwort|kennwort|mot de passe|contraseña|senha|wachtwoord|пароль|hasło", re.IGNORECASE
)
_UNSUBSCRIBE = re.compile(
    r"unsubscri|opt[ -]?out|abbestell|abmeld|désinscri|désabonn|darse de baja|uitschrijv|descadastr"
)
_LOOKED_AT = 20_000


def warned(facts: Facts, diagnosis: Diagnosis) -> Want | None:
    """What to warn of before anything else: new bank details, gift cards, money. Not in plain advertising."""
    wants = {phrase.want for phrase in facts.phrases}
    calm = about(diagnosis) in (Verdict.PLAIN_SPAM, Verdict.GENUINE)
    if calm and wants & _ADVERTISING:
        wants -= _ADVERTISED
    if calm and Want.LOAN in wants and Want.STRANDED not in wants:
        wants -= {Want.LOAN}
    if about(diagnosis) is Verdict.GENUINE:
        wants -= {Want.MONEY}
    return next((want for want in WARNINGS if want in wants), None)


def harm(facts: Facts, diagnosis: Diagnosis) -> When | None:
    """Extortion, a program, or a page after a password; a mail that looks honest is none of them."""
    if about(diagnosis) is Verdict.GENUINE:
        return None
    wants = {phrase.want for phrase in facts.phrases}
    found = {finding.rule for finding in diagnosis.findings}
    if Want.EXTORTION in wants and not any(_BLAST.search(p.words) for p in facts.phrases if p.want is Want.EXTORTION):
        return When.EXTORTION
    if "dangerous-attachment" in found:
        return When.PROGRAM
    baited = bool(wants & _BAIT and facts.message.links) and _accused(diagnosis)
    leads = bool(found & _LEADS_TO_A_PAGE) or baited
    return When.PHISHING if found & _SIGN_IN or (leads and not wants & _ADVERTISING) else None


def _accused(diagnosis: Diagnosis) -> bool:
    return about(diagnosis) in (Verdict.SPOOFED_NAME, Verdict.SPOOFED_ADDRESS, Verdict.PLAIN_SPAM)


def warnings(facts: Facts, diagnosis: Diagnosis) -> tuple[When, ...]:
    """The occasions to warn of: what threatens, then what costs money; none that has happened already."""
    told = facts.told
    want = warned(facts, diagnosis)
    money = WARNINGS[want] if want else None
    if money is When.GIFT_CARDS and not names_cards(facts):
        money = When.FAVOUR
    threat = harm(facts, diagnosis)
    happened = {
        When.PHISHING: told.typed_password,
        When.PROGRAM: told.opened,
        When.EXTORTION: told.paid,
    }
    found = [threat] if threat and not happened[threat] else []
    found += [money] if money and not told.paid and threat is not When.EXTORTION else []
    return tuple(found)


def names_cards(facts: Facts) -> bool:
    """Whether gift cards are named; a boss in a meeting mostly asks for a favour first."""
    text = f"{facts.message.subject}\n{facts.message.text[:_LOOKED_AT]}".casefold()
    return any(_CARDS.search(p.words.casefold()) for p in facts.phrases) or _CARDS.search(text) is not None


def quotes_a_password(facts: Facts) -> bool:
    return _PASSWORD.search(facts.message.text[:_LOOKED_AT]) is not None


def lets_unsubscribe(facts: Facts) -> bool:
    """Whether it holds any way to unsubscribe, honest or not."""
    message = facts.message
    text = message.text[:_LOOKED_AT].casefold()
    linked = any(_UNSUBSCRIBE.search(f"{link.text} {link.target}"[:600].casefold()) for link in message.links)
    return message.traits.list_unsubscribe or linked or _UNSUBSCRIBE.search(text) is not None


def lure(facts: Facts) -> str:
    """What must not be opened, as it stands in "don't open …"; "" where there is neither link nor attachment."""
    link = "the link" if facts.message.links else ""
    attached = "the attachment" if any(not each.inline for each in facts.message.attachments) else ""
    return " or ".join(filter(None, (link, attached)))


def page_variant(facts: Facts, diagnosis: Diagnosis, sender: Sender) -> str:
    """Which headline and steps of the verdict's page are told."""
    threat = harm(facts, diagnosis)
    if diagnosis.verdict is Verdict.PLAIN_SPAM and threat and sender.kind in _PLAIN:
        return threat.value
    if diagnosis.verdict is Verdict.GENUINE and not facts.message.shows_text:
        return "unread"
    return sender.kind.value
