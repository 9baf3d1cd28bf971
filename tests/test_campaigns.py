"""One campaign or two: the same mail, variants of it, and mails that only have a sender or a provider in common."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import campaigns
from bot.adapters.campaigns import MOST_CAMPAIGNS, RedisCampaigns
from bot.campaigns import SAME, Traits, belongs, points, tokens_of, traits_of
from bot.model import (
    DomainClass,
    DomainFacts,
    Fact,
    Facts,
    IpKind,
    Judged,
    JudgedLink,
    Link,
    LinkClass,
    Mailbox,
    Message,
    Network,
    Passage,
    Server,
    Told,
)
from tests.mails import mail
from tests.ticketstore import opened_line

BODY = (
    "Dear {name}, your mailbox has reached its limit and new messages will be held back from tomorrow. "
    "To keep your mailbox working, sign in with your password on the page below and confirm your account today. "
    "If you don't, your messages will be deleted within 24 hours. The mail team wishes you a pleasant day."
)
OTHER = (
    "The minutes of yesterday's meeting are attached. Please have a look at the third item on the budget for next "
    "year, and tell me by Friday whether the numbers that I put in for your team are right."
)


def traits(
    *,
    name: str = "Ann Meyer",
    to: str = "ann.meyer@firm.example",
    subject: str = "Ann Meyer: your mailbox 4711 is full",
    body: str = BODY,
    author: str = "service@bad.example",
    hosts: tuple[str, ...] = ("login.bad-page.test",),
    cls: LinkClass = LinkClass.OTHER,
    ip: str = "8.8.8.8",
    asn: int = 64500,
) -> Traits:
    message = mail(
        senders=(Mailbox("Mail service", author),),
        subject=subject,
        to=(Mailbox(name, to),),
        text=body.format(name=name),
    )
    return traits_of(message, _facts(message, hosts, cls, ip, asn))


def _facts(message: Message, hosts: tuple[str, ...], cls: LinkClass, ip: str, asn: int) -> Facts:
    author = message.author
    server = Server(ip, "mail.test", "mail.test", Network(ip, IpKind.PUBLIC, "RO", asn), 0)
    return Facts(
        message=message,
        told=Told(),
        author=DomainFacts(author.domain, author.domain, DomainClass.OTHER),
        judged=Judged(Passage.DIRECT, None, ()),
        links=tuple(JudgedLink(_link(host), cls) for host in hosts),
        server=Fact.known("the sending server", server),
    )


def _link(host: str) -> Link:
    return Link("here", f"https://{host}/x", host)


FIRST = traits()
VARIANTS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "to somebody else",
        {"name": "Ben Otto", "to": "ben@firm.example", "subject": "Ben Otto: your mailbox 88 is full"},
    ),
    ("from another sender and network", {"author": "x@worse.example", "ip": "1.1.1.1", "asn": 64501}),
    ("with another link", {"hosts": ("other-page.test",)}),
    ("with another subject", {"subject": "Last warning"}),
    ("with a greeting and a signature added", {"body": "Good morning! " + BODY + " Sent from my phone."}),
    ("another text with the same subject and page", {"body": OTHER}),
    ("forwarded", {"subject": "FW: Ann Meyer: your mailbox 4711 is full"}),
    (
        "another subject, sender, link and network, the text almost as it was",
        {"subject": "Hello", "author": "y@third.example", "hosts": ("p.test",), "ip": "9.9.9.9", "asn": 64502},
    ),
)


@pytest.mark.parametrize("changes", [changes for _, changes in VARIANTS], ids=[name for name, _ in VARIANTS])
def test_a_variant_is_of_the_campaign(changes: dict[str, Any]) -> None:
    other = traits(**changes)
    assert points(FIRST, other) == points(other, FIRST) >= SAME
    assert set(tokens_of(FIRST)) & set(tokens_of(other))


STRANGERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("another mail of the same sender", {"subject": "Minutes", "body": OTHER}),
    ("another mail of the same sender with the same page", {"subject": "Minutes", "body": OTHER}),
    ("the same subject from somebody else", {"body": OTHER, "author": "a@b.example", "hosts": (), "asn": 64503}),
    (
        "the same subject from the same provider",
        {"body": OTHER, "author": "a@b.example", "hosts": ("far.test",)},
    ),
    ("nothing in common", {"subject": "Minutes", "body": OTHER, "author": "a@b.example", "hosts": (), "asn": 0}),
)


@pytest.mark.parametrize("changes", [changes for _, changes in STRANGERS], ids=[name for name, _ in STRANGERS])
def test_another_mail_is_not(changes: dict[str, Any]) -> None:
    assert points(FIRST, traits(**changes)) < SAME


def test_pages_that_everybody_links_to_join_nothing() -> None:
    for cls in (LinkClass.BRAND, LinkClass.TRACKER, LinkClass.SHORTENER, LinkClass.OWN):
        assert traits(cls=cls).hosts == ()


def test_a_short_mail_is_told_by_subject_and_sender() -> None:
    short = traits(subject="Are you there?", body="Are you free? Write me.", hosts=())
    assert short.sketch == ()
    assert short.tells
    again = traits(subject="are you  there?", body="Free now?", hosts=(), name="Ben Otto", to="b@firm.example")
    assert points(short, again) >= SAME
    assert not traits(subject="Hi", body="Hi", hosts=(), author="").tells


def test_what_is_kept_holds_no_word_of_the_mail() -> None:
    kept = repr(FIRST)
    for word in ("mailbox", "bad", "firm", "Meyer", "8.8.8", "64500"):
        assert word not in kept


@given(st.text(max_size=400), st.text(max_size=200), st.text(max_size=60))
def test_any_text_has_traits_and_is_like_itself(body: str, subject: str, name: str) -> None:
    message = mail(subject=subject, text=body, to=(Mailbox(name, f"{name}@firm.example"),))
    found = traits_of(message, _facts(message, ("p.test",), LinkClass.OTHER, "not an address", 0))
    assert not found.sketch or points(found, found) >= SAME
    assert len(tokens_of(found)) <= campaigns.MOST_TOKENS


def test_a_long_subject_with_many_receivers_is_read_quickly() -> None:
    boxes = tuple(Mailbox("a" * 80, f"{'b' * 60}{n}@firm.example") for n in range(500))
    message = mail(subject="1a" * 5_000, to=boxes, text="x " * 100_000)
    assert traits_of(message, _facts(message, (), LinkClass.OTHER, "8.8.8.8", 0)).subject


# In the store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCampaigns]:
    with opened_line(_folder(tmp_path_factory)) as line:
        kept = RedisCampaigns(line, keep=timedelta(days=1))
        yield kept
        kept.close()


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("store")


def test_variants_are_counted_by_person_under_one_id(store: RedisCampaigns) -> None:
    first = belongs(store, "T1", FIRST, "who1")
    assert first is not None
    assert first.people == 1
    for number, (_, changes) in enumerate(VARIANTS, 2):
        joined = belongs(store, "T1", traits(**changes), f"who{number}")
        assert joined is not None
        assert (joined.id, joined.people) == (first.id, number)
    again = belongs(store, "T1", FIRST, "who1")
    assert again is not None
    assert again.people == len(VARIANTS) + 1
    assert store.again("T1", first.id, "who1") == len(VARIANTS) + 1
    assert store.again("T1", first.id, "who77") == len(VARIANTS) + 2
    third = "We have moved our offices to the second floor, and the coffee machine came with us. Come and see it soon."
    other = belongs(store, "T1", traits(subject="Minutes", body=third, hosts=()), "who99")
    assert other is not None
    assert (other.id == first.id, other.people) == (False, 1)


def test_workspaces_know_nothing_of_each_other(store: RedisCampaigns) -> None:
    assert store.near("T9", tokens_of(FIRST)) == ()


def test_two_who_report_one_mail_at_once_make_one_campaign(store: RedisCampaigns) -> None:
    fresh = traits(subject="Parcel held", body=OTHER + BODY, hosts=("parcel.test",))
    assert campaigns.name_of(fresh) == campaigns.name_of(replace(fresh, network=""))


def test_what_has_nothing_of_its_own_is_in_no_campaign(store: RedisCampaigns) -> None:
    assert belongs(store, "T1", Traits(), "who1") is None


def test_a_flood_of_campaigns_stays_bounded(store: RedisCampaigns) -> None:
    for number in range(MOST_CAMPAIGNS + 5):
        flood = Traits(subject="same", author=f"a{number}", sketch=tuple(range(number * 100, number * 100 + 30)))
        assert belongs(store, "T7", flood, f"who{number}") is not None
    assert len({id for id, _ in store.near("T7", ("ssame",))}) == MOST_CAMPAIGNS
