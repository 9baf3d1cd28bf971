"""Whom a mail claims to be from, and whether the address is theirs."""

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import intake
from bot.adapters.contacts import Contacts, load_contacts
from bot.checks.claims import claims
from bot.checks.simulation import ours
from bot.handbook import default_root
from bot.handbook.lists import Lists, load_lists
from bot.handbook.personal import NameWords
from bot.model import (
    Claim,
    ClaimKind,
    Exhibit,
    Grade,
    Header,
    Hop,
    Judged,
    Kind,
    Limits,
    ListTraits,
    Mailbox,
    Message,
    Passage,
    Report,
    Told,
    Trust,
    Zone,
)

PEOPLE = b"""name,address,staff,vip,nicknames
Maria Lopez,maria@harbourchoir.org,,,Lolo
Robert Smith,rsmith@gmail.com,,,
Erika Muster,erika.muster@rivertonlibrary.org,yes,yes,
"""
OURS = Trust(our_domains=("rivertonlibrary.org",))


@cache
def lists() -> Lists:
    return load_lists(Path(default_root()), [])


@cache
def directory() -> Contacts:
    return load_contacts(PEOPLE, "people.csv", NameWords(lists().titles, lists().suffixes))


def mail(
    name: str, address: str, subject: str = "", *, text: str = "", to: str = "", traits: ListTraits | None = None
) -> Message:
    return Message(
        Kind.EML,
        Grade.WHOLE,
        senders=(Mailbox(name, address),),
        subject=subject,
        text=text,
        to=(Mailbox("", to),) if to else (),
        traits=traits or ListTraits(),
    )


def made(message: Message, told: Told | None = None) -> tuple[Claim, ...]:
    return claims(message, told or Told(), lists(), directory(), OURS)


def short(message: Message, told: Told | None = None) -> list[tuple[str, str, bool | None]]:
    return [(claim.who, claim.where, claim.owns) for claim in made(message, told)]


FALSE_NAMES = [
    ("PayPal", "service@example.com", "PayPal"),
    ("Netflix.com", "news@a.example.com", "Netflix"),
    ("Norton - Anti Virus", "x@example.com", "Norton"),
    ("Apple Support", "x@gmail.com", "Apple"),
    ("Chase", "alerts@example.com", "Chase"),
    ("DHL Paket", "x@example.com", "DHL"),
    ("GLS.", "x@example.com", "GLS"),
    ("Trust Wallet - Support", "x@example.org", "Trust Wallet"),
    ("Prime Customer Support", "x@example.com", "Amazon"),
    ("Microsoft account team", "x@access.example.com", "Microsoft"),
    ("Banco.Bradesco", "x@premium157835", "Bradesco"),
    ("ELSTER | Ihr Online-Finanzamt", "x@example.com", "ELSTER"),
    ("IRS Tax Office", "x@example.com", "IRS"),
    ("Facebook", "", "Facebook"),
    ("Elon Musk", "x@example.com", "Elon Musk"),
    ("B Arnault", "x@example.com", "Bernard Arnault"),
    ("R. Smith", "desk@example.com", "Robert Smith"),
]


@pytest.mark.parametrize(("name", "address", "who"), FALSE_NAMES)
def test_a_name_at_an_address_that_isnt_theirs_is_a_false_claim(name: str, address: str, who: str) -> None:
    assert (who, "display name", False) in short(mail(name, address))


OWN_NAMES = [
    ("PayPal", "service@paypal.com", "PayPal"),
    ("PayPal", "service@e.paypal.de", "PayPal"),
    ("Facebook", "security@facebookmail.com", "Facebook"),
    ("Chase", "no.reply@alerts.chase.com", "Chase"),
    ("John Doe via DocuSign", "dse@docusign.net", "DocuSign"),
    ("Internal Revenue Service", "no-reply@irs.gov", "IRS"),
    ("Maria Lopez", "maria@harbourchoir.org", "Maria Lopez"),
    ("Lopez, Maria", "MARIA@harbourchoir.org", "Maria Lopez"),
    ("Bob Smith", "rsmith@gmail.com", "Robert Smith"),
]


@pytest.mark.parametrize(("name", "address", "who"), OWN_NAMES)
def test_a_name_at_their_own_address_is_a_true_claim(name: str, address: str, who: str) -> None:
    assert (who, "display name", True) in short(mail(name, address))


