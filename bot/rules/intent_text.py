"""intent, by what the mail says: would an honest owner of this address send this to this person?

Positive weights: yes. Negative: no. The words stand in knowledge/phrases.
"""

import re

from bot.model import ClaimKind, DomainClass, Facts, Kind, LinkClass, Question, Want
from bot.rules.reading import (
    by_known_list,
    claims_wrongly,
    dangerous,
    headers_are_whole,
    hosts,
    owned,
    quoted,
    replies_elsewhere,
    vouched,
    wanted,
    wrongly_claimed,
)
from bot.ruling import Observation, rule

HONEST = frozenset({Want.TECHNICAL_TALK})
DISGUISED = re.compile(
    "[\U0001d400-\U0001d7ff\u200b\u00ad\u2060\ufeff]|(?<=[A-Za-z])[\u200c\u200d](?=[A-Za-z])",
)
"""Mathematical alphabets, and signs without width; joiners also belong to emoji and to Persian or Indic words."""
_ANSWERS = "reply respond answer send provide submit fill senden".split()
_ANSWER_STEMS = "antwort répond envoy respond envi rispond odpis ответ".split()
ANSWER = re.compile(rf"\b(?:{'|'.join(_ANSWERS)}|(?:{'|'.join(_ANSWER_STEMS)})\w{{0,4}})\b", re.IGNORECASE)
"""Words that want an answer, in the languages of knowledge/phrases that ask for passwords."""
MILD = frozenset(
    {Want.MARKETING, Want.URGENCY, Want.SECRECY, Want.DOCUMENT, Want.QR_CODE, Want.INVOICE, Want.BUSINESS_OFFER}
)


@rule(question=Question.INTENT, group="asks")
def promises_a_strangers_money(facts: Facts) -> Observation | None:
    """It promises money from a stranger: an inheritance, a donation, a lottery."""
    return _says(facts, "It promises a stranger's money", Want.INHERITANCE, Want.LOTTERY, Want.MONEY)


@rule(question=Question.INTENT, group="asks")
def offers_a_loan(facts: Facts) -> Observation | None:
    """It offers a loan to everybody."""
    return _says(facts, "It offers a loan", Want.LOAN)


@rule(question=Question.INTENT, group="asks")
def pleads_for_help_abroad(facts: Facts) -> Observation | None:
    """It tells of a friend who is stranded and needs money."""
    return _says(facts, "It tells of somebody stranded who needs money", Want.STRANDED)


@rule(question=Question.INTENT, group="asks")
def asks_for_gift_cards(facts: Facts) -> Observation | None:
    """It asks for gift cards or a quick favour."""
    return _says(facts, "It asks for gift cards or a quick favour", Want.GIFT_CARDS)


@rule(question=Question.INTENT, group="asks")
def changes_bank_details(facts: Facts) -> Observation | None:
    """It wants payments sent to a new bank account."""
    return _says(facts, "It wants money sent to another account", Want.BANK_DETAILS)


@rule(question=Question.INTENT, group="asks")
def asks_to_sign_in(facts: Facts) -> Observation | None:
    """It wants you to confirm an account or type a password."""
    return _says(facts, "It wants you to sign in or confirm an account", Want.CREDENTIALS, way_out=True)


@rule(question=Question.INTENT, group="asks")
def threatens_the_mailbox(facts: Facts) -> Observation | None:
    """It says that the mailbox is full, expiring or holding mail back."""
    return _says(facts, "It threatens the mailbox", Want.MAILBOX, way_out=True)


@rule(question=Question.INTENT, group="asks")
def asks_a_parcel_fee(facts: Facts) -> Observation | None:
    """It speaks of a parcel that waits for you."""
    return _says(facts, "It speaks of a waiting parcel", Want.DELIVERY)


@rule(question=Question.INTENT, group="asks")
def promises_a_prize(facts: Facts) -> Observation | None:
    """It promises a prize, a reward or points."""
    return _says(facts, "It promises a prize", Want.PRIZE)


@rule(question=Question.INTENT, group="asks")
def lures_with_crypto(facts: Facts) -> Observation | None:
    """It wants a crypto wallet connected or validated."""
    return _says(facts, "It is after a crypto wallet", Want.CRYPTO)


@rule(question=Question.INTENT, group="asks")
def extorts(facts: Facts) -> Observation | None:
    """It threatens to publish something unless you pay."""
    return _says(facts, "It threatens and demands money", Want.EXTORTION)


@rule(question=Question.INTENT, group="asks")
def wants_a_call_about_a_charge(facts: Facts) -> Observation | None:
    """It claims a charge that you can cancel by calling a number."""
    return _says(facts, "It wants you to call about a charge", Want.REFUND_CALL)


@rule(question=Question.INTENT, group="asks")
def threatens_a_fine(facts: Facts) -> Observation | None:
    """It speaks of a fine, a debt or a tax refund."""
    return _says(facts, "It speaks of a fine, a debt or a refund", Want.FINE)


