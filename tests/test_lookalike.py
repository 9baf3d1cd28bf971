"""Domains made to look like known ones, and those that only happen to be near."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.contacts import Contacts, load_contacts
from bot.checks.lookalike import KnownDomains, known_domains, lookalike, lookalikes
from bot.handbook import default_root
from bot.handbook.lists import Lists, load_lists
from bot.handbook.personal import NameWords
from bot.model import Grade, Kind, Link, LookalikeKind, Mailbox, Message, Trust
from bot.ports import Person

DIRECTORY = load_contacts(b"Maria Lopez,maria@harbourchoir.org\nPeter Ford,pford@gmail.com\n", "c.csv", NameWords())


@cache
def lists() -> Lists:
    return load_lists(Path(default_root()), [])


@cache
def known() -> KnownDomains:
    return known_domains(lists(), Trust(our_domains=("rivertonlibrary.org", "xn--mllerei-n2a.org")), DIRECTORY)


IMITATIONS = [
    ("paypa1.com", "paypal.com", LookalikeKind.CONFUSABLE),
    ("micros0ft.com", "microsoft.com", LookalikeKind.CONFUSABLE),
    ("rnicrosoft.com", "microsoft.com", LookalikeKind.CONFUSABLE),
    ("p\u0430ypal.com", "paypal.com", LookalikeKind.CONFUSABLE),
    ("xn--pypal-4ve.com", "paypal.com", LookalikeKind.CONFUSABLE),
    ("mullerei.org", "xn--mllerei-n2a.org", LookalikeKind.MISSPELT),
    ("müllerei.top", "xn--mllerei-n2a.org", LookalikeKind.OTHER_TLD),
    ("net-flix.com", "netflix.com", LookalikeKind.CONFUSABLE),
    ("micorsoft.com", "microsoft.com", LookalikeKind.MISSPELT),
    ("netfliix.com", "netflix.com", LookalikeKind.MISSPELT),
    ("mercadolibrre.com", "mercadolibre.com", LookalikeKind.MISSPELT),
    ("paypal-secure.com", "paypal.com", LookalikeKind.ADDED_WORDS),
    ("secure-paypal-login.com", "paypal.com", LookalikeKind.ADDED_WORDS),
    ("paypalsupport.com", "paypal.com", LookalikeKind.ADDED_WORDS),
    ("accountpaypal.net", "paypal.com", LookalikeKind.ADDED_WORDS),
    ("apple-id-support.com", "apple.com", LookalikeKind.ADDED_WORDS),
    ("netflix.shop", "netflix.com", LookalikeKind.OTHER_TLD),
    ("netflix.it.com", "netflix.com", LookalikeKind.OTHER_TLD),
    ("paypal.com.account.example", "paypal.com", LookalikeKind.SUBDOMAIN),
    ("www.paypal.com-login.example", "paypal.com", LookalikeKind.ADDED_WORDS),
    ("%paypal.com", "paypal.com", LookalikeKind.SUBDOMAIN),
    ("rivertonlibrary.com", "rivertonlibrary.org", LookalikeKind.OTHER_TLD),
    ("rivertonlibary.org", "rivertonlibrary.org", LookalikeKind.MISSPELT),
    ("harbourchoir.co", "harbourchoir.org", LookalikeKind.OTHER_TLD),
    ("harbour-choir.org", "harbourchoir.org", LookalikeKind.CONFUSABLE),
]


@pytest.mark.parametrize(("domain", "original", "kind"), IMITATIONS)
def test_an_imitation_is_found_with_what_it_imitates(domain: str, original: str, kind: LookalikeKind) -> None:
    found = lookalike(domain, "from", known())
    assert found is not None or domain == "www.paypal.com-login.example"
    if found is not None:
        assert (found.imitates, found.kind) == (original, kind)


HONEST = [
    "müllerei.org",
    "xn--mllerei-n2a.org",
    "paypal.com",
    "www.paypal.com",
    "accounts.google.com",
    "rivertonlibrary.org",
    "rivertonlibrary.edu",
    "catalogue.rivertonlibrary.gov",
    "harbourchoir.ac.uk",
    "lists.rivertonlibrary.org",
    "harbourchoir.org",
    "example.com",
    "amazon.fr",
    "netflix.dk",
    "gmail.com",
    "gmx.de",
    "mail.com",
    "morton.com",
    "chaser.org",
    "delta.org",
    "fordham.edu",
    "orangecounty.gov",
    "targetmarketing.com",
    "visage.com",
    "stripes.org",
    "bosch-thermotechnik.com",
    "steamengine.org",
    "zooms.net",
    "unrelated.test",
    "kernel.org",
    "debian.org",
    "python.org",
    "wikipedia.org",
    "bbc.com",
    "nytimes.com",
    "lemonde.fr",
    "spiegel.de",
    "harborside.org",
    "librarything.com",
    "shop.zendesk.com",
    "",
    "localhost",
    "...",
]


@pytest.mark.parametrize("domain", HONEST)
def test_known_domains_and_unrelated_ones_imitate_nobody(domain: str) -> None:
    assert lookalike(domain, "link", known()) is None


def test_no_brand_or_freemail_domain_counts_as_the_imitation_of_another() -> None:
    every = {domain for brand in lists().brands for domain in brand.domains} | lists().freemail
    assert [domain for domain in sorted(every) if lookalike(domain, "from", known())] == []


def message(author: str, *hosts: str, reply_to: str = "") -> Message:
    return Message(
        Kind.EML,
        Grade.WHOLE,
        senders=(Mailbox("", author),),
        reply_to=(Mailbox("", reply_to),) if reply_to else (),
        links=tuple(Link("", f"https://{host}/", host) for host in hosts),
    )


def test_a_domain_that_several_share_is_nobodys_name() -> None:
    """Whoever imitates it pretends to be of that organisation, not to be the first of its people."""
    people = (
        Person("Anna Lind", ("anna@riverton.example",), staff=True),
        Person("Bob Brown", ("bob@riverton.example", "bob@choir.example"), staff=True),
        Person("Carla Cruz", ("carla@supplier.example", "cc@supplier.example")),
        Person("Dora Dean", ("dora@bakery.example",)),
        Person("Emil Eder", ("emil@bakery.example",)),
    )
    of_people = known_domains(lists(), Trust(), Contacts(people, NameWords()))
    whose = {domain: found.whose for domain, found in of_people.domains.items() if domain.endswith(".example")}
    assert whose == {
        "riverton.example": "ours",
        "choir.example": "Bob Brown",
        "supplier.example": "Carla Cruz",
        "bakery.example": "bakery.example",
    }


def test_from_reply_to_and_links_are_looked_at_and_each_imitation_is_told_once() -> None:
    mail = message("a@paypa1.com", "netflix.shop", "www.netflix.shop", "example.com", reply_to="b@micorsoft.com")
    found = [(twin.place, twin.imitates) for twin in lookalikes(mail, known())]
    assert found == [("from", "paypal.com"), ("reply-to", "microsoft.com"), ("link", "netflix.com")]


def test_a_brands_own_mail_may_lead_to_its_lesser_domains() -> None:
    assert lookalikes(message("news@netflix.com", "netflix.shop"), known()) == ()


def test_a_host_that_is_none_is_no_imitation_in_a_link() -> None:
    assert lookalikes(message("a@example.com", "paypal.com](https", "paypal.comnow"), known()) == ()


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789.-%\u0430\u0435", max_size=60))
def test_any_text_is_judged_without_an_error_and_known_domains_never_imitate(domain: str) -> None:
    found = lookalike(domain, "from", known())
    assert found is None or lists().owner(domain) is None
