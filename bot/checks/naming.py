"""Which brands and known people a display name or subject names, disguises undone.

A brand is found as whole words: "TrustWallet", "Trust-Wallet" and "trust wallet" are one key, "PaypalSupport" is
taken apart at the change of case, "P a y P a l" is put together, and 'LidI', "Amaz0n" are read as they look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from bot.checks.names import Token, name_words, tokens_of
from bot.handbook.brands import Alias, Brand
from bot.handbook.lists import Lists
from bot.handbook.people import KnownPerson
from bot.handbook.personal import Parts, parts_of
from bot.handbook.spelling import CONFUSABLE, latin_twin, letters, plain, strip_marks

MISSPELT = "misspelt"
MOST_JOINED = 7
"""Words that an alias may have."""
MOST_SPELT_OUT = 24
"""Single letters that are put together."""
LEAST_JOINED = 5
"""Letters that a one-word alias needs to be found in two words."""
LEAST_MISSPELT = 7
LEAST_DISGUISED = 4

# What stands for a letter in a disguise; a lower-case l and an upper-case I are the commonest.
_STANDS_FOR = {
    "0": "o", "1": "li", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "!": "il",
    "|": "li", "I": "l", "l": "i", "£": "l", "€": "e", "6": "g", "2": "z",
}  # fmt: skip
_MOST_SUBSTITUTIONS = 3
_PAIRS = (("rn", "m"), ("vv", "w"))


@dataclass(frozen=True, slots=True)
class Named:
    """A brand that a text names, with the words that do it and where they stand among the tokens."""

    brand: Brand
    alias: Alias
    matched: str
    first: int
    last: int
    trick: str = ""


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person of public note whom a text names."""

    person: KnownPerson
    matched: str
    trick: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A name or subject ready to be searched."""

    text: str
    tokens: tuple[Token, ...]
    trick: str


def read_name(text: str) -> Reading:
    """The text as it looks, in tokens."""
    seen = plain(text)
    return Reading(seen.text, tokens_of(seen.text), seen.trick)


def brands_in(reading: Reading, lists: Lists) -> tuple[Named, ...]:
    """Every brand named, from left to right, the longest alias at each place; common words included."""
    index = _brand_index(lists)
    found: list[Named] = []
    at = 0
    while at < len(reading.tokens):
        hit = _longest(reading, at, index) or _disguised(reading, at, index)
        if hit is None:
            at += 1
        else:
            found.append(hit)
            at = hit.last + 1
    return tuple(found) or _misspelt(reading, index)


def people_in(reading: Reading, lists: Lists) -> tuple[NamedPerson, ...]:
    """Every known person named, in any order of the names: "Musk, Elon"; by initial where the surname is rare."""
    words = name_words(lists)
    keys = parts_of(reading.text.replace("|", " ").replace(":", " "), words).tokens
    every = {token for key in (token.key for token in reading.tokens) for token in parts_of(key, words).tokens}
    every |= set(keys)
    found: dict[str, NamedPerson] = {}
    for person, spelling in _candidates(every, lists):
        matched = _person_words(spelling, person, every, reading)
        if matched is not None:
            found.setdefault(person.name, NamedPerson(person, matched[0], matched[1] or reading.trick))
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _BrandIndex:
    by_key: dict[str, tuple[Brand, Alias]]
    long_keys: tuple[str, ...]
    """Distinctive one-word aliases that are long enough to be found misspelt."""


@lru_cache(maxsize=4)
def _brand_index(lists: Lists) -> _BrandIndex:
    by_key: dict[str, tuple[Brand, Alias]] = {}
    for brand in lists.brands:
        for alias in brand.aliases:
            known = by_key.get(alias.key)
            if known is None or (known[1].common and not alias.common):
                by_key[alias.key] = (brand, alias)
    long_keys = tuple(
        key
        for key, (_, alias) in by_key.items()
        if not alias.common and len(key) >= LEAST_MISSPELT and key.isascii() and " " not in alias.words
    )
    return _BrandIndex(by_key, long_keys)


def _longest(reading: Reading, first: int, index: _BrandIndex) -> Named | None:
    tokens = reading.tokens
    spelt_out = all(len(token.key) == 1 for token in tokens[first : first + 3])
    most = min(len(tokens), first + (MOST_SPELT_OUT if spelt_out else MOST_JOINED))
    key, best = "", None
    for last in range(first, most):
        key += tokens[last].key
        hit = index.by_key.get(key) or _by_twin(key, index)
        if hit is None or (last > first and not _may_join(hit[1], tokens[first : last + 1], reading.text)):
            continue
        trick = reading.trick or ("" if key == hit[1].key else CONFUSABLE)
        best = Named(hit[0], hit[1], reading.text[tokens[first].start : tokens[last].end], first, last, trick)
    return best


def _by_twin(key: str, index: _BrandIndex) -> tuple[Brand, Alias] | None:
    """A word all in another script that looks like a brand in Latin."""
    if key.isascii():
        return None
    twin = latin_twin(key)
    return index.by_key.get(twin.casefold()) if twin else None


def _may_join(alias: Alias, tokens: Sequence[Token], text: str) -> bool:
    """Whether words may be put together to a one-word alias: long enough, and no new thought between them."""
    between = text[tokens[0].end : tokens[-1].start]
    if any(sign in between for sign in ",;:!?\n"):
        return False
    return len(alias.key) >= LEAST_JOINED or " " in alias.words or tokens[0].end == tokens[1].start or "&" in text


def _disguised(reading: Reading, first: int, index: _BrandIndex) -> Named | None:
    """A brand in one word (without spaces) in which signs stand for letters."""
    token = reading.tokens[first]
    start = token.start
    if start and not reading.text[start - 1].isspace() and reading.text[start - 1] not in "-_.(\"'":
        return None
    end = start
    while end < len(reading.text) and (reading.text[end].isalnum() or reading.text[end] in "@$!|"):
        end += 1
    word = reading.text[start:end]
    if not LEAST_DISGUISED <= len(word) <= 30 or not word.isascii():
        return None
    hit = next((index.by_key[key] for key in _readings_of(word) if key in index.by_key), None)
    if hit is None or hit[1].common or hit[1].key == word.casefold():
        return None
    last = max(i for i, each in enumerate(reading.tokens) if each.start < end)
    return Named(hit[0], hit[1], word, first, last, CONFUSABLE)


def _readings_of(word: str) -> Iterator[str]:
    """What a disguised word can be read as; few, since each sign stands for one or two letters."""
    shouted = word.isupper()
    choices, substitutions = [], 0
    for at, char in enumerate(word):
        stands = "" if shouted and char in "Il" else _STANDS_FOR.get(char, "")
        if stands and substitutions < _MOST_SUBSTITUTIONS and not (char == "I" and at == 0):
            substitutions += 1
            choices.append(char.casefold() + stands if char.isalnum() else stands)
        else:
            choices.append(char.casefold())
    for letters_ in product(*choices):
        yield "".join(letters_)
    for pair, letter in _PAIRS:
        if pair in word:
            yield word.casefold().replace(pair, letter)


def _misspelt(reading: Reading, index: _BrandIndex) -> tuple[Named, ...]:
    """A brand with one letter wrong, where the whole name is that word or it stands first."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extractOne

    words = [word for word in reading.text.split() if any(map(str.isalpha, word))]
    if not words or len(words) > 3:
        return ()
    key = letters(strip_marks(words[0].casefold()))
    if len(key) < LEAST_MISSPELT or not key.isascii():
        return ()
    hit = extractOne(key, index.long_keys, scorer=OSA.distance, score_cutoff=1)
    if hit is None or hit[0][0] != key[0] or key.rstrip("s") == hit[0].rstrip("s"):
        return ()
    brand, alias = index.by_key[hit[0]]
    return (Named(brand, alias, words[0], 0, 0, MISSPELT),)


