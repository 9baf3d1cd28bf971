"""The suspect is the mail that a reporter forwards, and no mail that merely quotes or carries another."""

import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.intake import read
from bot.intake.forwarded import is_forward_subject
from bot.model import Exhibit, Grade, Kind, Message, Origin, Report, Trust

OURS = Trust(our_domains=("example.net",))
RECEIVED = "from out.example.net ([203.0.113.4]) by mail.example.net with ESMTPS; Tue, 14 Jan 2025 09:12:44 +0000"
SUSPECT = b"""\
Received: from evil.test ([198.51.100.66]) by mx.example.net with ESMTP; Tue, 14 Jan 2025 08:00:00 +0000
From: "The Boss" <boss@evil.test>
To: karl@example.net
Subject: Urgent
Message-ID: <7@evil.test>

Buy gift cards.
"""


def outer(
    subject: str, text: str, to: str = "desk@example.net", sender: str = "Karl <karl@example.net>"
) -> EmailMessage:
    message = EmailMessage()
    message["Received"] = RECEIVED
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content(text)
    return message


def attach(message: EmailMessage, content: bytes, maintype: str = "message", subtype: str = "rfc822") -> bytes:
    """Appended by hand, so that the attached octets stay as they are."""
    message.make_mixed(boundary="outer-boundary")
    kind = f"Content-Type: {maintype}/{subtype}; name=odd.eml\r\n\r\n".encode()
    whole = message.as_bytes().replace(b"\n--outer-boundary--", b"")
    return whole.rstrip() + b"\r\n--outer-boundary\r\n" + kind + content + b"\r\n--outer-boundary--\r\n"


def handed(content: bytes | EmailMessage, trust: Trust = Trust()) -> Message:  # noqa: B008
    octets = content if isinstance(content, bytes) else content.as_bytes()
    return read(Report((Exhibit(octets),)), trust=trust)


def codes(message: Message) -> list[str]:
    return [defect.code for defect in message.defects]


@pytest.mark.parametrize("trust", [Trust(), OURS])
def test_an_attached_mail_is_the_suspect_of_the_grade_that_it_has(trust: Trust) -> None:
    message = handed(attach(outer("Fwd: Urgent", "Is this real?"), SUSPECT), trust)
    assert (message.origin, message.grade, message.author.address) == (Origin.ATTACHED, Grade.WHOLE, "boss@evil.test")
    assert message.hops[0].ip == "198.51.100.66"
    assert "forwarded-by" in codes(message)


def test_a_forward_from_a_private_mailbox_counts_if_the_mail_had_gone_there() -> None:
    karl = "Karl <karl@mail.example.com>"
    went = SUSPECT.replace(b"karl@example.net", b"karl@mail.example.com")
    assert handed(attach(outer("", "", sender=karl), went)).origin is Origin.ATTACHED
    elsewhere = handed(attach(outer("", "", sender=karl), SUSPECT))
    assert (elsewhere.origin, elsewhere.author.address) == (Origin.DIRECT, "karl@mail.example.com")
    assert "carries-a-mail" in codes(elsewhere)


def test_with_our_domains_known_a_strangers_forward_is_the_suspect_itself() -> None:
    message = handed(attach(outer("Fwd: Urgent", "see", sender="x@evil.test", to="y@evil.test"), SUSPECT), OURS)
    assert (message.origin, message.author.address) == (Origin.DIRECT, "x@evil.test")


def test_what_the_receiver_found_forged_is_nobodys_forward() -> None:
    message = outer("Fwd: Urgent", "see")
    forged = b"Authentication-Results: mail.example.net; dmarc=fail header.from=example.net\n" + attach(
        message, SUSPECT
    )
    assert handed(forged, Trust(authserv_ids=("mail.example.net",))).origin is Origin.DIRECT


def test_a_mail_with_much_text_that_carries_another_is_no_forward() -> None:
    message = handed(attach(outer("Minutes", "We talked about this and that. " * 80), SUSPECT))
    assert message.author.address == "karl@example.net"


def test_a_bounce_is_the_suspect_and_not_the_mail_that_it_returns() -> None:
    bounce = (
        b"Received: " + RECEIVED.encode() + b"\nFrom: MAILER-DAEMON@example.net\nTo: karl@example.net\n"
        b"Subject: Fwd: failure\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n"
        b"--b\n\nundelivered\n--b\nContent-Type: message/rfc822\n\n" + SUSPECT + b"--b--\n"
    )
    assert handed(bounce).author.address == "MAILER-DAEMON@example.net"


def test_a_forward_of_a_forward_is_followed_and_one_without_end_is_left() -> None:
    once = attach(outer("Fwd: Urgent", "", to="anna@example.net"), SUSPECT)
    once = once.replace(b"outer-boundary", b"inner-boundary")
    twice = attach(outer("Fwd: Fwd: Urgent", "", sender="anna@example.net"), once)
    assert handed(twice).author.address == "boss@evil.test"
    deep = SUSPECT
    for _ in range(12):
        deep = attach(outer("Fwd: x", ""), deep).replace(b"outer-boundary", b"b%d" % (len(deep) % 97_003))
    assert handed(deep).senders


