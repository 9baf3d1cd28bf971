"""A help desk that takes mail (SMTP, RFC 5321): one message a case, with the case file's parts attached.

The Message-ID is the same however often a case is sent, by which mail programs and help desks know a copy
(RFC 5322, 3.6.4). Nothing of the mail gets into a header but the subject, as one line of text.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from urllib.parse import urlsplit

from bot.adapters.desks.fates import AWAY_S
from bot.adapters.desks.lines import enclosed, particulars, title
from bot.errors import BadSetting, Shown
from bot.model import CaseFile, DeskStatus, Filed, Priority
from bot.ports import Desk, Doubtful, Later

SILENT_S = 20.0
"""Seconds. RFC 5321, 4.5.3.2 would have minutes; the job comes again instead."""
BODY = 60_000
"""Characters of the report that stand in the text itself; the whole is attached."""
_FORM = policy.SMTP.clone(cte_type="7bit")
_SENT = _FORM.clone(max_line_length=400)
"""Header fields on one line: the standard library would begin a subject of 70 letters on the next, which some show
with a space before it. RFC 5322, 2.1.1 allows 998.
"""
_AWAY = (TimeoutError, ConnectionError, OSError, smtplib.SMTPServerDisconnected)


class Security(StrEnum):
    """How the connection is protected; the scheme of the address."""

    TLS = "smtps"
    """From the first octet (RFC 8314, 3.3); port 465."""
    STARTTLS = "smtp"
    """Before anything else is said, or not at all; port 587."""
    NONE = "smtp+plain"
    """For a relay on the same machine; port 25."""


PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail server that takes our mail."""

    host: str
    port: int
    security: Security

    @staticmethod
    def of(url: str) -> "Relay":
        """From smtps://host, smtp://host:587 or smtp+plain://localhost:25. Raises BadSetting."""
        try:
            parts = urlsplit(url)
            security, port = Security(parts.scheme), parts.port
        except ValueError:
            raise _bad("CHECKMAIL_DESK_URL: not smtps://host or smtp://host:port") from None
        if not parts.hostname or parts.username or parts.path.strip("/"):
            raise _bad("CHECKMAIL_DESK_URL: a host and port alone, without user and path")
        return Relay(parts.hostname, port or PORTS[security], security)


class Mail(Desk):
    """Sends each case to one address; mail has no status that could be asked for."""

    def __init__(
        self,
        url: str,
        sender: str,
        to: str,
        user: str = "",
        password: str = "",
        *,
        ca: str = "",
        silent_s: float = SILENT_S,
    ) -> None:
        """`sender` and `to` are bare addresses. Raises BadSetting."""
        self._relay = Relay.of(url)
        self._sender = _address(sender, "CHECKMAIL_DESK_FROM")
        self._to = _address(to, "CHECKMAIL_DESK_TO")
        self._login = (user, password) if user else None
        if self._login and self._relay.security is Security.NONE:
            raise _bad("CHECKMAIL_DESK_USER: no password goes over smtp+plain://")
        if not (user + password).isascii():
            raise _bad("CHECKMAIL_DESK_TOKEN: mail servers are given user and password in ASCII alone")
        self._ca = ca
        self._silent_s = silent_s

    def file(self, case: CaseFile) -> Filed:
        """Hands it to the mail server, again if need be. Raises Later, Doubtful, Shown."""
        message = compose(case, self._sender, self._to)
        with self._session() as smtp:
            with _fates():
                _expect(smtp.mail(self._sender.addr_spec), 250)
                _expect(smtp.rcpt(self._to.addr_spec), 250, 251)
            _hand_over(smtp, octets(message))
        return Filed("mail", str(message["Message-ID"]), case.number)

    def status(self, filed: Filed) -> DeskStatus | None:  # noqa: ARG002 (the port's)
        return None

    def check(self) -> str:
        """Connects and signs in, and sends nothing."""
        with self._session() as smtp, _fates():
            _expect(smtp.noop(), 250)
        return f"{self._relay.security} at {self._relay.host}" + (f" as {self._login[0]}" if self._login else "")

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        with _fates():
            smtp = self._connected()
        try:
            with _fates():
                self._prepare(smtp)
            yield smtp
        finally:
            _leave(smtp)

    def _connected(self) -> smtplib.SMTP:
        host, port = self._relay.host, self._relay.port
        if self._relay.security is Security.TLS:
            return smtplib.SMTP_SSL(host, port, timeout=self._silent_s, context=self._context())
        return smtplib.SMTP(host, port, timeout=self._silent_s)

    def _prepare(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._relay.security is Security.STARTTLS:
            if not smtp.has_extn("starttls"):
                raise Shown(
                    "desk-no-tls",
                    "The mail server doesn't offer TLS, so nothing was sent.",
                    "Use smtps://, or smtp+plain:// for a server on the same machine.",
                )
            smtp.starttls(context=self._context())
            smtp.ehlo()
        if self._login:
            smtp.login(*self._login)

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._ca or None)