@lru_cache(maxsize=4)
def _people_by_surname(lists: Lists) -> dict[str, tuple[tuple[KnownPerson, Parts], ...]]:
    """Known people by each word of each spelling but the first."""
    found: dict[str, list[tuple[KnownPerson, Parts]]] = {}
    words = name_words(lists)
    for person in lists.people:
        for spelling in person.spellings:
            parts = parts_of(spelling, words)
            for token in set(parts.tokens[1:]):
                found.setdefault(token, []).append((person, parts))
    return {token: tuple(people) for token, people in found.items()}


def _candidates(keys: set[str], lists: Lists) -> Iterator[tuple[KnownPerson, Parts]]:
    index = _people_by_surname(lists)
    for key in keys:
        yield from index.get(key, ())


def _person_words(spelling: Parts, person: KnownPerson, keys: set[str], reading: Reading) -> tuple[str, str] | None:
    """The words that name the person, and the trick in them; None where they don't."""
    needed = {token for token in spelling.tokens if len(token) > 1}
    if needed <= keys and len(needed) > 1:
        return _words_of(needed, reading), ""
    if person.rare and spelling.tokens[-1] in keys and len(spelling.tokens[-1]) > 3:
        before = [token.key for token in reading.tokens]
        initial = spelling.tokens[0][0]
        if any(key == initial for key in before) or len(before) == 1:
            return reading.text, ""
    return None


def _words_of(needed: set[str], reading: Reading) -> str:
    """The part of the text from the first to the last of the words."""
    places = [token for token in reading.tokens if token.key in needed]
    if not places:
        return reading.text
    return reading.text[places[0].start : places[-1].end]
