"""examine: all facts of a mail over a real DNS exchange, offline, and with hostile or absent DNS."""

import asyncio
from dataclasses import replace

import pytest

from bot.adapters.dns import Dns
from bot.checks import Instruments, examine
from bot.checks.network import LookUps
from bot.intake import read
from bot.model import Agreement, Exhibit, Facts, Limits, Message, Report, Result, Told
from tests.bench.engine import make_tools
from tests.dnsserver import DnsServer, Records, Trouble, Zones
from tests.fakeresolver import FakeResolver
from tests.signing import MAIL, RSA_RECORD, seal, sign

NETWORK = ("spf_now", "dkim_now", "dmarc_now", "arc_now", "relation", "domain_exists")


@pytest.fixture(scope="module")
def tools() -> Instruments:
    return replace(make_tools().instruments, deadline_s=0.4)


def _mail(raw: bytes = MAIL, *, ip: str = "192.0.2.9", mail_from: str = "maria@example.org", stamp: str = "") -> bytes:
    trace = (
        f"Return-Path: <{mail_from}>\r\n{stamp}"
        f"Received: from mail.example.org (mail.example.org [{ip}])\r\n"
        "\tby mx.receiver.test (Postfix) with ESMTPS id A1\r\n"
        "\tfor <bob@receiver.test>; Tue, 02 Jun 2026 10:00:05 +0200\r\n"
    )
    return trace.encode() + raw


def _message(raw: bytes, tools: Instruments) -> Message:
    return read(Report((Exhibit(raw),)), trust=tools.trust, limits=Limits())


async def _facts(raw: bytes, tools: Instruments, zones: Zones, *, silent: bool = False) -> Facts:
    async with DnsServer(zones, silent=silent) as server:
        resolver = Dns((server.address,))
        facts = await examine(_message(raw, tools), Told(), replace(tools, resolver=resolver))
        await resolver.aclose()
    return facts


HONEST: Zones = {
    "example.org": {"TXT": ["v=spf1 include:_spf.example.org -all"], "MX": ["10 mail.example.org"]},
    "_spf.example.org": {"TXT": ["v=spf1 ip4:192.0.2.9 -all"]},
    "_dmarc.example.org": {"TXT": ["v=DMARC1; p=reject"]},
    "s1._domainkey.example.org": {"TXT": [RSA_RECORD]},
    "s1._domainkey.forwarder.test": {"TXT": [RSA_RECORD]},
    "9.2.0.192.in-addr.arpa": {"PTR": ["mail.example.org"]},
    "mail.example.org": {"A": ["192.0.2.9"]},
}


async def test_an_honest_mail_passes_everything(tools: Instruments) -> None:
    facts = await _facts(_mail(seal(sign())), tools, HONEST)
    assert (facts.spf_now().result, facts.spf_now().aligned) == (Result.PASS, True)
    assert [(now.domain, now.result, now.aligned) for now in facts.dkim_now()] == [("example.org", Result.PASS, True)]
    assert facts.dmarc_now().result is Result.PASS
    assert (facts.arc_now().result, facts.arc_now().sealers) == (Result.PASS, ("forwarder.test",))
    assert facts.domain_exists()
    relation = facts.relation()
    assert (relation.is_mx, relation.in_spf, relation.same_organisation) == (True, True, True)
    assert facts.server().ip == "192.0.2.9"


async def test_a_forged_address_fails(tools: Instruments) -> None:
    facts = await _facts(_mail(ip="203.0.113.5"), tools, HONEST)
    assert facts.spf_now().result is Result.FAIL
    assert facts.dkim_now() == ()
    assert facts.dmarc_now().result is Result.FAIL
    assert not facts.relation().in_spf


async def test_one_question_is_asked_once_in_a_check(tools: Instruments) -> None:
    async with DnsServer(HONEST) as server:
        await examine(_message(_mail(sign()), tools), Told(), replace(tools, resolver=Dns((server.address,))))
        assert sorted(set(server.names())) == sorted(server.names())
        assert len(server.names()) <= 8


async def test_nothing_of_the_reporter_or_the_local_part_is_asked(tools: Instruments) -> None:
    zones: Zones = {**HONEST, "example.org": {"TXT": ["v=spf1 exists:%{l}.%{s}.%{r}.example.org -all"]}}
    async with DnsServer(zones) as server:
        resolver = Dns((server.address,))
        facts = await examine(_message(_mail(), tools), Told(), replace(tools, resolver=resolver))
        asked = " ".join(name for name, _ in server.names())
    assert "maria" not in asked
    assert "receiver" not in asked
    assert facts.spf_now.why_not or facts.spf_now().result is Result.PERMERROR