@rule(question=Question.INTENT, group="asks")
def lures_with_dating(facts: Facts) -> Observation | None:
    """It advertises dating or sex."""
    return _says(facts, "It advertises dating", Want.DATING)


@rule(question=Question.INTENT, group="asks")
def sells_pills(facts: Facts) -> Observation | None:
    """It advertises medicine or miracle cures."""
    return _says(facts, "It advertises a remedy", Want.PILLS)


@rule(question=Question.INTENT, group="asks")
def lures_with_gambling(facts: Facts) -> Observation | None:
    """It advertises gambling."""
    return _says(facts, "It advertises gambling", Want.CASINO)


@rule(question=Question.INTENT, group="asks")
def offers_a_job(facts: Facts) -> Observation | None:
    """It offers easy work to a stranger."""
    return _says(facts, "It offers easy work", Want.JOB)


@rule(question=Question.INTENT, group="asks")
def offers_business_cold(facts: Facts) -> Observation | None:
    """It offers business to a stranger."""
    return _says(facts, "It offers business to a stranger", Want.BUSINESS_OFFER)


@rule(question=Question.INTENT, group="asks")
def brings_an_invoice(facts: Facts) -> Observation | None:
    """It brings an invoice, an order or a payment note."""
    return _says(facts, "It brings an invoice or order", Want.INVOICE)


@rule(question=Question.INTENT, group="asks")
def shares_a_document(facts: Facts) -> Observation | None:
    """It says that a document, a fax or a voice mail waits."""
    # A platform for documents writes this every day; who is behind it, its own rules weigh.
    links = facts.links and all(each.cls in (LinkClass.OWN, LinkClass.BRAND) for each in facts.links)
    usual = facts.author.cls is DomainClass.PLATFORM and links and vouched(facts)
    return _says(facts, "It says that something waits to be opened", Want.DOCUMENT, share=0.4 if usual else 1.0)


@rule(question=Question.INTENT, group="asks")
def wants_a_code_scanned(facts: Facts) -> Observation | None:
    """It wants a code scanned with the phone."""
    return _says(facts, "It wants a code scanned with the phone", Want.QR_CODE)


@rule(question=Question.INTENT, group="asks")
def advertises(facts: Facts) -> Observation | None:
    """It advertises something."""
    if owned(facts, ClaimKind.BRAND) or facts.author.cls is DomainClass.BRAND:
        return None
    return _says(facts, "It advertises", Want.MARKETING)


@rule(question=Question.INTENT, group="bare-link")
def is_nothing_but_a_link(facts: Facts) -> Observation | None:
    """It holds nothing but a link."""
    if not wanted(facts, Want.LINK_ONLY):
        return None
    return Observation(f"It is nothing but a link to {hosts(facts.links, 1) or 'somewhere'}.")


@rule(question=Question.INTENT, group="pressure")
def hurries_you(facts: Facts) -> Observation | None:
    """It hurries or threatens."""
    return _says(facts, "It hurries you", Want.URGENCY, way_out=True)


@rule(question=Question.INTENT, group="pressure")
def wants_it_kept_secret(facts: Facts) -> Observation | None:
    """It wants to be kept secret."""
    return _says(facts, "It wants to be kept secret", Want.SECRECY)


@rule(question=Question.INTENT, group="several-lures")
def plays_several_tricks(facts: Facts) -> Observation | None:
    """It plays several tricks at once."""
    kinds = {phrase.want for phrase in facts.phrases} - HONEST - MILD - {Want.LINK_ONLY}
    if len(kinds) < 2:
        return None
    return Observation(
        f"Several lures at once: {', '.join(sorted(kind.value.replace('-', ' ') for kind in kinds)[:4])}."
    )


@rule(question=Question.INTENT, group="talk")
def talks_shop(facts: Facts) -> Observation | None:
    """It talks about a technical matter, as colleagues do."""
    found = wanted(facts, Want.TECHNICAL_TALK)
    if not found:
        return None
    return Observation(f"It talks shop: {quoted(found)}.", strength=min(1.0, 0.4 + 0.2 * len(found)))


@rule(question=Question.INTENT, group="talk")
def asks_for_nothing(facts: Facts) -> Observation | None:
    """It asks for nothing, hurries nobody and holds no stranger's link."""
    lures = {phrase.want for phrase in facts.phrases} - HONEST
    if facts.message.kind is Kind.WORDS:  # somebody's words about the mail, not the mail's
        return None
    if lures or facts.links or facts.message.attachments or not facts.message.text.strip():
        return None
    if wrongly_claimed(facts, ClaimKind.CONTACT, ClaimKind.STAFF):  # a harmless first mail is how such tricks begin
        return None
    return Observation("It asks for nothing that costs, and holds neither link nor attachment.")


