"""The parts of a message (RFC 2045, 2046), found in one pass within bounds of count, depth and lines.

The standard library's feedparser recurses and is quadratic on made-up input (nested multiparts, broken
boundaries), so that the splitting is done here: every line that begins with "--" is looked up among the
boundaries that are open at that place, whatever their depth, and nothing is copied on the way.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.intake.attachments import describe, type_by_name
from bot.intake.body import Body
from bot.intake.charsets import decode
from bot.intake.decoding import one_line, parameters, transfer_decoded, uuencoded_files
from bot.intake.headers import Fields, divide, split_headers
from bot.model import Attachment, Defect, Header, Limits

MOST_DASH_LINES = 200_000
"""Lines beginning with "--" looked at."""
PART_HEADER = 65_536
"""Octets of a part's own header section."""
_DASH_LINE = re.compile(rb"\n--([^\r\n]{0,300})")
_TEXT_TYPES = ("text/plain", "text/html")
_ENRICHED = ("text/enriched", "text/richtext", "text/x-amp-html", "text/watch-html")


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the structure: where its octets lie in the content, and what its header says of them."""

    type: str
    parameters: Mapping[str, str]
    disposition: str
    filename: str
    encoding: str
    start: int
    end: int
    depth: int
    content_id: bool = False


@dataclass(slots=True)
class _Open:
    """A multipart whose end hasn't been seen."""

    boundary: bytes
    type: str
    begin: int
    depth: int
    children: int = 0


@dataclass(slots=True)
class _Walk:
    content: bytes
    limits: Limits
    parts: list[Part] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    current: Part | None = None
    flaws: dict[str, str] = field(default_factory=dict)


def read_body(headers: Sequence[Header], content: bytes, body_at: int, limits: Limits) -> Body:
    """The readable texts and the attachments of the message whose body begins at `body_at`; raises nothing."""
    parts, flaws = split_parts(headers, content, body_at, limits)
    found = _Found(limits, [Defect(code, detail) for code, detail in flaws.items()])
    for part in parts:
        found.take(part, content)
    return Body("\n".join(found.plain), "\n".join(found.html), tuple(found.attachments), tuple(found.defects))


def attached_messages(content: bytes, limits: Limits) -> tuple[bytes, ...]:
    """The messages attached to this one (message/rfc822, .eml and Outlook's .msg), in order.

    Those inside them aren't looked for: hand one in again to go deeper.
    """
    section, body_at = divide(content[: limits.exhibit])
    headers, _ = split_headers(section, limits)
    parts, _ = split_parts(headers, content, body_at, limits)
    found: list[bytes] = []
    for part in parts:
        if len(found) >= limits.attachments:
            break
        if part.type in ("message/rfc822", "message/global") or _named_mail(part):
            octets = transfer_decoded(memoryview(content)[part.start : part.end], part.encoding).lstrip(b"\r\n")
            if octets.strip():
                found.append(octets)
    return tuple(found)


def _named_mail(part: Part) -> bool:
    if part.type == "application/vnd.ms-outlook":
        return True
    return part.filename.lower().endswith((".eml", ".msg")) and part.type not in _TEXT_TYPES


def split_parts(
    headers: Sequence[Header], content: bytes, body_at: int, limits: Limits
) -> tuple[tuple[Part, ...], Mapping[str, str]]:
    """The leaves in order, and defects by code. A body that isn't a multipart is one leaf."""
    walk = _Walk(content, limits)
    _open_part(walk, headers, body_at, 0)
    if walk.stack:
        _follow_boundaries(walk, body_at)
    _close_part(walk, len(content))
    while walk.stack:
        _close_multipart(walk, len(content))
    return tuple(walk.parts), walk.flaws


def _follow_boundaries(walk: _Walk, body_at: int) -> None:
    for count, line in enumerate(_DASH_LINE.finditer(walk.content, max(0, body_at - 1))):
        if count >= MOST_DASH_LINES or len(walk.parts) >= walk.limits.parts:
            walk.flaws.setdefault("too-many-parts", f"only the first {len(walk.parts)} parts were read")
            return
        hit = _matching(walk.stack, line[1].rstrip(b" \t"))
        if hit is None:
            continue
        level, closes = hit
        _close_part(walk, _before_line_end(walk.content, line.start()))
        while len(walk.stack) > level + 1:
            _close_multipart(walk, line.start())
        if closes:
            _close_multipart(walk, line.start())
        else:
            walk.stack[level].children += 1
            _start_child(walk, line.end(), level + 1)
        if not walk.stack:
            return


def _matching(stack: Sequence[_Open], rest: bytes) -> tuple[int, bool] | None:
    """Which open multipart the delimiter line belongs to, the innermost first, and whether it ends it."""
    for level in range(len(stack) - 1, -1, -1):
        boundary = stack[level].boundary
        if rest.startswith(boundary):
            tail = rest[len(boundary) :]
            if not tail.strip():
                return level, False
            if tail.startswith(b"--") and not tail[2:].strip():
                return level, True
    return None


def _before_line_end(content: bytes, at: int) -> int:
    """RFC 2046, 5.1.1: the line break before a delimiter, whose LF is at `at`, belongs to the delimiter."""
    return at - 1 if content[at - 1 : at] == b"\r" else at


def _start_child(walk: _Walk, line_end: int, depth: int) -> None:
    content = walk.content
    start = line_end + (2 if content[line_end : line_end + 2] == b"\r\n" else 1)
    start = min(start, len(content))
    window = content[start : start + PART_HEADER]
    next_delimiter = window.find(b"\n--")
    if next_delimiter >= 0:
        window = window[: next_delimiter + 1]
    if window[:1] in (b"\n", b"\r"):
        headers: tuple[Header, ...] = ()
        body = start
    else:
        section, offset = divide(window)
        headers, _ = split_headers(section, walk.limits)
        body = start + offset
    _open_part(walk, headers, body, depth)


