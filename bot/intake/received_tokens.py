"""A trace field's value cut into words and comments, and those into the clauses of RFC 5321, 4.4.

One pass over bounded text, no regular expression that could backtrack: the values are hostile.
"""

import re
from dataclasses import dataclass

LONGEST_VALUE = 8_192
"""Characters of a field looked at; a real Received line has a few hundred."""
MOST_TOKENS = 600
_WORD = re.compile(r"[^\s();]+")
_BRACKET = re.compile(r"\\.|[()]", re.DOTALL)
"""A bracket of a comment, or a quoted pair, which hides one (RFC 5322, 3.2.1)."""
_KEYWORDS = frozenset({"from", "by", "via", "with", "id", "for"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or the inside of a comment (RFC 5322, 3.2.2) with its nested brackets."""

    text: str
    comment: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """What follows one keyword up to the next: `from a (b [c])` has words ("a",) and comments ("b [c]",)."""

    words: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        return self.words[0] if self.words else ""


@dataclass(frozen=True, slots=True)
class Line:
    """A Received value by clauses; `tail` is what follows the semicolon, the date."""

    clauses: dict[str, Clause]
    comments: tuple[str, ...]
    tail: str

    def clause(self, keyword: str) -> Clause:
        return self.clauses.get(keyword) or Clause()


def split_line(value: str) -> Line:
    """Cuts one Received value; of a keyword that stands there twice the first counts."""
    tokens, tail = tokenize(value[:LONGEST_VALUE])
    clauses: dict[str, Clause] = {}
    keyword, words, comments = "", [], []  # type: str, list[str], list[str]
    for token in tokens:
        lowered = token.text.lower()
        if token.comment:
            comments.append(token.text)
        elif lowered in _KEYWORDS and lowered not in clauses and lowered != keyword and _may_start(lowered, keyword):
            clauses.setdefault(keyword, Clause(tuple(words), tuple(comments)))
            keyword, words, comments = lowered, [], []
        else:
            words.append(token.text)
    clauses.setdefault(keyword, Clause(tuple(words), tuple(comments)))
    return Line(clauses, tuple(token.text for token in tokens if token.comment), tail)


def _may_start(word: str, current: str) -> bool:
    """`from` opens the line or is a word of it; the other keywords need something before them."""
    return current == "" if word == "from" else True


def tokenize(value: str) -> tuple[list[Token], str]:
    """The tokens up to the first semicolon outside comments, and what follows it.

    A comment that never closes is no comment: its bracket is read as a space.
    """
    tokens: list[Token] = []
    place, flat = 0, False
    while place < len(value) and len(tokens) < MOST_TOKENS:
        char = value[place]
        if char == ";":
            return tokens, value[place + 1 :]
        if char.isspace() or char == ")" or (flat and char == "("):
            place += 1
        elif char == "(":
            end = comment_end(value, place)
            flat = end < 0
            if not flat:
                tokens.append(Token(value[place + 1 : end], comment=True))
                place = end + 1
        else:
            end = _word_end(value, place)
            tokens.append(Token(value[place:end]))
            place = end
    return tokens, ""


def comment_end(value: str, start: int) -> int:
    """Where the comment that opens at `start` closes, nested ones counted; -1 if it never does."""
    depth = 0
    for found in _BRACKET.finditer(value, start):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth -= 1
            if depth == 0:
                return found.start()
    return -1


def _word_end(value: str, start: int) -> int:
    found = _WORD.match(value, start)
    return found.end() if found else start
