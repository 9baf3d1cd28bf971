"""A mail beside a known-good one: what is told to be the same, to differ, and to be unknown."""

import string
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.geoip import GeoAtlas
from bot.checks.comparison import compare, id_shape
from bot.intake import read
from bot.model import (
    Exhibit,
    Header,
    Hop,
    IpKind,
    Mailbox,
    Message,
    Network,
    Origination,
    Report,
    SamePoint,
    Signature,
    Trust,
    Zone,
)
from tests.mails import mail

PLACES = {
    "8.8.8.8": Network("8.8.8.8", IpKind.PUBLIC, "CH", 64500, "Example Net"),
    "8.8.4.4": Network("8.8.4.4", IpKind.PUBLIC, "CH", 64500, "Example Net"),
    "9.9.9.9": Network("9.9.9.9", IpKind.PUBLIC, "BR", 64501, "Other Net"),
}


class Map:
    """An Atlas of three addresses."""

    def find(self, ip: str) -> Network:
        return PLACES.get(ip, Network(ip, IpKind.NONE))

    def describe(self) -> str:
        return "a test's"


def points(this: Message, good: Message | None = None) -> dict[str, SamePoint]:
    return {point.point: point for point in compare(good or mail(), this, Map())}


def border(host: str, ip: str) -> tuple[Hop, ...]:
    return (Hop(0, Zone.BORDER, host, host, ip, "mx.example.net"),)


DIFFERENCES = (
    ("From address", {"senders": (Mailbox("Maria Example", "maria@example.com"),)}, "maria@example.com"),
    ("name", {"senders": (Mailbox("Maria E.", "maria@example.org"),)}, "Maria E."),
    ("sending server", {"hops": border("vps.example.net", "9.9.9.9")}, "example.net"),
    ("network", {"hops": border("vps.example.net", "9.9.9.9")}, "Other Net"),
    ("country", {"hops": border("vps.example.net", "9.9.9.9")}, "BR"),
    ("DKIM domain", {"signatures": (Signature("example.com", "s"),)}, "example.com"),
    ("DKIM domain", {"signatures": ()}, "none"),
    ("Return-Path domain", {"return_path": "www-data@vps.example.net"}, "example.net"),
    ("Reply-To", {"reply_to": (Mailbox("", "maria@example.net"),)}, "maria@example.net"),
    ("mail program", {"mailer": "PHPMailer 6.5"}, "phpmailer"),
    ("time zone", {"date": datetime(2026, 6, 1, tzinfo=UTC)}, "+0000"),
    ("Message-ID domain", {"message_id": "<1780300800.12345@vps.example.net>"}, "example.net"),
    ("Message-ID shape", {"message_id": "<abcdef0123456789@mail.example.org>"}, "x{16}"),
    ("text format", {"headers": (Header("Content-Type", "multipart/mixed; boundary=x"),)}, "multipart/mixed"),
    ("greeting", {"text": "Dear customer of ours,\nplease pay."}, "Dear customer of ours,"),
    ("signature block", {"text": "Hello Anna,\npay!\n--\nSent from my phone"}, "Sent from my phone"),
    (
        "language",
        {"text": "Bitte überweisen Sie den Betrag noch heute auf das neue Konto, das ich Ihnen hier sende. " * 3},
        "de",
    ),
)

UNTOLD = (
    ("From address", {"senders": ()}),
    ("name", {"senders": (Mailbox("", "maria@example.org"),)}),
    ("sending server", {"hops": ()}),
    ("network", {"hops": border("mail.example.org", "")}),
    ("country", {"hops": ()}),
    ("DKIM domain", {"signatures": (), "headers": ()}),
    ("Return-Path domain", {"return_path": None}),
    ("Return-Path domain", {"return_path": ""}),
    ("mail program", {"mailer": ""}),
    ("time zone", {"date": None}),
    ("Message-ID domain", {"message_id": ""}),
    ("Message-ID shape", {"message_id": ""}),
    ("text format", {"headers": ()}),
    ("greeting", {"text": "No greeting stands here but a sentence that goes on for quite a while without an end"}),
    ("signature block", {"text": "Short."}),
    ("language", {"text": "Ok."}),
)


def test_a_mail_beside_itself_differs_in_nothing() -> None:
    found = points(mail())
    assert all(point.same is not False for point in found.values())
    assert sum(point.same is True for point in found.values()) >= 12


@pytest.mark.parametrize(("point", "changes", "value"), DIFFERENCES)
def test_a_difference_is_told_with_both_values(point: str, changes: dict[str, object], value: str) -> None:
    good = mail(
        text="Hello Anna,\n" + "These are the minutes that you have asked me for, and the list. " * 3 + mail().text
    )
    found = points(mail(**changes), good)[point]
    assert found.same is False
    assert found.this == value
    assert found.good != value


