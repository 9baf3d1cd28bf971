"""The sending server: whose it is by name, by today's DNS, and where the mail was written."""

import asyncio
from pathlib import Path

import pytest

from bot.checks import origin
from bot.checks.answers import Answers
from bot.errors import NotChecked
from bot.handbook import default_root
from bot.handbook.faults import Fault
from bot.handbook.servers import Servers, load_servers
from bot.model import (
    DkimNow,
    DnsRelation,
    DomainClass,
    DomainFacts,
    Fact,
    Hop,
    IpKind,
    Judged,
    Method,
    Network,
    Origination,
    Passage,
    Relation,
    Result,
    Server,
    SpfNow,
    Stamp,
    Zone,
)
from tests.facts import message
from tests.fakeresolver import FakeResolver, Zones


class Atlas:
    """Tells private addresses from public ones."""

    def find(self, ip: str) -> Network:
        return Network(ip, IpKind.PRIVATE if ip.startswith("10.") else IpKind.PUBLIC, "EC")

    def describe(self) -> str:
        return "made up"


@pytest.fixture(scope="module")
def servers() -> Servers:
    faults: list[Fault] = []
    found = load_servers(default_root(), faults)
    assert faults == []
    return found


OTHER, FREEMAIL, BRAND = DomainClass.OTHER, DomainClass.FREEMAIL, DomainClass.BRAND
RELATIONS = [
    # host, helo, ip, From domain, class, passing stamps of these domains, relation
    ("mail.example.org", "x", "192.0.2.1", "example.org", OTHER, [], Relation.SAME_DOMAIN),
    ("mail.example.org", "x", "192.0.2.1", "news.example.org", OTHER, [], Relation.SAME_DOMAIN),
    ("", "mail.example.org", "192.0.2.1", "example.org", OTHER, [], Relation.UNKNOWN),
    ("", "mail.other.test", "192.0.2.1", "example.org", OTHER, [], Relation.UNRELATED),
    ("mail-ed1-f41.google.com", "x", "209.85.208.41", "gmail.com", FREEMAIL, [], Relation.ITS_PROVIDER),
    ("", "mail-ed1-f41.google.com", "209.85.208.41", "gmail.com", FREEMAIL, [], Relation.ITS_PROVIDER),
    ("", "mail-ed1-f41.google.com", "192.0.2.1", "gmail.com", FREEMAIL, [], Relation.UNKNOWN),
    ("mail-ed1-f41.google.com", "x", "209.85.208.41", "example.org", OTHER, [], Relation.UNKNOWN),
    ("mail-ed1-f41.google.com", "x", "209.85.208.41", "example.org", OTHER, ["example.org"], Relation.ITS_PROVIDER),
    (
        *("mail-ed1-f41.google.com", "x", "209.85.208.41", "example.org", OTHER),
        *(["example-org.20230601.gappssmtp.com"], Relation.ITS_PROVIDER),
    ),
    (
        *("mail-ed1-f41.google.com", "x", "209.85.208.41", "example.org", OTHER),
        *(["evil-test.20230601.gappssmtp.com"], Relation.UNKNOWN),
    ),
    ("o1.ptr99.sendgrid.net", "x", "192.0.2.1", "example.org", OTHER, [], Relation.MAILING_SERVICE),
    ("a8-29.smtp-out.amazonses.com", "x", "192.0.2.1", "example.org", OTHER, [], Relation.MAILING_SERVICE),
    ("ec2-192-0-2-1.compute-1.amazonaws.com", "x", "192.0.2.1", "example.org", OTHER, [], Relation.GENERIC_HOSTING),
    ("host-192-0-2-1.isp.test", "x", "192.0.2.1", "example.org", OTHER, [], Relation.GENERIC_HOSTING),
    ("1.2.0.192.pool.isp.test", "x", "192.0.2.1", "example.org", OTHER, [], Relation.GENERIC_HOSTING),
    ("static.1.2.0.192.clients.your-server.de", "", "192.0.2.1", "e.test", OTHER, [], Relation.GENERIC_HOSTING),
    ("", "localhost", "192.0.2.1", "example.org", OTHER, [], Relation.GENERIC_HOSTING),
    ("", "WIN-ABCDEF", "192.0.2.1", "example.org", OTHER, [], Relation.GENERIC_HOSTING),
    ("mx.builder.test", "x", "192.0.2.1", "example.org", OTHER, [], Relation.PLATFORM),
    ("mail.other.test", "mail.example.org", "192.0.2.1", "example.org", OTHER, [], Relation.UNRELATED),
    ("", "", "192.0.2.1", "example.org", OTHER, [], Relation.UNKNOWN),
    ("mail.example.org", "x", "192.0.2.1", "not a domain", DomainClass.NOT_A_DOMAIN, [], Relation.UNKNOWN),
]


