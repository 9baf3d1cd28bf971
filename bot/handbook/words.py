"""The words of a text as phrases see them: disguises undone, folded, with their place in the text.

A text and the phrases of knowledge/phrases/ go through the same folding, so that "Iog ln", "𝐥𝐨𝐠 𝐢𝐧",
"lоg in" with a Cyrillic o and "log in" are the same two keys. One pass, linear in the text.
"""

import re
import unicodedata
from dataclasses import dataclass

BREAK = ""
"""The key that stands for the end of a sentence or paragraph: no phrase reaches over it."""
AMOUNT, PHONE, EMAIL, LINK, NUMBER = "{amount}", "{phone}", "{email}", "{link}", "{number}"
CLASSES = frozenset({AMOUNT, PHONE, EMAIL, LINK, NUMBER})

# Default-ignorable characters (Unicode 5.21) and variation selectors: they print as nothing.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
# Placeholders that a bulk mailer forgot to fill in, in the middle of words: "B {numero}{4} anco", "Br%rand8%adesco".
_PLACEHOLDER = re.compile(r"[ \t]{0,2}(?:\{\w{1,20}\}\{\d{1,3}\}|%\w{1,12}%)[ \t]{0,2}")
# "V i a g r a": at least four lone letters in a row.
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[ ._-][^\W\d_]){3,30}(?![^\W_])")

_UNIT = r"(?:million(?:en|es|s)?|milli?ard(?:en|s)?|milh(?:ao|ão|oes|ões)|mill[oó]n(?:es)?|milioni?|milion(?:ow|ów|y)?|"
_UNIT += r"milyon|billion|bn|mio|mln|thousand|mil|m|k)"
_CURRENCY = r"(?:us\$|r\$|[$€£₺₽¥]|usd|eur|gbp|chf|cad|aud|btc)"
_MONEY_WORD = r"(?:us\$|r\$|[$€£₺₽¥]|usd|eur|gbp|chf|btc|pln|zł|brl|euros?|dollars?|dólares|dolares|dollari|"
_MONEY_WORD += r"us-dollar|reais|pounds?|pfund|livres?|dolar(?:ów|y|es)?|долларов|евро|рублей)"
_TOKEN = re.compile(
    r"(?P<link>(?:https?://|www\.)[^\s<>\"]{1,2000})"
    rf"|(?P<amount>{_CURRENCY}[ ]?\d[\d.,' ]{{0,24}}(?<=[\d.,])(?:[ ]?{_UNIT}\b)?(?:[ ]?{_MONEY_WORD}(?!\w))?"
    rf"|\d[\d.,]{{0,24}}[ ]?(?:{_UNIT}[ ])?{_MONEY_WORD}(?!\w)|\d[\d.,]{{0,24}}[ ]?million\b)"
    r"|(?P<phone>\+\d[\d ().-]{7,20}\d|\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b)"
    r"|(?P<number>\d[\d.,:]*)"
    r"|(?P<word>[^\W_]+)(?P<email>(?:[.+_-][^\W_]{1,64}){0,8}@[^\W_][\w.-]{1,253})?"
    r"|(?P<sign>%)"
    r"|(?P<stop>[.!?…;](?=\s|$)|\n[ \t]{0,80}\n)",
    re.IGNORECASE,
)
_EMAIL_WORD = re.compile(r"\be-(?=mail)", re.IGNORECASE)

_PLAIN = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
        # Small capitals and letter-like signs, which NFKC leaves alone (Unicode Phonetic Extensions).
        "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g", "ʜ": "h", "ɪ": "i", "ᴊ": "j", "ᴋ": "k",
        "ʟ": "l", "ᴍ": "m", "ɴ": "n", "ᴏ": "o", "ᴘ": "p", "ǫ": "q", "ʀ": "r", "ꜱ": "s", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v",
        "ᴡ": "w", "ʏ": "y", "ᴢ": "z", "ɑ": "a", "ɡ": "g",
    }
)  # fmt: skip
# Letters of other scripts that look like Latin ones (Unicode confusables); used in words that mix scripts.
_LOOKALIKE = str.maketrans("аеорсухіјѕһԁԛԝվոսհօαεινορτυχκβ", "aeopcyxijshdqwnnuhoaeivoptuxkb")
_MARKS = re.compile("[\u0300-\u036f]+")
# I, l and 1 are one key, 0 and o another: the commonest disguise of all ("Iog in", "PayPaI").
_SAME = str.maketrans("l10", "iio")


@dataclass(frozen=True, slots=True)
class Words:
    """A text's keys in order, and where in `text` (disguises undone) each begins and ends."""

    text: str
    keys: list[str]
    starts: list[int]
    ends: list[int]

    def shown(self, first: int, last: int) -> str:
        """The words from key `first` to key `last`, as they stand, on one line."""
        return " ".join(self.text[self.starts[first] : self.ends[last]].split())


def undisguise(text: str) -> str:
    """The text as a reader sees it: compatibility letters plain, invisible characters and placeholders gone."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    plain = _PLACEHOLDER.sub("", plain)
    plain = _SPACED.sub(lambda run: re.sub(r"[ ._-]", "", run.group()), plain)
    return _EMAIL_WORD.sub("e", plain)


def fold(word: str) -> str:
    """A word's key: case, diacritics, look-alike letters and I/l/1 made the same."""
    folded = word.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded.translate(_PLAIN))
        folded = "".join(char for char in folded if not unicodedata.combining(char))
        if any("a" <= char <= "z" for char in folded):
            folded = folded.translate(_LOOKALIKE)
    return folded.translate(_SAME)


def fold_text(text: str) -> str:
    """Many words folded at once: what `fold` makes of each, for text without disguises (our own phrases)."""
    folded = unicodedata.normalize("NFKD", _EMAIL_WORD.sub("e", text).casefold().translate(_PLAIN))
    return _MARKS.sub("", folded).translate(_SAME)


def words(text: str) -> Words:
    """The folded words of a text; amounts, numbers, phone numbers, addresses and links are one key each."""
    plain = undisguise(text)
    found = Words(plain, [], [], [])
    folded: dict[str, str] = {}
    for match in _TOKEN.finditer(plain):
        kind = match.lastgroup
        raw = match.group()
        if kind == "word":
            key = folded.get(raw)
            if key is None:
                key = folded[raw] = fold(raw)
        elif kind == "stop":
            key = BREAK
        else:
            key = raw if kind == "sign" else "{" + str(kind) + "}"
        found.keys.append(key)
        found.starts.append(match.start())
        found.ends.append(match.end())
    return found
