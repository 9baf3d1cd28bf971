"""Personal names taken apart and compared: order, initials, nicknames, diacritics, transliteration, titles.

It lies this low because both the directory (an adapter) and the checks compare names.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.handbook.romanised import in_one_spelling, slavic_surname
from bot.handbook.spelling import fold, plain, strip_marks

if TYPE_CHECKING:
    from nicknames import NickNamer

MOST_TOKENS = 8
SHORT = 5
"""Letters below which a one-letter difference makes another name, not a misspelling."""

_BRACKETS = re.compile(r"\([^()]{0,200}\)?|\[[^\[\]]{0,200}\]?")
_AFTER = re.compile(
    r"\s+(?:via|through|on behalf of|im auftrag von|namens|au nom de|por|from|of|at|bei|chez)\s.*$"
    r"|\s*[|:/•·—–].*$|\s-\s.*$",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN = re.compile(r"[^\W\d_]+")
_APOSTROPHES = re.compile("[’'`´ʼ]")
_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "del", "della", "da", "do", "dos", "das", "di", "du", "la", "le", "el", "al",
     "bin", "ibn", "ben", "abu", "zu", "zur", "ter", "ten", "y", "e", "af", "av", "st", "san", "santa"}
)  # fmt: skip
# Two spellings of one sound: Müller, Mueller and Muller are compared as Muller, Håkon, Haakon and Hakon as Hakon.
# The last e of Joe and Sue stays, and that of Michael and Manuela, who aren't Michal and Manula.
_UMLAUT = re.compile("(?<=[aou])e(?!$|l[ae]?$)|(?<=a)a(?!$)")
_CYRILLIC = str.maketrans("абвгдезийклмнопрстуфыэіїєґўёј", "abvgdeziiklmnoprstufyeiieguej")
_GREEK = str.maketrans("αβγδεζηικλμνξοπρστυφςω", "avgdeziiklmnxoprstyfso")
_SOUNDS = {**_CYRILLIC, **_GREEK} | str.maketrans(
    {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "iu", "я": "ia", "х": "kh", "ц": "ts", "ъ": "", "ь": ""}
    | {"θ": "th", "χ": "ch", "ψ": "ps"}
)
_FOREIGN = re.compile("[\u0370-\u04ff]")


class Sameness(StrEnum):
    SAME = "same"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Likeness:
    """Whether two names are one person's, why, and the disguise that had to be undone ("" for none)."""

    answer: Sameness
    why: str = ""
    trick: str = ""


NO = Likeness(Sameness.NO)


@dataclass(frozen=True, slots=True)
class NameWords:
    """Words around a name that aren't part of it; folded."""

    titles: Collection[str] = ()
    suffixes: Collection[str] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    """Spellings of one name in the Latin letters of several countries, each with the one that stands for all."""
    slavic: Collection[str] = ()
    """Of those the first names by which a Slavic name is known."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A name's words in the order first name … surname, folded, Latin; particles and hyphens taken apart."""

    tokens: tuple[str, ...]
    trick: str = ""
    foreign: bool = False
    """Transliterated from Cyrillic or Greek, for which there are several ways."""
    slavic: bool = False
    """In Latin letters, by its shape or first name from a language written in Cyrillic."""


def parts_of(name: str, words: NameWords) -> Parts:
    """The person's name in a display name: without titles, degrees, companies in brackets, "via List"."""
    if name.isascii() and name.replace(" ", "").isalpha() and not _AFTER.search(name):
        return _parts(name.casefold().split(), words)
    seen = plain(name)
    text = _BRACKETS.sub(" ", _APOSTROPHES.sub("", seen.text)).strip(' "\t')
    kept = _AFTER.sub("", text).strip()
    text = _in_order(kept or text, words)
    tokens = [_latin(token) for token in _TOKEN.findall(text)]
    foreign = any(_FOREIGN.search(token) for token in _TOKEN.findall(text))
    return _parts(tokens[: MOST_TOKENS * 2], words, seen.trick, foreign)


def _parts(tokens: list[str], words: NameWords, trick: str = "", foreign: bool = False) -> Parts:
    bare = tuple(words.spellings.get(token, token) for token in _bare(tokens, words))
    slavic = any(token in words.slavic or slavic_surname(token) for token in bare)
    return Parts(bare, trick, foreign, slavic)


