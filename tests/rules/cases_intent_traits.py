"""Cases of bot/rules/intent_traits.py."""

from typing import Any

from bot.model import (
    Attachment,
    ClaimKind,
    DomainClass,
    FilterVerdict,
    Grade,
    Header,
    JudgedLink,
    Link,
    LinkClass,
    ListTraits,
    Mailbox,
    Method,
    Passage,
    Precedent,
    Relation,
    Result,
    Told,
    Want,
    Zone,
)
from tests.rules.case import (
    Case,
    Given,
    box,
    claim,
    client,
    domain,
    judged,
    link,
    phrases,
    sender,
    server,
    stamp,
    usual,
)

SHOWN = "maria@example.org"
FREE = domain("free.test", DomainClass.FREEMAIL)
TO_FREE = {"reply_to": (box("maria@free.test"),), "domains": (FREE,)}
TO_OTHER = {"reply_to": (box("desk@other.test"),), "domains": (domain("other.test"),)}
BRAND = domain("example.org", DomainClass.BRAND, owner="Example Ltd")
PROVEN = judged(stamp(Method.DMARC, Result.PASS))
HEADERS = (Header("Subject", "Lunch"),)
CODE = Attachment("code.png", "image/png", "png", 4_000, inline=True)


def _attached(name: str, sniffed: str, declared: str = "application/octet-stream", **more: bool) -> Given:
    return {"attachments": (Attachment(name, declared, sniffed, 900, **more),)}


def _told(rule: str, says: str, **answers: bool) -> Case:
    """A rule about one answer of the reporter: quiet on the opposite answer, and where another was given."""
    given: dict[str, Any] = dict(answers)
    opposite: dict[str, Any] = {name: not value for name, value in answers.items()}
    return Case(
        rule,
        (says,),
        {"told": Told(**given)},
        {"the answer is the opposite": {"told": Told(**opposite)}, "something else": {"told": Told(clicked=True)}},
    )


def _link(rule: str, cls: LinkClass, other: LinkClass) -> Case:
    return Case(rule, ("site.test",), {"links": link(cls)}, {f"its class is {other}": {"links": link(other)}})


def _filter(value: str, zone: Zone = Zone.INSIDE) -> Given:
    return {"filters": (FilterVerdict("X-Forefront-Antispam-Report", "CAT", value, "in words", zone),)}


def _before(verdict: str, *, technician: bool = True) -> Given:
    return {"precedents": (Precedent(verdict, technician, 12.0, "campaign"),)}


