"""What mail writes in ASCII made text again: encoded words (RFC 2047), parameters (RFC 2231), transfer encodings."""

import binascii
import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from bot.intake.charsets import decode, text_of

_WORD_START = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(octet for octet in range(256) if octet not in _BASE64)
_CHUNK = 1 << 18
_LONGEST_RUN = 4_000_000
"""Octets that are decoded in one go."""
_MOST_PADDINGS = 100
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_LOOSE_BREAK = re.compile(rb"=[ \t]{1,20}\r?\n")
_PARAMETER = re.compile(r'([^\s=;"]{1,80})\s{0,20}=\s{0,20}(?:"((?:[^"\\]|\\.)*)"?|([^;]*))')
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_UU_BEGIN = re.compile(rb"(?:^|\n)begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n")


def decode_words(value: str) -> str:
    """A header value with its encoded words decoded, tolerantly: broken ones stay as they stand.

    White space between adjacent words is dropped (RFC 2047, 6.2), and neighbours of one charset are
    joined before they are decoded, for senders who split inside a character against section 5.
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    pending: tuple[str, bytes] | None = None
    at = 0
    while (start := _WORD_START.search(value, at)) is not None:
        end = _word_end(value, start)
        if end < 0:
            break
        between = value[at : start.start()]
        charset = start[1].partition("*")[0].lower()
        octets = _word_octets(start[2], value[start.end() : end])
        if pending is not None and not between.strip():
            between = ""
            if pending[0] == charset:
                octets, pending = pending[1] + octets, None
        if pending is not None:
            out.append(_word_text(*pending))
        out.append(between)
        pending = (charset, octets)
        at = end + 2
    if pending is not None:
        out.append(_word_text(*pending))
    return "".join([*out, value[at:]])


def _word_end(value: str, start: re.Match[str]) -> int:
    """Where the word's "?=" stands. A Q word may begin with an "=": "?q?=41?=" ends at the second."""
    return value.find("?=", start.end())


def _word_octets(encoding: str, encoded: str) -> bytes:
    raw = encoded.encode("utf-8", "replace")
    if encoding in "bB":
        return base64_octets(raw)
    return _HEX.sub(lambda found: bytes([int(found[1], 16)]), raw.replace(b"_", b" "))


def _word_text(charset: str, octets: bytes) -> str:
    return decode(octets, charset)[0]


def one_line(value: str) -> str:
    """Text for one line: encoded words decoded, folds and runs of white space made one space."""
    return " ".join(decode_words(value).replace("\0", "").split())


def base64_octets(encoded: bytes | memoryview) -> bytes:
    """Base64 with whatever doesn't belong left out and any padding (RFC 2045, 6.8 asks for that).

    Encodings one after the other, each with padding of its own, are all decoded. Works through large input
    piece by piece, so that it takes little more memory than its result.
    """
    plain = _one_run(encoded)
    return _runs(encoded) if plain is None else plain


def _one_run(encoded: bytes | memoryview) -> bytes | None:
    """What nearly every part is, decoded in one go: padded at its end only; None for anything else."""
    if len(encoded) > _LONGEST_RUN:
        return None
    run = bytes(encoded).rstrip(b"= \t\r\n")
    if b"=" in run:
        return None
    try:
        return binascii.a2b_base64(run + b"==")
    except binascii.Error:  # a letter too many
        return None


def _runs(encoded: bytes | memoryview) -> bytes:
    out = bytearray()
    carry, pads = b"", 0
    for start in range(0, len(encoded), _CHUNK):
        clean = bytes(encoded[start : start + _CHUNK]).translate(None, _NOT_BASE64)
        piece = carry + (clean if pads < _MOST_PADDINGS else clean.replace(b"=", b""))
        while b"=" in piece:
            head, _, piece = piece.partition(b"=")
            out += _padded(head)
            piece = piece.lstrip(b"=")
            pads += 1
            if pads >= _MOST_PADDINGS:
                piece = piece.replace(b"=", b"")
        whole = len(piece) - len(piece) % 4
        out += binascii.a2b_base64(piece[:whole])
        carry = piece[whole:]
    return bytes(out + _padded(carry))