NOBODY = [
    ("Mrs Smith", "mrs.smith@gmail.com"),
    ("Martins Henry", "rws@example.ac.in"),
    ("Peter Ford", "peter@example.com"),
    ("Jack Chase", "jack@example.com"),
    ("Sarah Rossmann", "s@example.com"),
    ("Jonas Leclerc", "jonas.leclerc@example.com"),
    ("Orange County Choir", "x@example.com"),
    ("Target Shooting Club", "x@example.com"),
    ("Shell Scripting Weekly", "x@example.com"),
    ("Pineapple Express Band", "x@example.com"),
    ("Charles Jackson", "charles@example.com"),
    ("", "someone@gmail.com"),
    ("someone@gmail.com", "someone@gmail.com"),
    ("Support", "support@example.com"),
    ("Office", "office@example.at"),
]


@pytest.mark.parametrize(("name", "address"), NOBODY)
def test_an_invented_or_generic_name_a_surname_or_a_common_word_claims_nobody(name: str, address: str) -> None:
    assert short(mail(name, address)) == []


UNTOLD = [
    ("Rajaram Venkat (Samsung)", "kernel@rajaramvenkat.example", "Samsung"),
    ("Nespresso", "news@nespresso.dk", "Nespresso"),
    ("Yahoo", "someone@yahoo.com", "Yahoo"),
    ("Microsoft Outlook", "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com", "Microsoft"),
    ("Maria Lopez", "m.lopez@harbourchoir.org", "Maria Lopez"),
    ("Receita Federal", "x@fazenda.agency.gov.br", "Receita Federal"),
]


@pytest.mark.parametrize(("name", "address", "who"), UNTOLD)
def test_where_the_address_may_be_theirs_the_claim_stays_open(name: str, address: str, who: str) -> None:
    assert (who, "display name", None) in short(mail(name, address))


def test_a_contacts_name_at_another_address_is_a_false_claim_with_the_addresses_known() -> None:
    (claim,) = made(mail("Maria Lopez", "maria.lopez1972@gmail.com"))
    assert (claim.kind, claim.owns, claim.addresses) == (ClaimKind.CONTACT, False, ("maria@harbourchoir.org",))
    assert made(mail("M. Lopez", "m.lopez@example.com")) == ()


def test_our_staff_named_at_a_foreign_address_are_claimed_as_staff() -> None:
    (claim,) = made(mail("Erika Muster", "director@example.com"))
    assert (claim.kind, claim.owns) == (ClaimKind.STAFF, False)


def test_an_address_that_is_a_contacts_is_claimed_whatever_the_name() -> None:
    assert short(mail("Big Prize", "maria@harbourchoir.org")) == [("Maria Lopez", "address", True)]


def test_the_name_on_a_lists_rewritten_address_stays_open() -> None:
    handled = ListTraits(list_id="choir.lists.example.org", list_post=True)
    assert short(mail("Maria Lopez via Choir", "choir@lists.example.org", traits=handled)) == [
        ("Maria Lopez", "display name", None)
    ]
    assert short(mail("PayPal via Choir", "choir@lists.example.org", traits=handled)) == [
        ("PayPal", "display name", None)
    ]
    assert short(mail("PayPal via Secure Center", "x@example.com")) == [("PayPal", "display name", False)]


def test_a_name_of_many_counts_as_the_lottery_winners_only_where_money_is_given() -> None:
    bait = mail("Charles Jackson", "x@example.gob.ec", "Wohltätigkeitsspende von 2.000.000 Euro")
    assert short(bait) == [("Charles Jackson", "display name", False)]
    assert short(mail("Charles Jackson", "x@example.gob.ec", "Minutes of the meeting")) == []


SUBJECTS = [
    ("Itemized Bill", "Your Norton Order Confirmation #1038", "Norton"),
    ("Support", "Netflix: your payment failed", "Netflix"),
    ("", "[TrustWallet APP] Compliance alert", "Trust Wallet"),
    ("Kundenservice", "Ihr PayPal-Konto wurde eingeschränkt", "PayPal"),
    ("Service Client", "Votre compte Ameli expire", "Ameli"),
    ("Notification", "Re: Facebook account suspended", "Facebook"),
    ("Billing", "Message from PayPal", "PayPal"),
    ("Info", "Invoice 1038 - PayPal", "PayPal"),
]


@pytest.mark.parametrize(("name", "subject", "who"), SUBJECTS)
def test_under_a_generic_name_the_subject_may_say_whom_it_claims(name: str, subject: str, who: str) -> None:
    assert (who, "subject", False) in short(mail(name, "x@example.com", subject))


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("", "How do I pay with PayPal?"),
        ("Support", "We moved from Slack, here is why"),
        ("", "Action required: rota for May"),
        ("", "target account for the bake sale"),
        ("", "PayPal receipt for the choir fees"),
        ("", "Re: Your PayPal account"),
        ("Anna Berg", "PayPal: who has the password?"),
        ("Comunicaciones del Coro", "Verify your Trust Wallet !"),
    ],
)
def test_a_brand_that_a_subject_only_mentions_is_no_claim(name: str, subject: str) -> None:
    assert short(mail(name, "x@example.com", subject)) == []


