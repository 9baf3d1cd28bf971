"""One Slavic name in the Latin letters of several countries: Ivanov, Iwanow; Tchaikovsky, Tschaikowski, Czajkowski.

Each way to transliterate is read back into sounds; two names are one where a way of the one and a way of the other
give the same sounds for a word. Ways differ in what they keep apart: German writes one s for two sounds, and the
scholars' č and ž lose their hooks in mail. Two ways are compared by what both keep apart, no more.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

# Sounds: J as in Жуков, C as in Чехов, S as in Шолохов, Q as in Щербаков, T as in Цветаева, H as in Хрущёв.
_WAYS: dict[str, dict[str, str]] = {
    "english": {"shch": "Q", "tch": "C", "zh": "J", "kh": "H", "ch": "C", "sh": "S", "ts": "T", "tz": "T"}
    | {"yu": "iu", "ya": "ia", "yo": "io", "ye": "e", "ph": "f", "x": "ks"},
    "german": {"schtsch": "Q", "tsch": "C", "sch": "S", "ch": "H", "tz": "T", "ts": "T", "z": "T", "w": "v"}
    | {"ju": "iu", "ja": "ia", "jo": "io", "je": "e", "ph": "f", "x": "ks"},
    "french": {"chtch": "Q", "tch": "C", "ch": "S", "j": "J", "kh": "H", "ts": "T", "tz": "T", "w": "v"}
    | {"iou": "iu", "you": "iu", "ou": "u", "ya": "ia", "ye": "e", "gue": "ge", "gui": "gi", "ph": "f", "x": "ks"},
    "polish": {"szcz": "Q", "cz": "C", "sz": "S", "rz": "J", "ch": "H", "c": "T", "w": "v"}
    | {"ju": "iu", "ja": "ia", "jo": "io", "je": "e", "x": "ks"},
    "scholarly": {"sc": "Q", "ch": "H", "h": "H", "c": "T", "ju": "iu", "ja": "ia", "jo": "io", "je": "e", "x": "ks"},
}
_FINDS = {way: re.compile("|".join(sorted(signs, key=lambda sign: -len(sign)))) for way, signs in _WAYS.items()}
_NEVER = {
    "english": re.compile("w|j|sch"),
    "german": re.compile("v|sh|zh|kh"),
    "french": re.compile("w|sh|zh|sch"),
    "polish": re.compile("v|sh|zh|kh|x|sch"),
    "scholarly": re.compile("w|sh|zh|kh|sch|tch"),
}
"""What a way doesn't write: no Zhukov is German."""
_SIGNS = {
    "german": re.compile("w|j|sch"),
    "french": re.compile("ou|j|tch|[oe]ff$|[iy]ne$|gu[ei]"),
    "polish": re.compile("w|cz|sz|rz|j"),
    "scholarly": re.compile("j|c(?!h)"),
}
"""What shows a way: a Chekhov without any is read as English."""
_LOSES: dict[str, dict[int, str]] = {
    "german": str.maketrans({"z": "s", "J": "S"}),
    "scholarly": str.maketrans({"C": "T", "S": "s", "J": "z"}),
}
"""What a way writes with one sign: č and c, š and s, ž and z without their hooks; German s and sch for two each."""
_ANY = str.maketrans(dict.fromkeys("zJSCTQ", "s"))
_SURNAME = re.compile(
    r".{2}(?:[oe](?:v|w|ff|va|wa)|[sz]?[ct]?k(?:i|y|ii|ij|iy|yj|yi|aya|aja|aia)|enko|[vw](?:ich|itch|itsch|ych|icz|yc))$"
)
_MOST = 40
_LEAST = 3
"""Letters below which a word is compared as it is."""


def slavic_surname(word: str) -> bool:
    """Whether a folded word ends as Slavic surnames do, however it is transliterated."""
    return _SURNAME.search(word[-_MOST:]) is not None


def in_one_spelling(mine: tuple[str, ...], theirs: tuple[str, ...], *, exact: bool) -> Iterator[tuple[str, ...]]:
    """My words with each that is one of theirs in another transliteration put as they write it; one for each pair of
    ways that finds any. `exact`: mine were transliterated by us, so that they are sure.
    """
    for way in ("english",) if exact else _WAYS:
        for other in _WAYS:
            aligned = tuple(_as_theirs(word, theirs, (way, other), exact) for word in mine)
            if aligned != mine:
                yield aligned


def sound_keys(word: str) -> frozenset[str]:
    """Keys that any two transliterations of one word share at least one of; for an index."""
    return frozenset(_once(sounds(word, way).translate(_ANY)) for way in _WAYS)


@lru_cache(maxsize=8192)
def sounds(word: str, way: str) -> str:
    """A folded word read as that way writes."""
    signs = _WAYS[way]
    text = _FINDS[way].sub(lambda found: signs[found.group()], word[:_MOST])
    text = re.sub("ff$", "v", text.replace("y", "i").replace("j", "i"))
    if way == "french":
        text = re.sub("ine$", "in", text)
    text = text.replace("ie", "e").replace("io", "e")
    return _once(re.sub("(?<=[JCSQ])o(?=va?$)", "e", text))  # ё after these is o to some, e to others


def _as_theirs(word: str, theirs: tuple[str, ...], ways: tuple[str, str], exact: bool) -> str:
    if word in theirs or len(word) < _LEAST or not (exact or _may_be(word, ways[0], exact)):
        return word
    fitting = (known for known in theirs if len(known) >= _LEAST and _may_be(known, ways[1], exact))
    return next((known for known in fitting if _agree(word, known, *ways)), word)


def _may_be(word: str, way: str, exact: bool) -> bool:
    """Whether a word can be written in that way; where the other name isn't sure, only with a sign of the way."""
    shows = exact or way not in _SIGNS or _SIGNS[way].search(word) is not None
    return shows and not _NEVER[way].search(word)


def _agree(word: str, known: str, way: str, other: str) -> bool:
    mine, yours = sounds(word, way), sounds(known, other)
    for lost in (_LOSES.get(way), _LOSES.get(other)) if way != other else ():
        if lost is not None:
            mine, yours = _once(mine.translate(lost)), _once(yours.translate(lost))
    return mine == yours


def _once(text: str) -> str:
    """Without doubled letters: Kirillov, Kirilow."""
    return re.sub(r"(.)\1+", r"\1", text)