def _open_part(walk: _Walk, headers: Sequence[Header], body: int, depth: int) -> None:
    """Begin a leaf or, where the header says multipart and the bounds allow, a multipart."""
    fields = Fields(headers)
    parent = walk.stack[-1].type if walk.stack else ""
    default = "message/rfc822" if parent == "multipart/digest" else "text/plain"
    declared, given = parameters(fields.first("Content-Type"))
    kind = declared if re.fullmatch(r"[^\s/;]{1,80}/[^\s/;]{1,80}", declared) else default
    if kind.startswith("multipart/"):
        boundary = given.get("boundary", "").rstrip()[:200].encode("utf-8", "replace")
        if not boundary and depth == 0:
            boundary = _guessed_boundary(walk.content, body)
        if boundary and len(walk.stack) < walk.limits.depth:
            walk.stack.append(_Open(boundary, kind, body, depth))
            return
        code = "too-deep" if boundary else "multipart-without-boundary"
        walk.flaws.setdefault(code, f"a {kind[:60]} part was read as plain text")
        kind = "text/plain"
    disposition, disposed = parameters(fields.first("Content-Disposition"))
    walk.current = Part(
        kind,
        given,
        disposition,
        _filename(disposed.get("filename", "") or given.get("name", "")),
        fields.first("Content-Transfer-Encoding").partition(";")[0].strip()[:40],
        body,
        body,
        depth,
        "Content-ID" in fields,
    )


def _filename(name: str) -> str:
    """The last piece of a path, on one line."""
    return one_line(name[:1_000]).replace("\\", "/").rpartition("/")[2][:255]


def _guessed_boundary(content: bytes, body: int) -> bytes:
    """The first line beginning with "--" of a multipart that names no boundary; clients recover it so too."""
    line = _DASH_LINE.search(content, max(0, body - 1), body + 4_096)
    return line[1].strip() if line is not None else b""


def _close_part(walk: _Walk, end: int) -> None:
    part = walk.current
    walk.current = None
    if part is None:
        return
    if len(walk.parts) >= walk.limits.parts:
        walk.flaws.setdefault("too-many-parts", f"only the first {walk.limits.parts} parts were read")
        return
    walk.parts.append(
        Part(
            part.type,
            part.parameters,
            part.disposition,
            part.filename,
            part.encoding,
            part.start,
            max(part.start, end),
            part.depth,
            part.content_id,
        )
    )


def _close_multipart(walk: _Walk, end: int) -> None:
    """A multipart in which no delimiter was found is shown as text by clients, and so read as text here."""
    closed = walk.stack.pop()
    if closed.children == 0 and end > closed.begin:
        walk.flaws.setdefault("multipart-without-parts", f"no part was found in a {closed.type[:60]}")
        walk.current = Part("text/plain", {}, "", "", "", closed.begin, closed.begin, closed.depth)
        _close_part(walk, end)


class _Found:
    """Texts and attachments as they come up, within the bounds."""

    __slots__ = ("attachments", "defects", "html", "limits", "plain", "room")

    def __init__(self, limits: Limits, defects: list[Defect]) -> None:
        self.limits = limits
        self.defects = defects
        self.plain: list[str] = []
        self.html: list[str] = []
        self.attachments: list[Attachment] = []
        self.room = {"text/plain": limits.text, "text/html": 4 * limits.text}

    def take(self, part: Part, content: bytes) -> None:
        if part.type in _ENRICHED and not part.filename:
            return
        if part.type in _TEXT_TYPES and not self._is_file(part):
            self._take_text(part, content)
        elif len(self.attachments) < self.limits.attachments:
            self._attach(part, transfer_decoded(memoryview(content)[part.start : part.end], part.encoding))
        else:
            self._flaw("too-many-attachments", f"only the first {self.limits.attachments} attachments are listed")

    def _is_file(self, part: Part) -> bool:
        """A text with a file name and no "inline" is a file, unless it is the first: then it is what clients show."""
        if part.disposition == "attachment":
            return True
        return bool(part.filename) and part.disposition != "inline" and bool(self.plain or self.html)

    def _take_text(self, part: Part, content: bytes) -> None:
        most = self.room[part.type]
        # Four octets a character, and base64 or quoted-printable at most three octets for one.
        octets = transfer_decoded(
            memoryview(content)[part.start : min(part.end, part.start + 12 * most)], part.encoding
        )
        text, fits = decode(octets[: 4 * most], part.parameters.get("charset", ""))
        if part.parameters.get("charset") and not fits:
            self._flaw("charset-wrong", f"a text isn't in the charset declared: {part.parameters['charset'][:40]!r}")
        if len(text) > most:
            self._flaw("text-cut", f"only the first {most} characters of a {part.type} part were read")
        self.room[part.type] -= min(most, len(text))
        (self.plain if part.type == "text/plain" else self.html).append(text[:most])
        if part.type == "text/plain" and b"begin " in octets:
            for name, data in uuencoded_files(octets, self.limits.attachments - len(self.attachments)):
                self.attachments.append(describe(_filename(name), type_by_name(name), data, inline=False))

    def _attach(self, part: Part, octets: bytes) -> None:
        inline = part.disposition == "inline" or (part.content_id and part.disposition != "attachment")
        self.attachments.append(describe(part.filename, part.type, octets, inline=inline))

    def _flaw(self, code: str, detail: str) -> None:
        if all(defect.code != code for defect in self.defects):
            self.defects.append(Defect(code, detail))