def compare(shown: Parts, known: Parts) -> Likeness:
    """Whether the name shown means the person known, in any common transliteration."""
    best = _compare_spelt(shown, known)
    if best.answer is Sameness.SAME:
        return best
    for mine, theirs in _transliterated(shown, known):
        found = _compare_spelt(Parts(mine, shown.trick), Parts(theirs))
        if found.answer is Sameness.SAME:
            return found
        best = max(best, found, key=_strength)
    return best


def _transliterated(shown: Parts, known: Parts) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Both names with the words that are one in another transliteration made one, where both are Slavic."""
    mine, theirs = shown.tokens, known.tokens
    if shown.foreign != known.foreign:
        ours, latin = (mine, theirs) if shown.foreign else (theirs, mine)
        for aligned in in_one_spelling(ours, latin, exact=True):
            yield (aligned, latin) if shown.foreign else (latin, aligned)
    elif shown.slavic and known.slavic:
        for aligned in in_one_spelling(mine, theirs, exact=False):
            if not any(_both_usual(*pair) for pair in zip(mine, aligned, strict=True)):
                yield aligned, theirs


def _both_usual(one: str, other: str) -> bool:
    """Two names that are each usual in English, such as Terry and Terri, are two names and not two spellings."""
    return one != other and is_given_name(one) and is_given_name(other)


def _compare_spelt(shown: Parts, known: Parts) -> Likeness:
    mine, theirs = shown.tokens, known.tokens
    if not mine or not theirs:
        return NO
    if shown.foreign != known.foreign:
        mine, theirs = _sounds(mine), _sounds(theirs)
    if "".join(mine) == "".join(theirs) or sorted(mine) == sorted(theirs):
        alone = len(mine) == 1 and len(theirs) == 1 and len(mine[0]) < SHORT and mine[0].isascii()
        return Likeness(Sameness.MAYBE if alone else Sameness.SAME, "the same name", shown.trick)
    if len(mine) == 1 or len(theirs) == 1:
        return _compare_single(mine, theirs, shown.trick)
    best = max((_compare_ordered(order, theirs) for order in _orders(mine)), key=_strength)
    if best.answer is not Sameness.SAME and (without_umlauts(mine), without_umlauts(theirs)) != (mine, theirs):
        other = compare(Parts(without_umlauts(mine)), Parts(without_umlauts(theirs)))
        best = max(best, other, key=_strength)
    return Likeness(best.answer, best.why, best.trick or shown.trick)


def without_umlauts(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The words with ae, oe, ue and aa as a, o, u and a; for comparing, not for looking names up."""
    return tuple(_UMLAUT.sub("", token) if "e" in token or "aa" in token else token for token in tokens)