def test_a_brand_in_the_body_alone_is_no_claim() -> None:
    assert made(mail("", "x@example.com", "Hello", text="PayPal: your account is limited")) == ()


WRITTEN = [
    ("service@paypal.com", "x@example.com", "PayPal"),
    ("Maria maria@harbourchoir.org", "x@example.com", "Maria Lopez"),
    ("it@rivertonlibrary.org", "x@example.com", "it@rivertonlibrary.org"),
    ("rivertonlibrary.org mail security", "x@example.com", "rivertonlibrary.org"),
    ("someone@example.net", "x@example.com", "someone@example.net"),
]


@pytest.mark.parametrize(("name", "address", "who"), WRITTEN)
def test_another_address_written_in_the_name_is_claimed(name: str, address: str, who: str) -> None:
    assert (who, "display name", False) in short(mail(name, address))


def test_the_recipients_own_domain_in_the_name_is_claimed_and_a_strangers_site_is_not() -> None:
    assert short(mail("harbour.example mail admin", "x@example.com", to="a@harbour.example")) == [
        ("harbour.example", "display name", False)
    ]
    assert short(mail("meet-people.example", "x@example.com", to="a@harbour.example")) == []


BUILT = [
    ("", "x@paypa1.com", "PayPal"),
    ("Notice", "x@paypal-secure.com", "PayPal"),
    ("Fine pending", "61700@%paypal.com", "PayPal"),
    ("Erika", "erika@rivertonlibary.org", "rivertonlibrary.org"),
    ("", "paypal-service@gmail.com", "PayPal"),
    ("", "apple.support@outlook.com", "Apple"),
]


@pytest.mark.parametrize(("name", "address", "who"), BUILT)
def test_an_address_built_to_look_like_theirs_is_a_false_claim(name: str, address: str, who: str) -> None:
    assert (who, "address", False) in short(mail(name, address))


@pytest.mark.parametrize(
    ("name", "address"),
    [("Anna Berg", "anna.lego@gmail.com"), ("", "lego.collector@gmail.com"), ("", "prime@gmail.com")],
)
def test_a_word_in_somebodys_mailbox_is_no_claim(name: str, address: str) -> None:
    assert short(mail(name, address)) == []


def test_a_platform_under_its_own_name_is_itself_and_a_strangers_mailbox_isnt_the_provider() -> None:
    assert short(mail("Google Support", "x@googlegroups.com")) == [("Google", "display name", False)]
    assert short(mail("Dropbox", "no-reply@dropbox.com")) == [("Dropbox", "display name", True)]
    assert short(mail("Gmail Team", "gmail.team.1@gmail.com")) == [("Google", "display name", False)]


def test_beside_the_organisation_whose_address_it_is_others_are_only_mentioned() -> None:
    found = {who: owns for who, _, owns in short(mail("Chase Visa Card", "no-reply@chase.com"))}
    assert found["Chase"] is True
    assert False not in found.values()


def test_every_reading_of_from_is_heard() -> None:
    both = Message(
        Kind.EML, Grade.WHOLE, senders=(Mailbox("PayPal", "a@paypal.com"), Mailbox("Netflix", "b@example.com"))
    )
    assert {claim.who for claim in made(both)} == {"PayPal", "Netflix"}


def test_sender_never_claims() -> None:
    message = Message(
        Kind.EML,
        Grade.WHOLE,
        senders=(Mailbox("Anna Berg", "a@example.com"),),
        sender=Mailbox("PayPal", "x@example.com"),
    )
    assert made(message) == ()


TOLD = [
    ("Maria <maria@harbourchoir.org>", "maria@harbourchoir.org", True),
    ("Maria <maria@harbourchoir.org>", "maria@example.com", False),
    ("maria@harbourchoir.org", "other@harbourchoir.org", None),
    ("Maria Lopez", "maria@harbourchoir.org", True),
    ("Maria Lopez", "x@example.com", False),
    ("PayPal", "x@example.com", False),
    ("my aunt", "x@example.com", None),
]


@pytest.mark.parametrize(("said", "address", "owns"), TOLD)
def test_whom_the_reporter_names_is_held_against_the_address(said: str, address: str, owns: bool | None) -> None:
    told = [claim for claim in made(mail("", address), Told(claims=said)) if claim.kind is ClaimKind.TOLD]
    assert [claim.owns for claim in told] == [owns]


