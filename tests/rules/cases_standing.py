"""Cases of bot/rules/standing.py."""

from dataclasses import replace
from typing import Any

from bot.model import (
    ClaimKind,
    DmarcNow,
    DmarcPolicy,
    DomainClass,
    Hop,
    Kind,
    LinkClass,
    ListTraits,
    Method,
    Origination,
    Passage,
    Relation,
    Result,
    SamePoint,
    Signature,
    Told,
    Want,
    Zone,
)
from tests.facts import BORDER
from tests.rules.case import (
    Case,
    Given,
    box,
    claim,
    client,
    domain,
    judged,
    known,
    link,
    phrases,
    sender,
    server,
    stamp,
    usual,
)

SHOWN = "maria@example.org"
DKIM, DMARC, SPF = Method.DKIM, Method.DMARC, Method.SPF
PASS, FAIL = Result.PASS, Result.FAIL
PROVEN = judged(stamp(DMARC, PASS))
SIGNED_IN = replace(BORDER, authenticated=SHOWN)
TO_OTHER = {"reply_to": (box("desk@other.test"),)}
AT_LIST = {"judged": judged(passage=Passage.LIST), "phrases": phrases(Want.TECHNICAL_TALK)}


def _class(rule: str, cls: DomainClass, says: str = "example.org") -> Case:
    """A rule about what kind of domain it is: quiet where nothing is known of it."""
    return Case(
        rule,
        (says,),
        {"author": domain("example.org", cls, owner="Example Ltd")},
        {"nothing is known of the domain": {"author": domain("example.org")}},
    )


def _reporter(why: str, **told: Any) -> Case:
    """What was told shows that the reporter knows the owner: quiet where only the name is known to be theirs."""
    return Case(
        "sender-known-to-the-reporter",
        (SHOWN,),
        {"told": Told(**told)},
        {
            "nothing was told": {"told": Told(clicked=True)},
            f"{why}, of a borrowed name": {"claims": (claim(ClaimKind.CONTACT),)},
        },
    )


def _domain(name: str, organisational: str = "", cls: DomainClass = DomainClass.OTHER) -> Given:
    return {"author": domain(name, cls, organisational)}


def _signed(name: str) -> Given:
    return {"signatures": (Signature(name, "s1"),)}


def _policy(policy: str) -> Given:
    return {"dmarc_now": known(DmarcNow(PASS, DmarcPolicy("example.org", policy)))}


def _origination(account: str, zone: Zone = Zone.INSIDE) -> Given:
    return {"originations": (Origination("X-Source-Auth", account=account, zone=zone),)}


ADDRESS = (
    _class("address-of-ours", DomainClass.OURS),
    _class("address-of-a-contact", DomainClass.CONTACT, "Example Ltd"),
    Case(
        "address-of-a-contact",
        (SHOWN, "Acme"),
        {"claims": (claim(ClaimKind.STAFF, owns=True),)},
        {"it isn't theirs": {"claims": (claim(ClaimKind.STAFF),)}},
    ),
    Case(
        "address-of-a-contact",
        (SHOWN,),
        _domain("example.org", cls=DomainClass.CONTACT),
        {"nobody's whom we know": _domain("example.org")},
    ),
    _reporter("the owner asks", own_account=True),
    _reporter("the owner was asked", sender_denies=True),
    _reporter("the owner was asked and wrote it", sender_confirms=True),
    _reporter("somebody looked into the account", strange_account_signs=True),
    _reporter("somebody looked into Sent Items", in_sent_items=False),
    Case(
        "sender-known-to-the-reporter",
        (SHOWN,),
        {"claims": (claim(ClaimKind.TOLD, owns=True, where="told"),)},
        {"whether it is theirs isn't known": {"claims": (claim(ClaimKind.TOLD, owns=None, where="told"),)}},
    ),
    Case(
        "sender-known-to-the-reporter",
        (SHOWN,),
        {"comparison": (SamePoint("From address", SHOWN, SHOWN, True),)},
        {
            "the older mail is of another address": {
                "comparison": (SamePoint("From address", "m@b.test", SHOWN, False),)
            }
        },
    ),
    _class("domain-of-an-organisation", DomainClass.BRAND, "Example Ltd"),
    _class("institutional-domain", DomainClass.INSTITUTION),
    _class("free-mailbox-of-a-stranger", DomainClass.FREEMAIL),
    Case(
        "free-mailbox-of-a-stranger",
        ("example.org",),
        _domain("example.org", cls=DomainClass.FREEMAIL),
        {
            "a contact's": {"claims": (claim(ClaimKind.CONTACT, owns=True),)},
            "perhaps a second one of theirs": {"claims": (claim(ClaimKind.TOLD, owns=None, where="told"),)},
            "the address was forged": {"judged": judged(stamp(DMARC, FAIL))},
        },
    ),
    _class("throw-away-mailbox", DomainClass.DISPOSABLE),
    _class("platform-for-everybody", DomainClass.PLATFORM),
    _class("platform-for-everybody", DomainClass.TENANT),
    _class("domain-that-cannot-be", DomainClass.NOT_A_DOMAIN, SHOWN),
    Case(
        "domain-unknown-to-dns",
        ("example.org",),
        {"domain_exists": known(False)},
        {"it exists": {"domain_exists": known(True)}},
        reads=("domain_exists",),
    ),
)

