"""A case file says everything about the suspect and nothing about who got the mail, however a header writes it."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import Header as Encoded
from email.message import Message as Parsed
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.casefile import mapped, of_case, of_outcome
from bot.model import (
    Asker,
    Case,
    CaseFile,
    Fact,
    Finding,
    Header,
    Hop,
    IpKind,
    JudgedLink,
    Link,
    LinkClass,
    Mailbox,
    Message,
    Network,
    Outcome,
    Priority,
    Question,
    Reader,
    Server,
    Ticket,
    Told,
    Verdict,
    Zone,
)
from bot.redaction import DISGUISED, WHOLE, Redaction, in_lines
from tests.casekit import case, diagnosis, facts, shipped
from tests.facts import message
from tests.line import outcome

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "mail"
AT = datetime(2026, 11, 24, 17, 54, 1, tzinfo=UTC)
BOB = "bob.jones@example.com"
ASKER = Asker("T1", "U1", "Bob Jones", BOB)
TICKET = Ticket("hacked-contact", Priority.HIGH, "Help Maria", "maria@example.org")
IP = "203.0.113.9"
BORDER = Hop(1, Zone.BORDER, "mail.example.net", "mail.example.net", IP, "mx.example.com", recipient=BOB, at=AT)
INNER = Hop(0, Zone.INSIDE, by="inner.example.com", recipient=BOB)
HEADERS = (
    Header("Received", "from mx.example.com by inner.example.com for <bob.jones@example.com>; Tue, 24 Nov 2026"),
    Header("Received", f"from mail.example.net [{IP}] by mx.example.com for <Bob.Jones@Example.com>; Tue, 24 Nov 2026"),
    Header("Delivered-To", BOB),
    Header("From", "Maria Lopez <maria@example.org>"),
    Header("To", '"Jones, Bob" <bob.jones@example.com>, carol@example.com'),
    Header("Subject", "=?utf-8?q?Gr=C3=BC=C3=9Fe_an?= bob.jones@example.com"),
    Header("Message-ID", "<1234@mail.example.net>"),
    Header("List-Unsubscribe", "<https://example.net/u?token=123456>"),
    Header("X-Link", "see https://example.net/login"),
)


def mail(*headers: Header, **changes: object) -> Message:
    values: dict[str, object] = {
        "headers": headers or HEADERS,
        "to": (Mailbox("Bob Jones", BOB), Mailbox("", "carol@example.com")),
        "hops": (INNER, BORDER),
        "return_path": "maria@example.org",
    }
    return message(**(values | changes))


def made(verdict: Verdict = Verdict.HACKED_ACCOUNT, said: Message | None = None, **changes: object) -> Case:
    server = Server(IP, "mail.example.net", "", Network(IP, IpKind.PUBLIC, "RO", 64500, "Example Net ™"), 1)
    known = replace(facts(), message=said or mail(), server=Fact.known("the sending server", server), **changes)  # type: ignore[arg-type]  # fields of Facts
    return case(shipped(), known, diagnosis(verdict), reader=Reader.TECHNICIAN)


def filed(given_: Case | None = None, asker: Asker = ASKER) -> CaseFile:
    return of_case(given_ or made(), TICKET, "123", AT, asker)


def everything(file: CaseFile) -> str:
    return "\n".join((file.summary, file.affected, file.reporter, *(part[2].decode() for part in file.attachments)))


def one(value: str, name: str = "X-Test", said: Message | None = None) -> str:
    """What is passed on of one field."""
    return Redaction.of(said or mail(), BOB).fields((Header(name, value),))[0].value


PACKED = base64.b64encode(b"bob.jones@example.com").decode()
BOUNCES = "b925bob.jones@example.com64@mailer.example.net"
DISGUISES = {
    "run together": BOUNCES,
    "plain": "bob.jones@example.com",
    "in capitals": "BOB.JONES@EXAMPLE.COM",
    "in brackets": "<bob.jones@example.com>",
    "bounce path": "bounce-77-bob.jones=example.com@mailer.example.net",
    "rewritten sender": "SRS0=ab12=X9=example.com=bob.jones@forwarder.example.net",
    "percent": "https://example.net/?e=bob.jones%40example.com",
    "percent twice": "https://example.net/?e=bob.jones%2540example.com",
    "every letter percent": "https://example.net/?e=" + "".join(f"%{ord(each):02x}" for each in BOB),
    "in words": "bob.jones(at)example.com",
    "entity": "bob.jones&#64;example.com",
    "base64": PACKED,
    "base64 for links": f"https://example.net/{PACKED.rstrip('=')}/x",
    "base64 in the middle": base64.b64encode(b'{"id":7,"to":"bob.jones@example.com"}').decode(),
    "base64 after a letter": "s" + PACKED,
    "hex": BOB.encode().hex(),
    "encoded word": Encoded("für " + BOB, "utf-8").encode(),
    "base64 word": "=?utf-8?b?" + PACKED + "?=",
    "local part alone": "bob.jones, your mailbox is full",
    "the second recipient": "carol@example.com",
    "somebody else's address": "dave@example.net",
}
SECRETS = ("bob.jones", "carol", "dave")


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_recipients_address_is_taken_out_however_it_is_written(disguise: str) -> None:
    said = one(DISGUISES[disguise])
    assert "redacted" in said
    assert not any(secret in reading for reading in readings(said) for secret in SECRETS)


STAYS = [
    ("X-Sender", "maria@example.org"),
    ("Authentication-Results", "mx.example.com; spf=pass smtp.mailfrom=maria@example.org"),
    ("Message-ID", "<20261124@mail.example.org>"),
    ("Received-SPF", "pass (domain of maria@example.org designates 203.0.113.9)"),
    ("X-Mailer", "Microsoft Outlook 16.0"),
    ("DKIM-Signature", "v=1; d=example.org; s=s1; i=@example.org; b=" + base64.b64encode(bytes(range(96))).decode()),
    ("Received", "from mail.example.org (mail.example.org [192.0.2.1]) by bob.jones.example.net with ESMTPS id 4XyZ"),
]


@pytest.mark.parametrize(("name", "value"), STAYS)
def test_what_is_the_suspects_or_nobodys_stays(name: str, value: str) -> None:
    assert one(value, name) == value


def test_recipients_fields_hold_a_word_for_each_and_no_name() -> None:
    said = one('"Jones, Bob" <bob.jones@example.com>, carol@example.com, Maria <maria@example.org>', "To")
    assert said == "redacted-1@redacted.invalid, redacted-2@redacted.invalid, maria@example.org"
    assert one("undisclosed-recipients:;", "To") == "[redacted]"
    assert one("<https://example.net/u?token=1>", "List-Unsubscribe") == "[redacted]"


def test_a_fields_name_can_betray_too() -> None:
    for name in ("X-bob.jones=example.com", "X bad name", "", "X-\u202e", "X" * 77):
        assert Redaction.of(mail(), BOB).fields((Header(name, "x"),)) == (Header("X-Redacted", "[redacted]"),)


def test_words_that_are_nobodys_name_stay() -> None:
    said = mail(to=(Mailbox("", "support@example.com"),), hops=())
    assert Redaction.of(said).fields((Header("Subject", "Ask support"),))[0].value == "Ask support"


def test_a_mail_from_its_own_reader_keeps_the_address_here_and_not_outside() -> None:
    own = mail(senders=(Mailbox("", BOB),), return_path=BOB)
    field = (Header("From", BOB),)
    assert Redaction.of(own, BOB).fields(field) == field
    assert Redaction.of(own, BOB, outside=True).fields(field)[0].value == "[redacted]"


def test_a_sender_that_only_wrote_itself_into_to_is_told_outside() -> None:
    own = mail(to=(Mailbox("", "maria@example.org"),))
    field = (Header("From", "maria@example.org"),)
    assert Redaction.of(own, BOB, outside=True).fields(field) == field


def test_a_bounce_address_of_the_suspects_that_names_the_recipient_goes() -> None:
    said = Redaction.of(mail(return_path=BOUNCES), BOB)
    assert "bob" not in said.fields((Header("Return-Path", f"<{BOUNCES}>"),))[0].value
    assert "bob" not in said.text(f"The return path is {BOUNCES}.")


def test_a_suspect_whose_address_ends_as_the_recipients_does_stays() -> None:
    said = Redaction.of(mail(senders=(Mailbox("", "jim-bob.jones@example.com"),)), BOB)
    assert said.text("from jim-bob.jones@example.com to bob.jones@example.com") == (
        "from jim-bob.jones@example.com to [redacted]"
    )


def test_many_recipients_are_all_taken_out_and_bounded() -> None:
    many = tuple(Mailbox("", f"user{number}@example.com") for number in range(DISGUISED * 3))
    said = mail(to=many)
    for box in many:
        assert one(f"for {box.address} x", said=said).startswith("for ")
        assert box.address not in one(f"for {box.address} x", said=said)


def test_a_header_without_end_is_cut_and_that_is_said() -> None:
    long = tuple(Header("X-Long", "a b " * 1000) for _ in range(100))
    said = Redaction.of(mail()).fields(long)
    assert sum(len(field.value) for field in said) <= WHOLE
    assert said[-1].value.endswith("more fields were left out")


def test_the_case_file_has_all_parts_and_no_recipient_in_any() -> None:
    file = filed()
    assert [name for name, _, _ in file.attachments] == [
        "report.md",
        "diagnosis.json",
        "headers.txt",
        "abuse-report.eml",
    ]
    text = everything(file)
    assert "maria@example.org" in text
    assert not any(secret in reading for reading in readings(text) for secret in ("bob.jones", "carol"))
    assert json.loads(file.diagnosis)["verdict"] == "hacked-account"
    assert (file.summary, file.affected, file.reporter) == ("Help Maria", "maria@example.org", "Bob Jones")


def test_nothing_in_it_can_be_clicked() -> None:
    link = Link("here", f"https://evil.example.net/?e={PACKED}", "evil.example.net")
    file = filed(made(links=(JudgedLink(link, LinkClass.OTHER),)))
    for part in (file.report, file.diagnosis, file.headers):
        assert "https://evil" not in part
        assert "https://example.net" not in part
    assert "hxxps://evil\\[.\\]example" in file.report
    assert PACKED not in file.report
    assert "see hxxps://example[.]net/login" in file.headers


def test_findings_that_quote_the_recipient_are_told_without() -> None:
    quoting = Finding("names-reader", Question.INTENT, "reader", -3.0, "t", f"It greets {BOB} by address.")
    given_ = made()
    given_ = replace(given_, diagnosis=replace(given_.diagnosis, findings=(quoting,)))
    file = filed(given_)
    assert "It greets" in file.report
    assert "bob.jones" not in file.report + file.diagnosis


def test_a_reporters_name_that_is_an_address_is_cut() -> None:
    assert filed(asker=replace(ASKER, name="bob.jones@example.com")).reporter == "bob.jones"


def parts(file: CaseFile) -> tuple[Parsed, list[Parsed]]:
    whole = message_from_bytes(file.abuse)
    inner = whole.get_payload()
    assert isinstance(inner, list)
    return whole, inner  # type: ignore[return-value]  # its items are messages


def machine_fields(part: Parsed) -> Parsed:
    """The second part's fields; the parser reads message/* as a message."""
    inner = part.get_payload()
    assert isinstance(inner, list)
    assert isinstance(inner[0], Parsed)
    return inner[0]


