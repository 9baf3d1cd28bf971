"""The grammar of Authentication-Results (RFC 8601, 2.2), read tolerantly: segments of pairs, words and comments.

CFWS may stand between any two tokens, so that `dkim (a) / 1 = (b) pass` is one pair. One pass, bounded.
"""

from dataclasses import dataclass

from bot.intake.received_tokens import comment_end

LONGEST_VALUE = 16_384
MOST_PIECES = 1_500


@dataclass(frozen=True, slots=True)
class Piece:
    """`key=value` where `key` is set, a bare word where it is not, a comment where `comment` is."""

    text: str
    key: str = ""
    comment: bool = False


Segment = tuple[Piece, ...]


def scan(value: str) -> tuple[Segment, ...]:
    """The semicolon-separated segments of a value; empty ones are left out."""
    segments: list[Segment] = []
    chunks: list[tuple[str, str]] = []
    for kind, text in _chunks(value[:LONGEST_VALUE]):
        if kind != "end":
            chunks.append((kind, text))
        elif chunks:
            segments.append(_pieces(chunks))
            chunks = []
    return tuple(segment for segment in (*segments, _pieces(chunks)) if segment)


def _chunks(value: str) -> list[tuple[str, str]]:
    """Lexical chunks: ("word", …), ("comment", …), ("end", "") for a semicolon."""
    chunks: list[tuple[str, str]] = []
    place, flat = 0, False
    while place < len(value) and len(chunks) < MOST_PIECES:
        char = value[place]
        if char == ";":
            chunks.append(("end", ""))
            place += 1
        elif char.isspace() or char == ")" or (flat and char == "("):
            place += 1
        elif char == "(":
            end = comment_end(value, place)
            flat = end < 0
            if not flat:
                chunks.append(("comment", value[place + 1 : end]))
                place = end + 1
        else:
            text, place = _word(value, place)
            chunks.append(("word", text))
    return chunks


def _word(value: str, start: int) -> tuple[str, int]:
    """A word up to white space, semicolon or bracket; quoted parts (RFC 5322, 3.2.4) lose their quotes."""
    kept: list[str] = []
    place = start
    while place < len(value) and not value[place].isspace() and value[place] not in "();":
        end = _quote_end(value, place) if value[place] == '"' else -1
        if end > 0:
            kept.append(value[place + 1 : end].replace("\\", ""))
            place = end + 1
        else:
            kept.append(value[place])
            place += 1
    return "".join(kept), place


def _quote_end(value: str, start: int) -> int:
    """Where the quoted string closes, looked for in the next thousand characters only; -1 if it doesn't."""
    place = start + 1
    while place < min(len(value), start + 1_000):
        if value[place] == "\\":
            place += 1
        elif value[place] == '"':
            return place
        place += 1
    return -1


def _pieces(chunks: list[tuple[str, str]]) -> Segment:
    """Joins what white space or comments tore apart around `=`, `/` and `.`, then splits at the first `=`."""
    words: list[tuple[str, str]] = []
    last = -1  # index in `words` of the last word, comments skipped
    open_end = False
    for kind, text in chunks:
        if kind == "comment":
            words.append((kind, text))
            continue
        bare = "=" not in text
        if last >= 0 and (_glues(text, words[last][1]) or (open_end and bare)):
            words[last] = ("word", words[last][1] + text)
        else:
            words.append((kind, text))
            last = len(words) - 1
        open_end = words[last][1][-1:] in ("=", "/", ".") and not words[last][1][:-1].endswith(("=", "@"))
        if "=" in words[last][1][:-1]:
            open_end = False
    return tuple(_piece(kind, text) for kind, text in words)


def _glues(text: str, before: str) -> bool:
    """A chunk that begins with `=`, `/` or `.` belongs to a key that has no value yet."""
    return text[:1] in ("=", "/", ".") and "=" not in before


def _piece(kind: str, text: str) -> Piece:
    if kind == "comment":
        return Piece(text.strip()[:600], comment=True)
    key, equals, value = text.partition("=")
    return Piece(value[:600], key.strip().lower()[:80]) if equals and key else Piece(text[:600])
