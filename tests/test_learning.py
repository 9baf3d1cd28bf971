"""Learning from genuine mail, and what the casebook then says of a sender."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.casebook import RedisCasebook, mail_id
from bot.adapters.profiles import MOST_VALUES, Profile, added, dump, load
from bot.adapters.store import Store, open_store
from bot.checks import history
from bot.checks.history import ENOUGH_MAILS
from bot.checks.mailers import id_domain, mailer_family
from bot.errors import NotChecked, StoreUnavailable
from bot.learning import LearnReport, Skip, learn, observe, when, why_not
from bot.model import (
    DkimNow,
    DomainClass,
    DomainFacts,
    Fact,
    Facts,
    Header,
    Judged,
    Mailbox,
    Message,
    Method,
    Passage,
    Precedent,
    Result,
    Stamp,
    Usual,
    Verdict,
    Zone,
)
from bot.ports import Casebook
from tests.mails import NOW, At, facts, mail, stamp
from tests.storefixtures import store

__all__ = ["store"]

MARIA = "maria@example.org"


def about(value: float, rel: float = 1e-6) -> Any:
    """This number, but for rounding."""
    return pytest.approx(value, rel=rel)


def submitted(account: str, passage: Passage = Passage.INTERNAL, zone: Zone = Zone.BORDER) -> Facts:
    """A mail that somebody signed in to send, without any stamp."""
    hop = replace(mail().hops[0], authenticated=account, zone=zone)
    return facts(mail(hops=(hop,)), judged=Judged(passage, hop, ()))


ORG = DomainFacts("example.org", "example.org", DomainClass.OTHER)
BROKEN = (
    (facts(), None),
    (facts(None, stamp(Method.SPF)), None),
    (facts(None, stamp(Method.DMARC)), None),
    (facts(None, stamp(domain="mail.example.org")), None),
    (facts(None, stamp(domain="notexample.org")), Skip.NOT_PROVEN),
    (facts(None, stamp(domain="")), Skip.NOT_PROVEN),
    (facts(None, stamp(result=Result.FAIL)), Skip.NOT_PROVEN),
    (facts(None, stamp(Method.COMPAUTH)), Skip.NOT_PROVEN),
    (facts(None, stamp(), stamp(Method.DMARC, Result.FAIL)), Skip.DMARC_FAILED),
    (facts(None, Stamp(Method.DKIM, Result.PASS, Zone.OUTSIDE, domain="example.org")), Skip.NOT_PROVEN),
    (facts(mail(senders=(Mailbox("Maria", ""),))), Skip.NO_ADDRESS),
    (facts(mail(senders=())), Skip.NO_ADDRESS),
    (
        facts(mail(senders=(Mailbox("Maria", MARIA), Mailbox("", "other@example.com")))),
        Skip.MANY_READINGS,
    ),
    (facts(mail(senders=(Mailbox("Maria", MARIA), Mailbox("M", MARIA)))), None),
    (submitted(MARIA), None),
    (submitted("*"), Skip.NOT_PROVEN),
    (submitted("other@example.org"), Skip.NOT_PROVEN),
    (submitted(MARIA, Passage.DIRECT), Skip.NOT_PROVEN),
    (submitted(MARIA, zone=Zone.OUTSIDE), Skip.NOT_PROVEN),
    (
        facts(
            None,
            stamp(domain="example.com"),
            dkim_now=Fact.known("DKIM now", (DkimNow("example.org", "s1", Result.PASS),)),
        ),
        None,
    ),
    (
        facts(
            None,
            stamp(domain="example.com"),
            dkim_now=Fact.known("DKIM now", (DkimNow("example.org", "s1", Result.FAIL),)),
        ),
        Skip.NOT_PROVEN,
    ),
)
FAMILIES = (
    ("Microsoft Outlook 16.0", "outlook"),
    ("Microsoft Outlook 15.0.4420", "outlook"),
    ("Microsoft Outlook Express 6.00.2900.5512", "outlook express"),
    ("Apple Mail (2.3654.120.0.1.13)", "apple mail"),
    ("iPhone Mail (19H12)", "apple mail mobile"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Thunderbird/102.3.0", "thunderbird"),
    ("Roundcube Webmail/1.4.11", "roundcube"),
    ("PHPMailer 6.5.0 (https://github.com/PHPMailer/PHPMailer)", "phpmailer"),
    ("NeoMutt/20180716", "mutt"),
    ("Acme Sender v2.1", "acme sender"),
    ("Acme Sender 3", "acme sender"),
    ("Acme-Sender/3.0.1", "acme-sender"),
    ("  ", ""),
    ("", ""),
)


@pytest.fixture
def clock() -> At:
    return At()


@pytest.fixture
def casebook(store: Store, clock: At) -> RedisCasebook:
    return RedisCasebook(store, clock)


async def usual_of(message: Message, author: DomainFacts, casebook: Casebook | None) -> Fact[Usual]:
    return (await history.known(message, author, casebook))[0]


async def earlier_of(message: Message, casebook: Casebook | None) -> Fact[float]:
    return (await history.known(message, ORG, casebook))[1]


def numbered(count: int, base: Facts | None = None) -> list[Facts]:
    """Different mails of one sender."""
    base = base or facts()
    return [replace(base, message=replace(base.message, message_id=f"<{n}@example.org>")) for n in range(count)]


@pytest.mark.parametrize(("known", "expected"), BROKEN)
def test_only_mail_whose_authentication_holds_may_teach(known: Facts, expected: Skip | None) -> None:
    assert why_not(known) is expected


@pytest.mark.parametrize(("mailer", "family"), FAMILIES)
def test_versions_of_one_program_are_one_habit(mailer: str, family: str) -> None:
    assert mailer_family(mailer) == family


IDS = (
    ("<1@mail.example.org>", "example.org"),
    ("<a@b@mail.example.co.uk>", "example.co.uk"),
    (" <1@LAPTOP> ", "laptop"),
    ("<1@[192.0.2.7]>", "[192.0.2.7]"),
    ("no-at-sign", "no-at-sign"),
    ("", ""),
)


@pytest.mark.parametrize(("message_id", "domain"), IDS)
def test_a_message_id_is_known_by_the_organisation_that_numbered_it(message_id: str, domain: str) -> None:
    assert id_domain(message_id) == domain


def test_a_mail_shows_the_habits_of_its_address_and_of_its_domain_without_names() -> None:
    address, domain = observe(facts(mailer_family="outlook", id_domain="example.org"))
    assert address == Usual(
        MARIA,
        1.0,
        servers=(("example.org", 1.0),),
        networks=(("Example Net", 1.0),),
        countries=(("CH", 1.0),),
        dkim_domains=(("example.org", 1.0),),
        mailers=(("outlook", 1.0),),
        id_domains=(("example.org", 1.0),),
        offsets=(("+0200", 1.0),),
        names=(("Maria Example", 1.0),),
        client_countries=(("AT", 1.0),),
    )
    assert domain == replace(address, subject="example.org", names=())


def test_a_freemail_address_teaches_nothing_of_its_domain() -> None:
    known = facts(author=DomainFacts("example.org", "example.org", DomainClass.FREEMAIL))
    assert [habit.subject for habit in observe(known)] == [MARIA]


def test_a_lists_server_is_not_its_members() -> None:
    message = mail()
    through_list = facts(message, judged=Judged(Passage.LIST, message.border, (stamp(),)))
    before_list = facts(message, judged=Judged(Passage.LIST, message.hops[1], (stamp(),)))
    assert observe(through_list)[0].servers == ()
    assert observe(through_list)[0].dkim_domains == (("example.org", 1.0),)
    assert observe(before_list)[0].servers == (("example.org", 1.0),)


@pytest.mark.parametrize(
    ("at", "date", "expected"),
    [
        (NOW - timedelta(days=1), NOW - timedelta(days=9), NOW - timedelta(days=1)),
        (None, NOW - timedelta(days=9), NOW - timedelta(days=9)),
        (None, NOW.replace(tzinfo=None) - timedelta(days=9), NOW - timedelta(days=9)),
        (None, NOW + timedelta(days=900), NOW),
        (None, None, NOW),
    ],
)
def test_a_mail_counts_from_when_the_receiver_took_it_in(
    at: datetime | None, date: datetime | None, expected: datetime
) -> None:
    message = mail(date=date)
    message = replace(message, hops=(replace(message.hops[0], at=at), *message.hops[1:]))
    assert when(facts(message), NOW) == expected


async def test_what_was_learned_is_the_senders_usual(casebook: RedisCasebook, clock: At) -> None:
    report = await learn(numbered(4), casebook, clock)
    assert report == LearnReport(learned=4, addresses=1, domains=1)
    known = await casebook.usual("MARIA@example.org")
    assert known is not None
    assert known.subject == MARIA
    assert known.mails == about(4)
    assert known.servers == (("example.org", about(4)),)
    assert (await usual_of(mail(), ORG, casebook))() == known
    assert await casebook.usual("nobody@example.org") is None


async def test_learning_the_same_mail_again_counts_it_once(casebook: RedisCasebook, clock: At) -> None:
    await learn(numbered(2), casebook, clock)
    report = await learn(numbered(3), casebook, clock)
    assert (report.learned, report.known) == (1, 2)
    known = await casebook.usual(MARIA)
    assert known is not None
    assert known.mails == about(3)


async def test_what_may_not_teach_is_counted_by_reason_and_leaves_nothing(casebook: RedisCasebook, clock: At) -> None:
    bad = [known for known, reason in BROKEN if reason]

    async def streamed() -> AsyncIterator[Facts]:
        for each in bad:
            yield each

    report = await learn(streamed(), casebook, clock)
    assert report.learned == 0
    assert dict(report.skipped) == {
        Skip.NOT_PROVEN: 10,
        Skip.NO_ADDRESS: 2,
        Skip.DMARC_FAILED: 1,
        Skip.MANY_READINGS: 1,
    }
    assert await casebook.usual(MARIA) is None


async def test_counts_halve_with_time_and_old_mail_counts_less(casebook: RedisCasebook, clock: At) -> None:
    await learn(numbered(4), casebook, clock)
    clock.time = NOW + timedelta(days=180)
    later = await casebook.usual(MARIA)
    assert later is not None
    assert later.mails == about(2)
    assert later.countries == (("CH", about(2)),)
    assert (await usual_of(mail(), ORG, casebook)).why_not == (
        f"too few mails of {MARIA} are known (2; it takes {ENOUGH_MAILS:.0f})"
    )


async def test_too_few_mails_of_an_address_fall_back_on_its_organisation_but_not_on_freemail(
    casebook: RedisCasebook, clock: At
) -> None:
    others = [facts(mail(senders=(Mailbox("", f"p{n}@example.org"),), message_id=f"<{n}@x>")) for n in range(3)]
    await learn(others, casebook, clock)
    known = await usual_of(mail(), ORG, casebook)
    assert known().subject == "example.org"
    assert known().names == ()
    shared = await usual_of(mail(), DomainFacts("example.org", "example.org", DomainClass.FREEMAIL), casebook)
    assert shared.why_not == "no genuine mail of this sender is known"


async def test_how_often_an_address_wrote_is_known_beside_what_is_usual(casebook: RedisCasebook, clock: At) -> None:
    await learn(numbered(2), casebook, clock)
    other = mail(senders=(Mailbox("", "new@example.org"),))
    assert (await earlier_of(mail(), casebook))() == about(2)
    assert (await earlier_of(other, casebook))() == 0.0
    assert (await earlier_of(mail(senders=()), casebook)).why_not
    assert (await earlier_of(mail(), None)).why_not == "no history is kept"


async def test_without_a_casebook_or_an_address_the_usual_is_unknown() -> None:
    assert (await usual_of(mail(), ORG, None)).why_not == "no history is kept"


async def test_a_store_that_is_away_is_a_fact_not_checked(tmp_path: Path, clock: At) -> None:
    gone = RedisCasebook(Store(f"unix://{tmp_path}/nobody.sock"), clock)
    known = await usual_of(mail(), ORG, gone)
    assert "away" in known.why_not
    with pytest.raises(NotChecked, match="away"):
        await gone.precedents(mail())
    with pytest.raises(StoreUnavailable):
        await learn(numbered(1), gone, clock)


async def test_learners_at_work_at_once_lose_no_count(store: Store, clock: At) -> None:
    books = [RedisCasebook(store, clock) for _ in range(4)]
    mails = numbered(24)
    await asyncio.gather(*(learn(mails[n::3] if n < 3 else mails, book, clock) for n, book in enumerate(books)))
    known = await books[0].usual("example.org")
    assert known is not None
    assert known.mails == about(24)


async def test_what_was_learned_survives_the_death_of_the_server(tmp_path: Path, clock: At) -> None:
    async with open_store(None, tmp_path) as store:
        casebook = RedisCasebook(store, clock)
        await learn(numbered(3), casebook, clock)
        os.kill(int((tmp_path / "store" / "valkey.pid").read_text()), signal.SIGKILL)
        known = await casebook.usual(MARIA)
    assert known is not None
    assert known.mails == about(3)


async def test_forgetting_an_address_takes_all_of_it_out(casebook: RedisCasebook, store: Store, clock: At) -> None:
    await learn(numbered(3), casebook, clock)
    await casebook.remember_verdict(mail(), Verdict.HACKED_ACCOUNT, NOW)
    assert await casebook.forget("Maria@Example.org")
    assert await casebook.usual(MARIA) is None
    assert await casebook.precedents(mail(message_id="<other@x>")) == ()
    keys = [str(key) for key in await store.ask(lambda redis: redis.keys("*"))]
    texts = [str(await store.redis.get(key)) for key in keys]
    assert keys
    assert not any("maria" in text.lower() for text in (*keys, *texts))
    assert not await casebook.forget(MARIA)


async def test_everything_that_is_kept_expires(casebook: RedisCasebook, store: Store, clock: At) -> None:
    await learn(numbered(1), casebook, clock)
    await casebook.remember_verdict(mail(), Verdict.GENUINE, NOW)
    keys = await store.ask(lambda redis: redis.keys("checkmail:*"))
    assert len(keys) == 4
    for key in keys:
        assert 0 < await store.redis.ttl(str(key)) <= 900 * 86_400


async def test_a_decided_mail_is_a_precedent_for_the_senders_next_one(casebook: RedisCasebook, clock: At) -> None:
    await casebook.remember_verdict(mail(), Verdict.HACKED_ACCOUNT, NOW - timedelta(days=3), by_technician=True)
    await casebook.remember_verdict(mail(message_id="<2@x>"), Verdict.GENUINE, NOW - timedelta(days=1))
    await casebook.remember_verdict(mail(message_id="<3@x>"), Verdict.GENUINE, NOW - timedelta(days=400))
    found = await casebook.precedents(mail(message_id="<next@x>"))
    assert found == (
        Precedent("genuine", False, about(1), "sender"),
        Precedent("hacked-account", True, about(3), "sender"),
    )
    assert await casebook.precedents(mail(senders=(Mailbox("", "other@example.org"),))) == ()


async def test_our_own_verdict_on_a_mail_is_no_evidence_about_that_mail(casebook: RedisCasebook) -> None:
    await casebook.remember_verdict(mail(), Verdict.HACKED_ACCOUNT, NOW)
    assert await casebook.precedents(mail()) == ()
    await casebook.remember_verdict(mail(), Verdict.GENUINE, NOW, by_technician=True)
    assert [p.verdict for p in await casebook.precedents(mail())] == ["genuine"]


async def test_our_later_word_does_not_overrule_a_technicians(casebook: RedisCasebook) -> None:
    await casebook.remember_verdict(mail(), Verdict.GENUINE, NOW, by_technician=True)
    await casebook.remember_verdict(mail(), Verdict.HACKED_ACCOUNT, NOW)
    assert [p.verdict for p in await casebook.precedents(mail())] == ["genuine"]


async def test_one_senders_verdicts_are_bounded_to_the_newest(casebook: RedisCasebook) -> None:
    for number in range(60):
        at = NOW - timedelta(days=100 - number)
        await casebook.remember_verdict(mail(message_id=f"<{number}@x>"), Verdict.PLAIN_SPAM, at)
    found = await casebook.precedents(mail(message_id="<next@x>"))
    assert len(found) == 50
    assert (found[0].age_days, found[-1].age_days) == (about(41), about(90))


def test_copies_of_a_mail_in_two_mailboxes_are_one_mail() -> None:
    copy = mail(hops=(), headers=(Header("Received", "from elsewhere"),))
    assert mail_id(copy) == mail_id(mail())
    assert mail_id(mail(subject="Other")) != mail_id(mail())
    assert mail_id(mail(message_id="", raw=b"a")) != mail_id(mail(message_id="", raw=b"b"))
    assert mail_id(mail(message_id="\udcff")) != mail_id(mail())


@pytest.mark.parametrize("message", [mail(senders=()), mail(senders=(Mailbox("x", ""),))])
async def test_a_mail_without_an_address_has_no_history_and_no_precedents(
    casebook: RedisCasebook, message: Message
) -> None:
    await casebook.remember_verdict(message, Verdict.GENUINE, NOW)
    assert await casebook.precedents(message) == ()
    assert (await usual_of(message, ORG, casebook)).why_not == "the mail has no usable address to look up"


def test_a_profile_keeps_the_most_frequent_values_only() -> None:
    profile: Profile | None = None
    for number in range(100):
        seen = Usual("x", 1.0, servers=((f"s{number % 30}.test", 1.0), ("main.test", 1.0)))
        profile = added(profile, seen, NOW, 180)
    assert profile is not None
    assert len(profile.usual.servers) == MOST_VALUES
    assert profile.usual.servers[0] == ("main.test", about(100))


_days = st.lists(st.integers(min_value=0, max_value=2_000), min_size=1, max_size=12)


@given(_days)
def test_the_order_of_learning_makes_no_difference(days: list[int]) -> None:
    shuffled = sorted(days, key=lambda day: (day * 7919) % 101)
    assert _learned(days) == about(_learned(shuffled), rel=1e-6)
    assert _learned(days) == about(sum(0.5 ** (day / 180) for day in days), rel=1e-6)


def _learned(days: list[int]) -> float:
    profile: Profile | None = None
    for day in days:
        profile = added(profile, Usual("x", 1.0), NOW - timedelta(days=day), 180)
        profile = load("x", dump(profile))
    assert profile is not None
    return profile.aged(NOW, 180).mails