def compose(case: CaseFile, sender: Address, to: Address) -> EmailMessage:
    """The message: particulars and report as text, and each part of the case file as an attachment."""
    message = EmailMessage(policy=_FORM)
    message["From"] = Address("checkmail", sender.username, sender.domain)
    message["To"] = to
    message["Subject"] = title(case)
    message["Date"] = format_datetime(case.opened_at)
    message["Message-ID"] = f"<{case.key}@{sender.domain}>"
    # RFC 3834, 5: no automatic answer is wanted.
    message["Auto-Submitted"] = "auto-generated"
    if case.priority is Priority.URGENT:
        message["Importance"] = "high"  # RFC 2156, 5.3.4
    message.set_content(_text(case), cte="quoted-printable")
    for name, kind, content in case.attachments:
        _attach(message, name, kind, content)
    return message


def octets(message: EmailMessage) -> bytes:
    """As it goes over the line: ASCII, lines as RFC 5322 has them."""
    return message.as_bytes(policy=_SENT)


def _text(case: CaseFile) -> str:
    rows = "\n".join(f"{what}: {value}" for what, value in particulars(case))
    report = case.report if len(case.report) <= BODY else f"{case.report[:BODY]}\n… (the rest is in report.md)"
    text = f"{rows}\n\n{enclosed(case)}\n\n{report}\n"
    return text.encode("utf-8", "replace").decode("utf-8")


def _attach(message: EmailMessage, name: str, kind: str, content: bytes) -> None:
    main, _, sub = kind.partition("/")
    if main == "message":
        # RFC 2046, 5.2.1: a message in a message isn't encoded, so it is ASCII already.
        message.add_attachment(message_from_bytes(content, policy=_FORM), filename=name)
    elif main == "text":
        text = content.decode("utf-8", "replace")
        message.add_attachment(text, subtype=sub, filename=name, cte="base64")
    else:
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)


def _hand_over(smtp: smtplib.SMTP, content: bytes) -> None:
    """Sends the message itself. Once it is under way nobody can tell whether it was taken (RFC 5321, 4.2.5)."""
    try:
        code, _ = smtp.data(content)
    except smtplib.SMTPDataError as refused:
        raise _of_code(refused.smtp_code) from refused
    except _AWAY as cut:
        raise Doubtful(f"mail: {type(cut).__name__} after the message") from cut
    if code != 250:
        raise _of_code(code)


@contextmanager
def _fates() -> Iterator[None]:
    """Everything that may go wrong before the message is under way; nothing was said then."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Shown(
            "desk-certificate",
            "The mail server doesn't prove who it is: its certificate isn't valid.",
            "Nothing was sent. If it has a certificate of your own authority, name that with CHECKMAIL_DESK_CA.",
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Shown("desk-refuses-us", "The mail server takes no sign-in.", "Unset CHECKMAIL_DESK_USER.") from error
    except smtplib.SMTPResponseException as refused:
        raise _of_code(refused.smtp_code) from refused
    except (smtplib.SMTPException, *_AWAY) as away:
        raise Later(AWAY_S, f"mail: {type(away).__name__}") from away


def _expect(answer: tuple[int, bytes], *good: int) -> None:
    if answer[0] not in good:
        raise _of_code(answer[0])


def _of_code(code: int) -> Exception:
    """RFC 5321, 4.2.1: 4yz is for a while, 5yz for good; RFC 4954, 6: 534, 535 and 530 are about signing in."""
    if code < 500:
        return Later(AWAY_S, f"mail {code}")
    if code in (530, 534, 535):
        return Shown(
            "desk-refuses-us",
            f"The mail server doesn't let us in ({code}).",
            "Check CHECKMAIL_DESK_USER and CHECKMAIL_DESK_TOKEN.",
        )
    return Shown(
        "desk-refuses",
        f"The mail server refused the message ({code}).",
        "Check CHECKMAIL_DESK_FROM, CHECKMAIL_DESK_TO and what that server may send.",
    )


def _leave(smtp: smtplib.SMTP) -> None:
    """Says goodbye; what was sent is sent, whether that is heard or not."""
    try:
        smtp.quit()
    except (smtplib.SMTPException, *_AWAY):
        smtp.close()


def _address(text: str, where: str) -> Address:
    try:
        found = Address(addr_spec=text.strip())
    except (ValueError, HeaderParseError, IndexError):  # each is raised for some wrong address
        raise _bad(f"{where}: not a mail address") from None
    if not found.username or "." not in found.domain or not text.isascii():
        raise _bad(f"{where}: not a mail address")
    return found


def _bad(what: str) -> BadSetting:
    return BadSetting("bad-setting", what, "Mend this setting and start again.")
