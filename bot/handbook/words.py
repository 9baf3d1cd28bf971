"""The words of a text as phrases see them: disguises undone, folded, with their place in the text.

A text and the phrases of knowledge/phrases/ go through the same folding, so that "Iog ln", "𝐥𝐨𝐠 𝐢𝐧",
"lоg in" with a Cyrillic o and "log in" are the same two keys. One pass, linear in the text.
"""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

BREAK = ""
"""The key that stands for the end of a sentence or paragraph: no phrase reaches over it."""
AMOUNT, PHONE, EMAIL, LINK, NUMBER = "{amount}", "{phone}", "{email}", "{link}", "{number}"
CLASSES = frozenset({AMOUNT, PHONE, EMAIL, LINK, NUMBER})

# Default-ignorable characters (Unicode 5.21) and variation selectors: they print as nothing.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
# Placeholders that a bulk mailer forgot to fill in, in the middle of words: "Exa {field}{4} mple", "Exa%salt%mple".
_PLACEHOLDER = re.compile(r"[ \t]{0,2}(?:\{\w{1,20}\}\{\d{1,3}\}|%\w{1,12}%)[ \t]{0,2}")
_UNIT = r"(?:million(?:en|es|s)?|milli?ard(?:en|s)?|milh(?:ao|ão|oes|ões)|mill[oó]n(?:es)?|milioni?|milion(?:ow|ów|y)?|"
_UNIT += r"milyon|billion|bn|mio|mln|thousand|mil|m|k)"
_MONEY = r"(?:us\$|r\$|[$€£₺₽¥]|usd|eur|gbp|chf|btc|pln|zł|brl|euros?|dollars?|dólares|dolares|dollari|"
_MONEY += r"us-dollar|reais|pounds?|pfund|livres?|dolar(?:ów|y|es)?|долларов|евро|рублей)"
_CURRENCY_BEFORE = re.compile(r"(?:us\$|r\$|[$€£₺₽¥]|\b(?:usd|eur|gbp|chf|cad|aud|btc))[ ]?$", re.IGNORECASE)
_AMOUNT = re.compile(rf"\d[\d.,' ]{{0,24}}(?<=\d)(?:[ ]?{_UNIT}\b)?(?:[ ]?{_MONEY}(?!\w))?", re.IGNORECASE)
_AMOUNT_AFTER = re.compile(
    rf"\d[\d.,]{{0,24}}(?<=\d)(?: \d{{3}}){{0,4}}(?:[ ]?(?:{_UNIT}[ ])?{_MONEY}(?!\w)|[ ]million\b)", re.IGNORECASE
)
_PHONE = re.compile(r"\+\d[\d ().-]{7,20}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b")

_LINK = re.compile(r"(?:[hH][tT][tT][pP][sS]?://|[wW][wW][wW]\.)[^\s<>\"]{1,2000}")
_AT = re.compile(r"@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_LOCAL = re.compile(r"[\w.+-]{1,64}$")
_LINK_MARK, _EMAIL_MARK = "\ue000", "\ue001"
# Digits first, so that 2FA is a number and a word; underscores hold a word together.
_TOKEN = re.compile(rf"(\d(?:[\d.,:]*\d)?|\w+|[{_LINK_MARK}{_EMAIL_MARK}%]|[.!?…;](?=\s|$)|\n[ \t]{{0,80}}\n)")
_EMAIL_WORD = re.compile(r"\b[eE]-(?=[mM]ail|MAIL)")
_OTHER = {_LINK_MARK: LINK, _EMAIL_MARK: EMAIL} | dict.fromkeys(".!?…;", BREAK)
_SEPARATOR = "\x00"
_SPACED_LEAST = 4
"""Lone letters in a row that are one word: "v i a g r a"."""
_SPACED = "x" * _SPACED_LEAST
"""Such a row; hardly any text has one, and most have lone letters here and there."""

_PLAIN = {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
        # Small capitals and letter-like signs, which NFKC leaves alone (Unicode Phonetic Extensions).
        "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g", "ʜ": "h", "ɪ": "i", "ᴊ": "j", "ᴋ": "k",
        "ʟ": "l", "ᴍ": "m", "ɴ": "n", "ᴏ": "o", "ᴘ": "p", "ǫ": "q", "ʀ": "r", "ꜱ": "s", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v",
        "ᴡ": "w", "ʏ": "y", "ᴢ": "z", "ɑ": "a", "ɡ": "g",
    }  # fmt: skip
# Letters of other scripts that look like Latin ones (Unicode confusables); used in words that mix scripts.
_LOOKALIKE = str.maketrans("аеорсухіјѕһԁԛԝվոսհօαεινορτυχκβ", "aeopcyxijshdqwnnuhoaeivoptuxkb")
_MARKS = re.compile("[\u0300-\u036f]+")


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
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)) if not text.isascii() else text
    if "{" in plain or "%" in plain:
        plain = _PLACEHOLDER.sub("", plain)
    return _EMAIL_WORD.sub("e", plain) if "-mail" in plain or "-Mail" in plain or "-MAIL" in plain else plain


def fold(word: str) -> str:
    """A word's key: case, diacritics, look-alike letters and I/l/1 made the same."""
    folded = fold_text(word)
    if not folded.isascii() and any("a" <= char <= "z" for char in folded):
        return _same(folded.translate(_LOOKALIKE))
    return folded