def test_the_abuse_report_is_arf() -> None:
    whole, (words, machine, copy) = parts(filed())
    assert whole.get_content_type() == "multipart/report"
    assert whole.get_param("report-type") == "feedback-report"
    assert [each.get_content_type() for each in (words, machine, copy)] == [
        "text/plain",
        "message/feedback-report",
        "text/rfc822-headers",
    ]
    fields = machine_fields(machine)
    assert fields.items() == [
        ("Feedback-Type", "fraud"),
        ("User-Agent", fields["User-Agent"]),
        ("Version", "1"),
        ("Source-IP", IP),
        ("Original-Mail-From", "<maria@example.org>"),
        ("Arrival-Date", "Tue, 24 Nov 2026 17:54:01 +0000"),
        ("Reporting-MTA", "dns; mx.example.com"),
        ("Reported-Domain", "example.org"),
    ]
    assert str(fields["User-Agent"]).startswith("checkmail/")


def test_what_lies_inside_our_border_isnt_told_outside() -> None:
    abuse = filed().abuse.decode("ascii")
    assert "inner.example.com" not in abuse
    assert "by mx.example.com" in abuse
    assert "inner.example.com" in filed().headers


def test_every_line_of_it_is_ascii_and_of_a_length_that_travels() -> None:
    long = mail(*HEADERS, Header("X-Long", "é" * 3000), Header("X-Word", "a" * 3900))
    abuse = filed(made(said=long)).abuse
    assert abuse.isascii()
    assert b"\r\n" in abuse
    assert abuse.replace(b"\r\n", b"").count(b"\n") == 0
    assert max(len(line) for line in abuse.split(b"\r\n") if b"aaaa" not in line) <= 998


