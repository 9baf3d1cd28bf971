"""DMARC as evaluated now, by tables after RFC 9989."""

import asyncio

import pytest

from bot.checks.dmarc import Dmarc, Entry, names, organisational
from bot.checks.dmarc_record import Record, is_record, parse
from bot.errors import NotChecked
from bot.model import DkimNow, Fact, Result, SpfNow
from tests.fakeresolver import FakeResolver, Zones

REJECT = "v=DMARC1; p=reject"


def _zone(**records: str) -> Zones:
    """`example_org="…"` is the record at _dmarc.example.org."""
    return {"_dmarc." + name.replace("_", "."): {"TXT": [text]} for name, text in records.items()}


def _spf(domain: str, result: Result = Result.PASS) -> Fact[SpfNow]:
    return Fact.known("SPF now", SpfNow(result, domain))


def _dkim(*domains: str, result: Result = Result.PASS) -> Fact[tuple[DkimNow, ...]]:
    return Fact.known("DKIM now", tuple(DkimNow(domain, "s", result) for domain in domains))


NO_SPF, NO_DKIM = _spf("example.org", Result.FAIL), _dkim()

NAMES = [
    ("com", ["com"]),
    ("example.com", ["example.com", "com"]),
    ("a.mail.example.com", ["a.mail.example.com", "mail.example.com", "example.com", "com"]),
    (
        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
        [
            "a.b.c.d.e.f.g.h.i.j.mail.example.com",
            "g.h.i.j.mail.example.com",
            "h.i.j.mail.example.com",
            "i.j.mail.example.com",
            "j.mail.example.com",
            "mail.example.com",
            "example.com",
            "com",
        ],
    ),
    (
        "a.b.c.d.e.f.g.com",
        [
            "a.b.c.d.e.f.g.com",
            "b.c.d.e.f.g.com",
            "c.d.e.f.g.com",
            "d.e.f.g.com",
            "e.f.g.com",
            "f.g.com",
            "g.com",
            "com",
        ],
    ),
]


@pytest.mark.parametrize(("domain", "walk"), NAMES)
def test_the_walk_asks_eight_names_at_most(domain: str, walk: list[str]) -> None:
    assert list(names(domain)) == walk


ORGANISATIONS = [
    ("a.b.example.com", [("example.com", "u")], "example.com"),
    ("a.b.example.com", [("b.example.com", "u"), ("example.com", "u")], "example.com"),
    ("a.b.example.com", [("b.example.com", "n")], "b.example.com"),
    ("a.giant.bank.example", [("bank.example", "y")], "giant.bank.example"),
    ("bank.example", [("bank.example", "y")], "bank.example"),
    ("a.b.example.com", [], "a.b.example.com"),
]


@pytest.mark.parametrize(("domain", "entries", "found"), ORGANISATIONS)
def test_the_organisational_domain_is_where_the_walk_ends(
    domain: str, entries: list[tuple[str, str]], found: str
) -> None:
    assert organisational(domain, [Entry(name, Record("none", psd=psd)) for name, psd in entries]) == found


RECORDS = [
    ("v=DMARC1; p=reject; sp=quarantine; np=none", Record("reject", "quarantine", "none")),
    ("v=DMARC1", Record("none")),
    (
        "v=DMARC1;p=REJECT;aspf=s;adkim=S;t=y;psd=n",
        Record("reject", testing=True, strict_spf=True, strict_dkim=True, psd="n"),
    ),
    ("v=DMARC1; p=discard", Record("none", usable=False)),
    ("v=DMARC1; p=reject; sp=never", Record("none", usable=False)),
    ("v=DMARC1; p=discard; rua=mailto:d@example.org", Record("none", usable=True)),
    ("v=DMARC1; p=reject; pct=0; rf=afrf; ri=1; x=1; ; =", Record("reject")),
    ("v=DMARC1; p=reject; p=none", Record("reject")),
    ("v = DMARC1 ; p = quarantine ", Record("quarantine")),
    ("v=DMARC1; p=none; psd=maybe; t=maybe; aspf=x", Record("none")),
]


@pytest.mark.parametrize(("text", "record"), RECORDS)
def test_a_record_is_read_with_defaults_for_what_is_unusable(text: str, record: Record) -> None:
    assert parse(text) == record


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("v=DMARC1; p=none", True),
        ("v=DMARC1", True),
        ("V=DMARC1;", True),
        ("v=dmarc1; p=none", False),
        ("v=DMARC12; p=none", False),
        ("p=none; v=DMARC1", False),
        (" v=DMARC1; p=none", False),
        ("v=spf1 -all", False),
    ],
)
def test_only_what_begins_with_the_version_is_a_record(text: str, is_one: bool) -> None:
    assert is_record(text.encode()) is is_one


POLICIES: list[tuple[str, str, Zones, tuple[str, str] | None]] = [
    ("its own", "example.org", _zone(example_org=REJECT), ("example.org", "reject")),
    (
        "its own before its organisation's",
        "a.example.org",
        _zone(a_example_org="v=DMARC1; p=none", example_org=REJECT),
        ("a.example.org", "none"),
    ),
    ("inherited p", "a.example.org", _zone(example_org=REJECT), ("example.org", "reject")),
    (
        "inherited sp",
        "a.example.org",
        {**_zone(example_org=REJECT + "; sp=none"), "a.example.org": {}},
        ("example.org", "none"),
    ),
    ("inherited np", "gone.example.org", _zone(example_org="v=DMARC1; p=none; np=reject"), ("example.org", "reject")),
    (
        "np of a name that exists",
        "a.example.org",
        {**_zone(example_org="v=DMARC1; p=none; np=reject"), "a.example.org": {}},
        ("example.org", "none"),
    ),
    ("of the public suffix", "shop.bank.test", _zone(bank_test="v=DMARC1; p=reject; psd=y"), ("bank.test", "reject")),
    (
        "none above a boundary",
        "a.b.example.org",
        _zone(b_example_org="v=DMARC1; p=none; psd=n", example_org=REJECT),
        ("b.example.org", "none"),
    ),
    ("none published", "example.org", {}, None),
    ("two records count as none", "example.org", {"_dmarc.example.org": {"TXT": [REJECT, "v=DMARC1; p=none"]}}, None),
    (
        "another text beside it",
        "example.org",
        {"_dmarc.example.org": {"TXT": ["hello", REJECT]}},
        ("example.org", "reject"),
    ),
    ("an invalid record is ignored", "example.org", _zone(example_org="v=DMARC1; p=yes"), None),
    ("a wildcard's SPF record is none", "example.org", _zone(example_org="v=spf1 -all"), None),
]


