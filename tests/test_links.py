"""Where a mail's links go, by the lists that ship and by shape."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.checks.links import judge_links
from bot.handbook.faults import Fault
from bot.handbook.linklists import LinkLists, load_link_lists
from bot.handbook.lists import Lists, load_lists
from bot.model import Grade, JudgedLink, Kind, Link, LinkClass, Message

KNOWLEDGE = Path(__file__).parents[1] / "knowledge"


@pytest.fixture(scope="module")
def lists() -> Lists:
    return load_lists(KNOWLEDGE, [])


@pytest.fixture(scope="module")
def linklists() -> LinkLists:
    faults: list[Fault] = []
    loaded = load_link_lists(KNOWLEDGE, faults)
    assert faults == []
    return loaded


def host_of(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def judged(
    lists: Lists, linklists: LinkLists, url: str, text: str = "here", author: str = "", gateway: str = ""
) -> JudgedLink:
    link = Link(text, url, host_of(url), gateway)
    (only,) = judge_links(Message(Kind.EML, Grade.WHOLE, links=(link,)), author, lists, linklists)
    return only


@pytest.mark.parametrize(
    ("url", "cls"),
    [
        ("https://www.shop.example.org/a", LinkClass.OWN),
        ("https://example.net/a", LinkClass.OTHER),
        ("https://203.0.113.9/login", LinkClass.IP),
        ("http://2001:db8::9/x", LinkClass.IP),
        ("https://203-0-113-9.cloud.example.net/x", LinkClass.IP),
        ("https://static.9.113.0.203.clients.example.net/x", LinkClass.IP),
        ("https://v1.2.3.example.net/x", LinkClass.OTHER),
        ("https://bit.ly/3abc", LinkClass.SHORTENER),
        ("https://www.google.com/url?q=https://example.net", LinkClass.SHORTENER),
        ("https://forms.gle/abc", LinkClass.FREE_HOST),
        ("https://docs.google.com/forms/d/e/1/viewform", LinkClass.FREE_HOST),
        ("https://docs.google.com/document/d/1", LinkClass.BRAND),
        ("https://any.firebaseapp.com/", LinkClass.FREE_HOST),
        ("https://any.pages.dev/", LinkClass.FREE_HOST),
        ("https://storage.googleapis.com/any/a.html", LinkClass.FREE_HOST),
        ("https://any.web.core.windows.net/", LinkClass.FREE_HOST),
        ("https://any.s3.eu-west-1.amazonaws.com/a.html", LinkClass.FREE_HOST),
        ("https://any.trycloudflare.com/", LinkClass.FREE_HOST),
        ("https://t.me/any", LinkClass.FREE_HOST),
        ("https://u1.ct.sendgrid.net/ls/click", LinkClass.TRACKER),
        ("https://any.us1.list-manage.com/track/click", LinkClass.TRACKER),
        ("https://www.paypal.com/", LinkClass.BRAND),
        ("https://paypal.com.any.example.net/", LinkClass.LOOKALIKE),
        ("https://paypal-secure.com/", LinkClass.LOOKALIKE),
        ("https://paypal.com.br0/", LinkClass.OTHER),
    ],
)
def test_a_link_is_classed_by_its_host(lists: Lists, linklists: LinkLists, url: str, cls: LinkClass) -> None:
    assert judged(lists, linklists, url, author="example.org").cls is cls


def test_a_brands_other_domains_are_its_own(lists: Lists, linklists: LinkLists) -> None:
    assert judged(lists, linklists, "https://www.amazon.com/x", author="amazon.de").cls is LinkClass.OWN


def test_a_brands_link_and_its_imitation_name_the_brand(lists: Lists, linklists: LinkLists) -> None:
    assert judged(lists, linklists, "https://www.paypal.com/").owner == "PayPal"
    assert judged(lists, linklists, "https://paypal.com.any.example.net/").owner == "PayPal"


def test_the_name_before_a_site_builders_isnt_the_builders_other_customers(lists: Lists, linklists: LinkLists) -> None:
    assert judged(lists, linklists, "https://b.github.io/", author="a.github.io").cls is LinkClass.FREE_HOST
    assert judged(lists, linklists, "https://a.github.io/", author="a.github.io").cls is LinkClass.OWN


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("https://bank.example.com/login", "https://other.example.net/x", "bank.example.com"),
        ("www.bank.example.com", "https://other.example.net/x", "www.bank.example.com"),
        ("bank.example.com", "https://other.example.net/x", "bank.example.com"),
        (" <https://bank.example.com/>", "https://other.example.net/x", "bank.example.com"),
        ("https://www.example.net/help", "https://mail.example.net/c", ""),
        ("https://amazon.de/a", "https://www.amazon.com/a", ""),
        ("Read more", "https://other.example.net/x", ""),
        ("e.g. this one", "https://other.example.net/x", ""),
        ("report.pdf", "https://other.example.net/x", ""),
        ("maria@bank.example.com", "https://other.example.net/x", ""),
        ("https://www.example.org/news", "https://u1.ct.sendgrid.net/ls/click", ""),
        ("https://bank.example.com/", "https://u1.ct.sendgrid.net/ls/click", "bank.example.com"),
    ],
)
def test_text_that_names_another_host_is_told(
    lists: Lists, linklists: LinkLists, text: str, url: str, shown: str
) -> None:
    assert judged(lists, linklists, url, text, author="example.org").shows_other_host == shown


def test_a_gateway_that_rewrote_text_and_target_shows_nothing_else(lists: Lists, linklists: LinkLists) -> None:
    rewritten = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.net%2Fa"
    assert not judged(lists, linklists, "https://example.net/a", rewritten, gateway="Safe Links").shows_other_host
    shown = judged(lists, linklists, "https://example.net/a", "https://bank.example.com/", gateway="Safe Links")
    assert shown.shows_other_host == "bank.example.com"


def test_the_link_of_exchanges_first_contact_note_isnt_the_mails(lists: Lists, linklists: LinkLists) -> None:
    note = Link("Learn why this is important", "https://aka.ms/LearnAboutSenderIdentification", "aka.ms")
    others = (
        Link("Learn", "https://aka.ms/other", "aka.ms"),
        Link("Learn", "https://example.net/?aka.ms/LearnAboutSenderIdentification", "example.net"),
    )
    found = judge_links(Message(Kind.EML, Grade.WHOLE, links=(note, *others)), "", lists, linklists)
    assert [judged.link for judged in found] == list(others)


def test_addresses_and_numbers_to_call_arent_links(lists: Lists, linklists: LinkLists) -> None:
    links = (Link("write", "mailto:a@example.org", ""), Link("call", "tel:+12025550147", ""))
    assert judge_links(Message(Kind.EML, Grade.WHOLE, links=links), "", lists, linklists) == ()


@given(text=st.text(max_size=80), host=st.text(min_size=1, max_size=60), path=st.text(max_size=40))
def test_any_link_is_judged(lists: Lists, linklists: LinkLists, text: str, host: str, path: str) -> None:
    link = Link(text, f"https://{host}/{path}", host)
    message = Message(Kind.EML, Grade.WHOLE, links=(link,))
    assert judge_links(message, "example.org", lists, linklists)[0].link is link


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[a]\nclass = "brand"\nwhy = "x"\nhosts = "example.com"', "class = 'brand'"),
        ('[a]\nclass = "tracker"\nhosts = "example.com"', "has no why"),
        ('[a]\nclass = "tracker"\nwhy = "x"\nhosts = "Example.com"', "isn't a host"),
        ('[a]\nclass = "tracker"\nwhy = "x"\nhosts = "example.com example.com"', "already"),
        ('[a]\nclass = "tracker"\nwhy = "x"\nhosts = "example.com"\nhost = "y"', "isn't a key that is read"),
        ('a = "b"', "outside of a section"),
        ("[a", "can't be read"),
    ],
)
def test_each_fault_of_the_lists_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "links.toml").write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    load_link_lists(tmp_path, faults)
    assert any(problem in fault.problem and fault.remedy for fault in faults), faults


def test_the_longest_path_and_the_nearest_host_win(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    text = '[a]\nclass = "tracker"\nwhy = "x"\nhosts = "example.com"\n'
    text += '[b]\nclass = "free-host"\nwhy = "x"\nhosts = "example.com/forms s.example.com"\n'
    (tmp_path / "lists" / "links.toml").write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    lists = load_link_lists(tmp_path, faults)
    names = [
        group.name if (group := lists.group(host, path)) else ""
        for host, path in (
            ("example.com", "/forms/1"),
            ("example.com", "/formsheet"),
            ("w.example.com", "/forms"),
            ("a.s.example.com", "/"),
            ("example.org", "/forms"),
        )
    ]
    assert (names, faults) == (["b", "a", "b", "b", ""], [])
