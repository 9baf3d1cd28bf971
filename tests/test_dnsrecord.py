"""Our own domain forged: the exact record that was missing, one step at a time, and nothing where nobody could look."""

from dataclasses import replace

import pytest

from bot.advice.dnsrecord import missing_record, missing_records
from bot.model import (
    DmarcNow,
    DmarcPolicy,
    DomainClass,
    DomainFacts,
    Fact,
    Facts,
    Judged,
    Passage,
    Result,
    SpfNow,
    Told,
)
from tests.mails import mail

ORG = "firm.example"


def facts(
    policy: DmarcPolicy | None = None, *, spf: Result = Result.FAIL, domain: str = ORG, checked: str = ORG
) -> Facts:
    return Facts(
        message=mail(),
        told=Told(),
        author=DomainFacts(domain, ORG, DomainClass.OURS),
        judged=Judged(Passage.DIRECT, None, ()),
        spf_now=Fact.known("SPF now", SpfNow(spf, checked)),
        dmarc_now=Fact.known("DMARC now", DmarcNow(Result.FAIL, policy)),
    )


DMARC = (
    ("none published", None, ORG, f"_dmarc.{ORG}", f"v=DMARC1; p=none; rua=mailto:postmaster@{ORG}"),
    ("none", DmarcPolicy(ORG, "none"), ORG, f"_dmarc.{ORG}", "v=DMARC1; p=quarantine; np=reject"),
    ("quarantine", DmarcPolicy(ORG, "quarantine"), ORG, f"_dmarc.{ORG}", "v=DMARC1; p=reject; np=reject"),
    ("tried out", DmarcPolicy(ORG, "reject", testing=True), ORG, f"_dmarc.{ORG}", "v=DMARC1; p=reject"),
    (
        "a subdomain left open",
        DmarcPolicy(ORG, "reject", "none"),
        f"shop.{ORG}",
        f"_dmarc.{ORG}",
        "v=DMARC1; p=reject; sp=quarantine; np=reject",
    ),
)


@pytest.mark.parametrize(("policy", "domain", "name", "value"), [row[1:] for row in DMARC], ids=[r[0] for r in DMARC])
def test_the_next_step_of_dmarc_is_named(policy: DmarcPolicy | None, domain: str, name: str, value: str) -> None:
    record = missing_record(facts(policy, domain=domain))
    assert record is not None
    assert (record.name, record.value) == (name, value)
    assert str(record).endswith(f"TXT record {name}: {value}")


def test_where_dmarc_refuses_forgeries_nothing_is_missing() -> None:
    assert missing_record(facts(DmarcPolicy(ORG, "reject"))) is None
    assert missing_record(facts(DmarcPolicy(ORG, "reject", "reject"), domain=f"shop.{ORG}")) is None


SPF = (
    ("", "v=spf1 mx -all"),
    ("microsoft-365", "v=spf1 include:spf.protection.outlook.com -all"),
    ("google-workspace", "v=spf1 include:_spf.google.com -all"),
)


@pytest.mark.parametrize(("provider", "value"), SPF)
def test_a_missing_spf_record_names_our_providers_servers(provider: str, value: str) -> None:
    records = missing_records(facts(DmarcPolicy(ORG, "reject"), spf=Result.NONE), provider)
    assert [(record.name, record.value) for record in records] == [(ORG, value)]


def test_the_forgers_own_envelope_says_nothing_of_our_spf() -> None:
    assert missing_records(facts(DmarcPolicy(ORG, "reject"), spf=Result.NONE, checked="forger.example")) == ()


def test_both_are_named_the_one_that_keeps_forgeries_out_first() -> None:
    records = missing_records(facts(None, spf=Result.NONE))
    assert [record.name for record in records] == [f"_dmarc.{ORG}", ORG]


def test_what_could_not_be_looked_up_is_not_called_missing() -> None:
    blind = replace(
        facts(None, spf=Result.NONE),
        dmarc_now=Fact.unknown("DMARC now", "offline"),
        spf_now=Fact.unknown("SPF now", "offline"),
    )
    assert missing_records(blind) == ()
