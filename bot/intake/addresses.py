"""Who the address fields name: every reading that a common mail client could show.

A mail that was made to mislead shows one sender here and another there. The parser therefore doesn't
stop at the first reading that RFC 5322 allows, and an honest field still has exactly one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.intake.addressgrammar import MOST, Piece, Token, tokens
from bot.intake.decoding import decode_words
from bot.model import Mailbox

MOST_MAILBOXES = 100
"""Mailboxes kept of one field."""
MOST_FIELDS, MOST_FROM = 6, 4_000
"""From fields read, and characters of one."""
MOST_READINGS = 20
"""Readings taken of one entry; more of them say nothing more."""
LONGEST = 1_000
"""Characters kept of a name or an address."""
_END = Token(Piece.SEMICOLON, "")
_SPEC = re.compile(r"(?<![^\s<>,;:\"()\[\]])[^\s<>,;:\"()\[\]]{1,320}@(?:\[[^\]\s]{1,80}\]|[^\s<>,;:\"()\[\]]{1,320})")
_COMMA_SPEC = re.compile(r"(?<!\S)[^\s<>,;:\"()\[\]@]{1,64}@[^\s<>,;:\"()\[\]@]{1,253},[A-Za-z.]{2,30}(?!\S)")
_ROUTE = re.compile(r"@[^:<>\"]{0,400}:")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_CUTTING = re.compile(r"[\x00\r\n]")
_TLD_AFTER_COMMA = re.compile(r"[A-Za-z]{2,24}(?:\.[A-Za-z]{2,24})?")
_LOOSE = re.compile(r"\s{0,9}([@.])\s{0,9}")
_CLEAN_ADDRESS = re.compile(r"[^\s@<>\"\x00-\x1f]{1,64}@(?:[^\s@<>,;:\"()\[\]%\x00-\x1f]{1,253}|\[[^\]]{1,80}\])")


def read_senders(from_fields: Sequence[str]) -> tuple[Mailbox, ...]:
    """Every reading of the From fields, the likeliest first, each address once.

    Fields without an address count only where no other has one: a bare name is then the one reading.
    """
    readings = [mailbox for value in from_fields[:MOST_FIELDS] for mailbox in _readings(value[:MOST_FROM])]
    with_address = _distinct(mailbox for mailbox in readings if mailbox.address)
    if len(with_address) == 1 and _only_encoded(from_fields, with_address[0]):
        # Programs that decode show an address, those that parse first find none (RFC 2047, 5: no word in an addr-spec).
        return (*with_address, Mailbox(with_address[0].address, ""))
    return with_address or _distinct(mailbox for mailbox in readings if mailbox.name)[:1]


def _only_encoded(from_fields: Sequence[str], shown: Mailbox) -> bool:
    """The address stands nowhere but inside an encoded word."""
    plain = re.sub(r"=\?[^?\s]{1,40}\?[bqBQ]\?[^?\s]{0,2000}\?=", " ", " ".join(from_fields)[:MOST_FROM])
    return "=?" in " ".join(from_fields) and "@" not in plain and bool(shown.address)


def read_mailboxes(value: str) -> tuple[Mailbox, ...]:
    """The mailboxes of an address field such as To, Cc, Reply-To or Sender: one reading of each."""
    found = [_mailbox(element) for element in _elements(tokens(value))]
    usable = _distinct(mailbox for mailbox in found if mailbox is not None and mailbox.address)
    return usable or tuple(mailbox for mailbox in found if mailbox is not None and mailbox.name)[:1]


def read_path(value: str) -> str:
    """A Return-Path's address (RFC 5321, 4.4): "" for the null path `<>`; SRS and the like stay as they are."""
    inner = [token.text for token in tokens(value) if token.piece is Piece.ANGLE]
    candidates = _specs(inner[-1] if inner else value)
    return candidates[0] if candidates else ""


@dataclass(frozen=True, slots=True)
class _Element:
    """One entry of an address list: the words and comments around its angle addresses."""

    pieces: tuple[Token, ...]

    @property
    def angles(self) -> tuple[str, ...]:
        return tuple(token.text for token in self.pieces if token.piece is Piece.ANGLE)

    @property
    def bare(self) -> tuple[str, ...]:
        words = self.words
        spec = _comma_spec(words)
        return (spec,) if spec else tuple(_SPEC.findall(words))

    @property
    def words(self) -> str:
        """The text outside angles and comments; a quoted string that is a local part keeps its quotes."""
        out: list[str] = []
        for token, after in zip(self.pieces, (*self.pieces[1:], _END), strict=False):
            if token.piece is Piece.TEXT or token.piece in (Piece.COMMA, Piece.COLON, Piece.SEMICOLON):
                out.append(token.text)
            elif token.piece is Piece.QUOTED:
                is_local = after.piece is Piece.TEXT and after.text.startswith("@")
                out.append(f'"{token.text}"' if is_local else f" {token.text} ")
        return "".join(out)

    @property
    def comments(self) -> tuple[str, ...]:
        return tuple(token.text for token in self.pieces if token.piece is Piece.COMMENT)


