"""A report to the network that sent the mail, as its abuse desk's programs read it: ARF (RFC 5965)."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from email.header import Header as Encoded
from email.message import Message as Part
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from importlib.metadata import PackageNotFoundError, version

from bot.hosts import clean_host, to_ascii
from bot.model import Case, Header, Hop, IpKind, Method, Stamp, Verdict

SAYS = {
    Verdict.HACKED_ACCOUNT: "An account or a server of yours was used by somebody else to send it.",
    Verdict.SPOOFED_ADDRESS: "It was sent from your network with the address of somebody who didn't send it.",
    Verdict.SPOOFED_NAME: "It was sent from your network in the name of somebody who didn't send it.",
    Verdict.PLAIN_SPAM: "It was sent from your network to somebody who didn't ask for it.",
}
_KINDS = (IpKind.PUBLIC, IpKind.DOCUMENTATION)
_OURS = ("x-ms-", "x-microsoft-", "x-forefront-", "x-eop", "x-message-", "x-incoming", "x-google-smtp-source")
"""What receivers write below the border: blobs that only they can read, and that may name the mailbox."""
_ABOUT = {Method.SPF: "smtp.mailfrom", Method.DKIM: "header.d", Method.DMARC: "header.from"}


def report(case: Case, fields: tuple[Header, ...], at: datetime, sender: str = "") -> bytes:
    """The message with its three parts (RFC 5965, 2), ASCII; empty where there is nothing to report or nobody to.

    `fields` are the mail's header fields, already redacted (`bot.redaction`); those above the border are ours and
    are left out. It has no To: the technician looks the network's abuse contact up. `sender` is who reports.
    """
    server = case.facts.server.maybe()
    verdict = case.diagnosis.verdict
    outer = tuple(
        field for field in _from_border_on(fields, case.message.border) if not field.name.lower().startswith(_OURS)
    )
    if server is None or server.network.kind not in _KINDS or verdict not in SAYS or not outer:
        return b""
    words = _words(case, server.ip)
    charset = "us-ascii" if words.isascii() else "utf-8"
    parts = (MIMEText(words, "plain", charset), _machine(case, server.ip), _copy(outer))
    # The same case makes the same report, and nobody who writes a header knows the boundary before.
    seal = hashlib.sha256(b"".join(part.as_bytes() for part in parts)).hexdigest()[:32]
    whole = MIMEMultipart("report", f"=_{seal}", parts)
    whole.set_param("report-type", "feedback-report")
    if sender:
        whole["From"] = sender
    whole["Subject"] = f"Abuse report: mail from {server.ip}"
    whole["Date"] = format_datetime(at)
    whole["X-Unsent"] = "1"  # mail programs open it as a draft
    return whole.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _words(case: Case, ip: str) -> str:
    """The first part, for people."""
    border, network = case.message.border, case.facts.server().network
    whose = f" (AS{network.asn} {_ascii(network.organisation)})".rstrip() if network.asn else ""
    when = f" on {border.at:%Y-%m-%d at %H:%M:%S %z}" if border and border.at else ""
    return (
        f"This is a report about a mail that reached us from {ip}{whose}{when}.\n"
        f"{SAYS[case.diagnosis.verdict]}\n\n"
        "Please look into it and stop it. The mail's header is attached; the recipient's address was taken out of it "
        "(RFC 6590).\n"
    )


def _machine(case: Case, ip: str) -> Part:
    """The second part, for programs: RFC 5965, 3.1 (needed) and 3.2 (optional, once each)."""
    message, border = case.message, case.message.border
    rows = [
        ("Feedback-Type", "abuse" if case.diagnosis.verdict is Verdict.PLAIN_SPAM else "fraud"),
        ("User-Agent", f"checkmail/{_version()}"),
        ("Version", "1"),
        ("Source-IP", ip),
    ]
    if message.return_path and "redacted" not in message.return_path:
        rows.append(("Original-Mail-From", f"<{_ascii(message.return_path)}>"))
    if border and border.at:
        rows.append(("Arrival-Date", format_datetime(border.at)))
    if border and (mta := clean_host(border.by)):
        rows.append(("Reporting-MTA", f"dns; {mta}"))
        if results := _results(case.facts.judged.stamps):
            rows.append(("Authentication-Results", f"{mta}; {results}"))
    if domain := clean_host(message.author.domain):
        rows.append(("Reported-Domain", domain))
    part = Part()
    part["Content-Type"] = "message/feedback-report"
    part.set_payload("".join(f"{name}: {value}\n" for name, value in rows))
    return part


def _copy(fields: Iterable[Header]) -> Part:
    """The third part: the header alone (RFC 6522, 4), since what the mail says is nobody's but the reader's."""
    part = Part()
    part["Content-Type"] = "text/rfc822-headers; charset=us-ascii"
    part["Content-Disposition"] = "inline"
    part.set_payload("".join(f"{field.name}: {_folded(field)}\n" for field in fields))
    return part


def _folded(field: Header) -> str:
    """A value in lines of ASCII (RFC 5322, 2.1.1; RFC 2047)."""
    charset = "us-ascii" if field.value.isascii() else "utf-8"
    return Encoded(field.value, charset, header_name=field.name, maxlinelen=76).encode(splitchars=" ;,\t")


def _from_border_on(fields: tuple[Header, ...], border: Hop | None) -> tuple[Header, ...]:
    """From the Received line in which we took the mail, downwards; everything where that isn't known."""
    if border is None:
        return fields
    trace = [number for number, field in enumerate(fields) if field.name.lower() == "received"]
    return fields[trace[border.index] :] if border.index < len(trace) else fields


def _results(stamps: Iterable[Stamp]) -> str:
    """RFC 8601, 2.2; one result for each method and domain."""
    said = dict.fromkeys(
        f"{stamp.method}={stamp.result}" + (f" {_ABOUT[stamp.method]}={domain}" if domain else "")
        for stamp in stamps
        if stamp.method in _ABOUT
        for domain in (clean_host(stamp.domain),)
    )
    return "; ".join(list(said)[:12])


def _ascii(text: str) -> str:
    local, at, domain = text.rpartition("@")
    joined = f"{local}{at}{to_ascii(domain) or domain}"
    return "".join(char if " " <= char <= "~" else "?" for char in joined)


def _version() -> str:
    try:
        return version("checkmail")
    except PackageNotFoundError:  # run from a folder, not installed
        return "0"