@pytest.mark.parametrize("verdict", [Verdict.GENUINE, Verdict.UNDETERMINED])
def test_nobody_is_reported_for_an_honest_or_an_unclear_mail(verdict: Verdict) -> None:
    assert filed(made(verdict)).abuse == b""


def test_without_a_server_or_a_header_there_is_no_report() -> None:
    assert filed(replace(made(), facts=replace(made().facts, server=Fact.unknown("server", "none")))).abuse == b""
    assert filed(made(said=message(headers=(), hops=(BORDER,)))).abuse == b""


def test_spam_is_abuse_and_the_rest_is_fraud() -> None:
    assert b"Feedback-Type: abuse" in filed(made(Verdict.PLAIN_SPAM)).abuse
    assert b"Feedback-Type: fraud" in filed(made(Verdict.SPOOFED_NAME)).abuse


def test_the_same_case_makes_the_same_file() -> None:
    assert filed() == filed()


def test_without_the_mail_the_outcome_tells_what_it_knows() -> None:
    given_ = made()
    kept = Outcome(1, given_.diagnosis, given_.reply, given_.reply, TICKET, "Maria", "maria@example.org", IP, "", "RO")
    file = of_outcome(kept, TICKET, "124", AT, ASKER, Told())
    assert [name for name, _, _ in file.attachments] == ["report.md", "diagnosis.json"]
    said = json.loads(file.diagnosis)
    assert (said["sender"]["address"], said["server"]["ip"]) == ("maria@example.org", IP)
    assert "## What to do now" in file.report


