"""Cases of bot/rules/origin_known.py."""

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
    Grade,
    Header,
    Hop,
    ListTraits,
    Method,
    Passage,
    Relation,
    Result,
    SamePoint,
    Signature,
    SpfNow,
    Told,
    Usual,
    Zone,
)
from tests.facts import BORDER
from tests.rules.case import Case, Given, judged, known, server, stamp, usual

SHOWN = "maria@example.org"
PASS, FAIL = Result.PASS, Result.FAIL
INTERNAL = judged(passage=Passage.INTERNAL)
LISTED = judged(passage=Passage.LIST)
PROVEN = judged(stamp(Method.SPF, PASS))
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


HISTORY = (
    Case(
        "sent-by-a-usual-server",
        (SHOWN, "example.org"),
        {"usual": usual(servers=("example.org",)), "server": server()},
        {"another server, another network": {"server": server(host="mail.other.test", organisation="Other Net")}},
        reads=("server", "usual"),
    ),
    Case(
        "sent-by-a-usual-server",
        ("Example Net",),
        {"usual": usual(networks=("Example Net",)), "server": server(host="new.test")},
        {"another network": {"server": server(host="new.test", organisation="Other Net")}},
        reads=("server", "usual"),
    ),
    Case(
        "sent-by-an-unusual-server",
        (SHOWN, "example.org", "mail.other.test"),
        {
            "usual": usual(servers=("example.org",)),
            "server": server(host="mail.other.test"),
            "judged": judged(hop=AWAY),
        },
        {
            "a usual one": {"server": server()},
            "a usual network": {"usual": usual(servers=("example.org",), networks=("Example Net",))},
            "too few mails are known": {"usual": usual(mails=2.0, servers=("example.org",))},
        },
        reads=("server", "usual"),
    ),
    Case(
        "server-in-an-unusual-country",
        ("RO", "AT, DE", SHOWN),
        {"usual": usual(countries=("DE", "AT")), "server": server("RO")},
        {
            "a usual one": {"server": server("AT")},
            "the database doesn't know": {"server": server("")},
            "too few mails are known": {"usual": usual(mails=2.0, countries=("DE",))},
        },
        reads=("server", "usual"),
    ),
    Case(
        "lacks-the-usual-signature",
        (SHOWN, "example.org"),
        {"usual": usual(dkim_domains=("example.org",)), "headers": (Header("Subject", "Lunch"),)},
        {
            "it has it": {"signatures": (Signature("example.org", "s1"),)},
            "only some lines were pasted": {"grade": Grade.SOME_HEADERS},
            "the headers aren't there": {"headers": ()},
            "too few mails are known": {"usual": usual(mails=2.0, dkim_domains=("example.org",))},
        },
        reads=("usual",),
    ),
    Case(
        "unusual-time-zone",
        ("+0900", "+0100, +0200", SHOWN),
        {**_date(9), "usual": usual(offsets=("+0200", "+0100"))},
        {"a usual one": _date(2), "too few mails are known": {"usual": usual(mails=2.0, offsets=("+0200",))}},
        reads=("usual",),
    ),
    Case(
        "unusual-mail-program",
        ("phpmailer", "outlook", SHOWN),
        {"mailer_family": "phpmailer", "usual": usual(mailers=("outlook",))},
        {
            "a usual one": {"mailer_family": "outlook"},
            "it names none": {"mailer_family": ""},
            "earlier mail named none": {"usual": usual()},
            "too few named one": {"usual": known(Usual(SHOWN, 9.0, mailers=(("outlook", 2.0),)))},
            "a list sent it on under its own name": {
                "judged": LISTED,
                "traits": ListTraits(list_id="<staff.example.org>"),
            },
        },
        reads=("usual",),
    ),
    Case(
        "unusual-message-id",
        ("other.test", "example.org", SHOWN),
        {"id_domain": "other.test", "usual": usual(id_domains=("example.org", "outlook.com"))},
        {
            "a usual one": {"id_domain": "outlook.com"},
            "it has none": {"id_domain": ""},
            "too few had one": {"usual": known(Usual(SHOWN, 9.0, id_domains=(("example.org", 2.9),)))},
        },
        reads=("usual",),
    ),
    Case(
        "unlike-the-known-good-mail",
        ("2 of 3", "server", "mail.example.org", "mail.other.test"),
        _points(1, 2),
        {"mostly the same": _points(2, 1), "too few points": _points(0, 2)},
    ),
    Case(
        "like-the-known-good-mail",
        ("3 of 4",),
        _points(3, 1),
        {"too much differs": _points(2, 1), "too few points": _points(2, 0)},
    ),
)

TOLD = tuple(
    Case(rule, (says,), {"told": told}, {"the opposite": {"told": opposite}, "nothing was said": {"told": Told()}})
    for rule, says, told, opposite in (
        ("found-in-sent-items", "Sent Items", Told(in_sent_items=True), Told(in_sent_items=False)),
        ("not-in-sent-items", "isn't in", Told(in_sent_items=False), Told(in_sent_items=True)),
        ("bounces-of-mail-never-sent", "Bounces", Told(bounces=True), Told(bounces=False)),
        ("own-contacts-got-it", "Others", Told(others_got_it=True), Told(others_got_it=False)),
    )
)

CASES = (*HISTORY, *TOLD)