def test_an_attached_mail_that_cannot_be_read_leaves_the_outer_one() -> None:
    message = handed(attach(outer("Fwd: x", ""), b"\x89PNG\r\n\x1a\n", "application", "octet-stream"))
    assert message.author.address == "karl@example.net"
    assert "attached-unreadable" in codes(message)


INLINE = {
    "Gmail": (
        "Fwd: Urgent",
        "---------- Forwarded message ---------\nFrom: The Boss <boss@evil.test>\nDate: Tue, 14 Jan 2025 at 08:00\n"
        "Subject: Urgent\nTo: <karl@example.net>\n\n\nBuy gift cards.\n",
    ),
    "Apple": (
        "Fwd: Urgent",
        "Is it him?\n\nBegin forwarded message:\n\n> From: The Boss <boss@evil.test>\n> Subject: Urgent\n"
        "> Date: 14 January 2025 at 08:00:00 CET\n> To: karl@example.net\n> \n> Buy gift cards.\n",
    ),
    "Outlook": (
        "FW: Urgent",
        "Hi,\nis this real?\n\n________________________________\nFrom: The Boss <boss@evil.test>\n"
        "Sent: Tuesday, January 14, 2025 8:00 AM\nTo: Karl <karl@example.net>\nSubject: Urgent\n\nBuy gift cards.\n",
    ),
    "Outlook, German": (
        "WG: Urgent",
        "-----Ursprüngliche Nachricht-----\nVon: The Boss [mailto:boss@evil.test]\nGesendet: Dienstag\n"
        "An: Karl\nBetreff: Urgent\n\nBuy gift cards.\n",
    ),
    "Outlook, French": (
        "TR: Urgent",
        "De : The Boss <boss@evil.test>\nEnvoyé : mardi 14 janvier 2025 08:00\nÀ : Karl <karl@example.net>\n"
        "Objet : Urgent\n\nBuy gift cards.\n",
    ),
    "Outlook, Spanish": (
        "RV: Urgent",
        "De: The Boss <boss@evil.test>\nEnviado el: martes\nPara: Karl\nAsunto: Urgent\n\nBuy gift cards.",
    ),
    "Italian": (
        "I: Urgent",
        "Da: The Boss <boss@evil.test>\nInviato: martedì\nA: Karl\nOggetto: Urgent\n\nBuy gift cards.",
    ),
    "Portuguese": (
        "ENC: Urgent",
        "De: The Boss <boss@evil.test>\nEnviada em: terça\nPara: K\nAssunto: Urgent\n\nBuy gift cards.",
    ),
    "Dutch": (
        "Doorst: Urgent",
        "Van: The Boss <boss@evil.test>\nVerzonden: dinsdag\nAan: K\nOnderwerp: Urgent\n\nBuy gift cards.",
    ),
    "Swedish": (
        "VB: Urgent",
        "Från: The Boss <boss@evil.test>\nSkickat: tisdag\nTill: K\nÄmne: Urgent\n\nBuy gift cards.",
    ),
    "Polish": ("PD: Urgent", "Od: The Boss <boss@evil.test>\nWysłano: wtorek\nDo: K\nTemat: Urgent\n\nBuy gift cards."),
    "Russian": (
        "FW: Urgent",
        "От: The Boss <boss@evil.test>\nОтправлено: вторник\nКому: K\nТема: Urgent\n\nBuy gift cards.",
    ),
    "Japanese": (
        "FW: Urgent",
        "差出人: The Boss <boss@evil.test>\n送信日時: 2025\n宛先: K\n件名: Urgent\n\nBuy gift cards.",
    ),
    "Turkish": (
        "İLT: Urgent",
        "Gönderen: The Boss <boss@evil.test>\nTarih: salı\nKime: K\nKonu: Urgent\n\nBuy gift cards.",
    ),
    "Thunderbird": (
        "Urgent",
        "-------- Forwarded Message --------\nSubject: Urgent\nDate: Tue, 14 Jan 2025 08:00:00 +0000\n"
        "From: The Boss <boss@evil.test>\nTo: karl@example.net\n\nBuy gift cards.\n",
    ),
}


@pytest.mark.parametrize("program", INLINE)
def test_the_quoted_block_of_an_inline_forward_is_the_suspect(program: str) -> None:
    message = handed(outer(*INLINE[program]))
    assert (message.kind, message.grade, message.origin) == (Kind.EML, Grade.SLACK_REST, Origin.QUOTED)
    assert (message.author.name, message.author.address) == ("The Boss", "boss@evil.test")
    assert (message.subject, message.text.strip()) == ("Urgent", "Buy gift cards.")
    assert message.hops == ()
    assert {"forwarded-by", "ask-for-original"} <= set(codes(message))