SHAPE = (
    Case(
        "domain-looks-made-up",
        ("example.org",),
        {"author": domain("example.org", random_looking=0.8)},
        {
            "it may be a word": {"author": domain("example.org", random_looking=0.4)},
            "a known organisation's": {"author": domain("example.org", DomainClass.BRAND, random_looking=0.8)},
        },
    ),
    Case(
        "domain-under-a-cheap-ending",
        ("example.org",),
        {"author": domain("example.org", cheap_tld=True)},
        {"an ending like others": {"author": domain("example.org")}},
    ),
    Case(
        "domain-under-a-country",
        ("example.co.uk",),
        _domain("example.co.uk"),
        {
            "no country's": _domain("example.org"),
            "a known organisation's": _domain("example.co.uk", cls=DomainClass.BRAND),
        },
    ),
    Case(
        "domain-made-of-sales-words",
        ("bestbonus.test", "bonus"),
        _domain("bestbonus.test"),
        {
            "the words stand in a subdomain": _domain("bonus.example.org", "example.org"),
            "a known organisation's": _domain("bestbonus.test", cls=DomainClass.BRAND),
        },
    ),
    Case(
        "domain-made-of-service-words",
        ("helpdesk-portal.test",),
        _domain("helpdesk-portal.test"),
        {
            "a firm's name beside them": _domain("miller-portal.test"),
            "one word alone": _domain("portal.test"),
            "a known organisation's": _domain("helpdesk-portal.test", cls=DomainClass.BRAND),
        },
    ),
    Case(
        "mailbox-looks-made-up",
        ("xkqzwv81",),
        {"senders": sender("xkqzwv81@example.org")},
        {
            "a name": {"senders": sender("maria.example@example.org")},
            "a name with a year of two digits": {"senders": sender("maria81@example.org")},
        },
    ),
    Case(
        "buried-in-subdomains",
        ("a.b.example.org",),
        _domain("a.b.example.org", "example.org"),
        {
            "the organisation's own": _domain("example.org"),
            "its mail host": _domain("mail.example.org", "example.org"),
            "a department's, in which a person has a mailbox": {"senders": sender("m.example@a.b.example.org")},
            "it is only described": {"kind": Kind.WORDS},
            "a known organisation's": _domain("a.b.example.org", "example.org", DomainClass.BRAND),
        },
    ),
)