@pytest.mark.parametrize(("author", "zones", "found"), [row[1:] for row in POLICIES], ids=[row[0] for row in POLICIES])
async def test_the_policy_that_applies(author: str, zones: Zones, found: tuple[str, str] | None) -> None:
    policy = await Dmarc(author, FakeResolver(zones)).policy()
    assert (policy and (policy.domain, policy.policy)) == found


RELAXED, STRICT = _zone(example_org=REJECT), _zone(example_org=REJECT + "; aspf=s; adkim=s")
EVALUATIONS: list[tuple[str, str, Zones, Fact[SpfNow], Fact[tuple[DkimNow, ...]], Result]] = [
    ("the same domain by SPF", "example.org", RELAXED, _spf("example.org"), NO_DKIM, Result.PASS),
    ("the same domain by DKIM", "example.org", RELAXED, NO_SPF, _dkim("other.test", "example.org"), Result.PASS),
    ("a subdomain", "example.org", RELAXED, _spf("bounce.example.org"), NO_DKIM, Result.PASS),
    (
        "a subdomain of a strict domain",
        "example.org",
        STRICT,
        _spf("bounce.example.org"),
        _dkim("m.example.org"),
        Result.FAIL,
    ),
    ("the same of a strict domain", "example.org", STRICT, NO_SPF, _dkim("example.org"), Result.PASS),
    ("a sister", "a.example.org", RELAXED, NO_SPF, _dkim("b.example.org"), Result.PASS),
    ("another organisation", "example.org", RELAXED, _spf("evil.test"), _dkim("list.org"), Result.FAIL),
    ("nothing passes", "example.org", RELAXED, NO_SPF, _dkim("example.org", result=Result.FAIL), Result.FAIL),
    ("no policy", "example.org", {}, _spf("example.org"), NO_DKIM, Result.NONE),
    (
        "below a boundary",
        "example.org",
        _zone(example_org=REJECT, b_example_org="v=DMARC1; psd=n"),
        NO_SPF,
        _dkim("b.example.org"),
        Result.FAIL,
    ),
    (
        "two customers of a public suffix",
        "a.bank.test",
        _zone(bank_test="v=DMARC1; p=reject; psd=y"),
        NO_SPF,
        _dkim("b.bank.test"),
        Result.FAIL,
    ),
]


@pytest.mark.parametrize("row", EVALUATIONS, ids=[row[0] for row in EVALUATIONS])
async def test_the_result(row: tuple[str, str, Zones, Fact[SpfNow], Fact[tuple[DkimNow, ...]], Result]) -> None:
    _, author, zones, spf, dkim, result = row
    assert (await Dmarc(author, FakeResolver(zones)).evaluate(spf, dkim)).result is result


async def test_a_pass_asks_one_question_where_the_domains_are_the_same() -> None:
    resolver = FakeResolver(RELAXED)
    await Dmarc("example.org", resolver).evaluate(_spf("example.org"), NO_DKIM)
    assert resolver.asked == [("_dmarc.example.org", "TXT")]


OPEN: list[tuple[str, Zones, Fact[SpfNow], Fact[tuple[DkimNow, ...]], str]] = [
    ("no SPF", RELAXED, Fact.unknown("SPF now", "no answer"), NO_DKIM, "SPF now: no answer"),
    ("no DKIM", RELAXED, NO_SPF, Fact.unknown("DKIM now", "offline"), "DKIM now: offline"),
    ("a key without an answer", RELAXED, NO_SPF, _dkim("example.org", result=Result.TEMPERROR), ""),
    ("no record", {"*": {"TXT": "SERVFAIL"}}, NO_SPF, NO_DKIM, "DNS TXT _dmarc.example.org: SERVFAIL"),
]


@pytest.mark.parametrize(("zones", "spf", "dkim", "why"), [row[1:] for row in OPEN], ids=[row[0] for row in OPEN])
async def test_what_it_hangs_on_being_unknown_is_no_failure(
    zones: Zones, spf: Fact[SpfNow], dkim: Fact[tuple[DkimNow, ...]], why: str
) -> None:
    with pytest.raises(NotChecked) as unknown:
        await Dmarc("example.org", FakeResolver(zones)).evaluate(spf, dkim)
    assert (unknown.value.what, unknown.value.why) == ("DMARC now", why)


async def test_an_aligned_pass_stands_whatever_else_is_unknown() -> None:
    now = await Dmarc("example.org", FakeResolver(RELAXED)).evaluate(_spf("example.org"), Fact.unknown("DKIM now", "x"))
    assert now.result is Result.PASS


def test_the_reason_names_what_passed_unaligned() -> None:
    now = asyncio.run(Dmarc("example.org", FakeResolver(RELAXED)).evaluate(_spf("evil.test"), NO_DKIM))
    assert now.reason == "what passes isn't aligned: SPF of evil.test"
