"""What is passed on about a mail without saying who got it: recipients' addresses are taken out, however written.

After RFC 6590: what was taken out is replaced, the same address by the same word, so that the rest stays readable.
The suspect's own addresses stay; that is whom it is about.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote

from bot.advice.words import defang, tame
from bot.model import Header, Message

GONE = "[redacted]"
MOST = 2_000
"""Recipients who are known; more don't fit into a header."""
DISGUISED = 12
"""Those of them, the likeliest reporters first, who are looked for in every disguise, which costs more."""
VALUE = 4_000
"""Characters of one field that are passed on."""
FIELDS = 400
_ADDRESS = re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{8,4000}={0,2}")
_OPAQUE = re.compile(r"[^\s<>\"';,()]{3,4000}")
_RECIPIENTS = re.compile(
    r"(?:resent-)?(?:to|cc|bcc)|apparently-to|(?:x-)?(?:delivered|envelope|original|forwarded|rcpt|gm-original)-(?:to|for)"
    r"|x-(?:original-)?(?:envelope-)?recipients?|(?:x-)?envelope-recipient|disposition-notification-to|final-recipient"
    r"|original-recipient",
    re.IGNORECASE,
)
_IDS = frozenset({"message-id", "in-reply-to", "references", "content-id", "resent-message-id", "thread-index"})
_NAME = re.compile(r"[!-9;-~]{1,76}")
_ROLES = frozenset(
    "abuse accounts admin billing contact desk finance help helpdesk hello hostmaster info jobs legal mail mailbox "
    "marketing news noreply office orders postmaster press root sales security service services staff support team "
    "test user webmaster".split()
)
"""Local parts that are no person's, and that are words of ordinary text."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """Takes recipients out of texts and header fields. Make it with `of`."""

    recipients: Mapping[str, int]
    """Each in lower case, with its number."""
    keep: frozenset[str]
    """The suspect's addresses, in lower case."""
    _written: re.Pattern[str] | None
    _alone: re.Pattern[str] | None

    @staticmethod
    def of(message: Message, more: Iterable[str] = (), *, keep_suspect: bool = True) -> "Redaction":
        """For one mail; `more` are further addresses to take out, such as the reporter's.

        With `keep_suspect` an address that is the suspect's as well as a recipient's stays: mails that claim to be
        from their own reader. Without, it goes.
        """
        suspect = frozenset(address for address in _suspects(message) if address)
        found = dict.fromkeys(address.lower() for address in (*more, *_recipients(message)) if "@" in address)
        private = tuple(address for address in found if not (keep_suspect and address in suspect))[:MOST]
        first = private[:DISGUISED]
        numbers = {address: number for number, address in enumerate(private, 1)}
        return Redaction(numbers, suspect - frozenset(private), _written(first), _alone(first, message))

    def text(self, text: str) -> str:
        """Any text without the recipients, whether plain or encoded; other addresses stay."""
        if self._written is None:
            return text
        plain = _ADDRESS.sub(lambda found: self._unknown(found.group()), self._written.sub(GONE, text))
        return _OPAQUE.sub(lambda found: GONE if self._hides(found.group()) else found.group(), plain)

    def fields(self, headers: Iterable[Header]) -> tuple[Header, ...]:
        """Header fields without anybody's address but the suspect's; decoded, one line each, not defanged."""
        return tuple(self._field(header) for header, _ in zip(headers, range(FIELDS), strict=False))

    def _field(self, header: Header) -> Header:
        name = header.name.strip()
        if not _NAME.fullmatch(name) or self.text(name) != name:
            return Header("X-Redacted", GONE)
        value = tame(_decoded(header.value[: VALUE * 4]), VALUE)
        if _RECIPIENTS.fullmatch(name):
            kept = [self._known(found.group()) for found in _ADDRESS.finditer(value)]
            return Header(name, ", ".join(kept) or GONE)
        if "unsubscribe" in name.lower() and "post" not in name.lower():
            # Whoever follows it speaks for the recipient.
            return Header(name, GONE)
        said = self.text(value)
        if self._alone:
            said = self._alone.sub(GONE, said)
        if name.lower() not in _IDS:
            said = _ADDRESS.sub(lambda found: self._known(found.group()), said)
        return Header(name, said)

    def _known(self, address: str) -> str:
        """The suspect's address as it stands; of another a word of its own, which tells it from the rest."""
        plain = address.lower()
        if plain in self.keep:
            return address
        number = self.recipients.get(plain, 0)
        return f"redacted-{number}@redacted.invalid" if number else "redacted@redacted.invalid"

    def _unknown(self, address: str) -> str:
        return self._known(address) if address.lower() in self.recipients else address

    def _hides(self, token: str) -> bool:
        """Whether a token, decoded as links and trackers encode addresses, holds a recipient's."""
        written = self._written
        assert written is not None, "asked only where there are recipients"
        if "%" in token and written.search(unquote(unquote(token))):
            return True
        return any(written.search(each) for run in _TOKEN.findall(token) for each in _readings(run))


