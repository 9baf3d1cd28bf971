"""SPF as checked now: the suites, what is never sent, and how hostile records end."""

import asyncio
from typing import Any

import pytest

from bot.checks import spf as checked
from bot.checks.spf_walk import MAX_QUESTIONS
from bot.errors import NotChecked
from bot.model import Result, SpfNow
from tests.fakeresolver import FakeResolver, Zones
from tests.spfsuite import SpfCase, SuiteResolver, cases

EITHER_WAY = {
    "Selecting records/multispf1",
    "Record evaluation/invalid-domain-empty-label",
    "Record evaluation/invalid-domain-long",
    "Record evaluation/invalid-domain-long-via-macro",
    "Macro expansion rules/p-macro-multiple",
    "Processing limits/ptr-limit",
}
"""The RFC 7208 suite's own text allows more than one result for these."""


def _check(zones: Zones | FakeResolver, **named: Any) -> SpfNow:
    settings = {"ip": "192.0.2.9", "mail_from": "maria@example.org", "helo": "mail.example.org"} | named
    resolver = zones if isinstance(zones, FakeResolver) else FakeResolver(zones)
    return asyncio.run(checked.check(resolver=resolver, **settings))


def _spf(terms: str) -> dict[str, list[str | bytes]]:
    return {"TXT": ["v=spf1 " + terms]}


async def _suite_result(case: SpfCase) -> SpfNow:
    return await checked.check(
        ip=case.ip,
        mail_from=case.mail_from,
        helo=case.helo,
        resolver=SuiteResolver(case.zone),
        reveal_local_part=True,
        explain=True,
    )


@pytest.mark.shared
@pytest.mark.parametrize(("suite", "count"), [("rfc7208-tests.yml", 203), ("rfc4408-tests.yml", 191)])
async def test_every_case_of_the_suite_has_its_result_and_explanation(suite: str, count: int) -> None:
    wrong, seen = [], 0
    for case in cases(suite):
        now = await _suite_result(case)
        seen += 1
        explained = now.result is not Result.FAIL or case.explanation in (None, "DEFAULT", now.explanation)
        if now.result.value not in case.results or not explained:
            wrong.append((case.id, now))
    assert (wrong, seen) == ([], count)


@pytest.mark.shared
def test_the_cases_that_may_end_either_way_are_the_ones_named() -> None:
    assert {case.id for case in cases("rfc7208-tests.yml") if len(case.results) > 1} == EITHER_WAY


RESULTS: list[tuple[str, Zones, Result]] = [
    ("its own address", {"example.org": _spf("ip4:192.0.2.0/24 -all")}, Result.PASS),
    ("another address", {"example.org": _spf("ip4:198.51.100.0/24 -all")}, Result.FAIL),
    ("softly", {"example.org": _spf("~all")}, Result.SOFTFAIL),
    ("no record", {"example.org": {"TXT": ["hello"]}}, Result.NONE),
    ("no such name", {}, Result.NONE),
    ("two records", {"example.org": {"TXT": ["v=spf1 -all", "v=spf1 +all"]}}, Result.PERMERROR),
    ("server failure", {"example.org": {"TXT": "SERVFAIL"}}, Result.TEMPERROR),
    (
        "an include's failure",
        {"example.org": _spf("include:a.test -all"), "a.test": {"TXT": "SERVFAIL"}},
        Result.TEMPERROR,
    ),
    (
        "nested",
        {"example.org": _spf("include:a.test -all"), "a.test": _spf("redirect=b.test"), "b.test": _spf("mx -all")}
        | {"b.test": {"TXT": ["v=spf1 mx -all"], "MX": ["10 mx.b.test"]}, "mx.b.test": {"A": ["192.0.2.9"]}},
        Result.PASS,
    ),
    (
        "by a macro's name",
        {
            "example.org": _spf("exists:%{ir}.%{v}.list.example.org -all"),
            "9.2.0.192.in-addr.list.example.org": {"A": ["127.0.0.2"]},
        },
        Result.PASS,
    ),
]


@pytest.mark.parametrize(("zones", "result"), [row[1:] for row in RESULTS], ids=[row[0] for row in RESULTS])
def test_the_result_is_that_of_the_record(zones: Zones, result: Result) -> None:
    now = _check(zones)
    assert (now.result, now.domain) == (result, "example.org")


def test_the_null_reverse_path_is_checked_by_helo() -> None:
    now = _check({"mail.example.org": _spf("ip4:192.0.2.9 -all")}, mail_from="")
    assert (now.result, now.domain) == (Result.PASS, "mail.example.org")


@pytest.mark.parametrize("ip", ["", "192.0.2.999", "unknown", "192.0.2.1; drop", "::ffff:999.1.1.1"])
def test_a_malformed_address_is_a_named_unknown(ip: str) -> None:
    with pytest.raises(NotChecked, match="the sending server's address isn't known"):
        _check({}, ip=ip)


ASKS_FOR_THE_ADDRESS = [
    "exists:%{l}.example.org -all",
    "exists:%{s}.example.org -all",
    "include:%{l1r-}._spf.example.org -all",
    "a:%{L}.%{h}.example.org -all",
    "redirect=%{l}.example.org",
]


@pytest.mark.parametrize("terms", ASKS_FOR_THE_ADDRESS)
def test_a_record_that_asks_for_the_local_part_ends_in_a_named_unknown_and_nothing_is_sent(terms: str) -> None:
    resolver = FakeResolver({"example.org": _spf(terms), "*": {}})
    with pytest.raises(NotChecked, match="asks for the sender's full address; not sent"):
        _check(resolver)
    assert resolver.asked == [("example.org", "TXT")]


