"""Pasted pieces: which of them are one text that Slack or a person cut, and what a report is made of."""

import re
from itertools import pairwise

from bot.model import Exhibit, Piece

APART_S = 20.0
"""Messages that are further apart aren't one paste."""
_LONG = 3_500
"""Characters from which a text may have been cut by Slack (it splits at some thousand)."""
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}:(?:\s|$)")
_ANY_FIELD = re.compile(r"^[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]", re.MULTILINE)
_NAME = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60}):(?:[ \t]|\r?$)", re.MULTILINE)
_ONCE = frozenset({"from", "subject", "message-id", "date", "delivered-to", "return-path"})
"""Fields that one mail's header section holds once (RFC 5322, 3.6; RFC 5321, 4.4)."""
_TOP = frozenset({"from", "received", "return-path", "delivered-to", "x-original-to", "envelope-to"})
"""Fields that a mail's header section begins with."""
_BLANK = re.compile(r"\n[ \t]*\r?\n")
_LOOKED_AT = 20_000


def continues(before: Piece, after: Piece) -> bool:
    """Whether two texts of one person, the earlier one first, are likely parts of one header block: the earlier one
    isn't at its end, and the other doesn't begin a block of its own.
    """
    if before.file or after.file or abs(seconds(after.ts) - seconds(before.ts)) > APART_S:
        return False
    one, other = before.text[-_LOOKED_AT:], after.text[:_LOOKED_AT]
    return _is_open(one) and not _begins_anew(one, other)


def introduces(before: tuple[Piece, ...], after: tuple[Piece, ...]) -> bool:
    """Whether the earlier pieces are nothing but words, such as "please check this", and the others the headers that
    they are about.
    """
    if not before or not after or any(piece.file for piece in (*before, *after)):
        return False
    words, headers = in_order(before)[-1], in_order(after)[0]
    near = 0 <= seconds(headers.ts) - seconds(words.ts) <= APART_S
    plain = not any(is_headers(piece.text) for piece in before)
    return near and plain and all(is_headers(piece.text) for piece in after)


def _is_open(text: str) -> bool:
    """Whether it is headers that may go on: they weren't over, or Slack may have cut the text after them."""
    if not is_headers(text):
        return False
    return len(text) >= _LONG or bool(_ANY_FIELD.search(_BLANK.split(text.rstrip())[-1]))


def _begins_anew(one: str, other: str) -> bool:
    """Whether the other text's headers are another mail's: what stands once in a mail stands in both, or it begins
    as mails do after an author was named.
    """
    before, after = _named(one), _named(other)
    if set(before) & set(after) & _ONCE:
        return True
    return "from" in before and bool(after) and after[0] in _TOP and bool(_NAME.match(other.lstrip()))


def _named(text: str) -> tuple[str, ...]:
    """The fields of a text's first paragraphs of headers, in their order."""
    paragraphs = _BLANK.split(text.strip())
    heads = [each for each in paragraphs[:3] if _ANY_FIELD.match(each)]
    return tuple(found.group(1).lower() for each in heads for found in _NAME.finditer(each))


def is_headers(text: str) -> bool:
    """Whether it holds two lines at least that look like header fields."""
    return sum(1 for _, _ in zip(range(2), _ANY_FIELD.finditer(text[:_LOOKED_AT]), strict=False)) == 2


def is_cut(text: str) -> bool:
    """Whether it looks as if more of it came in the next message: long, and its end is within headers."""
    if len(text) < _LONG or not is_headers(text):
        return False
    last = text[-2_000:].rstrip().rpartition("\n")[2]
    return bool(_FIELD.match(last)) or last.startswith((" ", "\t"))


def in_order(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """By the time of their messages, whichever came first; within one message as they are."""
    return tuple(sorted(pieces, key=lambda piece: _ts(piece.ts)))


def texts(pieces: tuple[Piece, ...]) -> tuple[Exhibit, ...]:
    """The pasted texts as exhibits; what one person wrote in one go is one."""
    written = [piece for piece in in_order(pieces) if piece.text.strip() and piece.file is None]
    joined: list[str] = [piece.text for piece in written[:1]]
    for before, after in pairwise(written):
        if continues(before, after):
            joined[-1] += _seam(before.text, after.text) + after.text
        else:
            joined.append(after.text)
    return tuple(Exhibit(text.encode("utf-8", "replace")) for text in joined)


def seconds(ts: str) -> float:
    """A message's ts as a time; 0 where it isn't one (a modal's pieces)."""
    return _ts(ts)[0] + _ts(ts)[1] / 1e6


def _seam(before: str, after: str) -> str:
    """Slack cuts a long text wherever its length says; only then may the cut be within a line."""
    whole = before.endswith("\n") or len(before) < _LONG or bool(_FIELD.match(after)) or after[:1].isspace()
    return "\n" if whole and not before.endswith("\n") else ""


def _ts(ts: str) -> tuple[int, int]:
    whole, _, part = ts.partition(".")
    return (int(whole), int(part or 0)) if whole.isdecimal() and (part or "0").isdecimal() else (0, 0)
