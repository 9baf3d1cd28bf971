"""A whole message read: fields, parts, text, links, attachments."""

import base64
import io
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.errors import TooLarge, Unreadable
from bot.intake.eml import assemble, attached_messages, parse, split_headers
from bot.model import Attachment, Grade, Header, Kind, Limits, Mailbox, Message, Trust

SHARED = Path(__file__).parents[2] / "shared" / "corpus" / "mail"
HEAD = b"From: Maria <maria@example.org>\r\nSubject: Hi\r\n"


def read(content: bytes, limits: Limits | None = None) -> Message:
    return parse(content, trust=Trust(), limits=limits or Limits())


def multipart(*parts: bytes, kind: bytes = b"mixed") -> bytes:
    body = b"".join(b"--sep\r\n" + part + b"\r\n" for part in parts)
    return (
        HEAD
        + b"Content-Type: multipart/"
        + kind
        + b'; boundary="sep"\r\n\r\npreamble\r\n'
        + body
        + b"--sep--\r\nend\r\n"
    )


def file_part(name: str, octets: bytes, kind: str = "application/octet-stream") -> bytes:
    head = f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment\r\n'
    return head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(octets)


def html(source: str) -> Message:
    return read(HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + source.encode())


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        (b"A: 1\r\nB: 2\r\n", [("A", "1"), ("B", "2")]),
        (b"A: 1\nB: 2\n", [("A", "1"), ("B", "2")]),
        (b"A: 1\rB: 2\r", [("A", "1"), ("B", "2")]),
        (b"A: 1\r\r\nB: 2\r\r\n", [("A", "1"), ("B", "2")]),
        (b"A: one\r\n two\r\n\tthree\r\n", [("A", "one two\tthree")]),
        (b"From x@example.org Mon Jan  1 10:00:00 2024\nA: 1\n", [("A", "1")]),
        (b"From : x\r\n", [("From", "x")]),
        (b"From\r\n : x\r\n", [("From", "x")]),
        (b"A: 1\nno colon here\nB: 2\n", [("A", "1"), ("B", "2")]),
        (b"A: x\0y\n", [("A", "x\0y")]),
        ("A: é\n".encode(), [("A", "é")]),
        ("A: é\n".encode("cp1252"), [("A", "é")]),
        (b"A:\nB:   \n", [("A", ""), ("B", "")]),
        (b"From: a\rFrom: b\nC: d\n", [("From", "a"), ("From", "b"), ("C", "d")]),
        (b"", []),
    ],
)
def test_a_header_section_is_split_whatever_its_line_ends(section: bytes, fields: list[tuple[str, str]]) -> None:
    assert [(header.name, header.value) for header in split_headers(section, Limits())[0]] == fields


@pytest.mark.parametrize(
    ("section", "code"),
    [
        (b"From : x\n", "spaced-field-name"),
        (b"nothing\nA: 1\n", "line-without-colon"),
        (b"A: x\0\n", "nul-in-header"),
        (b"From x@example.org Mon\nA: 1\n", "mbox-line"),
        (b"two words: 1\nA: 1\n", "odd-field-name"),
        (b"A: " + b"x" * 300_000 + b"\n", "header-cut"),
        (b"A: 1\n" * 6_000, "too-many-headers"),
        (b"A: " + b"x\n " * 1_000_000, "headers-cut"),
    ],
)
def test_what_is_wrong_with_a_header_section_is_a_defect(section: bytes, code: str) -> None:
    assert code in [defect.code for defect in split_headers(section, Limits())[1]]