def _sounds(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The ways to transliterate made one: Aleksey, Alexei and Aleksei."""
    rough = (
        token.replace("x", "ks").replace("ph", "f").replace("ou", "u").replace("oy", "u").replace("y", "i")
        for token in tokens
    )
    return tuple(re.sub(r"i{2,}", "i", re.sub(r"kh|ch", "h", token)) for token in rough)


def are_nicknames(one: str, other: str) -> bool:
    """Whether two folded first names are forms of one: Bob and Robert, Bill and Will."""
    return one != other and bool(_formal(one) & _formal(other))


@lru_cache(maxsize=8192)
def first_letters(given: str) -> frozenset[str]:
    """First letters of a first name and of all its forms; for an index."""
    if not given:
        return frozenset()
    return frozenset({given[0]} | {form[0] for form in _formal(given) | _nicknamer().nicknames_of(given) if form})


@lru_cache(maxsize=8192)
def is_given_name(word: str) -> bool:
    """Whether a folded word is a first name that the nickname table knows (mostly English ones)."""
    return bool(_nicknamer().nicknames_of(word) or _nicknamer().canonicals_of(word))


def _strength(likeness: Likeness) -> int:
    return (Sameness.NO, Sameness.MAYBE, Sameness.SAME).index(likeness.answer)


def _orders(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """First name first, or surname first ("LOPEZ Maria")."""
    return tokens, (*tokens[1:], tokens[0])


def _compare_single(mine: tuple[str, ...], theirs: tuple[str, ...], trick: str) -> Likeness:
    one, others = (mine[0], theirs) if len(mine) == 1 else (theirs[0], mine)
    if len(one) > 2 and (one in (others[0], others[-1]) or are_nicknames(one, others[0])):
        return Likeness(Sameness.MAYBE, "only one of the names", trick)
    if len(one) >= 2 * SHORT and one == "".join(others):
        return Likeness(Sameness.SAME, "written as one word", trick)
    return NO


def _compare_ordered(mine: tuple[str, ...], theirs: tuple[str, ...]) -> Likeness:
    given, known = mine[0], theirs[0]
    family = set(mine[1:]) & set(theirs[1:])
    surname = bool({word for word in family if len(word) > 1} & {mine[-1], theirs[-1]})
    if not surname:
        return _compare_misspelt(mine, theirs)
    if _middles_clash(mine, theirs):
        return Likeness(Sameness.MAYBE, "another middle name") if given == known else NO
    if given == known:
        return Likeness(Sameness.SAME, "first name and surname")
    if are_nicknames(given, known):
        return Likeness(Sameness.SAME, f"{given} is short for {known}" if len(given) < len(known) else "a nickname")
    if 1 in (len(given), len(known)) and given[0] == known[0]:
        return Likeness(Sameness.MAYBE, "initial and surname")
    if given in theirs[1:] or known in mine[1:]:
        return Likeness(Sameness.MAYBE, "a middle name and the surname")
    if _near(given, known):
        return Likeness(Sameness.MAYBE, "a letter of the first name differs", "misspelt")
    return NO


def _compare_misspelt(mine: tuple[str, ...], theirs: tuple[str, ...]) -> Likeness:
    if (mine[0] == theirs[0] or are_nicknames(mine[0], theirs[0])) and _near(mine[-1], theirs[-1]):
        return Likeness(Sameness.MAYBE, "a letter of the surname differs", "misspelt")
    return NO


def _middles_clash(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """John B. Smith isn't John R. Smith; a middle name that only one side has says nothing."""
    one, other = mine[1:-1], theirs[1:-1]
    if not one or not other or mine[-1] != theirs[-1]:
        return False
    return all(a[0] != b[0] for a in one for b in other)


def _near(one: str, other: str) -> bool:
    """One letter wrong, missing, added or swapped, in words long enough for that to be a slip."""
    from rapidfuzz.distance import OSA

    if min(len(one), len(other)) < SHORT or one == other:
        return False
    return int(OSA.distance(one, other, score_cutoff=1)) <= 1


def _in_order(text: str, words: NameWords) -> str:
    """ "Lopez, Maria" as "Maria Lopez"; what stands after a comma and is a degree or a company is dropped."""
    before, comma, after = text.partition(",")
    if not comma:
        return text
    rest = [fold(token).text for token in _TOKEN.findall(after)]
    if not rest or all(token in words.suffixes or token in words.titles for token in rest):
        return before
    if len(before.split()) <= 3 and len(rest) <= 4:
        return f"{after.partition(',')[0]} {before}"
    return before


def _bare(tokens: list[str], words: NameWords) -> tuple[str, ...]:
    """Without titles before, degrees after, and particles between; never without everything."""
    kept = [token for token in tokens if token]
    while len(kept) > 1 and kept[0] in words.titles:
        kept = kept[1:]
    while len(kept) > 2 and kept[-1] in words.suffixes and len(kept[-1]) > 1:
        kept = kept[:-1]
    core = [token for index, token in enumerate(kept) if index == 0 or token not in _PARTICLES]
    return tuple((core if len(core) > 1 else kept)[:MOST_TOKENS])


def _latin(token: str) -> str:
    folded = token.casefold()
    return folded if folded.isascii() else strip_marks(folded).translate(_SOUNDS)


@lru_cache(maxsize=8192)
def _formal(given: str) -> frozenset[str]:
    """A first name and the full forms of it."""
    return frozenset({given, *_nicknamer().canonicals_of(given)})


@lru_cache(maxsize=1)
def _nicknamer() -> "NickNamer":
    from nicknames import NickNamer  # a table of 2,700 rows: read when first asked

    return NickNamer()