def test_of_nested_forwards_the_first_that_the_forwarder_did_not_write_is_meant() -> None:
    text = (
        "---------- Forwarded message ---------\nFrom: Karl <karl@example.net>\nDate: now\nSubject: Fwd\nTo: me\n\n"
        + INLINE["Gmail"][1]
    )
    assert handed(outer("Fwd: Fwd: Urgent", text)).author.address == "boss@evil.test"


NOT_FORWARDS = {
    "a reply that quotes": (
        "Re: Urgent",
        "I will.\n\nOn Tue, 14 Jan 2025, The Boss <boss@evil.test> wrote:\n> Buy gift cards.\n",
    ),
    "Outlook's reply": ("RE: Urgent", "I will.\n\n" + INLINE["Outlook"][1].partition("____\n")[2]),
    "a forward's prefix without a block": ("FW: Urgent", "Please pay.\n"),
    "a long text above a block": ("FW: Urgent", "So it goes. " * 200 + "\n\n" + INLINE["Outlook"][1]),
    "a patch": ("[PATCH] x", "From: A <a@example.org>\n\nFix it.\n---\n a.c | 2 +-\n"),
}


@pytest.mark.parametrize("name", NOT_FORWARDS)
def test_what_only_quotes_is_no_forward(name: str) -> None:
    message = handed(outer(*NOT_FORWARDS[name]))
    assert (message.origin, message.author.address) == (Origin.DIRECT, "karl@example.net")


def test_an_invented_forward_from_a_stranger_is_the_suspect_itself() -> None:
    text = INLINE["Outlook"][1].replace("Karl <karl@example.net>", "Accounts <accounts@example.com>")
    message = handed(outer("FW: Invoice", text, sender="x@evil.test", to="victim@example.net"))
    assert (message.origin, message.author.address, message.grade) == (Origin.DIRECT, "x@evil.test", Grade.WHOLE)


@pytest.mark.shared
def test_no_mail_of_the_corpus_is_taken_for_a_forward(shared: Path) -> None:
    files = sorted((shared / "corpus" / "mail").iterdir())
    assert [file.name for file in files if handed(file.read_bytes()).origin is not Origin.DIRECT] == []


@pytest.mark.parametrize(
    ("subject", "forward"),
    [("Fwd: x", True), ("FW: x", True), ("[EXTERN] WG: x", True), ("转发：x", True), ("Fwd : x", True),
     ("Re: Fwd: x", False), ("Forward planning", False), ("Information: x", False), ("", False)],
)  # fmt: skip
def test_forwarding_prefixes_are_told_from_words(subject: str, forward: bool) -> None:
    assert is_forward_subject(subject) is forward


def slack_mail(**fields: object) -> bytes:
    mail = {
        "id": "F1", "mode": "email", "filetype": "email", "subject": "Invoice", "cc": [], "attachments": [],
        "from": [{"address": "boss@evil.test", "name": "The Boss", "original": "The Boss"}],
        "to": [{"address": "", "name": "Email", "original": "Email <>"}], "plain_text": "Pay it.",
        "headers": {
            "date": "Wed, 22 Mar 2023 16:20:37 +0900", "in_reply_to": None, "reply_to": None,
            "message_id": "<1@evil.test>",
        },
    }  # fmt: skip
    return json.dumps({**mail, **fields}).encode()


def test_what_slack_keeps_of_a_mail_is_grade_d() -> None:
    item = {"filename": "a.pdf", "mimetype": "application/pdf", "size": 12}
    message = handed(slack_mail(attachments=[item], has_more=True))
    assert (message.kind, message.grade, message.origin) == (Kind.SLACK_EMAIL, Grade.SLACK_REST, Origin.DIRECT)
    assert (message.author.name, message.author.address) == ("The Boss", "boss@evil.test")
    assert (message.subject, message.text.strip()) == ("Invoice", "Pay it.")
    assert message.date is not None
    assert [(one.name, one.size) for one in message.attachments] == [("a.pdf", 12)]
    assert {"slack-rest", "text-cut"} <= set(codes(message))


def test_slacks_object_is_found_within_the_event_that_brought_it() -> None:
    event = {"type": "message", "files": [json.loads(slack_mail())]}
    assert handed(json.dumps({"event": event}).encode()).author.address == "boss@evil.test"


def test_in_a_mail_forwarded_to_slack_the_quoted_one_is_the_suspect() -> None:
    karl = [{"address": "karl@example.net", "name": "Karl", "original": "Karl <karl@example.net>"}]
    subject, text = INLINE["Outlook"]
    message = handed(slack_mail(**{"from": karl, "subject": subject, "plain_text": text}))
    assert (message.kind, message.origin, message.author.address) == (Kind.SLACK_EMAIL, Origin.QUOTED, "boss@evil.test")