def test_every_field_of_a_message_is_read() -> None:
    message = read(
        b"Return-Path: <bounce@Example.net>\r\n"
        b"From: =?utf-8?q?Mar=C3=ADa?= <maria@example.org>\r\n"
        b"Sender: list@example.net\r\nReply-To: <other@example.com>\r\nTo: a@example.org, B <b@example.org>\r\n"
        b"Cc: c@example.org\r\nSubject: =?utf-8?b?SMOpbGzDsw==?=\r\n =?utf-8?q?_there?=\r\n"
        b"Date: Tue, 5 Mar 2024 10:00:00 +0530\r\nMessage-ID: <1@example.org>\r\n"
        b"In-Reply-To: <0@example.org>\r\nReferences: <a@x.example>\r\n <b@x.example>\r\nX-Mailer: Pine\r\n"
        b"List-Id: Talk <talk.example.net>\r\nList-Unsubscribe: <mailto:u@example.net>\r\nPrecedence: Bulk\r\n"
        b"\r\nHello there.\r\n"
    )
    assert message.author == Mailbox("María", "maria@example.org")
    assert message.sender == Mailbox("", "list@example.net")
    assert [m.address for m in (*message.reply_to, *message.to, *message.cc)] == [
        "other@example.com",
        "a@example.org",
        "b@example.org",
        "c@example.org",
    ]
    assert (message.return_path, message.subject, message.mailer) == ("bounce@example.net", "Hélló there", "Pine")
    assert message.date == datetime(2024, 3, 5, 10, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert message.date.utcoffset() == timedelta(hours=5, minutes=30)
    assert (message.message_id, message.in_reply_to) == ("1@example.org", ("0@example.org",))
    assert message.references == ("a@x.example", "b@x.example")
    assert (message.traits.list_id, message.traits.precedence) == ("Talk <talk.example.net>", "bulk")
    assert (message.traits.list_unsubscribe, message.traits.list_post, message.traits.resent) == (True, False, False)
    assert (message.text, message.kind, message.grade, message.defects) == ("Hello there.", Kind.EML, Grade.WHOLE, ())


@pytest.mark.parametrize(
    ("field", "resent"),
    [
        (b"Resent-From: a@example.org", True),
        (b"X-Forwarded-For: a@example.org b@example.org", True),
        (b"Return-Path: <me+caf_=you=example.org@example.com>", True),
        (b"Return-Path: <SRS0=Ab1=X=example.org=a@example.net>", True),
        (b"Return-Path: <a@example.net>", False),
    ],
)
def test_a_forwarded_mail_is_told_by_its_fields(field: bytes, resent: bool) -> None:
    assert read(HEAD + field + b"\r\n\r\n").traits.resent is resent


@pytest.mark.parametrize(
    ("value", "date", "defects"),
    [
        (b"Tue, 5 Mar 2024 10:00:00", datetime(2024, 3, 5, 10, tzinfo=UTC), ["date-without-zone"]),
        (b"Tue, 5 Mar 2024 10:00:00 -0000", datetime(2024, 3, 5, 10, tzinfo=UTC), []),
        (b"2024-03-05T10:00:00Z", datetime(2024, 3, 5, 10, tzinfo=UTC), []),
        (b"yesterday", None, ["date-unreadable"]),
        (b"Tue, 99 Mar 2024 99:00:00 +9999", None, ["date-unreadable"]),
    ],
)
def test_a_date_is_never_without_a_zone(value: bytes, date: datetime | None, defects: list[str]) -> None:
    message = read(HEAD + b"Date: " + value + b"\r\n\r\n")
    assert (message.date, [defect.code for defect in message.defects]) == (date, defects)


def test_return_path_is_none_where_absent_and_empty_for_the_null_path() -> None:
    assert read(HEAD + b"\r\n").return_path is None
    assert read(b"Return-Path: <>\r\n" + HEAD + b"\r\n").return_path == ""


def test_what_is_no_mail_and_what_is_too_large_is_told() -> None:
    for content in (b"", b"\r\n\r\n", b"hello", b"\xff\xd8\xff\xe0 jpeg: no", b"note: nothing"):
        with pytest.raises(Unreadable):
            read(content)
    with pytest.raises(TooLarge):
        read(HEAD + b"\r\n" + b"x" * 100, Limits(exhibit=100))


def test_headers_without_bytes_make_a_message_too() -> None:
    message = assemble(
        [Header("From", "a@example.org"), Header("From", "b@example.org")],
        trust=Trust(),
        limits=Limits(),
        kind=Kind.HEADERS,
        grade=Grade.SOME_HEADERS,
    )
    assert len(message.senders) == 2
    assert (message.text, message.raw, message.defects[0].code) == ("", b"", "several-from")


def test_the_plain_part_is_the_text_and_the_html_gives_the_links() -> None:
    message = read(
        multipart(
            b"Content-Type: text/plain\r\n\r\nDear colleague, please see the new page of our library.",
            b"Content-Type: text/html\r\n\r\n<p>Dear colleague, please see the "
            b"<a href='https://lib.example.org/x'>new page</a> of our library.</p>",
            kind=b"alternative",
        )
    )
    assert message.text == "Dear colleague, please see the new page of our library."
    assert [(link.text, link.host) for link in message.links] == [("new page", "lib.example.org")]


def test_where_the_parts_differ_the_text_is_what_people_see() -> None:
    message = read(
        multipart(
            b"Content-Type: text/plain\r\n\r\nMeeting notes about quarterly garden planning with many volunteers.",
            b"Content-Type: text/html\r\n\r\n<b>Your mailbox storage exceeded limits; verify account"
            b" password immediately here</b>",
            kind=b"alternative",
        )
    )
    assert message.text.startswith("Your mailbox storage")
    assert "parts-differ" in [defect.code for defect in message.defects]


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        (b"base64", base64.b64encode("Grüße".encode()), "Grüße"),
        (b"base64", base64.b64encode("Grüße".encode()).rstrip(b"="), "Grüße"),
        (b"base64", b"R3L D\r\nvMOf!ZQ", "Grüße"),
        (b"quoted-printable", b"Gr=C3=BC=C3=9F=\r\ne", "Grüße"),
        (b"quoted-printable", b"50=% and =zz", "50=% and =zz"),
        (b"8bit", "Grüße".encode(), "Grüße"),
        (b"nonsense", "Grüße".encode("cp1252"), "Grüße"),
        (b"x-uuencode", b"begin 644 a.txt\r\n#9F]O\r\n`\r\nend\r\n", "foo"),
    ],
)
def test_a_body_is_decoded_even_where_it_is_broken(encoding: bytes, body: bytes, text: str) -> None:
    head = HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " + encoding
    assert read(head + b"\r\n\r\n" + body).text == text


