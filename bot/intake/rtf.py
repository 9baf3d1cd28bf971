"""The text in Outlook's compressed RTF ([MS-OXRTFCP]), and the HTML that it may wrap ([MS-OXRTFEX])."""

import re
import struct
from dataclasses import dataclass

from bot.intake.charsets import decode

_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_PRELOAD = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
MOST_RTF = 4_000_000
_TOKEN = re.compile(
    rb"\\(?P<hex>'[0-9A-Fa-f]{2})|\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|\\(?P<symbol>[^A-Za-z])"
    rb"|(?P<brace>[{}])|[\r\n]{1,64}|(?P<text>[^\\{}\r\n]{1,4096})",
    re.DOTALL,
)
_SKIPPED = frozenset(b"fonttbl colortbl stylesheet info pict themedata colorschememapping listtable generator".split())
_BREAKS = {b"par": "\n", b"line": "\n", b"tab": "\t", b"row": "\n", b"cell": "\t"}
_DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The HTML that the RTF was made from, or its plain text; both empty where it can't be read."""

    html: str = ""
    plain: str = ""


def html_of_rtf(packed: bytes) -> Unwrapped:
    """What a PidTagRtfCompressed value says; bounded in size, raises nothing."""
    rtf = _inflate(packed)
    if not rtf.lstrip().startswith(b"{\\rtf"):
        return Unwrapped()
    head = rtf[:2000]
    text = _text(rtf, wrapped=b"\\fromhtml1" in head)
    return Unwrapped(html=text) if b"\\fromhtml1" in head else Unwrapped(plain=text)


def _inflate(packed: bytes) -> bytes:
    """[MS-OXRTFCP] 2.2: an LZ77 over a ring of 4096 octets that begins with a known text."""
    if len(packed) < 16:
        return b""
    size, kind = struct.unpack_from("<4xII", packed)
    if kind == _PLAIN:
        return packed[16 : 16 + min(size, MOST_RTF)]
    if kind != _COMPRESSED:
        return b""
    ring = bytearray(_PRELOAD.ljust(4096, b"\0"))
    return _follow(packed, ring, min(size, MOST_RTF))


def _follow(packed: bytes, ring: bytearray, most: int) -> bytes:
    write = len(_PRELOAD)
    out = bytearray()
    at = 16
    while at < len(packed) and len(out) < most:
        control = packed[at]
        at += 1
        for bit in range(8):
            run = b""
            if control >> bit & 1:
                if at + 2 > len(packed):
                    return bytes(out)
                reference = packed[at] << 8 | packed[at + 1]
                at += 2
                offset, length = reference >> 4, (reference & 15) + 2
                if offset == write:
                    return bytes(out)
                for step in range(length):
                    octet = ring[(offset + step) % 4096]
                    ring[write] = octet
                    write = (write + 1) % 4096
                    out.append(octet)
                continue
            run = packed[at : at + 1]
            at += 1
            out += run
            ring[write : write + len(run)] = run
            write = (write + len(run)) % 4096
    return bytes(out)


class _Reader:
    """Where the walk over the RTF stands: groups that are skipped, and whether plain RTF is (\\htmlrtf)."""

    __slots__ = ("bytes_", "code_page", "hidden", "out", "skip", "stack", "wrapped")

    def __init__(self, wrapped: bool) -> None:
        self.wrapped = wrapped
        self.stack: list[tuple[bool, bool]] = []
        self.skip = False
        self.hidden = False
        self.code_page = "cp1252"
        self.bytes_ = bytearray()
        self.out: list[str] = []

    def flush(self) -> None:
        if self.bytes_:
            self.out.append(decode(bytes(self.bytes_), self.code_page)[0])
            self.bytes_.clear()

    def add(self, text: str) -> None:
        if not self.skip and not self.hidden:
            self.flush()
            self.out.append(text)


def _text(rtf: bytes, *, wrapped: bool) -> str:
    reader = _Reader(wrapped)
    spare = 0
    at = 0
    while (found := _TOKEN.match(rtf, at)) is not None:
        at = found.end()
        if found["brace"]:
            _group(reader, found["brace"])
        elif found["word"]:
            spare = _word(reader, found["word"], found["number"])
        elif found["hex"] or found["text"]:
            octets = bytes([int(found["hex"][1:], 16)]) if found["hex"] else found["text"]
            taken = min(spare, len(octets))
            spare -= taken
            if not reader.skip and not reader.hidden:
                reader.bytes_ += octets[taken:]
        elif found["symbol"]:
            _symbol(reader, found["symbol"], rtf, at)
    reader.flush()
    return "".join(reader.out)


def _group(reader: _Reader, brace: bytes) -> None:
    if brace == b"{":
        if len(reader.stack) < _DEEPEST:
            reader.stack.append((reader.skip, reader.hidden))
    elif reader.stack:
        reader.skip, reader.hidden = reader.stack.pop()


def _symbol(reader: _Reader, symbol: bytes, rtf: bytes, at: int) -> None:
    if symbol == b"*":
        # An ignorable destination; those of the HTML itself are what is looked for.
        reader.skip = reader.skip or not rtf[at : at + 9].lstrip().startswith((b"\\htmltag", b"\\mhtmlta"))
    elif symbol in (b"\\", b"{", b"}"):
        reader.add(symbol.decode())
    elif symbol == b"~":
        reader.add("\u00a0")


def _word(reader: _Reader, word: bytes, number: bytes | None) -> int:
    """Takes a control word; gives how many characters of a \\u's replacement are to be left out."""
    if word == b"htmlrtf":
        reader.hidden = reader.wrapped and number != b"0"
    elif word in _SKIPPED or word == b"mhtmltag":
        reader.skip = True
    elif word == b"ansicpg" and number:
        reader.code_page = f"cp{int(number)}"
    elif word == b"u" and number:
        reader.add(chr(int(number) % 65536) if not 0xD800 <= int(number) % 65536 <= 0xDFFF else "\ufffd")
        return 1
    elif word in _BREAKS:
        reader.add(_BREAKS[word])
    return 0