async def test_stamps_and_todays_results_are_set_beside_each_other(tools: Instruments) -> None:
    stamp = (
        "Authentication-Results: mx.receiver.test; spf=pass smtp.mailfrom=maria@example.org;"
        " dkim=pass header.d=example.org; dmarc=pass header.from=example.org\r\n"
    )
    zones: Zones = {**HONEST, "example.org": {"TXT": ["v=spf1 -all"]}}
    facts = await _facts(_mail(sign(), stamp=stamp), tools, zones)
    assert {(each.mechanism, each.agreement) for each in facts.then_and_now if each.mechanism != "ARC"} == {
        ("SPF", Agreement.DISAGREE),
        ("DKIM", Agreement.AGREE),
        ("DMARC", Agreement.AGREE),
    }


async def test_offline_nothing_is_asked_and_each_fact_says_so(tools: Instruments) -> None:
    facts = await examine(_message(_mail(sign()), tools), Told(), tools)
    assert {getattr(facts, name).why_not for name in NETWORK} == {"offline"}
    assert facts.server().host == "mail.example.org"


async def test_a_server_that_never_answers_ends_in_named_unknowns(tools: Instruments) -> None:
    facts = await _facts(_mail(sign()), tools, {}, silent=True)
    late = {getattr(facts, name).why_not for name in NETWORK if name != "arc_now"}
    assert late == {"no answer within 0.4 s"}


async def test_what_is_finished_at_the_deadline_counts(tools: Instruments) -> None:
    silent = ("example.org", "9.2.0.192.in-addr.arpa")
    zones = {name: types for name, types in HONEST.items() if name not in silent}
    resolver = FakeResolver(zones, silent=silent)  # type: ignore[arg-type]  # no trouble among these records
    facts = await examine(_message(_mail(sign()), tools), Told(), replace(tools, resolver=resolver))
    assert facts.spf_now.why_not == "no answer within 0.4 s"
    assert facts.dmarc_now().result is Result.PASS
    assert facts.dkim_now()[0].result is Result.PASS


SPF_TROUBLE: list[tuple[str, dict[str, Records], str]] = [
    ("a failing server", {"TXT": Trouble.SERVFAIL}, "SERVFAIL"),
    ("a huge record", {"TXT": ["v=spf1 " + "a" * 60_000]}, "over the limit"),
    ("an alias of itself", {"CNAME": ["example.org"]}, "CNAME loop"),
    ("no answer", {"TXT": Trouble.SILENT}, "no answer"),
]


@pytest.mark.parametrize(("records", "why"), [row[1:] for row in SPF_TROUBLE], ids=[row[0] for row in SPF_TROUBLE])
async def test_trouble_with_the_records_is_a_named_unknown_and_no_failure(
    tools: Instruments, records: dict[str, Records], why: str
) -> None:
    facts = await _facts(_mail(), tools, {**HONEST, "example.org": records})
    assert why in facts.spf_now.why_not
    assert facts.dmarc_now.why_not


async def test_200_includes_end_in_a_result_within_the_deadline(tools: Instruments) -> None:
    many = "v=spf1 " + " ".join(f"include:i{number}.test" for number in range(200)) + " -all"
    included: Zones = {f"i{number}.test": {"TXT": ["v=spf1 ?all"]} for number in range(200)}
    zones: Zones = {**HONEST, **included, "example.org": {"TXT": [many]}}
    async with DnsServer(zones) as server:
        resolver = Dns((server.address,))
        facts = await examine(_message(_mail(), tools), Told(), replace(tools, resolver=resolver))
        assert len(server.names()) < 30
    assert facts.spf_now().result is Result.PERMERROR


ODD = [
    b"",
    b"\r\n",
    b"From: nobody\r\n\r\n",
    b"From: a@[192.0.2.1]\r\n\r\n",
    b"From: a@b@c.test\r\nDKIM-Signature: v=1\r\nARC-Seal: i=1\r\n\r\nx",
    _mail(b"From: x@" + b"y." * 200 + b"test\r\n\r\n"),
    _mail(b"From: =?utf-8?q?x=40evil.test?= <a@example.org>\r\n\r\n", ip="10.0.0.1"),
    _mail(mail_from="") + b"x" * 10_000,
]


@pytest.mark.parametrize("raw", ODD)
async def test_any_mail_that_can_be_read_has_facts(tools: Instruments, raw: bytes) -> None:
    message = replace(_message(raw if raw.strip() else _mail(), tools), raw=raw)
    facts = await examine(message, Told(), replace(tools, resolver=FakeResolver({})))
    assert isinstance(facts, Facts)


async def test_an_error_while_reading_leaves_no_look_up_behind(
    tools: Instruments, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[LookUps] = []
    begin = LookUps.__init__

    def remember(self: LookUps, *args: object, **named: object) -> None:
        started.append(self)
        begin(self, *args, **named)  # type: ignore[arg-type]

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(LookUps, "__init__", remember)
    monkeypatch.setattr("bot.checks.examination.wants", broken)
    resolver = FakeResolver({}, delay_s=10)
    with pytest.raises(RuntimeError, match="broken"):
        await examine(_message(_mail(), tools), Told(), replace(tools, resolver=resolver))
    await asyncio.sleep(0.01)
    assert [task.done() for task in started[0]._tasks] == [True] * 6
