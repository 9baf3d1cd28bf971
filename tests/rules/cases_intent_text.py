"""Cases of bot/rules/intent_text.py."""

from bot.model import (
    ClaimKind,
    Defect,
    DomainClass,
    Grade,
    Header,
    Link,
    LinkClass,
    ListTraits,
    Mailbox,
    Method,
    Passage,
    Result,
    Want,
)
from tests.rules.case import Case, claim, domain, judged, link, phrases, stamp

WORDS = "some telling words"
SAYS: tuple[tuple[str, Want, Want], ...] = (
    # rule, what it reads, the neighbour that it must not take for it
    ("promises-a-strangers-money", Want.INHERITANCE, Want.LOAN),
    ("promises-a-strangers-money", Want.LOTTERY, Want.PRIZE),
    ("promises-a-strangers-money", Want.MONEY, Want.STRANDED),
    ("offers-a-loan", Want.LOAN, Want.MONEY),
    ("pleads-for-help-abroad", Want.STRANDED, Want.MONEY),
    ("asks-for-gift-cards", Want.GIFT_CARDS, Want.PRIZE),
    ("changes-bank-details", Want.BANK_DETAILS, Want.INVOICE),
    ("asks-to-sign-in", Want.CREDENTIALS, Want.MAILBOX),
    ("threatens-the-mailbox", Want.MAILBOX, Want.CREDENTIALS),
    ("asks-a-parcel-fee", Want.DELIVERY, Want.INVOICE),
    ("promises-a-prize", Want.PRIZE, Want.LOTTERY),
    ("lures-with-crypto", Want.CRYPTO, Want.EXTORTION),
    ("extorts", Want.EXTORTION, Want.URGENCY),
    ("wants-a-call-about-a-charge", Want.REFUND_CALL, Want.INVOICE),
    ("threatens-a-fine", Want.FINE, Want.EXTORTION),
    ("lures-with-dating", Want.DATING, Want.MARKETING),
    ("sells-pills", Want.PILLS, Want.MARKETING),
    ("lures-with-gambling", Want.CASINO, Want.LOTTERY),
    ("offers-a-job", Want.JOB, Want.BUSINESS_OFFER),
    ("offers-business-cold", Want.BUSINESS_OFFER, Want.MARKETING),
    ("brings-an-invoice", Want.INVOICE, Want.REFUND_CALL),
    ("shares-a-document", Want.DOCUMENT, Want.INVOICE),
    ("wants-a-code-scanned", Want.QR_CODE, Want.DOCUMENT),
    ("advertises", Want.MARKETING, Want.BUSINESS_OFFER),
    ("hurries-you", Want.URGENCY, Want.SECRECY),
    ("wants-it-kept-secret", Want.SECRECY, Want.URGENCY),
    ("talks-shop", Want.TECHNICAL_TALK, Want.BUSINESS_OFFER),
)
PROVEN = judged(stamp(Method.DMARC, Result.PASS))
HEADERS = (Header("Subject", "Lunch"),)
THREAD = ("<1@example.com>",)
LIST = ListTraits(list_id="<staff.lists.example.com>")


def _says(rule: str, want: Want, neighbour: Want) -> Case:
    return Case(rule, (WORDS,), {"phrases": phrases(want)}, {f"it wants {neighbour}": {"phrases": phrases(neighbour)}})


