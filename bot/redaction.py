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
DISGUISED = 8
"""Those of them, the likeliest reporters first, who are looked for in every disguise, which costs more."""
VALUE = 4_000
"""Characters of one field that are passed on."""
WHOLE = 150_000
"""Characters of all fields together; honest header sections have a tenth."""
FIELDS = 400
_ADDRESS = re.compile(r"(?<![\w.!#$%&'*+?^`{|}~-])[\w.!#$%&'*+?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
"""RFC 5321, 4.1.2, without `=` and `/`, which stand before addresses in trace fields and links."""
_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,4000}={0,2}")
"""What may be base64 or hex."""
_PIECE = re.compile(r"[^\s<>\"';,()/?&=#]{3,4000}")
"""A piece of a web address, or a word."""
_RECIPIENTS = re.compile(
    r"(?:resent-)?(?:to|cc|bcc)|apparently-to|(?:x-)?(?:delivered|envelope|original|forwarded|rcpt|gm-original)-(?:to|for)"
    r"|x-(?:original-)?(?:envelope-)?recipients?|(?:x-)?envelope-recipient|disposition-notification-to|final-recipient"
    r"|original-recipient",
    re.IGNORECASE,
)
_ADDRESSED = frozenset({"to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc", "apparently-to"})
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
    _kept: re.Pattern[str] | None

    @staticmethod
    def of(message: Message, reporter: str = "", *, outside: bool = False) -> "Redaction":
        """For one mail. A mail may claim to be from its own reader, and then an address is the suspect's as well as
        a recipient's: it stays, since whoever helps has to know whom it befell; for those `outside` it goes, if the
        mail was delivered to it.
        """
        suspect = frozenset(address for address in _suspects(message) if address)
        delivered = _plain((reporter, *_delivered(message)))
        everybody = dict.fromkeys((*delivered, *_plain(_addressed(message))))
        goes = frozenset(delivered or everybody) if outside else frozenset[str]()
        private = tuple(address for address in everybody if address not in suspect or address in goes)[:MOST]
        numbers = {address: number for number, address in enumerate(private, 1)}
        first = private[:DISGUISED]
        written = _written(first)
        keep = frozenset(address for address in suspect - frozenset(private) if not _carries(address, written))
        return Redaction(numbers, keep, written, _alone(first, message), _whole(keep))

    def text(self, text: str) -> str:
        """Any text without the recipients, whether plain or encoded; other addresses stay."""
        if not self.recipients:
            return text
        if self._kept is None:
            return self._bare(text)
        parts = self._kept.split(text)
        return "".join(part if number % 2 else self._bare(part) for number, part in enumerate(parts))

    def _bare(self, text: str) -> str:
        written = self._written
        assert written is not None, "there are recipients"
        plain = re.sub(written.pattern, GONE, text, flags=re.IGNORECASE) if _names(text, written) else text
        plain = _ADDRESS.sub(lambda found: self._unknown(found.group()), plain)
        decoded = _PIECE.sub(lambda found: _unescaped(found.group(), written), plain)
        return _RUN.sub(lambda found: _without(found.group(), written), decoded)

    def fields(self, headers: Iterable[Header]) -> tuple[Header, ...]:
        """Header fields without anybody's address but the suspect's; decoded, one line each, not defanged.

        What is over the limits is left out, and said to be.
        """
        every, said, room = tuple(headers), list[Header](), WHOLE
        for header in every[:FIELDS]:
            room -= len(header.name) + min(len(header.value), VALUE)
            if room < 0:
                break
            said.append(self._field(header))
        over = len(every) - len(said)
        return (*said, Header("X-Redacted", f"{over} more fields were left out")) if over else tuple(said)

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
        if name.lower() not in _IDS:
            said = _ADDRESS.sub(lambda found: self._known(found.group()), said)
        if self._alone:
            said = self._alone.sub(GONE, said)
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


def in_lines(fields: Iterable[Header], *, harmless: bool) -> str:
    """The fields as text; `harmless` with web addresses that nobody can click."""
    change: Callable[[str], str] = defang if harmless else str
    return "".join(f"{field.name}: {change(field.value)}\n" for field in fields)


def _suspects(message: Message) -> Iterable[str]:
    boxes = (*message.senders, *([message.sender] if message.sender else []), *message.reply_to)
    yield from (box.address.lower() for box in boxes)
    yield (message.return_path or "").lower()


def _delivered(message: Message) -> Iterable[str]:
    """Those to whom it was delivered: one of them is the reporter."""
    yield from (hop.recipient.strip("<> ") for hop in message.hops)
    for header in message.headers[:FIELDS]:
        name = header.name.strip()
        if _RECIPIENTS.fullmatch(name) and name.lower() not in _ADDRESSED:
            yield from _ADDRESS.findall(header.value[: VALUE * 4])


def _addressed(message: Message) -> Iterable[str]:
    """Those whom it names, which whoever wrote it chose."""
    yield from (box.address for box in (*message.to, *message.cc))
    for header in message.headers[:FIELDS]:
        if header.name.strip().lower() in _ADDRESSED:
            yield from _ADDRESS.findall(_decoded(header.value[: VALUE * 4]))


def _plain(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address.lower() for address in found if "@" in address[1:]))


def _written(recipients: tuple[str, ...]) -> re.Pattern[str] | None:
    """The addresses as people and programs write them: a@b, a=b (VERP), a%40b, a(at)b, and b=a (SRS)."""
    if not recipients:
        return None
    joint = r"(?:@|[^a-z0-9\s]{1,3}(?:at|40|3d|23)?[^a-z0-9\s]{0,2}|\s{0,2}[\[(]at[\])]\s{0,2})"
    ways = []
    for address in sorted(recipients, key=len, reverse=True):
        local, _, domain = address.rpartition("@")
        local, domain = re.escape(local), re.escape(domain)
        # No boundary on either side: bounce addresses run on from them.
        ways.append(f"{local}{joint}{domain}|{domain}={local}")
    # For text in lower case: without IGNORECASE the search skips to where one of them can begin.
    return re.compile("|".join(ways))


def _names(text: str, written: re.Pattern[str]) -> bool:
    return written.search(text.lower()) is not None


def _carries(address: str, written: re.Pattern[str] | None) -> bool:
    """Whether a suspect's address has a recipient's in it, as bounce addresses do; not as joann@ has ann@."""
    return written is not None and any(found.end() < len(address) for found in written.finditer(address))


def _whole(keep: frozenset[str]) -> re.Pattern[str] | None:
    """The suspect's addresses as whole addresses, which stay."""
    if not keep:
        return None
    ways = "|".join(re.escape(address) for address in sorted(keep, key=len, reverse=True)[:DISGUISED])
    return re.compile(rf"(?<![\w.+-])({ways})(?![\w-]|\.\w)", re.IGNORECASE)


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


def _unescaped(piece: str, written: re.Pattern[str]) -> str:
    hides = "%" in piece and _names(unquote(unquote(piece)), written)
    return GONE if hides else piece


def _without(run: str, written: re.Pattern[str]) -> str:
    """A run of letters without that which, decoded, names a recipient: a piece of a path, else all of it."""
    if not any(_names(each, written) for each in _readings(run)):
        return run
    pieces = run.split("/")
    said = [GONE if any(_names(each, written) for each in _readings(piece)) else piece for piece in pieces]
    return "/".join(said) if said != pieces else GONE


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