def fold_text(text: str) -> str:
    """Many words folded at once: what `fold` makes of each that doesn't mix scripts."""
    if text.isascii():
        return _same(text.lower())
    folded = text.casefold()
    for char in _PLAIN.keys() & set(folded):
        folded = folded.replace(char, _PLAIN[char])
    return _same(_MARKS.sub("", unicodedata.normalize("NFKD", folded)))


def _same(folded: str) -> str:
    """I, l and 1 as one letter, 0 and o as another: the commonest disguise of all ("Iog in", "PayPaI")."""
    return folded.replace("l", "i").replace("1", "i").replace("0", "o")


def words(text: str) -> Words:
    """The folded words of a text; amounts, numbers, phone numbers, addresses and links are one key each."""
    plain = undisguise(text)
    masked = _masked(plain)
    pieces = _TOKEN.split(masked)  # what stands between tokens and the tokens, by turns
    bounds = [0, *accumulate(map(len, pieces))]
    raws, starts, ends = pieces[1::2], bounds[1:-1:2], bounds[2::2]
    key_of = _keys(list(dict.fromkeys(raws)))
    figures = {raw for raw in key_of if "0" <= raw[0] <= "9"}
    found = Words(plain, [key_of[raw] for raw in raws], starts, ends)
    if figures:
        found = _with_figures(found, [at for at, raw in enumerate(raws) if raw in figures])
    lone = {raw for raw, key in key_of.items() if _is_lone(key)}
    row = "".join(["x" if raw in lone else " " for raw in raws]) if lone else ""
    return _joined(found) if _SPACED in row else found


def _with_figures(found: Words, figures: list[int]) -> Words:
    """The words with each number, at `figures`, made a key of its kind, which takes in what belongs to it."""
    made = Words(found.text, [], [], [])
    taken = done = 0  # words that are dealt with; characters that the last figure reached
    for at in figures:
        if found.starts[at] < done:
            continue
        key, start, end = _figure(found.text, found.starts[at], found.ends[at])
        _copy(found, made, taken, bisect_left(found.starts, start, taken, at))
        while made.starts and made.starts[-1] >= start:
            _drop_last(made)
        made.keys.append(key)
        made.starts.append(start)
        made.ends.append(end)
        done = end
        taken = bisect_left(found.starts, done, at + 1)
    _copy(found, made, taken, len(found.keys))
    return made


def _copy(source: Words, target: Words, first: int, end: int) -> None:
    target.keys.extend(source.keys[first:end])
    target.starts.extend(source.starts[first:end])
    target.ends.extend(source.ends[first:end])


def _keys(raws: list[str]) -> dict[str, str]:
    """The key of each of these tokens, folded all at once."""
    keys = fold_text(_SEPARATOR.join(raws)).split(_SEPARATOR)
    return {
        raw: _key(raw, key) if len(key) <= 1 or not key.isascii() or key[0] == "\n" else key
        for raw, key in zip(raws, keys, strict=bool(raws))
    }


def _key(raw: str, key: str) -> str:
    """The key of a token that is a stop, a sign of `_masked`, a lone letter or not plain ASCII."""
    if key[:1] == "\n":
        return BREAK
    folded = key if key.isascii() else fold(key)
    return _OTHER.get(raw, folded) if len(folded) == 1 else folded


def _masked(plain: str) -> str:
    """The text with links and addresses as one sign each, as long as they were."""
    masked = plain
    if "://" in plain or "www." in plain.lower():
        masked = _LINK.sub(lambda link: _LINK_MARK.ljust(len(link.group())), plain)
    if "@" not in masked:
        return masked
    pieces: list[str] = []
    done = 0
    for at in _AT.finditer(masked):
        local = _LOCAL.search(masked, max(done, at.start() - 64), at.start())
        if local is not None:
            pieces += [masked[done : local.start()], _EMAIL_MARK.ljust(at.end() - local.start())]
            done = at.end()
    return "".join([*pieces, masked[done:]])


def _figure(plain: str, start: int, end: int) -> tuple[str, int, int]:
    """What a number is, a sum of money, a telephone number or only a number, and from where to where."""
    currency = _CURRENCY_BEFORE.search(plain, max(0, start - 5), start)
    if currency is not None:
        amount = _AMOUNT.match(plain, start)
        return AMOUNT, currency.start(), amount.end() if amount else end
    after = _AMOUNT_AFTER.match(plain, start)
    if after is not None:
        return AMOUNT, start, after.end()
    before = start - 1 if start and plain[start - 1] in "+(" else start
    before -= before > 0 and plain[before] == "(" and plain[before - 1] == "+"
    phone = _PHONE.match(plain, before)
    return (PHONE, before, phone.end()) if phone is not None else (NUMBER, start, end)


def _joined(found: Words) -> Words:
    """The words with runs of lone letters made one: "v i a g r a"."""
    joined = Words(found.text, [], [], [])
    at = 0
    while at < len(found.keys):
        end = at + 1
        if _is_lone(found.keys[at]):
            while end < len(found.keys) and _is_lone(found.keys[end]) and found.starts[end] - found.ends[end - 1] == 1:
                end += 1
        step = end if end - at >= _SPACED_LEAST else at + 1
        joined.keys.append("".join(found.keys[at:step]))
        joined.starts.append(found.starts[at])
        joined.ends.append(found.ends[step - 1])
        at = step
    return joined


def _is_lone(key: str) -> bool:
    return len(key) == 1 and key.isalpha()


def _drop_last(found: Words) -> None:
    for column in (found.keys, found.starts, found.ends):
        column.pop()