@pytest.mark.parametrize("row", RELATIONS, ids=lambda row: f"{row[0] or row[1]}-{row[3]}-{row[6].value}")
def test_the_servers_name_relates_to_the_domain(
    servers: Servers, row: tuple[str, str, str, str, DomainClass, list[str], Relation]
) -> None:
    host, helo, ip, domain, cls, passing, relation = row
    stamps = tuple(Stamp(Method.DKIM, Result.PASS, Zone.INSIDE, domain=each) for each in passing)
    judged = Judged(Passage.DIRECT, Hop(0, Zone.BORDER, host=host, helo=helo, ip=ip), stamps)
    author = DomainFacts(domain, domain.removeprefix("news."), cls)
    assert origin.relate(author, judged, servers, frozenset({"builder.test"})) is relation


def test_without_a_hop_there_is_no_server() -> None:
    fact = origin.server_of(Judged(Passage.UNKNOWN, None, (), "no Received lines"), Atlas())
    assert fact.why_not == "no Received lines"


def test_the_server_is_the_judged_hops_client() -> None:
    hop = Hop(3, Zone.BORDER, helo="mail.example.org", ip="192.0.2.1")
    server = origin.server_of(Judged(Passage.DIRECT, hop, ()), Atlas())()
    assert (server.ip, server.host, server.hop, server.network.country) == ("192.0.2.1", "mail.example.org", 3, "EC")


PTR = "9.2.0.192.in-addr.arpa"
RECORDS: list[tuple[str, Zones, DnsRelation]] = [
    (
        "its own, confirmed, its exchanger",
        {"example.org": {"MX": ["10 mail.example.org"]}}
        | {PTR: {"PTR": ["mail.example.org"]}, "mail.example.org": {"A": ["192.0.2.9"]}},
        DnsRelation(True, False, "mail.example.org", True),
    ),
    (
        "its exchanger under the provider's name",
        {"example.org": {"MX": ["20 b.test", "10 in.example.org"]}}
        | {PTR: {"PTR": ["host9.isp.test"]}, "host9.isp.test": {"A": ["192.0.2.9"]}}
        | {"in.example.org": {"A": ["192.0.2.9"]}},
        DnsRelation(True, False, "host9.isp.test", False),
    ),
    (
        "a name that doesn't map back",
        {"example.org": {}, PTR: {"PTR": ["mail.example.org"]}, "mail.example.org": {"A": ["192.0.2.77"]}},
        DnsRelation(False, False, "", False),
    ),
    ("nothing at all", {}, DnsRelation(False, False, "", False)),
    ("a null exchanger", {"example.org": {"MX": ["0 "]}}, DnsRelation(False, False, "", False)),
]

AUTHOR = DomainFacts("example.org", "example.org", OTHER)
SERVER = Server("192.0.2.9", "host9.isp.test", "host9", Network("192.0.2.9", IpKind.PUBLIC), 0)


def _relation(zones: Zones, spf: SpfNow, *signed: DkimNow, server: Server = SERVER) -> tuple[DnsRelation, FakeResolver]:
    resolver = FakeResolver(zones)

    async def run() -> DnsRelation:
        loop = asyncio.get_running_loop()
        spf_now, dkim_now = loop.create_future(), loop.create_future()
        spf_now.set_result(Fact.known("SPF now", spf))
        dkim_now.set_result(Fact.known("DKIM now", signed))
        return await origin.dns_relation(AUTHOR, server, spf_now, dkim_now, Answers(resolver))

    return asyncio.run(run()), resolver


@pytest.mark.parametrize(("zones", "relation"), [row[1:] for row in RECORDS], ids=[row[0] for row in RECORDS])
def test_the_server_relates_by_records(zones: Zones, relation: DnsRelation) -> None:
    assert _relation(zones, SpfNow(Result.FAIL, "example.org"))[0] == relation