CASES = (
    *(_says(*row) for row in SAYS),
    Case(
        "advertises",
        (WORDS,),
        {"phrases": phrases(Want.MARKETING)},
        {
            "a known brand does": {"author": domain("example.org", DomainClass.BRAND, owner="Example Ltd")},
            "the brand that it names does": {"claims": (claim(ClaimKind.BRAND, owns=True),)},
        },
    ),
    Case(
        "is-nothing-but-a-link",
        ("site.test",),
        {"phrases": phrases(Want.LINK_ONLY), "links": link(LinkClass.OTHER)},
        {"it says something, too": {"phrases": phrases(Want.TECHNICAL_TALK)}},
    ),
    Case(
        "plays-several-tricks",
        ("gift", "loan"),
        {"phrases": phrases(Want.GIFT_CARDS, Want.LOAN)},
        {
            "one trick twice": {"phrases": phrases(Want.LOAN, Want.LOAN)},
            "one trick, and what honest mail also does": {"phrases": phrases(Want.LOAN, Want.URGENCY, Want.INVOICE)},
        },
    ),
    Case(
        "asks-for-nothing",
        ("asks for nothing",),
        {},
        {
            "it hurries": {"phrases": phrases(Want.URGENCY)},
            "it holds a link": {"links": link(LinkClass.OTHER)},
            "it has no text": {"text": " \n"},
            "a name that we know stands before another address": {"claims": (claim(ClaimKind.STAFF),)},
        },
    ),
    Case(
        "answers-by-itself",
        ("auto-replied",),
        {"return_path": "", "traits": ListTraits(auto_submitted="auto-replied"), "judged": PROVEN},
        {
            "a person wrote it": {"traits": ListTraits()},
            "bounces have an address": {"return_path": "maria@example.org"},
            "nothing proves it": {"judged": judged()},
            "it holds a link": {"mail_links": (Link("", "https://site.test/", "site.test"),)},
        },
    ),
    Case(
        "goes-on-a-conversation",
        ("earlier mail",),
        {"in_reply_to": THREAD},
        {
            "nothing is referred to": {"in_reply_to": ()},
            "somebody is claimed wrongly": {"claims": (claim(ClaimKind.CONTACT),)},
        },
    ),
    Case(
        "pretends-to-answer",
        ("Re: Lunch",),
        {"subject": "Re: Lunch", "headers": HEADERS},
        {
            "it refers to a mail": {"references": THREAD},
            "a word that only begins alike": {"subject": "Rest: Lunch"},
            "the headers aren't there": {"headers": ()},
            "only some lines were pasted": {"grade": Grade.SOME_HEADERS},
        },
    ),
    Case(
        "is-list-talk",
        ("staff.lists.example.com",),
        {"judged": judged(passage=Passage.LIST), "traits": LIST, "references": THREAD},
        {
            "it came directly": {"judged": judged()},
            "it holds a lure": {"phrases": phrases(Want.LOAN)},
        },
    ),
    Case(
        "is-list-talk",
        ("list",),
        {"judged": judged(passage=Passage.LIST)},
        {"it came directly": {"judged": judged()}},
    ),
    Case(
        "subject-in-disguised-letters",
        ("slip past filters",),
        {"subject": "\U0001d400\U0001d401\U0001d402 Bank"},
        {
            "plain letters": {"subject": "ABC Bank"},
            "a family emoji is joined by zero-width letters": {"subject": "\U0001f468\u200d\U0001f469\u200d\U0001f467"},
            "Persian words are held apart by them": {
                "subject": "\u0645\u06cc\u200c\u0631\u0648\u0645 \u0645\u06cc\u200c\u0634"
            },
        },
    ),
    Case(
        "subject-in-disguised-letters",
        ("slip past filters",),
        {"senders": (Mailbox("P\u200da\u200byPal", "maria@example.org"),)},
        {"plain letters": {"senders": (Mailbox("PayPal", "maria@example.org"),)}},
    ),
    Case(
        "hides-text",
        ("900 characters",),
        {"defects": (Defect("hidden-text", "900 characters of the HTML text can't be seen"),)},
        {"another defect": {"defects": (Defect("charset-wrong", "900 characters aren't in the charset declared"),)}},
    ),
    Case(
        "is-only-a-picture",
        ("4 words", "1 link"),
        {"mail_links": (link(LinkClass.OTHER)[0].link,)},
        {
            "it has a text": {"text": "word " * 16},
            "it has no link": {"mail_links": ()},
            "only the headers are there": {"raw": b""},
        },
    ),
    Case(
        "is-our-own-exercise",
        ("PhishTrainer",),
        {"our_simulation": "PhishTrainer"},
        {"it isn't ours": {"our_simulation": ""}},
    ),
)
