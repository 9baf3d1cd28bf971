"""Outlook files are read with their transport headers, without them, and whatever is broken in them."""

import struct
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Shown, TooLarge, Unreadable
from bot.intake import read
from bot.intake.rtf import html_of_rtf
from bot.model import Exhibit, Grade, Kind, Limits, Message, Origin, Report, Trust
from tests.cfb import Properties, attached_file, attached_mail, compound, mail

HEADERS = """\
Received: from mx1.example.net (203.0.113.20) by mail.example.net (192.0.2.5) with Microsoft SMTP Server
 id 15.1.1; Tue, 14 Jan 2025 09:12:44 +0000
Received: from smtp.example.org (smtp.example.org [198.51.100.7]) by mx1.example.net (Postfix) with ESMTPS
 id 9A8B7C6D5E for <help@example.net>; Tue, 14 Jan 2025 09:12:43 +0000
Authentication-Results: mx1.example.net; spf=pass smtp.mailfrom=example.org
From: Maria Lopez <maria@example.org>
To: help@example.net
Subject: =?utf-8?q?Rechnung_f=C3=BCr_dich?=
Date: Tue, 14 Jan 2025 09:12:39 +0000
Message-ID: <1@example.org>
Content-Type: multipart/alternative; boundary="x"
"""
WITH_HEADERS: Properties = {
    0x001A: "IPM.Note",
    0x007D: HEADERS.replace("\n", "\r\n"),
    0x0037: "Rechnung",
    0x1000: "Bitte zahlen.",
}
FROM_PROPERTIES: Properties = {
    0x001A: "IPM.Note",
    0x0037: "Gift cards",
    0x0042: "Maria Lopez",
    0x0065: "/O=EXAMPLE/OU=EXCHANGE/CN=MARIA",
    0x5D02: "maria@example.org",
    0x0C1A: "Assistant",
    0x5D01: "assistant@example.org",
    0x1035: "<2@example.org>",
    0x0039: datetime(2025, 1, 14, 9, 12, 39, tzinfo=UTC),
    0x1000: "Are you free?",
}
RECIPIENTS: tuple[Properties, ...] = (
    {0x3001: "Help Desk", 0x39FE: "help@example.net", 0x0C15: 1},
    {0x3001: "Karl", 0x3003: "karl@example.net", 0x0C15: 2},
)


def handed(content: bytes, trust: Trust = Trust(), limits: Limits = Limits()) -> Message:  # noqa: B008
    return read(Report((Exhibit(content),)), trust=trust, limits=limits)


def test_transport_headers_are_kept_with_every_received_line() -> None:
    message = handed(compound(mail(WITH_HEADERS)))
    assert (message.kind, message.grade) == (Kind.MSG, Grade.WHOLE)
    assert [hop.ip for hop in message.hops] == ["203.0.113.20", "198.51.100.7"]
    assert (message.author.address, message.subject) == ("maria@example.org", "Rechnung für dich")
    assert message.text.strip() == "Bitte zahlen."
    assert message.raw == b""


def test_headers_without_a_body_are_full_headers() -> None:
    bare = {key: value for key, value in WITH_HEADERS.items() if key != 0x1000}
    assert handed(compound(mail(bare))).grade is Grade.FULL_HEADERS


def test_without_transport_headers_the_properties_tell_and_it_is_said_how_to_get_the_headers() -> None:
    message = handed(compound(mail(FROM_PROPERTIES, recipients=RECIPIENTS)))
    assert (message.kind, message.grade) == (Kind.MSG, Grade.SOME_HEADERS)
    assert (message.author.name, message.author.address) == ("Maria Lopez", "maria@example.org")
    assert message.sender is not None
    assert message.sender.address == "assistant@example.org"
    assert [mailbox.address for mailbox in message.to] == ["help@example.net"]
    assert [mailbox.address for mailbox in message.cc] == ["karl@example.net"]
    assert message.date == datetime(2025, 1, 14, 9, 12, 39, tzinfo=UTC)
    assert (message.subject, message.text.strip()) == ("Gift cards", "Are you free?")
    told = {defect.code: defect.detail for defect in message.defects}
    assert "Internet headers" in told["no-transport-headers"]


def test_narrow_strings_are_read_in_the_items_code_page() -> None:
    message = handed(
        compound(mail({0x3FFD: 1252, 0x0042: "Jürgen", 0x5D02: "j@example.org", 0x0037: "Grüße"}, wide=False))
    )
    assert (message.author.name, message.subject) == ("Jürgen", "Grüße")


def test_html_of_an_outlook_file_gives_its_links() -> None:
    page = b'<p>Pay <a href="https://evil.test/x">https://bank.example.com</a></p>'
    message = handed(compound(mail({**FROM_PROPERTIES, 0x3FDE: 65001, 0x1013: page})))
    assert message.links[0].host == "evil.test"


def test_attachments_are_told_by_name_and_content() -> None:
    pdf = attached_file("bill.txt", b"%PDF-1.4 " + b"x" * 5000, "text/plain")
    message = handed(compound(mail(FROM_PROPERTIES, attachments=(pdf,))))
    (attachment,) = message.attachments
    assert (attachment.name, attachment.sniffed, attachment.size) == ("bill.txt", "pdf", 5009)


