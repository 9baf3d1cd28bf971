"""Domains told apart offline: whose, of what kind, how made-up they look."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.contacts import load_contacts
from bot.checks.domains import classify, is_domain, organisational, random_looking
from bot.handbook import default_root
from bot.handbook.lists import Lists, load_lists
from bot.handbook.personal import NameWords
from bot.model import DomainClass, Trust


@cache
def lists() -> Lists:
    return load_lists(Path(default_root()), [])


OURS = Trust(our_domains=("example.org", "xn--mller-kva.example"))
DIRECTORY = load_contacts(b"Maria Lopez,maria@choir.example.net\nPeter Ford,pford@gmail.com\n", "c.csv", NameWords())

CLASSES = [
    ("example.org", DomainClass.OURS),
    ("mail.example.org", DomainClass.OURS),
    ("müller.example", DomainClass.OURS),
    ("xn--mller-kva.example", DomainClass.OURS),
    ("muller.example", DomainClass.OTHER),
    ("choir.example.net", DomainClass.CONTACT),
    ("gmail.com", DomainClass.FREEMAIL),
    ("tampabay.rr.com", DomainClass.FREEMAIL),
    ("mailinator.com", DomainClass.DISPOSABLE),
    ("paypal.com", DomainClass.BRAND),
    ("service.paypal.de", DomainClass.BRAND),
    ("facebookmail.com", DomainClass.BRAND),
    ("agency.gov", DomainClass.INSTITUTION),
    ("hospital.gob.ec", DomainClass.INSTITUTION),
    ("cs.uni.edu.ar", DomainClass.INSTITUTION),
    ("school.ac.jp", DomainClass.INSTITUTION),
    ("office.go.id", DomainClass.INSTITUTION),
    ("prefecture.gouv.fr", DomainClass.INSTITUTION),
    ("district.k12.ca.us", DomainClass.INSTITUTION),
    ("high.county.sch.uk", DomainClass.INSTITUTION),
    ("trust.nhs.uk", DomainClass.INSTITUTION),
    ("dept.gc.ca", DomainClass.INSTITUTION),
    ("amt.admin.ch", DomainClass.INSTITUTION),
    ("amt.bund.de", DomainClass.INSTITUTION),
    ("made-up.firebaseapp.com", DomainClass.PLATFORM),
    ("shop.zendesk.com", DomainClass.PLATFORM),
    ("somebody.github.io", DomainClass.PLATFORM),
    ("thing.web.app", DomainClass.PLATFORM),
    ("made-up.onmicrosoft.com", DomainClass.TENANT),
    ("example-com.20230601.gappssmtp.com", DomainClass.TENANT),
    ("%paypal.com", DomainClass.NOT_A_DOMAIN),
    ("security20487.-1", DomainClass.NOT_A_DOMAIN),
    ("premium157835", DomainClass.NOT_A_DOMAIN),
    ("survey,net", DomainClass.NOT_A_DOMAIN),
    ("", DomainClass.NOT_A_DOMAIN),
    ("example..com", DomainClass.NOT_A_DOMAIN),
    ("example.nosuchtld", DomainClass.NOT_A_DOMAIN),
    ("192.0.2.7", DomainClass.NOT_A_DOMAIN),
    ("example.com", DomainClass.OTHER),
    ("gov.example.com", DomainClass.OTHER),
    ("agency.gov.example.com", DomainClass.OTHER),
    ("bücher.example", DomainClass.OTHER),
    ("secure.it.com", DomainClass.OTHER),
]


@pytest.mark.parametrize(("domain", "cls"), CLASSES)
def test_a_domain_has_its_class(domain: str, cls: DomainClass) -> None:
    assert classify(domain, lists(), OURS, DIRECTORY).cls is cls


def test_a_domain_names_its_owner() -> None:
    assert classify("e.paypal.com", lists(), OURS, DIRECTORY).owner == "PayPal"
    assert classify("choir.example.net", lists(), OURS, DIRECTORY).owner == "Maria Lopez"
    assert classify("example.com", lists(), OURS, None).owner == ""


def test_a_contact_at_a_freemail_provider_makes_its_domain_nobodys() -> None:
    known = classify("gmail.com", lists(), OURS, DIRECTORY)
    assert (known.cls, known.owner) == (DomainClass.FREEMAIL, "")


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("a.b.example.co.uk", "example.co.uk"),
        ("MAIL.Example.COM.", "example.com"),
        ("a.firebaseapp.com", "a.firebaseapp.com"),
        ("x.secure.it.com", "secure.it.com"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
    ],
)
def test_the_organisational_domain_is_the_one_that_was_registered(domain: str, organisation: str) -> None:
    assert organisational(domain) == organisation


@pytest.mark.parametrize(
    "domain", ["a.xyz", "a.shop", "a.top", "a.beauty", "a.it.com", "a.uk.com", "a.b.za.com", "a.sbs"]
)
def test_top_levels_that_throw_away_domains_favour_are_told(domain: str) -> None:
    assert classify(domain, lists(), OURS, None).cheap_tld


@pytest.mark.parametrize("domain", ["example.com", "example.co.uk", "example.de", "a.example.org"])
def test_ordinary_top_levels_are_not_cheap(domain: str) -> None:
    assert not classify(domain, lists(), OURS, None).cheap_tld


@pytest.mark.parametrize("domain", ["x4qzv0mfkt.com", "qtzyjf.net", "zkcv7nkdgz.com", "9lg7c3qz41.com", "wvrtkpq.org"])
def test_machine_made_labels_look_random(domain: str) -> None:
    assert random_looking(domain) >= 0.5


@pytest.mark.parametrize(
    "domain",
    [
        "marketintelligence.com",
        "kirschgarten.de",
        "szczecin.pl",
        "krzysztof.pl",
        "przedszkole.pl",
        "hrvatska.hr",
        "yokohama.jp",
        "schlumberger.com",
        "strengths.org",
        "nguyenthuy.vn",
        "bbc.co.uk",
        "xkcd.com",
        "mp3store.com",
        "web24.de",
        "3m.com",
        "reykjavik.is",
        "stadtwerke-muenchen.de",
        "lavoixdunord.fr",
        "ngrok.dev",
        "xn--bcher-kva.example",
    ],
)
def test_names_in_many_languages_do_not_look_random(domain: str) -> None:
    assert random_looking(domain) < 0.5


@given(st.text(max_size=80))
def test_any_text_has_a_class(domain: str) -> None:
    known = classify(domain, lists(), OURS, DIRECTORY)
    assert (known.cls is DomainClass.NOT_A_DOMAIN) == (not is_domain(domain.strip().rstrip(".").lower()))
    assert 0.0 <= known.random_looking <= 1.0