@rule(question=Question.INTENT, group="thread")
def goes_on_a_conversation(facts: Facts) -> Observation | None:
    """It goes on a conversation that its references show."""
    message = facts.message
    if not (message.in_reply_to or message.references) or claims_wrongly(facts):
        return None
    # Intruders answer the threads that they find: with a file that runs programs, a thread clears nobody.
    armed = any(dangerous(each) or each.encrypted for each in message.attachments)
    return Observation("It answers an earlier mail (In-Reply-To, References).", strength=0.3 if armed else 1.0)


@rule(question=Question.INTENT, group="automatic")
def answers_by_itself(facts: Facts) -> Observation | None:
    """A mail server or an absent person's mailbox answered by itself, from the sender's own system."""
    message = facts.message
    itself = message.return_path == "" and message.traits.auto_submitted.lower().startswith("auto-")
    if not itself or not vouched(facts) or message.links or claims_wrongly(facts):
        return None
    if any(dangerous(each) or each.encrypted for each in message.attachments):
        return None
    return Observation(
        f"A program wrote it, as programs write bounces and notes of absence ({message.traits.auto_submitted[:40]})."
    )


@rule(question=Question.INTENT, group="thread")
def pretends_to_answer(facts: Facts) -> Observation | None:
    """The subject says that it answers, but nothing shows what."""
    message = facts.message
    if message.in_reply_to or message.references or not headers_are_whole(facts):
        return None
    if not re.match(r"\s{0,4}(?:re|aw|sv|antw|res)\s{0,2}:", message.subject, re.IGNORECASE):
        return None
    return Observation(f"“{message.subject[:60]}” claims to be an answer, without a reference to any mail.")


@rule(question=Question.INTENT, group="list")
def is_list_talk(facts: Facts) -> Observation | None:
    """It is a mailing list's talk: taken in by a list, on its topic or in a conversation."""
    message = facts.message
    if not by_known_list(facts) or {phrase.want for phrase in facts.phrases} - HONEST - MILD:
        return None
    talk = bool(wanted(facts, Want.TECHNICAL_TALK) or message.in_reply_to or message.references)
    offers = bool(wanted(facts, Want.MARKETING, Want.BUSINESS_OFFER, Want.INVOICE))
    strength = 1.0 if talk else 0.1 if offers else 0.5
    list_name = f"the list {message.traits.list_id[:80]}" if message.traits.list_id else "a mailing list"
    return Observation(f"It was posted to {list_name}.", strength=strength)


@rule(question=Question.INTENT, group="disguise")
def subject_in_disguised_letters(facts: Facts) -> Observation | None:
    """Its subject or name is written to slip past filters."""
    shown = f"{facts.message.subject[:500]} {facts.message.author.name[:500]}"
    if len(DISGUISED.findall(shown)) < 2:
        return None
    return Observation(f"“{shown.strip()[:80]}” is written in letters that slip past filters.")


@rule(question=Question.INTENT, group="disguise")
def hides_text(facts: Facts) -> Observation | None:
    """It holds text that readers don't see."""
    codes = {"hidden-text", "zero-width", "parts-differ"}
    hit = next((defect for defect in facts.message.defects if defect.code in codes), None)
    return Observation(hit.detail) if hit else None


@rule(question=Question.INTENT, group="picture")
def is_only_a_picture(facts: Facts) -> Observation | None:
    """It has no text to speak of, only links or a linked picture."""
    message = facts.message
    if not message.links or len(message.text.split()) > 15 or not message.raw:
        return None
    words, links = len(message.text.split()), len(message.links)
    return Observation(f"It has only {words} word{'s' * (words != 1)} and {links} link{'s' * (links != 1)}.")


@rule(question=Question.INTENT, group="simulation")
def is_our_own_exercise(facts: Facts) -> Observation | None:
    """It is our own phishing exercise."""
    return Observation(f"It is a phishing exercise of ours ({facts.our_simulation}).") if facts.our_simulation else None


def _says(facts: Facts, what: str, *wants: Want, share: float = 1.0, way_out: bool = False) -> Observation | None:
    """What it says; where it needs a `way_out` to get anything by it, without one it counts for less."""
    found = wanted(facts, *wants)
    if not found:
        return None
    share = _way_out(facts) if way_out else share
    return Observation(f"{what}: {quoted(found)}.", strength=share * (1.0 if len(found) > 1 else 0.8))


def _way_out(facts: Facts) -> float:
    """How far a wish for a password, or hurry, counts: without link, file or wanted answer it can get nothing."""
    message = facts.message
    if not message.raw or message.links or message.attachments or replies_elsewhere(facts):
        return 1.0
    text = message.text[:20_000]
    folded = text.casefold()
    may = any(word in folded for word in (*_ANSWERS, *_ANSWER_STEMS))  # far cheaper than the pattern, and mostly enough
    return 1.0 if may and ANSWER.search(text) else 0.4
