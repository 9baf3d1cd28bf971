"""Pasted headers are recovered from what chats, editors and web pages do to them."""

import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Unreadable
from bot.intake import read
from bot.intake.headers import divide
from bot.intake.pasted import read_pasted
from bot.intake.pasted_text import mend
from bot.model import Exhibit, Grade, Kind, Limits, Message, Origin, Report, Result, Trust
from tests.damages import DAMAGES, Damage, fenced, folds_lost, joined, quoted, slack

HEADERS = """\
Return-Path: <maria.lopez@example.org>
Received: from mx1.example.net (mx1.example.net [203.0.113.20])
\tby mail.example.net (Postfix) with ESMTPS id 4F2D1A0C3B
\tfor <help@example.net>; Tue, 14 Jan 2025 09:12:44 +0000 (UTC)
Received: from smtp-out.example.org (smtp-out.example.org [198.51.100.7])
\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
\tby mx1.example.net (Postfix) with ESMTPS id 9A8B7C6D5E
\tfor <help@example.net>; Tue, 14 Jan 2025 09:12:43 +0000 (UTC)
Authentication-Results: mx1.example.net;
\tdkim=pass (2048-bit key) header.d=example.org header.i=@example.org header.s=s2024;
\tspf=pass (mx1.example.net: domain of maria.lopez@example.org designates 198.51.100.7 as permitted sender)
\tsmtp.mailfrom=maria.lopez@example.org;
\tdmarc=pass (policy=reject) header.from=example.org
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org;
\ts=s2024; t=1736845960; h=From:To:Subject:Date:Message-ID:
\tMIME-Version:Content-Type;
\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;
\tb=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9v
\tYmFyYmF6cXV4Zm9vYmFyYmF6cXV4
Received: from [192.0.2.33] (dsl-33.access.example.com [192.0.2.33])
\tby smtp-out.example.org (Postfix) with ESMTPSA id 0A1B2C3D4E
\tfor <help@example.net>; Tue, 14 Jan 2025 10:12:40 +0100 (CET)
From: "Lopez, Maria" <maria.lopez@example.org>
To: Help Desk <help@example.net>
Subject: Could you please have a look at the invoice that I sent on Friday & tell me
 whether it is right
Date: Tue, 14 Jan 2025 10:12:39 +0100
Message-ID: <20250114101239.12345.very-long-identifier@smtp-out.example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
X-Mailer: Example Mailer 3.1"""
SUBJECT = "Could you please have a look at the invoice that I sent on Friday & tell me whether it is right"


def paste(*texts: str | bytes, trust: Trust = Trust()) -> Message:  # noqa: B008
    exhibits = tuple(Exhibit(text if isinstance(text, bytes) else text.encode()) for text in texts)
    return read(Report(exhibits), trust=trust)


def told(message: Message) -> tuple[object, ...]:
    stamps = Counter((stamp.method, stamp.result, stamp.domain) for stamp in message.stamps)
    return (message.author, len(message.hops), stamps, message.subject, message.message_id, message.date)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damaged_headers_read_as_the_undamaged_ones(damage: Damage) -> None:
    whole = paste(HEADERS)
    assert (whole.kind, whole.grade, whole.subject) == (Kind.HEADERS, Grade.FULL_HEADERS, SUBJECT)
    assert len(whole.hops) == 3
    mended = paste(damage(HEADERS))
    assert told(mended) == told(whole)
    assert (mended.kind, mended.grade) == (Kind.HEADERS, Grade.FULL_HEADERS)
    assert [hop.ip for hop in mended.hops] == [hop.ip for hop in whole.hops]
    assert [signature.signed_headers for signature in mended.signatures] == [
        signature.signed_headers for signature in whole.signatures
    ]


@pytest.mark.parametrize(
    "damages", [(folds_lost, quoted), (slack, quoted), (joined, slack), (folds_lost, slack, fenced), (quoted, slack)]
)
def test_damages_add_up_and_are_undone_all_the_same(damages: tuple[Damage, ...]) -> None:
    text = HEADERS
    for damage in damages:
        text = damage(text)
    assert told(paste(text)) == told(paste(HEADERS))


@pytest.mark.shared
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damaged_headers_of_real_mail_are_recovered(damage: Damage, shared: Path) -> None:
    files = sorted((shared / "corpus" / "mail").iterdir())[::11]
    wrong = []
    for file in files:
        section = divide(file.read_bytes())[0].decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")
        whole, mended = paste(section), paste(damage(section))
        if _core(whole) != _core(mended):
            wrong.append(file.name)
    print(f"{damage.__name__}: {len(files) - len(wrong)} of {len(files)} recovered")
    assert len(wrong) <= len(files) * 0.10, wrong


