"""Cases of bot/rules/origin_server.py."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from bot.model import (
    Agreement,
    ArcNow,
    Comparison,
    DkimNow,
    DmarcNow,
    DmarcPolicy,
    DnsRelation,
    DomainClass,
    Hop,
    ListTraits,
    Method,
    Origination,
    Passage,
    Relation,
    Result,
    SamePoint,
    SpfNow,
    Zone,
)
from tests.facts import BORDER
from tests.rules.case import Case, Given, domain, judged, known, sender, server, stamp

SHOWN = "maria@example.org"
PASS, FAIL = Result.PASS, Result.FAIL
INTERNAL = judged(passage=Passage.INTERNAL)
LISTED = judged(passage=Passage.LIST)
PROVEN = judged(stamp(Method.SPF, PASS))
DOUBTED = {"judged": judged(stamp(Method.SPF, PASS, beside=True))}
AWAY = replace(BORDER, host="mail.other.test")
NAMELESS = replace(BORDER, host="", helo="localhost")
POLICY = DmarcPolicy("example.org", "reject")


def _signed_in(account: str) -> Given:
    hop = replace(BORDER, authenticated=account)
    return {"hops": (hop,), "judged": judged(hop=hop)}


def _submitted(protocol: str, by: str = "mail.example.org", zone: Zone = Zone.HANDED) -> Given:
    return {"hops": (BORDER, Hop(1, zone, ip="198.51.100.7", by=by, protocol=protocol))}


def _delivered_to(address: str) -> Given:
    hop = replace(BORDER, recipient=address)
    return {"hops": (hop,), "judged": judged(hop=hop)}


def _server_is(relation: Relation) -> Given:
    return {"server_relation": relation, "server": server()}


def _spf(result: Result, *, aligned: bool = True) -> Given:
    return {"spf_now": known(SpfNow(result, "example.org", aligned=aligned))}


def _dkim(result: Result, *, aligned: bool = True) -> Given:
    return {"dkim_now": known((DkimNow("example.org", "s1", result, "body hash differs", aligned),))}


def _dmarc(result: Result, policy: DmarcPolicy | None = POLICY) -> Given:
    return {"dmarc_now": known(DmarcNow(result, policy))}


def _arc(result: Result, *sealers: str) -> Given:
    return {"arc_now": known(ArcNow(result, sealers))}


def _records(**says: Any) -> Given:
    nothing: dict[str, Any] = {"is_mx": False, "in_spf": False, "forward_confirmed": "", "same_organisation": False}
    return {"relation": known(DnsRelation(**(nothing | says)))}


def _points(same: int, different: int) -> Given:
    points = [SamePoint("server", "mail.example.org", "mail.other.test", False)] * different
    return {"comparison": (*points, *[SamePoint("time zone", "+0100", "+0100", True)] * same)}


def _then(stamped: str, agreement: Agreement) -> Given:
    return {"then_and_now": (Comparison("DKIM", stamped, "fail", agreement),)}


def _date(hours: int) -> Given:
    return {"date": datetime(2026, 5, 4, 12, 0, tzinfo=timezone(timedelta(hours=hours)) if hours else UTC)}


SERVER = (
    Case(
        "server-is-the-domains-own",
        ("mail.example.org", "192.0.2.1", "DE", "example.org"),
        _server_is(Relation.SAME_DOMAIN),
        {"its provider's": _server_is(Relation.ITS_PROVIDER)},
    ),
    Case(
        "server-is-its-providers",
        ("mail.example.org", "192.0.2.1", "example.org"),
        _server_is(Relation.ITS_PROVIDER),
        {"a mailing service's": _server_is(Relation.MAILING_SERVICE)},
    ),
    Case(
        "server-is-a-rented-machine",
        ("mail.example.org", "192.0.2.1", "example.org"),
        _server_is(Relation.GENERIC_HOSTING),
        {
            "a stranger's": _server_is(Relation.UNRELATED),
            "a list handed it on": {"judged": LISTED},
            "the domain allows the server": {"judged": PROVEN},
        },
    ),
    Case(
        "server-is-a-strangers",
        ("mail.example.org", "192.0.2.1", "example.org"),
        _server_is(Relation.UNRELATED),
        {
            "it isn't known whose": _server_is(Relation.UNKNOWN),
            "a list handed it on": {"judged": LISTED},
            "the domain allows the server": {"judged": PROVEN},
            "it never left the house": {"judged": INTERNAL},
        },
    ),
    *(
        # A pass that the sender may have written: then it isn't said that the server has nothing to do with the author.
        Case(
            rule,
            ("bears no name of example.org",),
            {**_server_is(relation), **DOUBTED},
            {"surely passed": {"judged": PROVEN}},
        )
        for rule, relation in (
            ("server-is-a-rented-machine", Relation.GENERIC_HOSTING),
            ("server-is-a-strangers", Relation.UNRELATED),
        )
    ),
    Case(
        "server-confirmed-by-name",
        ("mail.example.org",),
        _records(forward_confirmed="mail.example.org", same_organisation=True),
        {"confirmed, but another's": _records(forward_confirmed="mail.example.net")},
        reads=("relation",),
    ),
    Case(
        "server-confirmed-by-name",
        ("example.org", "MX"),
        _records(is_mx=True),
        {"only allowed to send": _records(in_spf=True)},
        reads=("relation",),
    ),
    Case(
        "handed-over-by-a-nameless-machine",
        ("192.0.2.1", "localhost"),
        {"hops": (NAMELESS,), "judged": judged(hop=NAMELESS), "server": server(host="localhost")},
        {
            "it has a name": {"judged": judged(hop=BORDER)},
            "it calls itself by a host's name": {"judged": judged(hop=replace(NAMELESS, helo="mail.example.org"))},
            "a list handed it on": {"judged": judged(passage=Passage.LIST, hop=NAMELESS)},
        },
        reads=("server",),
    ),
)

TODAY = (
    Case(
        "spf-allows-it-today",
        ("example.org",),
        _spf(PASS),
        {"another domain's envelope": _spf(PASS, aligned=False), "it doesn't": _spf(FAIL)},
        reads=("spf_now",),
    ),
    Case(
        "spf-forbids-it-today",
        ("example.org", "softfail"),
        _spf(Result.SOFTFAIL),
        {"it says nothing": _spf(Result.NEUTRAL), "a list handed it on": {"judged": LISTED}},
        reads=("spf_now",),
    ),
    Case(
        "signature-holds-today",
        ("example.org",),
        _dkim(PASS),
        {"another's": _dkim(PASS, aligned=False), "it doesn't": _dkim(FAIL)},
        reads=("dkim_now",),
    ),
    Case(
        "signature-broken-today",
        ("example.org", "body hash differs"),
        _dkim(FAIL),
        {
            "another's": _dkim(FAIL, aligned=False),
            "it holds": _dkim(PASS),
            "the key couldn't be had": _dkim(Result.TEMPERROR),
            "a list handed it on": {"judged": LISTED},
        },
        reads=("dkim_now",),
    ),
    Case(
        "dmarc-passes-today",
        ("example.org", "reject"),
        _dmarc(PASS),
        {"no policy": _dmarc(PASS, None), "it fails": _dmarc(FAIL)},
        reads=("dmarc_now",),
    ),
    Case(
        "dmarc-fails-today",
        ("example.org", "reject"),
        _dmarc(FAIL),
        {"no policy": _dmarc(FAIL, None), "it passes": _dmarc(PASS), "a list handed it on": {"judged": LISTED}},
        reads=("dmarc_now",),
    ),
    Case(
        "forwarder-vouches",
        ("a.test", "b.test"),
        _arc(PASS, "a.test", "b.test"),
        {"a first seal stands on direct mail, too": _arc(PASS, "a.test"), "broken": _arc(FAIL, "a.test", "b.test")},
        reads=("arc_now",),
    ),
    Case(
        "then-and-now-disagree",
        ("DKIM", "pass", "fail"),
        _then("pass", Agreement.DISAGREE),
        {
            "it failed before, too": _then("fail", Agreement.AGREE),
            "only stamped": _then("pass", Agreement.ONLY_STAMPED),
        },
    ),
    Case(
        "domain-does-not-exist",
        ("example.org",),
        {"domain_exists": known(False)},
        {"it does": {"domain_exists": known(True)}},
        reads=("domain_exists",),
    ),
    Case(
        "domain-does-not-exist",
        ("a_b",),
        {"author": domain("a_b", DomainClass.NOT_A_DOMAIN), "domain_exists": known(True)},
        {"it can be one": {"author": domain("a-b.test")}},
    ),
)

CHAIN = (
    Case(
        "signed-in-as-the-author",
        (SHOWN,),
        _signed_in(SHOWN),
        {"somebody of elsewhere": _signed_in("maria@other.test"), "nobody is named": _signed_in("*")},
    ),
    Case(
        "signed-in-as-somebody-else",
        ("eve@other.test", SHOWN),
        _signed_in("eve@other.test"),
        {"a colleague": _signed_in("eve@example.org"), "a name without a domain": _signed_in("eve")},
    ),
    Case(
        "submitted-by-sign-in",
        ("mail.example.org", "ESMTPSA"),
        _submitted("ESMTPSA"),
        {
            "nobody signed in": _submitted("ESMTPS"),
            "at another's server": _submitted("ESMTPSA", "mail.other.test"),
            "the line may be the sender's invention": _submitted("ESMTPSA", zone=Zone.OUTSIDE),
        },
    ),
    Case(
        "sent-by-a-script",
        ("mailer.php",),
        {"originations": (Origination("X-PHP-Originating-Script", account="script:mailer.php"),)},
        {"an account": {"originations": (Origination("X-Source-Auth", account="mailer"),)}},
    ),
    Case(
        "bounces-go-to-the-author",
        ("bounce@mail.example.org",),
        {"return_path": "bounce@mail.example.org"},
        {"elsewhere": {"return_path": "bounce@other.test"}, "bounces of a bounce": {"return_path": ""}},
    ),
    Case(
        "bounces-go-elsewhere",
        ("bounce@other.test", "example.org"),
        {"return_path": "bounce@other.test"},
        {
            "to the author": {"return_path": "bounce@mail.example.org"},
            "bounces of a bounce": {"return_path": ""},
            "a list takes them": {"judged": LISTED},
        },
    ),
    Case(
        "message-id-is-the-authors",
        ("mail.example.org",),
        {"message_id": "<1@mail.example.org>"},
        {"another's": {"message_id": "<1@mail.example.org.other.test>"}},
    ),
    Case(
        "sent-to-itself-from-outside",
        (SHOWN,),
        _delivered_to("Maria@example.org"),
        {
            "delivered to another": _delivered_to("bob@example.org"),
            "by its own server": {"server_relation": Relation.SAME_DOMAIN},
        },
    ),
    Case(
        "list-took-it-in",
        ("staff.lists.test",),
        {"judged": LISTED, "traits": ListTraits(list_id="<staff.lists.test>")},
        {"it came directly": {"judged": judged()}, "a forwarder": {"judged": judged(passage=Passage.FORWARDER)}},
    ),
    Case(
        "list-wrote-its-own-address",
        ("staff@example.org",),
        {"judged": LISTED, "senders": sender("staff@example.org", "Maria via Staff")},
        {"the member's own": {"senders": sender(SHOWN)}, "it came directly": {"judged": judged()}},
    ),
    Case("never-left-the-house", ("receiver's own",), {"judged": INTERNAL}, {"it came directly": {"judged": judged()}}),
    Case(
        "answers-a-known-mail",
        ("conversation",),
        {"references": ("<1@example.com>",)},
        {"only its subject says so": {"references": (), "subject": "Re: Lunch"}},
    ),
)

CASES = (*SERVER, *TODAY, *CHAIN)
