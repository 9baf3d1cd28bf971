"""A help desk that takes mail: one proper message a case, over TLS, and each answer of the server has one meaning."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.desks.mail import Mail, Relay, Security, _address, compose, octets
from bot.errors import BadSetting, Shown
from bot.model import Filed, Priority
from bot.ports import Doubtful, Later
from tests.deskcase import CASE, KEY, NAMES, case, certificates

USER, PASSWORD = "checkmail", "hunter2 ="
FROM, TO = "checkmail@example.org", "desk@example.com"


@dataclass
class Box:
    """What the mail server took; `replies[command]` come in place of its own, "cut" ends the connection there."""

    replies: dict[str, list[str]] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    def scripted(self, command: str, server: Any) -> str | None:
        said = self.replies.get(command)
        reply = said.pop(0) if said else None
        if reply == "cut":
            server.transport.abort()
        return reply

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self.scripted("MAIL", server) or "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return self.scripted("RCPT", server) or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        reply = self.scripted("DATA", server)
        if reply is None or reply in ("cut", "silent"):
            message = message_from_bytes(envelope.content, policy=policy.SMTP)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        if reply == "silent":
            await asyncio.sleep(1)
        return reply or "250 OK"

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(f"{data.login.decode()}:{data.password.decode()}")
        return AuthResult(success=self.logins[-1] == f"{USER}:{PASSWORD}", handled=False)


class Server(Controller):
    """aiosmtpd's controller with its server's options given; TLS from the first octet by `ssl_context`."""

    def __init__(self, box: Box, ssl_context: ssl.SSLContext | None = None, **options: Any) -> None:
        self.options = options
        super().__init__(box, hostname="127.0.0.1", port=_free(), ssl_context=ssl_context, ready_timeout=10)

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="mx.example.com", authenticator=self.handler.login, **self.options)


def _free() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port


@contextmanager
def serving(box: Box, ssl_context: ssl.SSLContext | None = None, **options: Any) -> Iterator[int]:
    server = Server(box, ssl_context, **options)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def plain(port: int) -> Mail:
    return Mail(f"smtp+plain://127.0.0.1:{port}", FROM, TO, silent_s=0.3)


def test_a_case_is_one_message_with_its_parts() -> None:
    box = Box()
    with serving(box) as port:
        assert plain(port).file(CASE) == Filed("mail", f"<{KEY}@example.org>", "123")
    (message,) = box.taken
    assert box.envelopes == [(FROM, [TO])]
    assert message["From"] == "checkmail <checkmail@example.org>"
    assert message["To"] == TO
    assert message["Subject"] == "[checkmail 123] Reset maria@example.org's password and end her sessions"
    assert (message["Message-ID"], message["Date"]) == (f"<{KEY}@example.org>", "Tue, 24 Nov 2026 17:54:01 +0000")
    assert (message["Auto-Submitted"], message["Importance"]) == ("auto-generated", "high")
    text = message.get_body(("plain",))
    assert text is not None
    assert "Verdict: hacked-account, 93% sure" in text.get_content()
    assert "Reset the password." in text.get_content()
    parts = list(message.iter_attachments())
    assert tuple(part.get_filename() for part in parts) == NAMES
    assert parts[0].get_content().replace("\r\n", "\n") == CASE.report
    assert parts[1].get_content() == CASE.diagnosis.encode()
    assert parts[3].get_content()["Subject"] == "report"
    assert message.defects == []


def test_sent_again_it_is_the_same_message() -> None:
    box = Box({"DATA": ["cut"]})
    with serving(box) as port:
        with pytest.raises(Doubtful):
            plain(port).file(CASE)
        plain(port).file(CASE)
    first, second = box.taken
    assert first["Message-ID"] == second["Message-ID"]


def test_only_what_is_urgent_says_so() -> None:
    message = compose(case(priority=Priority.NORMAL), _address(FROM, ""), _address(TO, ""))
    assert message["Importance"] is None


MEANINGS: dict[str, tuple[str, str, type[Exception], str]] = {
    "busy": ("MAIL", "421 4.3.2 come back", Later, ""),
    "greylisted": ("RCPT", "451 4.7.1 try again", Later, ""),
    "no such desk": ("RCPT", "550 5.1.1 no such user", Shown, "desk-refuses"),
    "not signed in": ("MAIL", "530 5.7.0 sign in", Shown, "desk-refuses-us"),
    "too large": ("DATA", "552 5.3.4 too large", Shown, "desk-refuses"),
    "full": ("DATA", "452 4.3.1 no space", Later, ""),
    "cut before": ("MAIL", "cut", Later, ""),
    "cut at the recipient": ("RCPT", "cut", Later, ""),
    "cut after": ("DATA", "cut", Doubtful, ""),
    "no answer": ("DATA", "silent", Doubtful, ""),
}


@pytest.mark.parametrize("name", MEANINGS)
def test_each_answer_has_one_meaning(name: str) -> None:
    command, reply, meaning, code = MEANINGS[name]
    box = Box({command: [reply]})
    with serving(box) as port, pytest.raises(meaning) as caught:
        plain(port).file(CASE)
    assert getattr(caught.value, "code", "") == code
    assert bool(box.taken) is (meaning is Doubtful)


def test_nobody_listening_is_later() -> None:
    with pytest.raises(Later):
        plain(_free()).file(CASE)


def test_signing_in_goes_over_tls_alone(tmp_path: Path) -> None:
    context, authority = certificates(tmp_path, "localhost")
    box = Box()
    with serving(box, tls_context=context, require_starttls=True, auth_required=True) as port:
        desk = Mail(f"smtp://localhost:{port}", FROM, TO, USER, PASSWORD, ca=authority)
        desk.file(CASE)
        assert desk.check() == f"smtp at localhost as {USER}"
    assert len(box.taken) == 1
    assert box.logins == [f"{USER}:{PASSWORD}"] * 2


def test_tls_from_the_first_octet(tmp_path: Path) -> None:
    context, authority = certificates(tmp_path, "localhost")
    box = Box()
    with serving(box, context, auth_require_tls=False) as port:
        Mail(f"smtps://localhost:{port}", FROM, TO, ca=authority).file(CASE)
    assert len(box.taken) == 1


def test_a_wrong_password_is_told_to_people(tmp_path: Path) -> None:
    context, authority = certificates(tmp_path, "localhost")
    with serving(Box(), tls_context=context) as port:
        desk = Mail(f"smtp://localhost:{port}", FROM, TO, USER, "wrong-password", ca=authority)
        with pytest.raises(Shown) as caught:
            desk.file(CASE)
    assert caught.value.code == "desk-refuses-us"
    assert "wrong-password" not in repr(caught.value) + caught.value.hint


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_nothing_is_sent_to_a_server_with_a_wrong_certificate(scheme: str, tmp_path: Path) -> None:
    context, authority = certificates(tmp_path, "elsewhere.test")
    box = Box()
    first, later = (context, None) if scheme == "smtps" else (None, context)
    with serving(box, first, tls_context=later) as port, pytest.raises(Shown) as caught:
        Mail(f"{scheme}://localhost:{port}", FROM, TO, USER, PASSWORD, ca=authority).file(CASE)
    assert caught.value.code == "desk-certificate"
    assert (box.taken, box.logins) == ([], [])


def test_a_server_without_tls_gets_nothing() -> None:
    box = Box()
    with serving(box) as port, pytest.raises(Shown) as caught:
        Mail(f"smtp://localhost:{port}", FROM, TO, USER, PASSWORD).file(CASE)
    assert caught.value.code == "desk-no-tls"
    assert (box.taken, box.logins) == ([], [])


RELAYS = [
    ("smtps://mail.example.org", Relay("mail.example.org", 465, Security.TLS)),
    ("smtp://mail.example.org", Relay("mail.example.org", 587, Security.STARTTLS)),
    ("smtp+plain://localhost:2525/", Relay("localhost", 2525, Security.NONE)),
]


@pytest.mark.parametrize(("url", "relay"), RELAYS)
def test_an_address_tells_how_to_connect(url: str, relay: Relay) -> None:
    assert Relay.of(url) == relay


WRONG = ["", "mail.example.org", "https://mail.example.org", "smtp://", "smtp://a:b@c", "smtp://c/d", "smtp://c:99999"]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_is_said(url: str) -> None:
    with pytest.raises(BadSetting, match="CHECKMAIL_DESK_URL"):
        Mail(url, FROM, TO)


@pytest.mark.parametrize("text", ["", "desk", "a@b", "a@b.c\r\nBcc: x@y.z", "a b@c.d", "Desk <a@b.c>", "@b.c", "ü@b.c"])
def test_only_a_bare_address_is_one(text: str) -> None:
    with pytest.raises(BadSetting, match="CHECKMAIL_DESK_TO"):
        Mail("smtp://localhost", FROM, text)
    with pytest.raises(BadSetting, match="CHECKMAIL_DESK_FROM"):
        Mail("smtp://localhost", text, TO)


def test_no_password_goes_over_an_open_line() -> None:
    with pytest.raises(BadSetting, match="CHECKMAIL_DESK_USER"):
        Mail("smtp+plain://localhost", FROM, TO, USER, PASSWORD)
    with pytest.raises(BadSetting, match="CHECKMAIL_DESK_TOKEN"):
        Mail("smtps://localhost", FROM, TO, USER, "pässword")


EXPECTED = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Importance",
    "MIME-Version",
    "Content-Type",
]


@given(st.text(max_size=400), st.text(max_size=100), st.text(max_size=3000))
def test_no_text_of_a_mail_gets_into_a_header_or_breaks_the_message(summary: str, who: str, report: str) -> None:
    made = compose(case(summary=summary, affected=who, report=report), _address(FROM, ""), _address(TO, ""))
    sent = octets(made)
    assert sent.isascii()
    assert max(len(row) for row in sent.split(b"\r\n")) <= 998
    read = message_from_bytes(sent, policy=policy.SMTP)
    assert isinstance(read, EmailMessage)
    assert list(read.keys()) == EXPECTED
    wanted = NAMES if report else NAMES[1:]
    assert tuple(part.get_filename() for part in read.iter_attachments()) == wanted


def test_a_subject_that_tries_to_be_a_header_is_text() -> None:
    hostile = case(summary="x\r\nBcc: everybody@example.net\r\n\r\n<script>")
    made = compose(hostile, _address(FROM, ""), _address(TO, ""))
    read = message_from_bytes(octets(made), policy=policy.SMTP)
    assert read["Subject"] == "[checkmail 123] x Bcc: everybody@example.net <script>"
    assert read["Bcc"] is None


def test_mail_has_no_status() -> None:
    assert plain(25).status(Filed("mail", "<x@example.org>", "123")) is None
