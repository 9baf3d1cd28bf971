"""Words for people: text of a mail made harmless, probabilities in words, templates filled."""

import re
import unicodedata
from collections.abc import Mapping

from bot.model import Grade

THIN = frozenset({Grade.SLACK_REST, Grade.SCREENSHOT, Grade.WORDS})
"""Material from which nothing follows for sure."""

NAME_LIMIT = 60
TEXT_LIMIT = 400

# Print as nothing, yet aren't of a category that is dropped below: Hangul fillers, the empty braille cell,
# Khmer inherent vowels, variation selectors.
_BLANK = re.compile("[\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACE = re.compile(r"\s+")
# A host ends where the next address begins: "https://one.example><https://two.example" is two.
_URL = re.compile(r"([a-z][a-z0-9+.-]{1,15})://((?:(?![a-z][a-z0-9+.-]{1,15}://)[^\s/?#]){0,300})", re.IGNORECASE)
_WWW = re.compile(r"\b(www\.[^\s/?#]{1,250})", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"{])")
_PLACEHOLDER = re.compile(r"\{([a-z_]{1,30})\}")


def tame(text: str, limit: int = TEXT_LIMIT) -> str:
    """One line without control, bidi, zero-width and other invisible characters, cut at `limit` characters."""
    cut = _SPACE.sub(" ", text[: limit * 8])
    seen = "".join(char for char in _BLANK.sub("", cut) if unicodedata.category(char) not in _DROPPED)
    line = _SPACE.sub(" ", seen).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def defang(text: str) -> str:
    """Web addresses that nobody can click: `hxxps://evil[.]example/path`. Mail addresses stay as they are."""
    return _WWW.sub(lambda found: _dots(found.group(1)), _URL.sub(_defanged, text))


def from_mail(text: str, limit: int = TEXT_LIMIT) -> str:
    """Text of a mail, or text that quotes one, fit for a reply."""
    return defang(tame(text, limit))


def how_sure(confidence: float, grade: Grade = Grade.WHOLE) -> str:
    """A probability in words, as they stand before "forged" or "broken into"; of thin material only "perhaps"."""
    if grade in THIN:
        return "perhaps"
    for least, words in ((0.95, "almost certainly"), (0.80, "very likely"), (0.55, "probably")):
        if confidence >= least:
            return words
    return "perhaps"


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders filled. A sentence that lacks a value is left out.

    Values are put in once and never read as templates themselves.
    """
    if all(values.get(name) for name in _PLACEHOLDER.findall(template)):
        kept = template
    else:
        kept = " ".join(part for part in _SENTENCE.split(template) if _whole(part, values))
    return capital(_PLACEHOLDER.sub(lambda found: values.get(found.group(1), ""), kept))


def listed(words: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def capital(text: str) -> str:
    """The text with its first letter large, unless it begins with an address or number."""
    first = text.split(" ", 1)[0]
    return text if "@" in first or "." in first[:-1] else text[:1].upper() + text[1:]


def _whole(sentence: str, values: Mapping[str, str]) -> bool:
    return all(values.get(name) for name in _PLACEHOLDER.findall(sentence))


def _defanged(found: re.Match[str]) -> str:
    scheme = re.sub("tt", "xx", found.group(1), flags=re.IGNORECASE)
    return f"{scheme}://{_dots(found.group(2))}"


def _dots(host: str) -> str:
    return host.replace("[.]", ".").replace(".", "[.]")