def test_its_key_is_letters_digits_and_hyphens_and_tells_times_apart() -> None:
    file = filed()
    assert file.key == "checkmail-123-20261124175401"
    assert replace(file, number="#12 3\n").key == "checkmail-123-20261124175401"
    assert replace(file, opened_at=AT.replace(year=2027)).key != file.key


def test_mapping_reaches_every_text_and_no_enumeration() -> None:
    value = (Header("a", "b"), Priority.HIGH, ("c", 1, None), Mailbox("d", "e"))
    assert mapped(value, str.upper) == (Header("A", "B"), Priority.HIGH, ("C", 1, None), Mailbox("D", "E"))


texts = st.text(max_size=200) | st.sampled_from(sorted(DISGUISES.values()))
headers = st.lists(
    st.builds(Header, st.sampled_from(["To", "Subject", "Received", "X-A", "=?"]) | texts, texts), max_size=8
)


@settings(max_examples=40)
@given(headers, texts)
def test_whatever_a_header_holds_the_recipient_is_in_no_part(given_: list[Header], subject: str) -> None:
    file = filed(made(said=mail(*HEADERS, *given_, subject=subject)))
    assert file.abuse.isascii()
    for part in (file.report, file.diagnosis, file.headers, file.abuse.decode("ascii")):
        assert BOB not in part.lower()
    assert all("\r" not in line and line.isprintable() for line in file.headers.splitlines())