def _readings(value: str) -> Iterator[Mailbox]:
    """The field's mailboxes, then what a client shows that decodes first, or stops early, or takes another angle."""
    elements = _elements(tokens(value))
    yield from (mailbox for mailbox in map(_mailbox, elements) if mailbox is not None)
    for element in elements:
        yield from _other_readings(element)
    if "=?" in value:
        yield from _decoded_first(value)


def _other_readings(element: _Element) -> Iterator[Mailbox]:
    """Its other addresses, the last first, those behind the last angle, and those in comments: a client that reads on
    shows the former, one that takes comments for text (or for the name, RFC 822's way) the latter.
    """
    addresses = element.angles or element.bare or _quoted_bare(element)
    if element.angles:
        last = max(at for at, token in enumerate(element.pieces) if token.piece is Piece.ANGLE)
        addresses = (*_Element(element.pieces[last + 1 :]).bare[:MOST_READINGS], *addresses)
    yield from _named(element, addresses[-MOST_READINGS:][::-1], _shown(element))
    for comment in element.comments[-MOST_READINGS:] if addresses else ():
        yield from _named(element, _SPEC.findall(decode_words(comment))[:MOST_READINGS], _shown(element))


def _named(element: _Element, addresses: Sequence[str], shown: str) -> Iterator[Mailbox]:
    name = _name(element)
    for raw in addresses:
        yield from (Mailbox(name, address, shown) for address in _specs(raw))


def _decoded_first(value: str) -> Iterator[Mailbox]:
    """RFC 2047, 6.1 says to parse and then decode; a client that does it the other way sees other brackets."""
    plain = decode_words(value[:MOST])
    if plain.count("<") <= value[:MOST].count("<"):
        return
    for element in _elements(tokens(plain))[:MOST_READINGS]:
        yield from _named(element, element.angles[-MOST_READINGS:], plain[:LONGEST])


def _elements(pieces: Sequence[Token]) -> tuple[_Element, ...]:
    """The list's entries. A comma inside an unquoted name doesn't end one: the entry goes on to its address."""
    elements: list[_Element] = []
    current: list[Token] = []
    complete = False
    for at, token in enumerate(pieces):
        if token.piece is Piece.COLON and not complete and _opens_group(pieces, at, current):
            current = []
        elif token.piece not in (Piece.COMMA, Piece.SEMICOLON) or not complete or _comma_in_domain(pieces, at):
            complete = complete or _completes(token, current)
            current.append(token)
        else:
            elements.append(_Element(tuple(current)))
            current, complete = [], False
        if len(elements) >= MOST_MAILBOXES:
            return tuple(elements)
    if current:
        elements.append(_Element(tuple(current)))
    return tuple(elements)


def _completes(token: Token, current: Sequence[Token]) -> bool:
    """Whether an entry has its address with this piece."""
    if token.piece is Piece.ANGLE:
        return True
    after_quoted = bool(current) and current[-1].piece is Piece.QUOTED and token.text.startswith("@")
    return token.piece is Piece.TEXT and (after_quoted or _SPEC.search(token.text) is not None)


def _comma_in_domain(pieces: Sequence[Token], at: int) -> bool:
    """`x@loyalty-survey,net`: the comma was meant to be, or was made to look like, a full stop."""
    before, after = pieces[at - 1 : at], pieces[at + 1 : at + 2]
    if not before or not after or before[0].piece is not Piece.TEXT or after[0].piece is not Piece.TEXT:
        return False
    joined = "@" in before[0].text.split()[-1:][0] if before[0].text.split() else False
    alone = at + 2 >= len(pieces) or pieces[at + 2].piece in (Piece.COMMA, Piece.COMMENT, Piece.SEMICOLON)
    tight = not before[0].text[-1:].isspace() and not after[0].text[:1].isspace()
    return joined and alone and tight and _TLD_AFTER_COMMA.fullmatch(after[0].text.rstrip()) is not None


def _opens_group(pieces: Sequence[Token], at: int, current: Sequence[Token]) -> bool:
    """RFC 5322, 3.4: `display-name ":" [mailbox-list] ";"`. Without its end it is a colon in a name."""
    if not 0 < len(current) <= 8 or any(token.piece is Piece.COMMA for token in current):
        return False
    return any(token.piece is Piece.SEMICOLON for token in pieces[at + 1 : at + 1 + 4 * MOST_MAILBOXES])


def _comma_spec(words: str) -> str:
    found = _COMMA_SPEC.search(words) if "," in words else None
    return found[0] if found is not None else ""


def _quoted_bare(element: _Element) -> tuple[str, ...]:
    """`"john doe"@example.org` without brackets, or all of an address inside quotes."""
    words = element.words
    local = re.search(r'"[^"]{0,200}"@[^\s<>,;:"()]{1,320}', words)
    return (local[0],) if local is not None else ()