def test_an_aligned_spf_pass_means_that_the_domains_record_names_the_server() -> None:
    assert _relation({}, SpfNow(Result.PASS, "example.org", aligned=True))[0].in_spf
    assert not _relation({}, SpfNow(Result.PASS, "other.test"))[0].in_spf


def test_exchangers_addresses_are_not_asked_where_a_signature_proves_the_origin() -> None:
    zones: Zones = {"example.org": {"MX": ["10 in.example.org"]}}
    signature = DkimNow("example.org", "s", Result.PASS, aligned=True)
    _, resolver = _relation(zones, SpfNow(Result.NONE, ""), signature)
    assert ("in.example.org", "A") not in resolver.asked


@pytest.mark.parametrize("ip", ["", "unknown", "192.0.2.999"])
def test_an_unusable_address_is_a_named_unknown(ip: str) -> None:
    server = Server(ip, "", "", Network(ip, IpKind.NONE), 0)
    with pytest.raises(NotChecked, match="address isn't known"):
        _relation({}, SpfNow(Result.NONE, ""), server=server)


@pytest.mark.parametrize(
    ("zones", "exists"), [({"example.org": {"MX": ["10 m"]}}, True), ({"example.org": {}}, True), ({}, False)]
)
async def test_a_domain_exists_unless_its_name_does_not(zones: Zones, exists: bool) -> None:
    assert await origin.domain_exists("example.org", Answers(FakeResolver(zones))) is exists


SUBMITTED = Hop(2, Zone.INSIDE, ip="192.0.2.50", protocol="ESMTPSA", authenticated="maria@example.org")
CLIENTS = [
    ((Origination("X-Originating-IP", "192.0.2.40", zone=Zone.INSIDE),), (), "192.0.2.40"),
    ((Origination("X-Originating-IP", "192.0.2.40", zone=Zone.OUTSIDE),), (), None),
    ((), (SUBMITTED,), "192.0.2.50"),
    ((), (Hop(2, Zone.HANDED, ip="192.0.2.51", protocol="HTTP"),), "192.0.2.51"),
    ((), (Hop(2, Zone.OUTSIDE, ip="192.0.2.50", protocol="ESMTPSA"),), None),
    ((), (Hop(2, Zone.INSIDE, ip="192.0.2.50", protocol="ESMTPS"),), None),
    ((Origination("X-Originating-IP", "10.0.0.4", zone=Zone.INSIDE),), (), None),
    ((Origination("X-Originating-IP", "10.0.0.4", zone=Zone.INSIDE),), (SUBMITTED,), "192.0.2.50"),
]


@pytest.mark.parametrize(("originations", "hops", "ip"), CLIENTS)
def test_the_clients_network_comes_from_believed_lines_only(
    originations: tuple[Origination, ...], hops: tuple[Hop, ...], ip: str | None
) -> None:
    judged = Judged(Passage.DIRECT, Hop(1, Zone.BORDER), ())
    network = origin.client_network(message(originations=originations, hops=hops), judged, Atlas()).maybe()
    assert (network and network.ip) == ip


BROKEN_LISTS = [
    ('[providers.x]\nname = "X"\nhosts = "x.test"', "[providers.x] lacks name or why"),
    ('[providers.x]\nname = "X"\nwhy = "y"\nhosts = "not-a-host"', "'not-a-host' isn't a host name"),
    ('[services.x]\nname = "X"\nwhy = "y"', "[x] has no hosts"),
    ('[[hosting]]\nmatch = "*.x.test"', "[[hosting]] 1 lacks match or why"),
    ('[servers]\nname = "X"', "'servers' isn't a key that is read"),
    (
        '[providers.x]\nname = "X"\nwhy = "y"\nhosts = "x.test"\n[services.y]\nname = "Y"\nwhy = "y"\nhosts = "x.test"',
        "x.test stands under X and Y",
    ),
]


@pytest.mark.parametrize(("text", "problem"), BROKEN_LISTS)
def test_what_is_wrong_with_the_list_is_a_fault(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "servers.toml").write_text(text)
    faults: list[Fault] = []
    load_servers(tmp_path, faults)
    assert problem in " ".join(fault.problem for fault in faults)


def test_a_name_of_stars_takes_no_time(servers: Servers) -> None:
    assert servers.hosted("vps-" * 60 + "x", "192.0.2.1") is None
