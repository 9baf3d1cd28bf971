"""A mail beside one that is known to be from the same person: point by point, what is the same.

Both are read as they stand and nothing is asked; a point that one of the two doesn't tell is None.
"""

import re

from rapidfuzz import fuzz

from bot.checks.language import language
from bot.checks.mailers import id_domain, mailer_family
from bot.hosts import organisation
from bot.model import Hop, IpKind, Mailbox, Message, SamePoint, Zone
from bot.ports import Atlas

_SHORTEST_LANGUAGE_TEXT = 80
"""Characters below which a language is a guess."""
_ALIKE = 80.0
"""Per cent of similarity from which two signature blocks count as the same."""
_SIGNATURE_LINES = 6
_LONGEST_SHOWN = 160
_CHARSET = re.compile(r"charset\s{0,5}=\s{0,5}\"?([\w.:-]{1,40})", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def compare(good: Message, this: Message, atlas: Atlas) -> tuple[SamePoint, ...]:
    """The points, the telling ones first. `good` is the mail known to be genuine, `this` the one in question."""
    good_server, this_server = _server(good), _server(this)
    good_place, this_place = (atlas.find(hop.ip if hop else "") for hop in (good_server, this_server))

    def domains(message: Message) -> str:
        return ", ".join(sorted({signature.domain.lower() for signature in message.signatures if signature.domain}))

    def host(hop: Hop | None) -> str:
        return organisation(hop.host) or organisation(hop.helo) if hop else ""

    return (
        _point("From address", good.author.address.lower(), this.author.address.lower()),
        _point("name", _name(good.author), _name(this.author)),
        _point("sending server", host(good_server), host(this_server)),
        _point("network", good_place.organisation, this_place.organisation),
        _point("country", good_place.country, this_place.country),
        _signed("DKIM domain", domains(good), domains(this), good, this),
        _point("Return-Path domain", _return_path(good), _return_path(this)),
        _either("Reply-To", _reply_to(good), _reply_to(this)),
        _point("mail program", mailer_family(good.mailer), mailer_family(this.mailer)),
        _point("time zone", _offset(good), _offset(this)),
        _point("Message-ID domain", id_domain(good.message_id), id_domain(this.message_id)),
        _point("Message-ID shape", id_shape(good.message_id), id_shape(this.message_id)),
        _point("text format", _format(good), _format(this)),
        _point("language", _language(good), _language(this)),
        _greetings(_greeting(good), _greeting(this)),
        _closings(_closing(good), _closing(this)),
        _client("client address", good, this, atlas),
    )


def id_shape(message_id: str) -> str:
    """The pattern of a Message-ID's left side: runs of digits, hex and letters, with their lengths.

    Programs are regular here: `<1719480000.12345@…>` is `9{12}.9{5}`. Lengths above eight are rounded to fours,
    since serial numbers grow. A left side of base64 is one run, since its signs fall anywhere.
    """
    left = message_id.strip().strip("<>").rpartition("@")[0][:120]
    if _UUID.fullmatch(left):
        return "uuid"
    letters = {character.isupper() for character in left if character.isalpha()}
    if len(left) >= 20 and len(letters) == 2 and any(map(str.isdigit, left)) and "." not in left:
        return "base64"
    return "".join(_run(match) for match in re.finditer(r"[0-9A-Za-z]+|[^0-9A-Za-z]", left))


def _run(match: re.Match[str]) -> str:
    text = match.group()
    if not text[0].isalnum():
        return text
    kind = "9" if text.isdigit() else "x" if re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", text) else "a"
    return f"{kind}{{{_rounded(len(text))}}}"


def _rounded(length: int) -> int:
    return length if length <= 8 else (length + 2) // 4 * 4


def _server(message: Message) -> Hop | None:
    """The hop whose client handed the mail in: the border, else the last that names a public client."""
    if message.border is not None:
        return message.border
    return next((hop for hop in message.hops if hop.ip and hop.zone is not Zone.OUTSIDE), None)


def _point(point: str, good: str, this: str) -> SamePoint:
    good, this = good[:_LONGEST_SHOWN], this[:_LONGEST_SHOWN]
    return SamePoint(point, good, this, good == this if good and this else None)


def _either(point: str, good: str, this: str) -> SamePoint:
    """A field whose absence tells as much as its presence; None where neither has it."""
    same = good == this if good or this else None
    return SamePoint(point, (good or "none")[:_LONGEST_SHOWN], (this or "none")[:_LONGEST_SHOWN], same)


def _signed(point: str, good: str, this: str, *messages: Message) -> SamePoint:
    """Signatures: none at all is a difference, but only where the headers would show one."""
    if not all(message.headers for message in messages):
        return SamePoint(point, good, this, None)
    if not good and not this:
        return SamePoint(point, "none", "none", None)
    same = bool(set(good.split(", ")) & set(this.split(", "))) and bool(good and this)
    return SamePoint(point, (good or "none")[:_LONGEST_SHOWN], (this or "none")[:_LONGEST_SHOWN], same)


def _greetings(good: str, this: str) -> SamePoint:
    """By the first word: whom it greets differs from mail to mail."""
    same = good.split()[0].lower() == this.split()[0].lower() if good and this else None
    return SamePoint("greeting", good, this, same)


def _closings(good: tuple[str, bool], this: tuple[str, bool]) -> SamePoint:
    """Blocks that vary a little from mail to mail; last lines without a mark may be anything, so that only
    their likeness tells.
    """
    alike = fuzz.token_sort_ratio(good[0].lower(), this[0].lower()) >= _ALIKE if good[0] and this[0] else None
    same = None if alike is False and not (good[1] and this[1]) else alike
    return SamePoint("signature block", good[0][:_LONGEST_SHOWN], this[0][:_LONGEST_SHOWN], same)


def _client(point: str, good: Message, this: Message, atlas: Atlas) -> SamePoint:
    """Where the author's own program was, by country: the address itself changes daily."""

    def country(message: Message) -> str:
        told = (o.ip for o in message.originations if o.ip and o.zone is not Zone.OUTSIDE)
        places = (atlas.find(ip) for ip in told)
        return next((place.country for place in places if place.kind is IpKind.PUBLIC and place.country), "")

    return _point(point, country(good), country(this))


def _name(author: Mailbox) -> str:
    return " ".join(author.name.split())


def _return_path(message: Message) -> str:
    return organisation((message.return_path or "").rpartition("@")[2])


def _reply_to(message: Message) -> str:
    """Where replies would go, if that isn't the author's own address."""
    own = message.author.address.lower()
    return ", ".join(sorted({box.address.lower() for box in message.reply_to} - {own, ""}))


def _offset(message: Message) -> str:
    return message.date.strftime("%z") if message.date else ""


def _field(message: Message, name: str) -> str:
    return next((header.value for header in message.headers if header.name.lower() == name), "")


def _format(message: Message) -> str:
    """The outer Content-Type and, of a single part, its character set: `text/plain utf-8`."""
    field = _field(message, "content-type")[:2_000]
    kind = field.partition(";")[0].strip().lower()
    charset = _CHARSET.search(field)
    return f"{kind} {charset.group(1).lower()}" if charset else kind


def _language(message: Message) -> str:
    own = "\n".join(_own_lines(message))
    return language(own) if len(own) >= _SHORTEST_LANGUAGE_TEXT else ""


def _greeting(message: Message) -> str:
    """The first line, where it is short enough to be one ("Hallo Anna,")."""
    first = next(iter(_own_lines(message)), "")
    return first if len(first) <= 60 and first.endswith((",", "!", ":", "،")) else ""


def _closing(message: Message) -> tuple[str, bool]:
    """The block after `-- ` (RFC 3676, 4.3) and True, else the last lines of what isn't quoted and False."""
    lines = _own_lines(message)
    marked = [number for number, line in enumerate(lines) if line == "--"]
    if marked:
        return "\n".join(lines[marked[-1] + 1 :][:_SIGNATURE_LINES]), True
    return "\n".join(lines[-_SIGNATURE_LINES:]) if len(lines) > _SIGNATURE_LINES else "", False


def _own_lines(message: Message) -> list[str]:
    """The text's lines up to the first quoted reply, without the empty ones."""
    own: list[str] = []
    for line in message.text[:20_000].splitlines():
        text = line.strip()
        if text.startswith((">", "-----Original", "________________")):
            break
        if text:
            own.append(text[:300])
    return own