def _core(message: Message) -> tuple[object, ...]:
    stamps = Counter((stamp.method, stamp.result, stamp.domain) for stamp in message.stamps)
    addresses = [mailbox.address for mailbox in message.senders[:1]]
    return (addresses, len(message.hops), stamps, "".join(message.subject.split()))


RECOVERED = {
    "quoted": ("> " + HEADERS.replace("\n", "\n> "), "quoted"),
    "escaped": (HEADERS.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"), "escaped"),
    "folds": ("\n".join(line.strip() for line in HEADERS.split("\n")), "folds-lost"),
    "one line": (" ".join(line.strip() for line in HEADERS.split("\n")), "joined"),
    "chatter": ("hi, here are the headers:\n\n" + HEADERS, "text-before"),
    "only received": (HEADERS.split("Authentication")[0], "fields-missing"),
    "cut": (HEADERS[: HEADERS.index("by smtp-out")], "cut-short"),
    "no blank line": (HEADERS + "\nDear customer, you have won a prize.\nClick here now please.", "no-blank-line"),
}


@pytest.mark.parametrize("name", RECOVERED)
def test_what_was_mended_or_is_missing_is_said(name: str) -> None:
    text, code = RECOVERED[name]
    assert code in [defect.code for defect in paste(text).defects]


def test_undamaged_headers_have_nothing_mended() -> None:
    assert [defect.code for defect in paste(HEADERS).defects] == []


def test_only_received_lines_are_some_headers_and_only_authentication_results_too() -> None:
    received = paste("\n".join(HEADERS.split("\n")[1:8]))
    assert (received.grade, len(received.hops), received.senders) == (Grade.SOME_HEADERS, 2, ())
    results = paste("\n".join(HEADERS.split("\n")[8:13]))
    assert (results.grade, len(results.stamps)) == (Grade.SOME_HEADERS, 3)


def test_text_below_headers_is_the_mails_text_and_not_a_field() -> None:
    message = paste("> " + (HEADERS + "\n\nDear customer,\nplease pay: today.").replace("\n", "\n> "))
    assert message.text.split() == ["Dear", "customer,", "please", "pay:", "today."]
    assert message.raw == b""


def test_a_blank_line_within_the_headers_does_not_end_them() -> None:
    lines = HEADERS.split("\n")
    assert told(paste("\n".join([*lines[:8], "", *lines[8:]]))) == told(paste(HEADERS))


def test_a_second_paste_goes_on_with_the_first() -> None:
    cut = HEADERS.index("smtp.mailfrom")
    assert told(paste(HEADERS[:cut], HEADERS[cut:])) == told(paste(HEADERS))
    between = HEADERS.index("\nDKIM-Signature")
    assert told(paste(HEADERS[:between], HEADERS[between + 1 :])) == told(paste(HEADERS))


def test_a_paste_sent_twice_counts_once() -> None:
    assert told(paste(HEADERS, HEADERS)) == told(paste(HEADERS))


def test_another_mails_headers_are_left_out_and_named() -> None:
    other = HEADERS.replace("maria.lopez", "karl").replace("12345", "99999").replace("Lopez, Maria", "Karl")
    message = paste(HEADERS, other)
    assert told(message) == told(paste(HEADERS))
    assert "another-mail" in [defect.code for defect in message.defects]


def test_words_beside_headers_fill_the_missing_text() -> None:
    message = paste(HEADERS, "Maria asks me for gift cards, is that her?")
    assert message.grade is Grade.FULL_HEADERS
    assert message.text == "Maria asks me for gift cards, is that her?"


GMAIL_TABLE = """\
Original Message
Message ID\t<CAF1234567890@mail.example.org>
Created at:\tTue, Jan 14, 2025 at 10:12 AM (Delivered after 3 seconds)
From:\tMaria Lopez <maria.lopez@example.org> Using Example Mailer 3.1
To:\thelp@example.net
Subject:\tInvoice
SPF:\tPASS with IP 198.51.100.7 Learn more
DKIM:\t'PASS' with domain example.org Learn more
DMARC:\t'FAIL' Learn more

Download Original\tCopy to clipboard
"""


def test_gmails_table_gives_its_checks_and_the_server() -> None:
    message = paste(GMAIL_TABLE)
    assert (message.kind, message.grade) == (Kind.HEADERS, Grade.SOME_HEADERS)
    assert (message.author.name, message.author.address) == ("Maria Lopez", "maria.lopez@example.org")
    assert message.message_id.strip("<>") == "CAF1234567890@mail.example.org"
    assert message.date is not None
    assert [(stamp.method.value, stamp.result) for stamp in message.stamps] == [
        ("spf", Result.PASS),
        ("dkim", Result.PASS),
        ("dmarc", Result.FAIL),
    ]
    assert message.stamps[1].domain == "example.org"
    assert message.border is not None
    assert message.border.ip == "198.51.100.7"


def test_the_source_below_gmails_table_counts_instead_of_the_table() -> None:
    assert told(paste(GMAIL_TABLE + "\n" + HEADERS)) == told(paste(HEADERS))


def test_a_saved_page_with_the_table_as_rows_is_read() -> None:
    rows = "".join(
        f"<tr><th>{line.partition(chr(9))[0]}</th><td>{line.partition(chr(9))[2].replace('<', '&lt;')}</td></tr>"
        for line in GMAIL_TABLE.split("\n")
        if "\t" in line
    )
    message = paste(f"<!doctype html><html><body><script>var From = 'x: y'</script><table>{rows}</table></body></html>")
    assert message.author.address == "maria.lopez@example.org"
    assert len(message.stamps) == 3


VISIBLE = {
    "English": (
        "From: Maria Lopez <m@example.org>",
        "Sent: Tuesday, January 14, 2025 10:12 AM",
        "To: Help",
        "Subject: Re: x",
    ),
    "German": (
        "Von: Maria Lopez <m@example.org>",
        "Gesendet: Dienstag, 14. Januar 2025 10:12",
        "An: Hilfe",
        "Betreff: Re: x",
    ),
    "French": ("De : Maria Lopez <m@example.org>", "Envoyé : mardi 14 janvier 2025 10:12", "À : Aide", "Objet : Re: x"),
    "Spanish": ("De: Maria Lopez <m@example.org>", "Enviado el: martes, 14 de enero", "Para: Ayuda", "Asunto: Re: x"),
    "Outlook's bold": ("*From:* Maria Lopez <m@example.org>", "*Sent:* Tuesday", "*To:* Help", "*Subject:* Re: x"),
    "mailto": ("From: Maria Lopez [mailto:m@example.org]", "Sent: Tuesday", "To: Help", "Subject: Re: x"),
    "Chinese": ("发件人： Maria Lopez <m@example.org>", "发送时间： 2025年1月14日", "收件人： Help", "主题： Re: x"),
}


@pytest.mark.parametrize("language", VISIBLE)
def test_the_block_that_programs_show_is_grade_d(language: str) -> None:
    message = paste("\n".join(VISIBLE[language]) + "\n\nPlease send me gift cards.")
    assert (message.grade, message.origin) == (Grade.SLACK_REST, Origin.QUOTED)
    assert (message.author.name, message.author.address) == ("Maria Lopez", "m@example.org")
    assert (message.subject, message.text.strip()) == ("Re: x", "Please send me gift cards.")


def test_a_description_is_words_with_the_address_it_names() -> None:
    message = paste(
        'I got a mail from "Maria Lopez" <maria@example.org> about gift cards. From: what I see, it is odd.'
    )
    assert (message.kind, message.grade) == (Kind.WORDS, Grade.WORDS)
    assert (message.author.name, message.author.address) == ("Maria Lopez", "maria@example.org")
    assert message.text.startswith("I got a mail")


def test_words_that_name_two_addresses_name_no_sender() -> None:
    assert paste("It went from a@example.org to b@example.org, what now?").senders == ()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=600))
def test_any_text_is_read(text: str) -> None:
    with suppress(Unreadable):
        read_pasted(text, trust=Trust(), limits=Limits())


_PIECES = st.sampled_from(
    [
        "> ",
        "From:",
        " Received:",
        "Received: from x by y; ",
        "\n",
        "\n\n",
        "<mailto:a@b|a@b>",
        "&lt;",
        "&amp;lt;",
        "h=",
        ";",
        "Subject: x\n",
        "Von: x\n",
        "SPF: PASS\n",
        "1. ",
        "`",
        "```",
        "\u00a0",
        "\u200b",
        "a@example.org",
        "<",
        "=?utf-8?q?",
        "x" * 80,
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=60))
def test_any_mixture_of_marks_is_read(pieces: list[str]) -> None:
    text = "".join(pieces)
    mend(text)
    with suppress(Unreadable):
        read_pasted(text, trust=Trust(), limits=Limits())


def test_mending_what_is_whole_changes_nothing() -> None:
    assert mend(HEADERS) == (HEADERS, ())
    assert re.search("mailto:", mend("List-Unsubscribe: <mailto:x@example.org>")[0])