def test_hidden_text_and_characters_of_no_width_are_left_out_and_counted() -> None:
    message = html(
        "<style>.gone{display:none} @media print{.shown{display:none}}</style><p class=shown>Pay\u200bPal</p>"
        "<p class=gone>one</p><div style='display:none'>two<b>three</b></div><span style='font-size:0'>four"
        "<i style='font-size:12px'>seen</i></span><font style='color:#FFF;background:#ffffff'>five</font>"
        "<p hidden>six</p>"
    )
    assert message.text.split() == ["PayPal", "seen"]
    assert {defect.code: defect.detail.split()[0] for defect in message.defects} == {
        "hidden-text": "22",
        "zero-width": "1",
    }


def test_html_text_keeps_blocks_apart_and_leaves_scripts_out() -> None:
    text = html(
        "<title>t</title><h1>A</h1><p>b&nbsp;c &amp; d<br>e<script>var x='<p>no</p>'</script><!-- <p>no -->"
    ).text
    assert text.split("\n") == ["A", "b c & d", "e"]


@pytest.mark.parametrize(
    ("name", "octets", "sniffed", "encrypted"),
    [
        ("a.pdf", b"%PDF-1.7\n...", "pdf", False),
        ("a.pdf", b"%PDF-1.7\ntrailer << /Encrypt 5 0 R >>", "pdf", True),
        ("invoice.pdf", b"<!DOCTYPE html><html><form action=x>", "html", False),
        ("a.bin", b"MZ\x90\0", "exe", False),
        ("a.iso", b"\0" * 0x8001 + b"CD001", "iso", False),
        ("a.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 40 + b"\x06\xf1\x07\x01", "7z", True),
        ("a.rar", b"Rar!\x1a\x07\x01\x00\0\0\0\0\x05\x04\0\0\0\0", "rar", True),
        ("a.rar", b"Rar!\x1a\x07\x00\0\0s\x80\0\x0d\0\0\0\0\0\0\0", "rar", True),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "ole-encrypted", True),
        ("a.svg", b"<?xml version='1.0'?><svg xmlns='x'><script/></svg>", "svg", False),
        ("a.js", b"var a = 1;", "js", False),
        ("a.ics", b"BEGIN:VCALENDAR\r\n", "ics", False),
        ("a.lnk", b"\x4c\x00\x00\x00\x01\x14\x02\x00", "lnk", False),
        ("note", b"just words", "", False),
    ],
)
def test_an_attachment_is_told_by_its_first_octets(name: str, octets: bytes, sniffed: str, encrypted: bool) -> None:
    message = read(multipart(b"\r\nHello", file_part(name, octets)))
    assert message.attachments == (
        Attachment(name, "application/octet-stream", sniffed, len(octets), encrypted, inline=False),
    )


