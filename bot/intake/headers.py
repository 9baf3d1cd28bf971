"""A header section made a list of fields, in linear time and whatever its bytes (RFC 5322, 2.2 and 4.5)."""

import re
from collections.abc import Iterator, Sequence

from bot.intake.charsets import text_of
from bot.model import Defect, Header, Limits

_LINE_END = re.compile(rb"\r{0,3}\n|\r")
_BLANK_LINE = re.compile(rb"(?:\A|\n)[ \t]{0,8}\r{0,3}\n")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,200}")
_LEADING_BLANK = re.compile(rb"[ \t\r\n]*")
_LONGEST_SECTION = 20_000_000
"""Octets of a header section that are handed on at all."""
_MOST_BAD_LINES = 2_000
_BOM = b"\xef\xbb\xbf"


def split_headers(section: bytes, limits: Limits) -> tuple[tuple[Header, ...], tuple[Defect, ...]]:
    """The fields of a header section in order, values unfolded but not decoded, and what was wrong with it.

    Takes bare LF, CR and CRLF, an mbox "From " line on top, folded or spaced field names, NULs and lines
    without a colon. Cut to `limits.header_bytes` in all, a tenth of it a field, and `limits.headers` fields.
    """
    cut = section[: limits.header_bytes]
    flaws = _Flaws()
    if len(section) > len(cut):
        flaws.note("headers-cut", f"only the first {len(cut)} of {len(section)} octets of headers were read")
    fields: list[Header] = []
    for line in _logical_lines(cut, limits.header_bytes // 10, flaws):
        if flaws.bad_lines > _MOST_BAD_LINES:
            flaws.note("headers-cut", f"after {len(fields)} fields too many lines were none")
            break
        if len(fields) >= limits.headers:
            flaws.note("too-many-headers", f"only the first {limits.headers} header fields were read")
            break
        field = _field(line, flaws, first=not fields)
        if field is not None:
            fields.append(field)
    return tuple(fields), flaws.found()


def divide(content: bytes) -> tuple[bytes, int]:
    """The header section of a message and the offset at which its body begins (RFC 5322, 2.1).

    Blank lines and a byte-order mark before the first field are skipped. Without a blank line, all is headers.
    """
    start = len(_BOM) if content.startswith(_BOM) else 0
    lead = _LEADING_BLANK.match(content, start, start + 4096)
    start = lead.end() if lead else start
    blank = _BLANK_LINE.search(content, start)
    if blank is None:
        return content[start : start + _LONGEST_SECTION], len(content)
    return content[start : min(blank.start() + 1, start + _LONGEST_SECTION)], blank.end()


class Fields:
    """Look-up by field name, whatever its case; a view over a header list."""

    __slots__ = ("_by_name",)

    def __init__(self, headers: Sequence[Header]) -> None:
        self._by_name: dict[str, list[str]] = {}
        for header in headers:
            self._by_name.setdefault(header.name.lower(), []).append(header.value)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(self._by_name.get(name.lower(), ()))

    def first(self, *names: str) -> str:
        """The first value of the first of these names that is there, else ""."""
        return next((self._by_name[name.lower()][0] for name in names if name.lower() in self._by_name), "")

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_name

    def starting(self, prefix: str) -> bool:
        """Whether any field's name starts so."""
        return any(name.startswith(prefix.lower()) for name in self._by_name)


class _Flaws:
    """Defects by code, counted: a hundred thousand bad lines are one defect."""

    __slots__ = ("_details", "_times")

    def __init__(self) -> None:
        self._details: dict[str, str] = {}
        self._times: dict[str, int] = {}

    @property
    def bad_lines(self) -> int:
        return self._times.get("line-without-colon", 0) + self._times.get("odd-field-name", 0)

    def note(self, code: str, detail: str) -> None:
        self._details.setdefault(code, detail)
        self._times[code] = self._times.get(code, 0) + 1

    def found(self) -> tuple[Defect, ...]:
        return tuple(
            Defect(code, detail if self._times[code] == 1 else f"{detail} (and {self._times[code] - 1} more)")
            for code, detail in self._details.items()
        )


def _logical_lines(section: bytes, most: int, flaws: _Flaws) -> Iterator[bytes]:
    """Lines with their continuations joined; RFC 5322, 2.2.3 keeps the white space at a fold."""
    pieces: list[bytes] = []
    size = 0
    for line in _lines(section):
        if not line.strip(b" \t"):
            continue
        if line[:1] not in (b" ", b"\t") or not pieces:
            if pieces:
                yield b"".join(pieces)
            pieces, size = [], 0
        if size + len(line) > most:
            flaws.note("header-cut", f"a header field of more than {most} octets was cut")
            line = line[: most - size]
        pieces.append(line)
        size += len(line)
    if pieces:
        yield b"".join(pieces)


def _lines(section: bytes) -> Iterator[bytes]:
    at = 0
    for end in _LINE_END.finditer(section):
        yield section[at : end.start()]
        at = end.end()
    yield section[at:]


def _field(line: bytes, flaws: _Flaws, *, first: bool) -> Header | None:
    if first and line.startswith((b"From ", b">From ")) and b":" not in line[: line.find(b" ", 5) + 1]:
        flaws.note("mbox-line", "an mbox separator line stands on top")
        return None
    name_part, colon, value = line.partition(b":")
    name = text_of(name_part[:300]).replace("\0", "").strip()
    if not colon:
        flaws.note("line-without-colon", f"a header line without a colon was left out: {text_of(line[:60])!r}")
        return None
    if not _FIELD_NAME.fullmatch(name):
        flaws.note("odd-field-name", f"a header line whose name isn't one was left out: {name[:60]!r}")
        return None
    if name_part[-1:] in (b" ", b"\t"):
        flaws.note("spaced-field-name", f"white space stands between the field name {name[:60]!r} and its colon")
    if b"\0" in line:
        flaws.note("nul-in-header", f"the field {name[:60]!r} holds a NUL")
    return Header(name, text_of(value).strip(" \t"))