CASES = (
    Case(
        "reply-goes-to-freemail",
        ("maria@free.test", SHOWN),
        TO_FREE,
        {
            "not a free mailbox": {"domains": (domain("free.test"),)},
            "answers go to the sender's own organisation": {"reply_to": (box("desk@mail.example.org"),)},
        },
    ),
    Case(
        "reply-goes-elsewhere",
        ("desk@other.test", SHOWN),
        TO_OTHER,
        {
            "answers go to the sender's own organisation": {"reply_to": (box("desk@mail.example.org"),)},
            "a free mailbox": {"domains": (domain("other.test", DomainClass.FREEMAIL),)},
            "a list sets where answers go": {"judged": judged(passage=Passage.LIST)},
            "a mailing service takes the answers": {"services": ("other.test",)},
        },
    ),
    Case(
        "link-hides-its-target",
        ("bank.test", "site.test"),
        {"links": (*link(LinkClass.TRACKER, "clicks.test", "bank.test"), *link(LinkClass.OTHER, shows="bank.test"))},
        {
            "a mailing service counts clicks": {"links": link(LinkClass.TRACKER, "clicks.test", "bank.test")},
            "its text names no host": {"links": link(LinkClass.OTHER)},
        },
    ),
    _link("link-to-an-imitation", LinkClass.LOOKALIKE, LinkClass.BRAND),
    _link("link-to-a-bare-number", LinkClass.IP, LinkClass.OTHER),
    _link("link-behind-a-shortener", LinkClass.SHORTENER, LinkClass.TRACKER),
    _link("link-to-a-free-host", LinkClass.FREE_HOST, LinkClass.OWN),
    Case(
        "link-to-a-free-host",
        ("site.test",),
        {"links": link(LinkClass.FREE_HOST), "judged": judged(passage=Passage.LIST)},
        {"a list talks shop": {"phrases": phrases(Want.TECHNICAL_TALK)}},
    ),
    Case(
        "code-instead-of-a-link",
        ("code.png", "some telling words"),
        {"phrases": phrases(Want.QR_CODE), "attachments": (CODE,)},
        {
            "nothing is said of scanning": {"phrases": phrases(Want.DOCUMENT)},
            "there is a link, too": {"links": link(LinkClass.OTHER)},
            "there is one to its own site": {"links": link(LinkClass.OWN)},
            "all of the mail is there, without any picture": {
                "attachments": (Attachment("a.txt", "text/plain", "", 9),)
            },
        },
    ),
    Case(
        "code-instead-of-a-link",
        ("drawn with signs", "some telling words"),
        {
            "phrases": phrases(Want.QR_CODE),
            "mail_text": "Scan it:\n" + 11 * "█▀▄ ▀█▄▄▀█ ▄▀█▀▄▄▀█▀█▄\n",
            "links": link(LinkClass.BRAND),
        },
        {"a line of signs": {"mail_text": "█▀▄ ▀█▄▄▀█ ▄▀█▀▄▄▀█▀█▄"}, "nothing is asked": {"phrases": ()}},
    ),
    Case(
        "code-instead-of-a-link",
        ("speaks of a code",),
        {"phrases": phrases(Want.QR_CODE), "raw": b""},
        {"there is a link": {"links": link(LinkClass.FREE_HOST)}},
    ),
    Case(
        "links-only-to-strangers",
        ("site.test", "example.org"),
        {"links": link(LinkClass.OTHER)},
        {
            "one goes to the sender": {"links": link(LinkClass.OTHER) + link(LinkClass.OWN)},
            "a list's members share links": {"judged": judged(passage=Passage.LIST)},
            "a mailing service counts clicks": {"links": link(LinkClass.TRACKER)},
        },
    ),
    Case(
        "links-only-to-its-own-site",
        ("example.org",),
        {"links": link(LinkClass.OWN, "www.example.org")},
        {"one goes elsewhere": {"links": link(LinkClass.OWN) + link(LinkClass.OTHER)}},
    ),
    Case(
        "organisations-own-mailing",
        ("Example Ltd",),
        {"author": BRAND, "judged": PROVEN, "links": link(LinkClass.OWN)},
        {
            "nothing proves it": {"judged": judged()},
            "an unknown organisation": {"author": domain("example.org")},
            "a link to an imitation": {"links": link(LinkClass.OWN) + link(LinkClass.LOOKALIKE)},
            "answers are wanted elsewhere": TO_OTHER,
        },
    ),
    Case(
        "organisations-own-mailing",
        ("Acme",),
        {"claims": (claim(ClaimKind.PUBLIC_BODY, owns=True),), "judged": PROVEN},
        {"it isn't theirs": {"claims": (claim(ClaimKind.PUBLIC_BODY, owns=False),)}},
    ),
    Case(
        "nothing-speaks-against-it",
        ("proven",),
        {"judged": PROVEN},
        {
            "nothing proves it": {"judged": judged()},
            "it hurries": {"phrases": phrases(Want.URGENCY)},
            "a link to a bare number": {"links": link(LinkClass.IP)},
            "a locked attachment": _attached("a.zip", "zip", encrypted=True),
            "a web page is attached": _attached("Salary.htm", "text"),
            "a borrowed sign-in page": {
                "links": (JudgedLink(Link("Open", "https://site.test/o365/", "site.test"), LinkClass.OTHER),)
            },
            "a stranger's free mailbox": {"author": domain("example.org", DomainClass.FREEMAIL)},
            "somebody is claimed wrongly": {"claims": (claim(ClaimKind.CONTACT),)},
        },
    ),
    Case(
        "nothing-speaks-against-it",
        ("proven", "wasn't handed in"),
        {"judged": PROVEN, "raw": b"", "text": ""},
        {"nothing proves it": {"judged": judged()}},
    ),
    Case(
        "dangerous-attachment",
        ("bill.pdf.exe",),
        _attached("bill.pdf.exe", "exe"),
        {
            "a picture": _attached("bill.pdf.png", "png"),
            "a file called like an ending": _attached("img", "png"),
        },
    ),
    Case(
        "dangerous-attachment",
        ("bill.js",),
        _attached("bill.js", ""),
        {"an ending that only begins alike": _attached("bill.json", "")},
    ),
    Case(
        "locked-attachment",
        ("bill.zip",),
        _attached("bill.zip", "zip", encrypted=True),
        {"it is open": _attached("bill.zip", "zip")},
    ),
    Case(
        "page-as-attachment",
        ("bill.html",),
        _attached("bill.html", "html"),
        {"a part of the mail itself": _attached("bill.html", "html", inline=True), "a PDF": _attached("bill", "pdf")},
    ),
    Case(
        "invites-by-calendar",
        ("meet.ics",),
        _attached("meet.ics", "ics", "text/calendar"),
        {
            "a colleague invites": {"author": domain("example.org", DomainClass.OURS)},
            "a text": _attached("meet.txt", "txt", "text/plain"),
        },
    ),
    Case(
        "written-in-an-unusual-country",
        ("RO", "DE", SHOWN),
        {"client": client("RO"), "usual": usual(client_countries=("DE",))},
        {
            "the usual one": {"client": client("DE")},
            "too few mails are known": {"usual": usual(mails=2.0, client_countries=("DE",))},
            "the database doesn't know": {"client": client("")},
        },
        reads=("client", "usual"),
    ),
    Case(
        "written-abroad",
        ("RO", "198.51.100.7", "DE"),
        {"client": client("RO"), "server": server("DE")},
        {"where the server is": {"client": client("DE")}, "the database doesn't know": {"client": client("")}},
        reads=("client", "server"),
    ),
    Case(
        "sent-to-nobody-named",
        ("names no recipient",),
        {"to": (box(SHOWN),), "headers": HEADERS},
        {
            "To isn't among the lines that were pasted": {"to": (), "grade": Grade.SOME_HEADERS},
            "nor among full headers, of which any line may be missing": {"to": (), "grade": Grade.FULL_HEADERS},
            "somebody in copy": {"cc": (box("bob@example.com"),)},
            "a name whose address the material lacks": {"to": (Mailbox("me", ""),)},
            "a list": {"traits": ListTraits(list_id="<staff.example.org>")},
            "the headers aren't there": {"headers": ()},
        },
    ),
    Case(
        "sent-to-nobody-named",
        ("names no recipient",),
        {
            "to": (Mailbox("undisclosed-recipients", ""),),
            "headers": (Header("To", "undisclosed-recipients:;"),),
            "grade": Grade.SOME_HEADERS,
        },
        {"the line wasn't pasted": {"headers": HEADERS}, "somebody": {"to": (box("bob@example.com"),)}},
    ),
    Case(
        "another-name-on-the-mailbox",
        ("Petra Sommer", SHOWN),
        {"senders": sender(SHOWN, "Petra Sommer")},
        {
            "the mailbox's name": {"senders": sender(SHOWN, "Maria Sommer")},
            "the organisation's name": {"senders": sender(SHOWN, "Example Service")},
            "a mailbox named after a task": {"senders": sender("billing@example.org", "Petra Sommer")},
        },
    ),
    Case(
        "filter-calls-it-spam",
        ("PHSH", "in words"),
        _filter("PHSH"),
        {"the sender wrote it": _filter("PHSH", Zone.OUTSIDE), "no category": _filter("NONE")},
    ),
    _told("sender-denies-it", "didn't send", sender_denies=True),
    _told("sender-confirms-it", "that they sent it", sender_confirms=True),
    _told("strange-signs-in-the-account", "forwarding", strange_account_signs=True),
    _told("lies-in-sent-items-unknown", "Sent Items", in_sent_items=True),
    Case(
        "lies-in-sent-items-unknown",
        ("Sent Items",),
        {"told": Told(in_sent_items=True)},
        {"the sender wrote it": {"told": Told(in_sent_items=True, sender_confirms=True)}},
    ),
    _told("many-contacts-got-it", "Others", others_got_it=True),
    Case(
        "sender-was-decided-before",
        ("campaign", "an account that was broken into", "12 days"),
        _before("hacked-account"),
        {"it was genuine": _before("genuine"), "it was left open": _before("undetermined")},
    ),
    Case(
        "sender-was-genuine-before",
        ("campaign", "genuine"),
        _before("genuine"),
        {"no technician looked": _before("genuine", technician=False), "it was spam": _before("plain-spam")},
    ),
    Case(
        "writes-as-always",
        ("9 genuine mails", SHOWN),
        {"usual": usual(countries=("DE",)), "server": server("DE")},
        {
            "another country": {"server": server("RO")},
            "too few mails": {"usual": usual(mails=2.0, countries=("DE",))},
            "only the domain's history is known": {"usual": usual("example.org", countries=("DE",))},
        },
        reads=("server", "usual"),
    ),
    Case(
        "established-sender-proven",
        ("example.org",),
        {"author": domain("example.org", DomainClass.CONTACT), "server_relation": Relation.SAME_DOMAIN},
        {
            "a stranger": {"author": domain("example.org")},
            "a stranger's server": {"server_relation": Relation.UNRELATED},
        },
    ),
)