SYSTEM = (
    Case(
        "known-for-long",
        ("9 genuine mails", SHOWN),
        {"usual": usual()},
        {"too few": {"usual": usual(mails=2.0)}},
        reads=("usual",),
    ),
    Case(
        "mailbox-on-an-organisations-system",
        ("Roundcube",),
        {"mailer": "Roundcube Webmail/1.6"},
        {
            "a bulk mailer": {"mailer": "PHPMailer 6"},
            "a free mailbox": _domain("example.org", cls=DomainClass.FREEMAIL),
        },
    ),
    Case(
        "mailbox-on-an-organisations-system",
        (SHOWN,),
        {"hops": (SIGNED_IN,), "judged": judged(hop=SIGNED_IN)},
        {"somebody of elsewhere signed in": {"hops": (replace(SIGNED_IN, authenticated="eve@other.test"),)}},
    ),
    Case(
        "business-mail-provider",
        ("example.org", "example.onmicrosoft.com"),
        _signed("example.onmicrosoft.com"),
        {"another's tenant": _signed("other.onmicrosoft.com"), "no tenant": _signed("example.org")},
    ),
    Case(
        "strangers-tenant-sends-it",
        ("other.onmicrosoft.com", "example.org"),
        _signed("other.onmicrosoft.com"),
        {"its own": _signed("example.onmicrosoft.com"), "no tenant": _signed("other.test")},
    ),
    Case(
        "rented-machine-of-its-own",
        ("mail.example.org",),
        {"server_relation": Relation.SAME_DOMAIN},
        {
            "a provider's": {"server_relation": Relation.ITS_PROVIDER},
            "written in a webmail": {"mailer": "Roundcube Webmail/1.6"},
            "somebody signed in, who isn't named": {
                "hops": (BORDER, Hop(1, Zone.HANDED, by="mail.example.org", protocol="ESMTPSA"))
            },
            "somebody signed in": {"hops": (SIGNED_IN,), "judged": judged(hop=SIGNED_IN)},
            "servers stand behind it": {"hops": (BORDER, Hop(1, Zone.HANDED), Hop(2, Zone.HANDED))},
        },
    ),
    Case(
        "client-far-from-the-server",
        ("RO", "DE"),
        {"client": client("RO"), "server": server("DE")},
        {"where the server is": {"client": client("DE")}, "the database doesn't know": {"client": client("")}},
        reads=("client", "server"),
    ),
    Case(
        "inside-originated",
        ("X-Source-Auth", SHOWN),
        _origination(SHOWN),
        {"the sender wrote it": _origination(SHOWN, Zone.OUTSIDE), "a login, no address": _origination("maria")},
    ),
)

CONDUCT = (
    Case(
        "answers-wanted-elsewhere",
        ("desk@other.test", SHOWN),
        TO_OTHER,
        {
            "at a colleague's": {"reply_to": (box("desk@mail.example.org"),)},
            "it is a free mailbox itself": _domain("example.org", cls=DomainClass.FREEMAIL),
            "a list talks shop": AT_LIST,
        },
    ),
    Case(
        "sells-at-its-own-site",
        ("example.org",),
        {"phrases": phrases(Want.PILLS), "links": link(LinkClass.OWN)},
        {
            "at another's": {"links": link(LinkClass.OTHER)},
            "it sells nothing": {"phrases": phrases(Want.TECHNICAL_TALK)},
            "a known organisation does": _domain("example.org", cls=DomainClass.BRAND),
        },
    ),
    Case(
        "takes-part-in-a-list",
        ("staff.lists.test",),
        {**AT_LIST, "traits": ListTraits(list_id="<staff.lists.test>")},
        {"it came directly": {"judged": judged()}, "it doesn't talk shop": {"phrases": phrases(Want.MARKETING)}},
    ),
    Case(
        "publishes-a-strict-policy",
        ("example.org", "quarantine"),
        _policy("quarantine"),
        {"a policy that asks for nothing": _policy("none")},
        reads=("dmarc_now",),
    ),
    Case(
        "receiver-applied-its-policy",
        ("quarantine",),
        {"judged": judged(stamp(DMARC, FAIL, action="quarantine"))},
        {"nothing was asked for": {"judged": judged(stamp(DMARC, FAIL, action="none"))}},
    ),
    Case(
        "forged-addresses-are-real-ones",
        ("example.org",),
        {"judged": judged(stamp(DMARC, FAIL))},
        {
            "the signature holds": {"judged": judged(stamp(DMARC, FAIL), stamp(DKIM, PASS))},
            "another's envelope failed": {"judged": judged(stamp(SPF, FAIL, "other.test"))},
            "a list broke it": {"judged": judged(stamp(DMARC, FAIL), passage=Passage.LIST)},
        },
    ),
    Case(
        "bulk-mailer-of-its-own",
        ("example.org", "some telling words"),
        {"judged": PROVEN, "phrases": phrases(Want.CASINO)},
        {
            "nothing proves it": {"judged": judged()},
            "it advertises nothing": {"phrases": phrases(Want.LOAN)},
            "answers are wanted elsewhere": TO_OTHER,
            "somebody signed in": {"hops": (SIGNED_IN,)},
        },
    ),
)

CASES = (*ADDRESS, *SHAPE, *SYSTEM, *CONDUCT)