def _padded(piece: bytes) -> bytes:
    spare = len(piece) % 4
    return binascii.a2b_base64(piece[:-1] if spare == 1 else piece + b"=" * (-spare % 4))


def quoted_printable_octets(encoded: bytes | memoryview) -> bytes:
    """Quoted-printable (RFC 2045, 6.7); a broken "=" stays as it stands."""
    return binascii.a2b_qp(_LOOSE_BREAK.sub(b"=\n", encoded))


def uuencoded_octets(encoded: bytes) -> bytes:
    """The octets of the first uuencoded file in the text; empty where there is none."""
    begin = _UU_BEGIN.search(encoded)
    return b"" if begin is None else _uu_lines(encoded, begin.end())[0]


def _uu_lines(encoded: bytes, at: int) -> tuple[bytes, int]:
    """The file whose first line is at `at`, and where its lines end."""
    out = bytearray()
    while at < len(encoded):
        end = encoded.find(b"\n", at)
        end = len(encoded) if end < 0 else end
        line = encoded[at:end].rstrip(b"\r")
        if not line or len(line) > 200 or line in (b"`", b"end"):
            break
        octets = _uu_line(line)
        if octets is None:
            break
        out += octets
        at = end + 1
    return bytes(out), at


def _uu_line(line: bytes) -> bytes | None:
    """Some encoders pad lines with wrong characters: then as many count as the length octet promises."""
    wanted = (((line[0] - 32) & 63) * 4 + 5) // 3 + 1
    for candidate in (line, line[:wanted]):
        try:
            return binascii.a2b_uu(candidate)
        except binascii.Error:
            continue
    return None


def uuencoded_files(text: bytes, most: int) -> tuple[tuple[str, bytes], ...]:
    """Name and octets of the uuencoded files in a plain text, at most `most`."""
    found: list[tuple[str, bytes]] = []
    begin = _UU_BEGIN.search(text)
    while begin is not None and len(found) < most:
        octets, at = _uu_lines(text, begin.end())
        if octets:
            found.append((text_of(begin[1]).strip(), octets))
        begin = _UU_BEGIN.search(text, max(at - 1, begin.end() - 1))
    return tuple(found)


def transfer_decoded(octets: memoryview, encoding: str) -> bytes:
    """A body's octets with its Content-Transfer-Encoding undone; an unknown one means as they are."""
    name = encoding.strip().strip("\"'").lower()
    if name == "base64":
        return base64_octets(octets)
    if name == "quoted-printable":
        return quoted_printable_octets(octets)
    plain = bytes(octets)
    if name in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return uuencoded_octets(plain) or plain
    return plain


def parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """A field's main value, lower-cased, and its parameters: `text/html; charset=x` and kin.

    Understands RFC 2231's continuations and charsets, and encoded words in parameters, which aren't
    allowed but common. The first of two parameters of one name counts.
    """
    value = value[:20_000]
    main, _, rest = value.partition(";")
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for found in _PARAMETER.finditer(rest):
        section = _SECTION.fullmatch(found[1].lower())
        if section is None:
            continue
        raw = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3].strip()
        number = int(section[2]) if section[2] else (-1 if section[3] else -2)
        pieces.setdefault(section[1], {}).setdefault(number, (raw, bool(section[3])))
    return main.strip().lower(), {name: _joined(parts) for name, parts in pieces.items()}


def _joined(parts: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231, 3 and 4: numbered pieces in order, the charset named by the first; the extended form is preferred."""
    if -1 in parts:
        return _extended(parts[-1][0])
    if -2 in parts:
        return decode_words(parts[-2][0])
    charset = ""
    octets: list[bytes] = []
    for at, number in enumerate(sorted(parts)):
        raw, encoded = parts[number]
        if encoded and at == 0 and raw.count("'") >= 2:
            charset, _, raw = raw.split("'", 2)
        octets.append(unquote_to_bytes(raw) if encoded else raw.encode("utf-8", "replace"))
    return decode(b"".join(octets), charset)[0]


def _extended(raw: str) -> str:
    charset, _, text = raw.split("'", 2) if raw.count("'") >= 2 else ("", "", raw)
    return decode(unquote_to_bytes(text), charset)[0]