@given(st.text(max_size=120), st.text(max_size=60), st.text(max_size=120))
def test_any_name_address_and_subject_are_judged_without_an_error(name: str, address: str, subject: str) -> None:
    for claim in made(mail(name, address, subject)):
        assert claim.who
        assert claim.where in ("display name", "subject", "address")


def simulated(ip: str, host: str, *headers: tuple[str, str]) -> str:
    message = Message(Kind.EML, Grade.WHOLE, headers=tuple(Header(name, value) for name, value in headers))
    judged = Judged(Passage.DIRECT, Hop(0, Zone.BORDER, helo="psm.knowbe4.com", host=host, ip=ip), ())
    return ours(message, judged, lists(), ("198.51.100.0/24",))


def test_a_simulation_is_ours_only_where_header_and_network_both_fit() -> None:
    mark = ("X-PHISHTEST", "This is a phishing security test")
    assert simulated("147.160.167.5", "", mark) == "KnowBe4"
    assert simulated("203.0.113.5", "psm.knowbe4.com", mark) == "KnowBe4"
    assert simulated("198.51.100.7", "", mark) == "KnowBe4"
    assert simulated("203.0.113.5", "unknown", mark) == ""
    assert simulated("203.0.113.5", "", mark) == ""
    assert simulated("147.160.167.5", "") == ""
    assert simulated("198.51.100.7", "", ("X-Mailer", "GoPhish 0.12")) == "Gophish (our own server)"


@pytest.mark.shared
def test_on_labelled_mail_borrowed_names_are_claimed_and_genuine_mail_is_not_accused() -> None:
    corpus = Path(__file__).parents[2] / "shared" / "corpus"
    accused: Counter[str] = Counter()
    total: Counter[str] = Counter()
    with (corpus / "labels.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            report = Report((Exhibit((corpus / row["file"]).read_bytes()),))
            found = claims(intake.read(report, trust=Trust(), limits=Limits()), Told(), lists(), None, Trust())
            total[row["label"]] += 1
            accused[row["label"]] += any(claim.owns is False for claim in found)
    assert accused["genuine"] == 0
    assert accused["spoofed-name"] >= 0.9 * total["spoofed-name"]
    assert accused["hacked-account"] <= 0.2 * total["hacked-account"]


DESK = Trust(
    our_domains=("rivertonlibrary.org",), sending_services=("desk-host.test",), desk_names=("Library Help Point",)
)
OFFICES = [
    # display name, address, subject, text, whether the address is theirs; "" where nobody is claimed
    ("Library Help Point", "x@example.com", "Hello", "", False),
    ("LIBRARY HELP-POINT", "x@example.com", "Hello", "", False),
    ("Library Help Point", "help@rivertonlibrary.org", "Hello", "", True),
    ("Library Help Point", "help@desk-host.test", "Hello", "", None),
    ("IT Help Desk", "x@example.com", "[rivertonlibrary.org] Your password expires", "", False),
    ("IT-Support", "x@example.com", "Notice", "The mailbox ann@rivertonlibrary.org is full.", False),
    ("Payroll Department", "x@example.com", "Salary", "For all staff of rivertonlibrary.org.", False),
    ("Service Desk rivertonlibrary.org", "x@example.com", "", "", False),
    ("IT Help Desk", "x@example.com", "Ticket 17", "Your crane is ready.", ""),
    ("IT Support", "x@example.com", "Ticket 17", "We wrote to ann@rivertonlibrary.org on Monday.", ""),
    ("IT Help Desk", "x@example.com", "Notice", "See notrivertonlibrary.org", ""),
    ("Ann Payroll", "x@example.com", "rivertonlibrary.org", "", ""),
]


@pytest.mark.parametrize(("name", "address", "subject", "text", "owns"), OFFICES)
def test_an_office_of_ours_is_claimed_by_its_set_name_or_by_an_ordinary_one_beside_our_domain(
    name: str, address: str, subject: str, text: str, owns: bool | str | None
) -> None:
    found = claims(mail(name, address, subject, text=text), Told(), lists(), directory(), DESK)
    ours = [claim.owns for claim in found if claim.who.startswith("our ")]
    assert ours == ([] if owns == "" else [owns])


def test_without_set_domains_the_receivers_domain_is_ours_unless_it_is_a_free_one() -> None:
    def made_for(to: str) -> list[bool | None]:
        message = mail("IT Support", "x@example.com", f"{to.partition('@')[2]}: password expires", to=to)
        return [claim.owns for claim in claims(message, Told(), lists(), None, Trust()) if claim.who.startswith("our ")]

    assert made_for("ann@rivertonlibrary.org") == [False]
    assert made_for("ann@gmail.com") == []
