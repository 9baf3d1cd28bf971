"""What a mail wants that costs money, and which step warns of it."""

from collections.abc import Mapping

from bot.advice.sender import about
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