@pytest.mark.parametrize("terms", ASKS_FOR_THE_ADDRESS)
def test_the_local_part_is_sent_where_the_owner_reveals_it(terms: str) -> None:
    resolver = FakeResolver({"example.org": _spf(terms), "*": {}})
    _check(resolver, reveal_local_part=True)
    assert any("maria" in name for name, _ in resolver.asked)


def test_a_macro_that_leaves_the_local_part_out_is_no_reason_to_stop() -> None:
    zones: Zones = {
        "example.org": _spf("exists:%{o}.a.test exists:%{s1}.b.test -all"),
        "org.b.test": {"A": ["127.0.0.2"]},
    }
    assert _check(zones).result is Result.PASS


def test_a_verp_address_of_the_reporter_is_never_part_of_a_question() -> None:
    resolver = FakeResolver({"bulk.test": _spf("exists:%{i}.%{h}.bulk.test ?all exp=%{l}.bulk.test"), "*": {}})
    _check(resolver, mail_from="bounce+reporter=help.example@bulk.test", explain=True)
    assert not [name for name, _ in resolver.asked if "reporter" in name]


def test_the_receiver_is_unknown_in_an_explanation() -> None:
    zones: Zones = {
        "example.org": _spf("-all exp=why.example.org"),
        "why.example.org": {"TXT": ["%{r} refused %{l} of %{o}"]},
    }
    assert _check(zones, explain=True).explanation == "unknown refused … of example.org"


def test_an_explanation_is_asked_for_only_where_it_is_wanted() -> None:
    resolver = FakeResolver({"example.org": _spf("-all exp=why.example.org")})
    _check(resolver)
    assert resolver.asked == [("example.org", "TXT")]


def test_what_lies_behind_a_matching_address_is_not_asked() -> None:
    resolver = FakeResolver({"example.org": _spf("ip4:192.0.2.9 include:a.test mx -all")})
    assert _check(resolver).result is Result.PASS
    assert resolver.asked == [("example.org", "TXT")]


def test_a_dead_branch_behind_the_one_that_passes_does_not_hold_the_result_up() -> None:
    zones = {"example.org": _spf("include:a.test include:dead.test -all"), "a.test": _spf("ip4:192.0.2.9 -all")}
    resolver = FakeResolver(zones, silent=("dead.test",))
    assert _check(resolver).result is Result.PASS


HOSTILE: list[tuple[str, Zones, Result]] = [
    (
        "200 includes",
        {
            "example.org": {"TXT": ["v=spf1 " + " ".join(f"include:i{n}.test" for n in range(200)) + " -all"]},
            "*": _spf("?all"),
        },
        Result.PERMERROR,
    ),
    (
        "a loop of includes",
        {"example.org": _spf("include:a.test"), "a.test": _spf("include:example.org")},
        Result.PERMERROR,
    ),
    ("an include of itself", {"example.org": _spf("include:example.org")}, Result.PERMERROR),
    (
        "a loop of redirects",
        {"example.org": _spf("redirect=a.test"), "a.test": _spf("redirect=example.org")},
        Result.PERMERROR,
    ),
    ("a macro bomb", {"example.org": _spf("exists:" + "%{d}." * 90 + "example.org -all")}, Result.FAIL),
    ("a long term", {"example.org": _spf("exists:" + "%{i}." * 200 + "test -all")}, Result.PERMERROR),
    ("a long record", {"example.org": _spf("ip4:198.51.100.1 " * 300 + "-all")}, Result.PERMERROR),
    ("a number of 400 digits", {"example.org": _spf("ip4:192.0.2.0/" + "9" * 400 + " -all")}, Result.PERMERROR),
    ("a macro with many digits", {"example.org": _spf("exists:%{d" + "9" * 400 + "}.test -all")}, Result.FAIL),
    (
        "many mail exchangers",
        {"example.org": {"TXT": ["v=spf1 mx -all"], "MX": [f"{n} m{n}.test" for n in range(60)]}},
        Result.PERMERROR,
    ),
    ("many that name nothing", {"example.org": _spf("a:x.test a:y.test a:z.test -all")}, Result.PERMERROR),
    ("percent signs", {"example.org": _spf("exists:%%%_%-%{ -all")}, Result.PERMERROR),
    ("no text", {"example.org": {"TXT": [b"v=spf1 \xff\xfe -all"]}}, Result.PERMERROR),
    ("spaces", {"example.org": _spf(" " * 3000 + "-all")}, Result.FAIL),
]


@pytest.mark.parametrize(("zones", "result"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_a_hostile_record_ends_in_a_result_after_few_questions(zones: Zones, result: Result) -> None:
    resolver = FakeResolver(zones)
    assert _check(resolver).result is result
    assert len(set(resolver.asked)) <= MAX_QUESTIONS


@pytest.mark.parametrize(
    "mail_from", ["@", "a@b@c", "maria", "x@" + "y." * 300, "ü@exämple.org", "a@[192.0.2.1]", "\0@\0"]
)
def test_any_mail_from_has_a_result(mail_from: str) -> None:
    assert isinstance(_check({}, mail_from=mail_from).result, Result)


def test_two_checks_at_once_do_not_see_each_others_answers() -> None:
    async def both() -> list[SpfNow]:
        zones: list[Zones] = [{"example.org": _spf("+all")}, {"example.org": _spf("-all")}]
        checks = [
            checked.check(ip="192.0.2.9", mail_from="a@example.org", helo="", resolver=FakeResolver(zone, delay_s=0.01))
            for zone in zones
        ]
        return await asyncio.gather(*checks)

    assert [now.result for now in asyncio.run(both())] == [Result.PASS, Result.FAIL]
