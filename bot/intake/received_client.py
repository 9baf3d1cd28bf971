"""Who the client of a Received line was: the `from` clause in the words of many servers, and who signed in."""

import re
from dataclasses import dataclass

from bot.hosts import clean_host, clean_ip
from bot.intake.received_tokens import Clause, Line

_LONGEST_COMMENT = 600
_HELO = re.compile(r'(?:^|[\s"(])[EHL]{2}LO[ =]"?([^\s")]{1,255})', re.IGNORECASE)
_BRACKETED = re.compile(r"\[((?:IPv6:)?[0-9A-Fa-f:.%a-z]{2,80})\](?::\d{1,5})?", re.IGNORECASE)
_NOT_THE_CLIENT = (
    "using ",
    "no client",
    "client ",
    "authenticated",
    "envelope",
    "version=",
    "version ",
    "tls",
    "cipher",
    "may be forged",
    "amavis",
    "orcpt",
    "return-path",
)
_ACCOUNTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"authenticated[ -]sender:\s{0,4}([^\s()]{1,320})",  # Postfix
        r"authenticated as ([^\s()/]{1,320})",  # Sendmail with a patch, Surgemail
        r"authenticated[ -]user[:=]?\s{1,4}([^\s()]{1,320})",  # SquirrelMail, Kerio, Synacor
        r"smtp-auth username ([^\s(),]{1,320})",  # qmail's smtp-auth patch
        r"\bauth:\s{0,4}[A-Z0-9-]{2,20}\s{1,4}([^\s(),]{1,320})",  # Courier
        r"\baccount[ =]{1,4}<?([^\s()<>]{1,320})",  # CommuniGate
        r"\bauth(?:user|id|enticated_id)?=([^\s();,]{1,320}@[^\s();,]{1,255})",  # Exim's log words, MagicMail
        r"^([^\s()]{1,320})@[0-9.]{7,15} with (?:plain|login|cram-md5)",  # Yahoo, qmail: (account@address with login)
    )
)
_UNNAMED = re.compile(r"(?:^|\s)authenticated(?:\s|$)(?!by)", re.IGNORECASE)
_SIGNED_IN = re.compile(r"(?:(?:E|UTF8)?SMTPS?A|UTF8LMTPS?A|LMTPS?A|ASMTP)", re.IGNORECASE)
"""The registered `with` words that mean SMTP AUTH (RFC 3848, RFC 6531), and ASMTP of old Exim."""


@dataclass(frozen=True, slots=True)
class Client:
    """The other end of a hop, as the server wrote it down."""

    helo: str = ""
    host: str = ""
    ip: str = ""


def read_client(clause: Clause, software: str) -> Client:
    """HELO, looked-up name and address from a `from` clause.

    Which word is which depends on the server: Postfix, Sendmail and Gmail write `HELO (name [address])`,
    Exim and vger `name ([address] helo=HELO)`, qmail `name (HELO helo) (address)`, Exchange `HELO (address)`.
    """
    word = clause.first
    inside = _comments(clause)
    helo = inside.helo or _unless_unknown(word)
    return Client(
        helo=helo.removesuffix(".")[:255],
        host=inside.host or _word_as_host(word, inside, software),
        ip=inside.ip or _ip_of_words(clause.words),
    )


def _comments(clause: Clause) -> Client:
    helo, host, ip = "", "", ""
    for comment in clause.comments:
        text = comment[:_LONGEST_COMMENT].strip()
        if text.lower().startswith(_NOT_THE_CLIENT):
            continue
        if named := _HELO.search(text):
            helo = helo or named[1]
            text = f"{text[: named.start()]} {text[named.end() :]}"
        if not ip and (address := _ip_in(text)):
            ip, host = address, _host_in(text)
    return Client(helo, host, ip)


def _ip_in(text: str) -> str:
    """The comment's address: in brackets, or alone, with a port, or behind `user@` (qmail)."""
    for match in _BRACKETED.finditer(text):
        if ip := clean_ip(match[1]):
            return ip
    for word in text.split()[:6]:
        bare = word.rpartition("@")[2]
        if ip := clean_ip(bare) or clean_ip(bare.partition(":")[0]):
            return ip
    return ""


def _host_in(text: str) -> str:
    """The looked-up name in front of the address; "unknown" where the server said so, "" where it may be forged."""
    if "may be forged" in text.lower():
        return ""
    word = text.partition("[")[0].strip().partition(" ")[0].rpartition("@")[2]
    return "unknown" if word.lower() == "unknown" else clean_host(word)


def _word_as_host(word: str, inside: Client, software: str) -> str:
    """Exim, vger and qmail put the looked-up name first; they say the HELO apart where it differs."""
    if software not in ("exim", "vger", "qmail", "ironport") and not inside.helo:
        return ""
    return "unknown" if word.lower() == "unknown" else clean_host(word)


def _unless_unknown(word: str) -> str:
    return "" if word.lower() == "unknown" else word


def _ip_of_words(words: tuple[str, ...]) -> str:
    """`from [1.2.3.4]`, `from host [1.2.3.4]`, `from 1.2.3.4`."""
    for word in words[:3]:
        if ip := clean_ip(word) or clean_ip(word.partition("]")[0]):
            return ip
    return ""


def read_account(line: Line, protocol: str) -> str:
    """The account that signed in: its name, "*" where the line says only that somebody did, else ""."""
    for comment in line.comments:
        text = comment[:_LONGEST_COMMENT].strip()
        for pattern in _ACCOUNTS:
            if found := pattern.search(text):
                return found[1].strip("<>,;")[:320]
    unnamed = _SIGNED_IN.fullmatch(protocol) or protocol.lower() == "mapi"
    return "*" if unnamed or any(_UNNAMED.search(comment[:_LONGEST_COMMENT]) for comment in line.comments) else ""