@pytest.mark.parametrize(
    ("entry", "flag", "sniffed"), [("word/document.xml", 0, "docx"), ("xl/a.xml", 0, "xlsx"), ("a.exe", 1, "zip")]
)
def test_a_zip_is_told_by_its_table_without_being_opened(entry: str, flag: int, sniffed: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(entry, b"x" * 50)
    octets = bytearray(made.getvalue())
    octets[octets.find(b"PK\x01\x02") + 8] |= flag
    attachment = read(multipart(b"\r\nHello", file_part("a.zip", bytes(octets)))).attachments[0]
    assert (attachment.sniffed, attachment.encrypted) == (sniffed, bool(flag))


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'filename="=?utf-8?q?Gr=C3=BC=C3=9Fe.pdf?="', "Grüße.pdf"),
        (b"filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf", "Grüße.pdf"),
        (b"filename*0*=utf-8''Gr%C3%BC; filename*1*=%C3%9Fe; filename*2=.pdf", "Grüße.pdf"),
        (b'filename="C:\\\\temp\\\\a.pdf"', "a.pdf"),
        (b'filename="../../a.pdf"', "a.pdf"),
        (b"filename=a b.pdf", "a b.pdf"),
    ],
)
def test_an_attachments_name_is_decoded_and_loses_its_path(disposition: bytes, name: str) -> None:
    part = b"Content-Type: application/pdf\r\nContent-Disposition: attachment; " + disposition + b"\r\n\r\n%PDF-1.4"
    assert read(multipart(part)).attachments[0].name == name


def test_a_calendar_part_and_an_attached_mail_are_attachments() -> None:
    inner = b"From: suspect@example.net\r\nSubject: inner\r\n\r\nhello"
    content = multipart(
        b"\r\nSee this",
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR",
        b"Content-Type: message/rfc822\r\n\r\n" + inner,
        file_part("other.eml", inner),
    )
    message = read(content)
    assert [(a.declared, a.sniffed) for a in message.attachments] == [
        ("text/calendar", "ics"),
        ("message/rfc822", "eml"),
        ("application/octet-stream", "eml"),
    ]
    assert attached_messages(content, Limits()) == (inner, inner)
    assert message.text == "See this"


def test_a_multipart_that_names_no_boundary_or_holds_no_part_is_still_read() -> None:
    guessed = read(HEAD + b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nHello\r\n--x--\r\n")
    assert guessed.text == "Hello"
    empty = read(HEAD + b"Content-Type: multipart/mixed; boundary=y\r\n\r\nHello there\r\n")
    assert (empty.text, [defect.code for defect in empty.defects]) == ("Hello there", ["multipart-without-parts"])


@pytest.mark.shared
def test_each_mail_of_the_corpus_has_one_reading_of_from_and_a_date() -> None:
    for path in sorted(SHARED.iterdir()):
        message = read(path.read_bytes())
        assert len(message.senders) == 1, path.name
        assert message.date is not None, path.name