def in_lines(fields: Iterable[Header], *, harmless: bool) -> str:
    """The fields as text; `harmless` with web addresses that nobody can click."""
    change: Callable[[str], str] = defang if harmless else str
    return "".join(f"{field.name}: {change(field.value)}\n" for field in fields)


def _suspects(message: Message) -> Iterable[str]:
    boxes = (*message.senders, *([message.sender] if message.sender else []), *message.reply_to)
    yield from (box.address.lower() for box in boxes)
    yield (message.return_path or "").lower()


def _recipients(message: Message) -> Iterable[str]:
    """Those to whom it was delivered first: one of them is the reporter."""
    yield from (hop.recipient.strip("<> ") for hop in message.hops)
    named = [header for header in message.headers[:FIELDS] if _RECIPIENTS.fullmatch(header.name.strip())]
    for header in sorted(named, key=lambda header: header.name.lower() in ("to", "cc", "bcc")):
        yield from _ADDRESS.findall(header.value[: VALUE * 4])
    yield from (box.address for box in (*message.to, *message.cc))


def _written(recipients: tuple[str, ...]) -> re.Pattern[str] | None:
    """The addresses as people and programs write them: a@b, a=b (VERP), a%40b, a(at)b, and b=a (SRS)."""
    if not recipients:
        return None
    joint = r"(?:@|[^a-z0-9\s]{1,3}(?:at|40|3d|23)?[^a-z0-9\s]{0,2}|\s{0,2}[\[(]at[\])]\s{0,2})"
    ways = []
    for address in sorted(recipients, key=len, reverse=True):
        local, _, domain = address.rpartition("@")
        local, domain = re.escape(local), re.escape(domain)
        ways.append(f"(?<![a-z0-9]){local}{joint}{domain}(?![a-z0-9])|(?<![a-z0-9]){domain}={local}(?![a-z0-9])")
    return re.compile("|".join(ways), re.IGNORECASE)


def _alone(recipients: tuple[str, ...], message: Message) -> re.Pattern[str] | None:
    """Local parts that stand alone ("maria.smith, your mailbox is full"), unless they are ordinary words or also
    the suspect's. In a host name they aren't a person's.
    """
    theirs = {word for box in message.senders for word in re.findall(r"\w+", f"{box.name} {box.address}".lower())}
    locals_ = {address.rpartition("@")[0] for address in recipients}
    named = sorted(each for each in locals_ if len(each) >= 5 and each not in _ROLES and each not in theirs)
    if not named:
        return None
    return re.compile(rf"(?<![\w.@-])(?:{'|'.join(map(re.escape, named))})(?![\w.@-])", re.IGNORECASE)


def _decoded(value: str) -> str:
    """A field's value with its encoded words read (RFC 2047); as it is where they can't be."""
    if "=?" not in value:
        return value
    try:
        parts = decode_header(value)
    except (HeaderParseError, binascii.Error, ValueError):
        return value
    return "".join(part if isinstance(part, str) else _text_of(part, charset) for part, charset in parts)


def _text_of(octets: bytes, charset: str | None) -> str:
    try:
        return octets.decode(charset or "latin-1", "replace")
    except (LookupError, ValueError):  # a charset that nobody knows, or that isn't one for text
        return octets.decode("latin-1")


def _readings(run: str) -> Iterable[str]:
    """What a run of letters says as base64 of either alphabet, begun at any of its first letters, or as hex."""
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    for start in range(4):
        part = plain[start:]
        yield base64.b64decode(part[: len(part) // 4 * 4] + _rest(part)).decode("latin-1")
    if len(run) % 2 == 0:
        try:
            yield bytes.fromhex(run).decode("latin-1")
        except ValueError:
            return


def _rest(part: str) -> str:
    """The last, incomplete group of four, padded; one letter alone says nothing."""
    over = part[len(part) // 4 * 4 :]
    return over + "=" * (4 - len(over)) if len(over) > 1 else ""