FORWARD: Properties = {0x0037: "FW: odd", 0x0042: "Help", 0x5D02: "karl@example.net", 0x1000: "See attached."}
TO_DESK: tuple[Properties, ...] = ({0x3001: "Desk", 0x39FE: "desk@example.net", 0x0C15: 1},)


def test_a_mail_attached_to_a_forward_is_the_suspect() -> None:
    inner = attached_mail("Rechnung", mail(WITH_HEADERS, header=24))
    message = handed(compound(mail(FORWARD, recipients=TO_DESK, attachments=(inner,))))
    assert (message.origin, message.grade, message.kind) == (Origin.ATTACHED, Grade.WHOLE, Kind.MSG)
    assert message.author.address == "maria@example.org"
    assert "forwarded-by" in [defect.code for defect in message.defects]


def test_an_internet_mail_or_an_outlook_file_attached_to_a_forward_is_the_suspect() -> None:
    eml = attached_file("odd.eml", HEADERS.replace("\n", "\r\n").encode() + b"\r\nhello\r\n", "message/rfc822")
    msg = attached_file("odd.msg", compound(mail(WITH_HEADERS)), "application/vnd.ms-outlook")
    for attachment in (eml, msg):
        message = handed(compound(mail(FORWARD, recipients=TO_DESK, attachments=(attachment,))))
        assert (message.origin, message.author.address) == (Origin.ATTACHED, "maria@example.org")


def test_an_outlook_file_attached_to_an_internet_mail_is_the_suspect() -> None:
    from email.message import EmailMessage

    outer = EmailMessage()
    outer["From"], outer["To"], outer["Subject"] = "karl@example.net", "desk@example.net", "Fwd: odd"
    outer["Received"] = "from a.example.net ([203.0.113.4]) by b.example.net; Tue, 14 Jan 2025 09:12:44 +0000"
    outer.set_content("see attached")
    outer.add_attachment(
        compound(mail(WITH_HEADERS)), maintype="application", subtype="vnd.ms-outlook", filename="odd.msg"
    )
    message = handed(outer.as_bytes())
    assert (message.origin, message.kind, message.author.address) == (Origin.ATTACHED, Kind.MSG, "maria@example.org")


def test_an_office_document_is_no_mail() -> None:
    with pytest.raises(Unreadable) as caught:
        handed(compound({"WordDocument": b"x" * 100}))
    assert caught.value.code == "not-a-mail"
    assert caught.value.hint


def test_a_cut_file_is_unreadable_and_a_looping_chain_ends() -> None:
    whole = compound(mail({**WITH_HEADERS, 0x1000: "x" * 9000}))
    looping = bytearray(whole)
    at = 512 * (1 + struct.unpack_from("<I", whole, 76)[0])
    for number in range(20):
        struct.pack_into("<I", looping, at + 4 * number, 0)
    for content in (whole[:600], whole[:8] + bytes(1000)):
        with pytest.raises(Unreadable):
            handed(content)
    assert len(handed(bytes(looping)).text) <= 9000


def test_streams_that_hold_more_than_the_bound_are_too_large() -> None:
    content = compound(mail({**FROM_PROPERTIES, 0x1000: "x" * 40_000, 0x1013: b"y" * 60_000}))
    with pytest.raises(TooLarge):
        handed(content, limits=Limits(exhibit=len(content) - 50_000))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_damaged_outlook_file_is_read_or_refused(data: st.DataObject) -> None:
    inner = attached_mail("x", mail(WITH_HEADERS, header=24))
    content = bytearray(compound(mail(FORWARD, recipients=TO_DESK, attachments=(inner,))))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Shown):
        handed(bytes(content))


def _plain_rtf(rtf: bytes) -> bytes:
    return struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf


def test_html_wrapped_in_rtf_is_unwrapped() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}"
        rb"{\*\htmltag64 <p>}\htmlrtf {\f0\htmlrtf0 Gr\'fc\'dfe "
        rb'{\*\htmltag84 <a href="https://evil.test/">}\htmlrtf {\field\htmlrtf0 here\htmlrtf }\htmlrtf0 '
        rb"{\*\htmltag92 </a>}"
        rb"\u8364? \htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}}"
    )
    assert html_of_rtf(_plain_rtf(rtf)).html == '<p>Grüße <a href="https://evil.test/">here</a>€ </p>'


def test_compressed_rtf_is_the_specifications_example() -> None:
    """[MS-OXRTFCP] 3.2: "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"."""
    packed = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert html_of_rtf(packed).plain == "WXYZWXYZWXYZWXYZWXYZ"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_octets_as_rtf_are_read(data: bytes) -> None:
    html_of_rtf(data)
    html_of_rtf(struct.pack("<IIII", 0, 5000, 0x75465A4C, 0) + data)
    html_of_rtf(_plain_rtf(b"{\\rtf1\\fromhtml1 " + data))