def _mailbox(element: _Element) -> Mailbox | None:
    """The reading that most clients show: the last angle address, else the first bare one, else a name alone."""
    filled = [angle for angle in element.angles if angle.strip()]
    raw = filled[-1] if filled else next(iter(_quoted_bare(element) or element.bare), "")
    if not raw and "=?" in element.words:
        decoded = decode_words(element.words)
        raw = decoded if _SPEC.fullmatch(decoded.strip()) else ""
    candidates = _specs(raw)
    name = _name(element, raw)
    if not candidates:
        return Mailbox(name or _cleaned(raw), "", _shown(element)) if name or raw.strip() else None
    plain = len(candidates) == 1 and _CLEAN_ADDRESS.fullmatch(candidates[0]) and not _CONTROLS.search(raw)
    return Mailbox(name, candidates[0], "" if plain and "xn--" not in candidates[0] else _shown(element))


def _name(element: _Element, address: str = "") -> str:
    """The display name: the words around the address, else the last comment (RFC 822's way), decoded."""
    words = element.words
    if not element.angles:
        words = words.replace(address, " ", 1) if address else words
        if _SPEC.fullmatch(decode_words(words).strip()):
            words = ""
    name = _cleaned(decode_words(words))
    if not name and element.comments:
        name = _cleaned(decode_words(element.comments[-1]))
    return name


def _cleaned(text: str) -> str:
    """One line, without the quotes, commas and brackets that only held it; smart quotes are quotes too."""
    line = " ".join(_CONTROLS.sub(" ", text[: 4 * LONGEST]).split())
    line = line.strip(" ,;").rstrip("<").lstrip(">").strip(" ,;")
    while len(line) >= 2 and line[0] + line[-1] in ('""', "''", "“”", "‘’", "„“", "«»", "””"):
        line = line[1:-1].strip()
    return line[:LONGEST]


def _shown(element: _Element) -> str:
    """The entry as a client prints it that understands none of this; A-labels made letters."""
    parts: list[str] = []
    for token in element.pieces:
        text = decode_words(token.text) if token.piece is not Piece.ANGLE else f"<{_unicode_domain(token.text)}>"
        parts.append(f"({text})" if token.piece is Piece.COMMENT else text)
    return " ".join(_CONTROLS.sub("�", "".join(parts)[: 4 * LONGEST]).split())[:LONGEST]


def _unicode_domain(address: str) -> str:
    if "xn--" not in address.lower():
        return address
    local, _, domain = address.rpartition("@")
    return f"{local}@{to_unicode(domain)}"


def to_unicode(domain: str) -> str:
    """A domain with its A-labels (RFC 5890) made letters, where they can be; lower case."""
    return ".".join(_label(label) for label in domain.lower().split("."))


def _label(label: str) -> str:
    if not label.startswith("xn--") or len(label) > 63:
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def _specs(raw: str) -> tuple[str, ...]:
    """The addresses that one address text could be read as, the likeliest first; none without an "@".

    A source route (RFC 5321, C) is left out; a text that a NUL or line break ends early, and one with a
    second "@", have a shorter reading beside the whole.
    """
    decoded = decode_words(raw)
    texts = [_without_route(decoded)]
    cut = _CUTTING.split(texts[0], maxsplit=1)[0]
    if cut != texts[0]:
        texts.append(cut)
    for text in tuple(texts):
        texts.extend(_shorter(text))
    found = [_normal(text) for text in texts]
    return tuple(dict.fromkeys(address for address in found if address))


def _without_route(text: str) -> str:
    stripped = text.strip(" \t<>")
    route = _ROUTE.match(stripped)
    return stripped[route.end() :] if route is not None and "@" in stripped[route.end() :] else stripped


def _shorter(text: str) -> tuple[str, ...]:
    """`a@b@c` read up to the second "@", and a text with a colon or space read as its last address."""
    if text.startswith('"') or text.count("@") < 2:
        return ()
    first = _SPEC.search(text.replace("@", "\x01", 1).replace("@", " ").replace("\x01", "@"))
    return (first[0],) if first is not None else ()


def _normal(text: str) -> str:
    """The address with controls and loose white space out and its domain in lower case; "" without an "@"."""
    text = _LOOSE.sub(r"\1", _CONTROLS.sub("", text.strip())) if "@" in text else ""
    if text.lower().startswith("mailto:"):
        text = text[len("mailto:") :]
    local, at, domain = text.strip().rpartition("@")
    if not at or not (local or domain):
        return ""
    return f"{local}@{domain.lower().removesuffix('.')}"[:LONGEST]


def _distinct(mailboxes: Iterable[Mailbox]) -> tuple[Mailbox, ...]:
    """Each address once, whatever its case; the first to show it counts."""
    by_address: dict[str, Mailbox] = {}
    for mailbox in mailboxes:
        by_address.setdefault((mailbox.address or mailbox.name).lower(), mailbox)
        if len(by_address) >= MOST_MAILBOXES:
            break
    return tuple(by_address.values())
