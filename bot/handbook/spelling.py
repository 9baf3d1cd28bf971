"""Names as a reader sees them: disguises undone, then folded, with the disguise remembered.

`plain` keeps case and diacritics (what is shown), `fold` drops them (what is compared). Both say whether a
trick was needed: "hidden" characters between letters, or "confusable" letters in the place of Latin ones.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

HIDDEN, CONFUSABLE = "hidden", "confusable"
LONGEST = 400
"""Characters of a name that are looked at; the rest of a longer one is the sender's padding."""

# Default-ignorable characters (Unicode 5.21), bidi controls and variation selectors: they print as nothing.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff"
)
_GONE = re.compile(f"[{_INVISIBLE}]+")
_BETWEEN = re.compile(f"[a-zA-Z0-9][{_INVISIBLE}]+[a-zA-Z0-9]")
# Mathematical, enclosed and squared alphanumerics: NFKC makes them plain, and nobody's name is written so.
_STYLED = re.compile("[\U0001d400-\U0001d7ff\u2460-\u24ff\U0001f110-\U0001f189]")
_TWIN_SCRIPTS = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "DESERET", "ROMAN", "OLD"})
_WORD = re.compile(r"[^\W_]+")
_NO_LETTERS = re.compile(r"[\W_]+")
_SMALL_CAPITALS = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢɑɡ", "abcdefghijklmnopqrstuvwyzag")
_PLAIN = str.maketrans(
    {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŋ": "n"}
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text after folding, and the trick that had to be undone: "", "hidden" or "confusable"."""

    text: str
    trick: str = ""


def plain(text: str, *, whole: bool = False) -> Folded:
    """The text as it looks: invisible characters gone, styled and mixed-in foreign letters Latin; case kept.

    No more than the first LONGEST characters of it, unless it is `whole` (ours, not a stranger's).
    """
    text = text if whole else text[:LONGEST]
    if text.isascii():
        return Folded(text)
    trick = HIDDEN if _BETWEEN.search(text) else ""
    seen = _GONE.sub("", text)
    if _STYLED.search(seen):
        trick = CONFUSABLE
    seen = unicodedata.normalize("NFKC", seen)
    latin = _WORD.sub(lambda found: _latin_where_mixed(found.group()), _drop_stacked_marks(seen))
    if letters(latin.casefold()) != letters(_drop_stacked_marks(seen).casefold()):
        trick = CONFUSABLE
    return Folded(latin, trick)


def fold(text: str, *, whole: bool = False) -> Folded:
    """The text as it is compared: plain, lower case, without diacritics. CJK and other scripts stay as they are."""
    seen = plain(text, whole=whole)
    if seen.text.isascii():
        return Folded(seen.text.casefold(), seen.trick)
    return Folded(strip_marks(seen.text.casefold()), seen.trick)


def strip_marks(text: str) -> str:
    """Lower-case text with its diacritics dropped and the Latin letters that have no decomposition spelt out."""
    apart = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare)


def letters(text: str) -> str:
    """Its letters and digits without anything between them."""
    return text if text.isalnum() else _NO_LETTERS.sub("", text)


@lru_cache(maxsize=4096)
def latin_twin(word: str) -> str:
    """The Latin word that a reader takes `word` for, by Unicode's confusables; "" where a letter has no twin."""
    twins = [_twin(char) for char in word.translate(_SMALL_CAPITALS)]
    return "" if "" in twins else "".join(twins)


def _latin_where_mixed(word: str) -> str:
    """A word that mixes Latin with other letters, as it looks; other words as they are."""
    if word.isascii():
        return word
    small = word.translate(_SMALL_CAPITALS)
    if small != word and small.isascii():
        return small
    if not any(char.isascii() and char.isalpha() for char in small) or not any(map(_has_twins, small)):
        return small
    return "".join((_twin(char) or char) if _has_twins(char) else char for char in small)


def _drop_stacked_marks(text: str) -> str:
    """Without the combining marks that NFKC could not join to a letter, where Latin letters carry them."""
    if not any(unicodedata.combining(char) for char in text):
        return text
    kept: list[str] = []
    for char in text:
        if not (unicodedata.combining(char) and kept and kept[-1].isascii()):
            kept.append(char)
    return "".join(kept)


@lru_cache(maxsize=4096)
def _has_twins(char: str) -> bool:
    """A letter of a script whose letters are taken for Latin ones."""
    return not char.isascii() and char.isalpha() and unicodedata.name(char, "").partition(" ")[0] in _TWIN_SCRIPTS


@lru_cache(maxsize=4096)
def _twin(char: str) -> str:
    """The ASCII letter or digit that looks like `char`; "" where there is none."""
    if char.isascii():
        return char
    from confusable_homoglyphs import confusables  # 1 MB of tables: loaded when the first foreign letter comes

    found = confusables.confusables_data.get(char) or []
    for candidate in found:
        twin = str(candidate["c"])
        if twin.isascii() and twin.isalnum():
            return twin
    bare = strip_marks(char.casefold())
    return bare if bare != char.casefold() and bare.isascii() else ""
