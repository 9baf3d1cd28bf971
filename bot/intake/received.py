"""One Received line (RFC 5321, 4.4) as the common servers write it, made a Hop. Pure and linear in its length."""

import re

from bot.hosts import clean_host, clean_ip
from bot.intake.received_client import Client, read_account, read_client
from bot.intake.received_dates import read_date
from bot.intake.received_tokens import LONGEST_VALUE, Line, split_line
from bot.model import Hop, Zone

_RAW_KEPT = 1_000
_SOFTWARE: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("vger", r"rhost-flags-|via listexpand"),
        ("exchange", r"microsoft smtp server|microsoft smtpsvc|with mapi\b|prod\.outlook\.com with https"),
        ("gmail", r"\bby (?:2002:|[a-z0-9.-]{1,80}\.google(?:mail)?\.com\b|smtp\.gmail\.com\b)|\(gsmtpd\b"),
        ("amavis", r"\(amavis"),
        ("proofpoint", r"\bpps\.|\(PPS\)|\.(?:pphosted|ppops)\.(?:com|net)\b"),
        ("mimecast", r"\bby [a-z0-9.-]{1,80}\.mimecast\.com\b"),
        ("sendgrid", r"\(SG\) with|\bby (?:recvd|filterdrecv)-"),
        ("ses", r"\bby [a-z0-9.-]{1,80}\.amazon(?:ses|aws)\.com\b"),
        ("fastmail", r"\(meproxy\)|\bby [a-z0-9.-]{1,80}\.(?:messagingengine\.com|internal)\b"),
        ("proton", r"\bby [a-z0-9.-]{1,80}\.protonmail\.(?:ch|com)\b"),
        ("yahoo", r"\bby [a-z0-9.-]{1,80}\.yahoo\.com\b|yahoo inc\. hermes"),
        ("yandex", r"\((?:smtp|mxback|mxfront|nwsmtp)[a-z]{0,9}/yandex|\bby [a-z0-9.-]{1,80}\.yandex\.net\b"),
        ("mail.ru", r"\bby [a-z0-9.-]{1,80}\.mail\.ru\b"),
        ("gmx", r"\(nemesis\)|\bby [a-z0-9.-]{1,80}\.(?:gmx\.(?:net|com|de)|web\.de)\b"),
        ("zoho", r"\bby [a-z0-9.-]{1,80}\.zoho[a-z]{0,8}\.[a-z]{2,4}\b"),
        ("zimbra", r"\blhlo\b|\(zimbra|\bby zimbra"),
        ("ironport", r"with (?:e?smtp)/tls/"),
        ("mailgun", r"\bby [0-9a-f]{12} with http\b|\.mailgun\.(?:org|net)\b"),
        ("exim", r"\(exim\b|helo=[^\s)]{1,255}\) by"),
        ("postfix", r"\(postfix"),
        ("qmail", r"\(qmail |^qmail |\((?:HELO|EHLO) [^()]{1,255}\) \(|\(qpsmtpd"),
        ("communigate", r"communigate"),
        ("mdaemon", r"mdaemon"),
        ("hmailserver", r"hmailserver"),
        ("kerio", r"kerio"),
        ("courier", r"courier|\(auth: "),
        ("domino", r"domino release|\(lotus "),
        ("oracle", r"oracle communications|sun java.{0,20}messaging|iplanet messaging"),
        ("haraka", r"haraka"),
        ("opensmtpd", r"opensmtpd"),
        ("coremail", r"coremail"),
        ("fetchmail", r"fetchmail|getmail"),
        ("sendmail", r"\(\d{1,2}\.\d{1,2}\.\d{1,2}[a-z0-9._]{0,12}/|sendmail|/submit\)"),
        ("webmail", r"horde framework|squirrelmail|roundcube|via http\)"),
    )
)
_ENVELOPE_FROM = re.compile(
    r"(?:envelope-from|envelope-sender|return-path|mail_from)[ =:]{1,3}<?([^\s<>()]{0,320})", re.IGNORECASE
)
_ORCPT = re.compile(r"orcpt[ =]{1,3}<?(?:rfc822;)?([^\s<>()]{1,320})", re.IGNORECASE)
_USER_ID = re.compile(r"(?:from userid|by uid|from uid) (\d{1,10})", re.IGNORECASE)
_LOCAL_USER = re.compile(r"^from ([^\s()@]{1,64}@(?:localhost|[A-Za-z0-9.-]{1,253}))$", re.IGNORECASE)
_UTF8_OR_TLS = re.compile(r"/TLS.{0,80}$", re.IGNORECASE)