def readings(text: str) -> Iterator[str]:
    """The text as it stands, with its percent signs read, and each long word of it as base64."""
    yield text.lower()
    yield unquote(unquote(text)).lower()
    for word in text.replace("/", " ").replace("=", " ").split():
        if len(word) >= 12 and word.isalnum() and word.isascii():
            yield base64.b64decode(word[: len(word) // 4 * 4]).decode("latin-1").lower()
            yield base64.b64decode(word[1 : 1 + (len(word) - 1) // 4 * 4]).decode("latin-1").lower()


@cache
def cases() -> tuple[tuple[str, Case], ...]:
    """Every sixth mail of the corpus."""
    found = ((file.name, outcome(file.read_bytes())) for file in sorted(CORPUS.iterdir())[::6])
    return tuple((name, each) for name, each in found if isinstance(each, Case))


@cache
def known(number: int, with_asker: bool) -> tuple[str, Case, CaseFile]:
    name, real = cases()[number]
    address = next(iter(sorted(delivered(real.message))), "") if with_asker else ""
    return name, real, of_case(real, TICKET, "1", AT, Asker("T1", "U1", "", address))


def delivered(said: Message) -> set[str]:
    """Whom a mail was delivered to, read in another way than the redaction does."""
    names = {"delivered-to", "x-original-to", "envelope-to"}
    fields = [header.value for header in said.headers if header.name.lower() in names]
    found = {value.strip("<> ").lower() for value in (*fields, *(hop.recipient for hop in said.hops))}
    return {address for address in found if "@" in address and len(address) > 5}


@pytest.mark.shared
def test_no_reporter_of_real_mail_is_in_its_case_file() -> None:
    looked = 0
    for number in range(len(cases())):
        name, real, file = known(number, True)
        reporters = delivered(real.message)
        own = {box.address.lower() for box in (*real.message.senders, *real.message.reply_to)}
        own.add((real.message.return_path or "").lower())
        for address in reporters - own:
            looked += 1
            for reading in readings(everything(file)):
                assert address not in reading, name
        for address in reporters:
            for reading in readings(file.abuse.decode("ascii")):
                assert address not in reading, name
    assert looked >= 12


@pytest.mark.shared
def test_nobody_in_to_or_cc_of_real_mail_is_in_its_case_file() -> None:
    looked = 0
    for number in range(len(cases())):
        name, real, file = known(number, False)
        said = real.message
        own = {box.address.lower() for box in (*said.senders, *said.reply_to, *([said.sender] if said.sender else []))}
        own.add((said.return_path or "").lower())
        text = everything(file).lower()
        for address in {box.address.lower() for box in (*said.to, *said.cc) if "@" in box.address} - own:
            looked += 1
            assert address not in text, name
    assert looked >= 12


@pytest.mark.shared
def test_every_abuse_report_about_real_mail_can_be_read_by_programs() -> None:
    read = 0
    for number in range(len(cases())):
        name, _, file = known(number, False)
        if file.abuse:
            read += 1
            whole = message_from_bytes(file.abuse, policy=policy.SMTP)
            assert not whole.defects, name
            _, (_, machine, _) = parts(file)
            fields = machine_fields(machine)
            assert fields["Version"] == "1", name
            assert len(fields.keys()) == len(set(fields.keys())), name
    assert read >= 12


def test_lines_are_harmless_only_where_asked() -> None:
    fields = (Header("X-Link", "https://example.net/x"),)
    assert in_lines(fields, harmless=False) == "X-Link: https://example.net/x\n"
    assert in_lines(fields, harmless=True) == "X-Link: hxxps://example[.]net/x\n"
