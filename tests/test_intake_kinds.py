"""The kind of a piece is told from its content; what is no mail says how to get one; nothing else is raised."""

import gzip
import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Shown, TooLarge, Unreadable
from bot.intake import read
from bot.intake.kinds import Form, sniff
from bot.model import Exhibit, Grade, Kind, Limits, Message, Report, Trust

MAIL = b"""\
Received: from a.example.org ([198.51.100.7]) by mx.example.net with ESMTP; Tue, 14 Jan 2025 09:12:43 +0000
From: Maria <maria@example.org>
To: help@example.net
Subject: Gr\xc3\xbc\xc3\x9fe
Date: Tue, 14 Jan 2025 09:12:39 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hello there.
"""


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def handed(*contents: bytes, limits: Limits = Limits()) -> Message:  # noqa: B008
    return read(Report(tuple(Exhibit(content) for content in contents)), trust=Trust(), limits=limits)


TEXT = MAIL.decode()
SAME_MAIL = {
    "as it is": MAIL,
    "CRLF": MAIL.replace(b"\n", b"\r\n"),
    "blank lines on top": b"\r\n\r\n" + MAIL,
    "byte-order mark": b"\xef\xbb\xbf" + MAIL,
    "UTF-16 with a mark": TEXT.encode("utf-16"),
    "UTF-16, little end first": TEXT.encode("utf-16-le"),
    "UTF-16, big end first": TEXT.encode("utf-16-be"),
    "gzip": gzip.compress(MAIL),
    "zip": zipped(x=MAIL),
    "zip beside other files": zipped(**{"readme.txt": b"hello", "x": MAIL, "__MACOSX/x": b"junk"}),
    "gzip in zip": zipped(x=gzip.compress(MAIL)),
    "mbox of one": b"From maria@example.org Tue Jan 14 09:12:43 2025\n" + MAIL,
}


@pytest.mark.parametrize("form", SAME_MAIL)
def test_a_mail_is_a_mail_in_whatever_it_is_wrapped(form: str) -> None:
    message = handed(SAME_MAIL[form])
    assert (message.kind, message.grade) == (Kind.EML, Grade.WHOLE)
    assert (message.author.address, message.subject) == ("maria@example.org", "Grüße")
    assert message.text.strip() == "Hello there."
    assert len(message.hops) == 1


GRADES = {
    "a body and a trace": (MAIL, Kind.EML, Grade.WHOLE),
    "headers alone": (MAIL.partition(b"\n\n")[0], Kind.HEADERS, Grade.FULL_HEADERS),
    "no trace": (MAIL.partition(b"\n")[2], Kind.EML, Grade.SOME_HEADERS),
    "what a program shows": (b"From: a@example.org\nSubject: x\nDate: today\n", Kind.HEADERS, Grade.SLACK_REST),
    "From and an id": (b"From: a@example.org\nMessage-ID: <1@example.org>\n", Kind.HEADERS, Grade.SOME_HEADERS),
    "words": (b"I got an odd mail from my bank.", Kind.WORDS, Grade.WORDS),
}


@pytest.mark.parametrize("name", GRADES)
def test_the_grade_is_what_the_content_allows(name: str) -> None:
    content, kind, grade = GRADES[name]
    message = handed(content)
    assert (message.kind, message.grade) == (kind, grade)


REFUSED = {
    "nothing": (b"", "empty"),
    "white space": (b" \r\n\t\n", "empty"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(100), "a-picture"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(100), "a-picture"),
    "WebP": (b"RIFF\0\0\0\0WEBPVP8 ", "a-picture"),
    "HEIC": (b"\0\0\0\x18ftypheic" + bytes(50), "a-picture"),
    "PDF": (b"%PDF-1.7\n" + bytes(50), "a-pdf"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(50), "packed"),
    "winmail.dat": (b"\x78\x9f\x3e\x22" + bytes(50), "winmail-dat"),
    "a program": (b"\x7fELF" + bytes(range(1, 32)) * 9, "not-a-mail"),
    "a zip without mail": (zipped(a=b"x", b=b"y"), "no-mail-inside"),
    "a zip of two mails": (zipped(a=MAIL, b=MAIL), "several-mails"),
    "an mbox of two": ((b"From a\n" + MAIL + b"\n") * 2, "several-mails"),
    "marks without words": (b"?!... --", "empty"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_mail_says_what_to_do_next(name: str) -> None:
    content, code = REFUSED[name]
    with pytest.raises(Unreadable) as caught:
        handed(content)
    assert caught.value.code == code
    assert len(caught.value.hint) > 20


def test_no_exhibit_at_all_is_empty() -> None:
    with pytest.raises(Unreadable) as caught:
        handed()
    assert caught.value.code == "empty"


def test_bombs_and_what_is_over_the_limit_are_too_large() -> None:
    nested = MAIL
    for _ in range(6):
        nested = gzip.compress(nested)
    for content in (gzip.compress(bytes(40_000_000)), zipped(x=bytes(40_000_000)), nested):
        with pytest.raises(TooLarge):
            handed(content)
    with pytest.raises(TooLarge):
        handed(MAIL, limits=Limits(exhibit=100))


def test_a_picture_beside_headers_does_not_spoil_them() -> None:
    message = handed(b"\x89PNG\r\n\x1a\n" + bytes(100), MAIL)
    assert message.grade is Grade.WHOLE
    assert "exhibit-unread" in [defect.code for defect in message.defects]


def test_the_stronger_exhibit_leads_whatever_their_order() -> None:
    headers = MAIL.partition(b"\n\n")[0]
    for exhibits in ((headers, MAIL), (MAIL, headers)):
        assert handed(*exhibits).grade is Grade.WHOLE


def test_words_that_the_way_in_calls_words_are_not_read_as_headers() -> None:
    exhibits = (Exhibit(b"From: boss\nSubject: pay me\nDate: now", kind=Kind.WORDS),)
    assert read(Report(exhibits), trust=Trust()).kind is Kind.WORDS


def test_a_web_page_is_told_from_a_mail_that_holds_one() -> None:
    assert sniff(b"<!DOCTYPE html>\n<html><pre>x</pre></html>", Limits()).form is Form.HTML
    assert sniff(MAIL.replace(b"Hello", b"<html>Hello"), Limits()).form is Form.MAIL


_STARTS = st.sampled_from(
    [b"", MAIL, MAIL[:200], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"\x1f\x8b\x08\0", b"<html><pre>",
     b"{\"from\":[", b"\xff\xfe", b"From x\n", b"> From: a@b\n> Received: from x by y\n",
     b"Von: x\nAn: y\nBetreff: z\n"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(_STARTS, st.binary(max_size=400))
def test_any_octets_are_read_or_refused_in_plain_words(start: bytes, rest: bytes) -> None:
    with suppress(Shown):
        handed(start + rest)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.just(MAIL), st.text(max_size=200).map(str.encode), st.binary(max_size=50)), max_size=4))
def test_any_exhibits_together_are_read_or_refused(contents: list[bytes]) -> None:
    with suppress(Shown):
        handed(*contents)
