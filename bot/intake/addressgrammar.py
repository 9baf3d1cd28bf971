"""The pieces of an address field (RFC 5322, 3.4 and 4.4), found in one pass whatever its bytes."""

import re
from dataclasses import dataclass
from enum import Enum, auto

MOST = 20_000
"""Characters of one address field looked at."""
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_PLAIN = re.compile(r"[^\"(<,;:]+")


class Piece(Enum):
    TEXT = auto()
    QUOTED = auto()
    COMMENT = auto()
    ANGLE = auto()
    COMMA = auto()
    SEMICOLON = auto()
    COLON = auto()


@dataclass(frozen=True, slots=True)
class Token:
    piece: Piece
    text: str
    """Without its delimiters; a quoted string without its quoting backslashes."""


_SINGLE = {",": Piece.COMMA, ";": Piece.SEMICOLON, ":": Piece.COLON}


def tokens(value: str) -> tuple[Token, ...]:
    """The field's pieces in order. What opens and never closes is text: no character is lost."""
    value = value[:MOST]
    found: list[Token] = []
    never_closes: set[str] = set()
    at = 0
    while at < len(value):
        token, at = _next(value, at, never_closes)
        if found and token.piece is Piece.TEXT and found[-1].piece is Piece.TEXT:
            token = Token(Piece.TEXT, found.pop().text + token.text)
        found.append(token)
    return tuple(found)


def _next(value: str, at: int, never_closes: set[str]) -> tuple[Token, int]:
    opener = value[at]
    if opener in _SINGLE:
        return Token(_SINGLE[opener], opener), at + 1
    if opener in '"(<' and opener not in never_closes:
        end = {'"': _quote_end, "(": _comment_end, "<": _angle_end}[opener](value, at)
        if end > 0:
            piece = {'"': Piece.QUOTED, "(": Piece.COMMENT, "<": Piece.ANGLE}[opener]
            inner = value[at + 1 : end]
            return Token(piece, _unescaped(inner) if piece is not Piece.ANGLE else inner), end + 1
        never_closes.add(opener)
    plain = _PLAIN.match(value, at)
    end = plain.end() if plain is not None else at + 1
    return Token(Piece.TEXT, value[at:end]), end


def _quote_end(value: str, at: int) -> int:
    end = value.find('"', at + 1)
    while end > 0 and _escaped(value, end):
        end = value.find('"', end + 1)
    return end


def _escaped(value: str, at: int) -> bool:
    backslashes = 0
    while backslashes < 64 and value[at - 1 - backslashes] == "\\":
        backslashes += 1
    return backslashes % 2 == 1


def _comment_end(value: str, at: int) -> int:
    """RFC 5322, 3.2.2: comments nest. -1 where it never closes."""
    depth = 0
    for found in _IN_COMMENT.finditer(value, at):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth -= 1
            if depth == 0:
                return found.start()
    return -1


def _angle_end(value: str, at: int) -> int:
    """The closing bracket, with a quoted local part stepped over; the innermost opening bracket counts."""
    end = value.find(">", at + 1)
    if end < 0:
        return -1
    quote = value.find('"', at + 1, end)
    if quote == at + 1:
        closing = _quote_end(value, quote)
        if closing > end:
            end = value.find(">", closing)
    return -1 if end < 0 else end


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL) if "\\" in text else text