@pytest.mark.parametrize(("point", "changes"), UNTOLD)
def test_what_one_of_the_two_does_not_tell_is_neither_same_nor_different(
    point: str, changes: dict[str, object]
) -> None:
    assert points(mail(**changes))[point].same is None
    assert points(mail(), mail(**changes))[point].same is None


def test_what_varies_from_mail_to_mail_of_one_person_is_the_same() -> None:
    this = mail(
        senders=(Mailbox("Maria Example", "MARIA@example.org"),),
        hops=border("mail2.example.org", "8.8.4.4"),
        message_id="<1790300999.54321@mail.example.org>",
        mailer="Microsoft Outlook 15.0",
        return_path="bounce-77@mail.example.org",
        reply_to=(Mailbox("", "maria@example.org"),),
        text="Hello Anna!\nAnother text altogether.\n-- \nMaria  Example\nExample Society\n+00 555 0100",
    )
    assert [point for point in points(this).values() if point.same is False] == []


def test_a_reply_address_that_only_one_has_is_a_difference_and_none_in_both_says_nothing() -> None:
    assert points(mail())["Reply-To"] == SamePoint("Reply-To", "none", "none", None)
    elsewhere = (Mailbox("", "maria@example.net"),)
    assert points(mail(), mail(reply_to=elsewhere))["Reply-To"].same is False
    assert points(mail(reply_to=elsewhere), mail(reply_to=elsewhere))["Reply-To"].same is True


def test_where_the_authors_program_was_is_compared_by_country_and_only_if_believable() -> None:
    def from_ip(ip: str, zone: Zone = Zone.BORDER) -> Message:
        return mail(originations=(Origination("X-Originating-IP", ip, zone=zone),))

    assert points(from_ip("8.8.4.4"), from_ip("8.8.8.8"))["client address"].same is True
    assert points(from_ip("9.9.9.9"), from_ip("8.8.8.8"))["client address"].same is False
    assert points(from_ip("9.9.9.9", Zone.OUTSIDE), from_ip("8.8.8.8"))["client address"].same is None


def test_last_lines_without_a_mark_tell_only_where_they_are_alike() -> None:
    lines = [f"Sentence number {number} of this mail." for number in range(3)]
    closing = "Maria Example\nExample Society\nSome Street 1\n+00 555 0100\nPlain Town\nexample.org"
    unmarked = mail(text="\n".join(["Hello Anna,", *lines, closing]))
    other = mail(text="\n".join(["Hello Bob,", "Something else.", closing.replace("100", "101")]))
    assert points(unmarked, other)["signature block"].same is True
    assert (
        points(mail(text="\n".join(f"line {n} {n * 'x'}" for n in range(9))), unmarked)["signature block"].same is None
    )


def test_quoted_replies_are_not_the_authors_words() -> None:
    quoting = mail(text="Hello Anna,\nyes.\n> Dear all,\n> text\n> -- \n> Somebody Else")
    assert points(quoting)["greeting"].same is True
    assert points(quoting)["signature block"].same is None


@pytest.mark.parametrize(
    ("message_id", "shape"),
    [
        ("<1719480000.12345@mail.example.org>", "9{12}.9{5}"),
        ("<550e8400-e29b-41d4-a716-446655440000@example.org>", "uuid"),
        ("<CAKgT0UfXw-abcdEf1+xyz=qq@mail.example.org>", "base64"),
        ("<CAF_9xAbc-defgh12JKLmn+op@mail.example.org>", "base64"),
        ("<deadbeef@example.org>", "x{8}"),
        ("<no-at-sign>", ""),
        ("", ""),
    ],
)
def test_message_ids_of_one_program_have_one_shape(message_id: str, shape: str) -> None:
    assert id_shape(message_id) == shape


_texts = st.text(max_size=300) | st.text(alphabet=string.printable, max_size=300)


@given(_texts, _texts, _texts)
def test_no_mail_breaks_the_comparison(text: str, header: str, name: str) -> None:
    odd = replace(
        mail(),
        senders=(Mailbox(name, header),),
        text=text,
        mailer=header,
        message_id=text,
        return_path=header,
        headers=(Header("Content-Type", header),),
        signatures=(Signature(name, ""),),
    )
    for found in (compare(mail(), odd, Map()), compare(odd, odd, Map())):
        assert len({point.point for point in found}) == len(found)
        assert all(len(point.good) <= 160 and len(point.this) <= 160 for point in found)
    assert all(point.same is not False for point in compare(odd, odd, Map()))


@pytest.mark.shared
def test_no_real_mail_differs_from_itself() -> None:
    atlas, looked_at = GeoAtlas(), 0
    for path in sorted((Path(__file__).parents[2] / "shared" / "corpus" / "mail").iterdir())[::4]:
        message = read(Report((Exhibit(path.read_bytes(), path.name),)), trust=Trust())
        assert [p for p in compare(message, message, atlas) if p.same is False] == [], path.name
        looked_at += 1
    assert looked_at > 40