def read_hop(value: str, index: int, zone: Zone = Zone.OUTSIDE) -> Hop:
    """Parses one Received value; what the line doesn't say stays empty. Never raises."""
    text = value[:LONGEST_VALUE]
    line = split_line(text)
    software = _software(text)
    client = read_client(line.clause("from"), software) if "from" in line.clauses else Client()
    protocol = _protocol(line)
    if protocol.lower() == "local" and not client.ip:
        client = Client(host=client.host)  # the word is a login name, not a host (Exim)
    return Hop(
        index=index,
        zone=zone,
        helo=client.helo,
        host=client.host,
        ip=client.ip,
        by=_by(line),
        protocol=protocol,
        authenticated=read_account(line, protocol),
        envelope_from=_envelope_from(line, text),
        recipient=_recipient(line),
        at=read_date(line.tail) or read_date(text),
        software=software,
        raw=value[:_RAW_KEPT],
    )


def local_user(hop: Hop) -> str:
    """The account of the machine that handed the mail in by a program: `uid:48`, `www-data@localhost`, or ""."""
    if hop.ip or hop.protocol.lower() not in ("", "local"):
        return ""
    line = split_line(hop.raw)
    for comment in line.comments:
        if found := _USER_ID.search(comment[:300]):
            return f"uid:{found[1]}"
        if found := _LOCAL_USER.match(comment[:300].strip()):
            return found[1]
    word = line.clause("from").first
    return word[:64] if hop.protocol.lower() == "local" and hop.software == "exim" and "." not in word else ""


def _software(text: str) -> str:
    shown = text[:2_000]
    return next((name for name, pattern in _SOFTWARE if pattern.search(shown)), "")


def _by(line: Line) -> str:
    """The server's name or address in lower case; "" where the line has none."""
    word = line.clause("by").first.rstrip(",")
    return clean_host(word) or clean_ip(word) or word.strip("[]<>").lower()[:253]


def _protocol(line: Line) -> str:
    """The `with` word in upper case where it is one of SMTP's; Microsoft's long names are SMTP."""
    words = line.clause("with").words
    if not words:
        return _protocol_in_comments(line)
    if words[0].lower() == "microsoft":
        return "SMTP"
    word = _UTF8_OR_TLS.sub("", words[0][:80]).strip(",;")
    return word if word.lower() in ("mapi", "local", "local-esmtp") else word.upper()[:40]


def _protocol_in_comments(line: Line) -> str:
    for comment in line.comments:
        text = comment[:80].lower()
        if text.startswith("via http"):
            return "HTTP"
        if "from userid" in text or "invoked by uid" in text or "from network" in text:
            return "local" if "network" not in text else "SMTP"
    via = line.clause("via").first
    return via.upper()[:40] if via.upper() in ("HTTP", "HTTPS", "SMTP", "LMTP") else ""


def _envelope_from(line: Line, text: str) -> str:
    for comment in line.comments:
        if found := _ENVELOPE_FROM.search(comment[:600]):
            return found[1]
    outside = _ENVELOPE_FROM.search(text[:2_000])
    return outside[1] if outside else ""


def _recipient(line: Line) -> str:
    word = line.clause("for").first
    if "@" in word:
        return word.strip("<>,;")[:320]
    for comment in line.comments:
        if found := _ORCPT.search(comment[:600]):
            return found[1]
    return ""
