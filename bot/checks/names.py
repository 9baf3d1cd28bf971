"""What a display name is: a person's, an organisation's, or nobody's; and the brands and people it names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.handbook.lists import Lists
from bot.handbook.personal import (
    Likeness,
    NameWords,
    Parts,
    Sameness,
    compare,
    is_given_name,
    parts_of,
)
from bot.handbook.spelling import LONGEST, fold, letters, plain, strip_marks

__all__ = ["Likeness", "Sameness", "is_nobody", "is_person_shaped", "organisation_like", "same_person"]

_TOKEN = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-zA-Z]{3})(?=\d{2,4}$)")
_HOST_IN_NAME = re.compile(r"(?<![\w@.-])(?:[\w-]{1,63}\.){1,4}[a-z]{2,24}(?![\w@-])", re.IGNORECASE)
_SYMBOLS = re.compile("[™®©✔✅⚠★☆💰🎁🏆🔔📦🔒|!$€%#\U0001f300-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a name: as it looks, folded, and where it stands in the plain text."""

    raw: str
    key: str
    start: int
    end: int


@lru_cache(maxsize=4)
def name_words(lists: Lists) -> NameWords:
    """The lists' titles, degrees and spellings."""
    return NameWords(lists.titles, lists.suffixes, lists.spellings, lists.slavic)


def same_person(shown: str, known: str, lists: Lists, nicknames: tuple[str, ...] = ()) -> Likeness:
    """Whether the display name means the person known, by their name or one of their nicknames."""
    words = name_words(lists)
    name, theirs = parts_of(shown[:LONGEST], words), parts_of(known, words)
    best = compare(name, theirs)
    for nickname in nicknames:
        if best.answer is Sameness.SAME:
            return best
        other = _with_nickname(nickname, theirs, words)
        best = max(best, compare(name, other), key=lambda found: found.answer is not Sameness.NO)
    return best


def tokens_of(text: str) -> tuple[Token, ...]:
    """Words of a plain text (`spelling.plain`), taken apart where the case changes: "NortonALERT" is two."""
    return tuple(
        Token(piece, strip_marks(piece.casefold()), start, start + len(piece))
        for found in _TOKEN.finditer(text)
        for piece, start in _pieces(found.group(), found.start())
    )


def is_nobody(name: str, address: str, lists: Lists) -> bool:
    """Whether the display name names nobody: absent, the address itself, "Support", "Your account"."""
    key = " ".join(_TOKEN.findall(fold(name).text))
    if not key or key in lists.nobody or letters(key) == letters(address.casefold()):
        return True
    words = key.split()
    return all(word in lists.roles or word.isdigit() for word in words)


def is_person_shaped(name: str, address: str, lists: Lists) -> bool:
    """Whether it looks like first name and surname: two to five words, none an organisation's or an office's.

    One word more of evidence is needed: a title, a usual first name, an initial, "Last, First", or the same
    words in the address.
    """
    bare = _without_additions(name)
    words = _words(bare)
    if not has_persons_shape(bare, lists):
        return False
    first, last = _key(words[0]), _key(words[-1])
    local = letters(address.partition("@")[0].casefold())
    in_address = len(last) > 2 and last in local and (first in local or first[0] in local)
    initial = any(len(word) == 1 for word in words[:-1])
    return in_address or initial or first in lists.titles or is_given_name(first) or "," in bare


def has_persons_shape(name: str, lists: Lists) -> bool:
    """Whether it may be a person's name at all: a few words, no organisation's, office's or product's among them."""
    keys = [_key(word) for word in _words(_without_additions(name))]
    if not 2 <= len(keys) <= 5 or any(key in lists.organisation or key in lists.company for key in keys):
        return False
    return keys[0] in lists.titles or not any(key in lists.roles and len(key) > 2 for key in keys)


def _without_additions(name: str) -> str:
    """Without what stands in brackets, and behind a dash, a bar or "via"."""
    bare = re.sub(r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]", " ", plain(name).text)
    return re.split(r"\s[|–—-]\s|\bvia\b", bare, maxsplit=1)[0]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_][^\W\d_.'’-]*", text)


def _key(word: str) -> str:
    return strip_marks(word.casefold())


def organisation_like(name: str, lists: Lists) -> float:
    """How much a display name looks like an organisation's, office's or product's, not a person's: 0 to 1."""
    text = plain(name).text
    keys = [token.key for token in tokens_of(text)]
    if not keys or is_person_shaped(name, "", lists):
        return 0.0
    weight = 0.0
    whole = {*keys, *map(_key, _words(text))}
    if whole & lists.organisation or whole & lists.company:
        weight += 0.6
    if any(key in lists.roles and len(key) > 2 for key in keys):
        weight += 0.5
    if _HOST_IN_NAME.search(text):
        weight += 0.6
    if _SYMBOLS.search(text):
        weight += 0.3
    if len(keys) >= 4 or (len(keys) > 1 and text.isupper()):
        weight += 0.2
    if len(keys) == 1 and not is_given_name(keys[0]):
        weight += 0.3
    return round(min(1.0, weight), 2)


def hosts_in(text: str) -> tuple[str, ...]:
    """Domain names that stand in a display name without an @, lower case: "Netflix.com"."""
    return tuple(dict.fromkeys(found.group().lower() for found in _HOST_IN_NAME.finditer(plain(text).text)))


def _pieces(word: str, start: int) -> Iterator[tuple[str, int]]:
    if word.islower() or word.isupper():
        yield word, start
        return
    at = 0
    for piece in _CAMEL.split(word):
        yield piece, start + at
        at += len(piece)


def _with_nickname(nickname: str, theirs: Parts, words: NameWords) -> Parts:
    """ "Lolo" for María López is compared as "Lolo López"; a nickname of two words stands for the whole name."""
    own = parts_of(nickname, words)
    return own if len(own.tokens) > 1 or len(theirs.tokens) < 2 else Parts((*own.tokens, *theirs.tokens[1:]))
