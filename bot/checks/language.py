"""Which language a text is in, by its commonest words and its script.

A counter of our own: py3langid (with its numpy) takes 0.8 s to load and 125 MB, more than a whole check may
take; for what the language is used for (a low weight, and which texts to show) the commonest words do.
"""

import re
import unicodedata
from collections import Counter
from functools import cache

MOST_LOOKED_AT = 8_000
LEAST_WORDS = 3
"""Common words that must be there; below it the text is too short to tell."""

_COMMON = {
    "en": "the and you your to of is this for with that have are from we our be will has been not my it on as by or if",
    "de": "der die das und ist sie ihre ihr nicht mit für von wir auf eine einen zu den dem bitte haben werden ich",
    "fr": "le la les des est vous votre et pour une dans pas nous sur avec vos que qui du ce cette être de en",
    "es": "el los las que del para una por con su sus usted es este esta como más se ha tiene tu en de la",
    "pt": "não que para uma você seu sua com do da dos em os são foi por mais este esta está ao de na no",
    "it": "il che di per una non con sono della del questo gli è la più suo sua nel ha si tuo le",
    "nl": "de het een en van je uw niet voor met is op te dat zijn wij we aan heeft deze u",
    "pl": "na nie się jest że proszę państwa dla od po jak oraz przez został twoje twój lub czy dzień konto",
    "tr": "ve bir bu için ile size lütfen olarak da de çok hesabınız daha var değil sizin olan tarafından",
    "sv": "och det att är som en på för av med inte du din har till den ett vi kan om",
    "da": "og det at er som en på for af med ikke du din har til den et vi kan om",
    "cs": "na je se že pro jsou vám prosím jako nebo vaše byl není které jste pokud tento bude také při",
    "ro": "și în de la nu este pentru cu care un o pe din mai sunt vă dumneavoastră contul a fost",
    "ru": "и в не на что вы для с это ваш по мы как от за вас ваше или был пожалуйста",
    "uk": "і в не на що ви для з це ваш за ми як від та або вас було будь ласка у",
}
_LETTERS_OF = {  # letters that only one of two neighbours uses; each counts as a common word
    "uk": "іїєґ", "ru": "ыэёъ", "pl": "ąęłśżźćń", "tr": "ğış", "pt": "ãõ", "es": "ñ¿¡", "de": "ß", "cs": "ěřů",
    "ro": "ășț", "da": "æø", "sv": "äå",
}  # fmt: skip
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_SCRIPT_SHARE = 0.2
_WORD, _PLAIN_WORD = re.compile(r"[^\W\d_]+"), re.compile(r"[a-z]+")
"""A word; the second says the same of folded ASCII, in a third of the time."""
_LINK = re.compile(r"(?:https?://|www\.|@)\S{1,2000}")


def language(text: str) -> str:
    """The ISO 639-1 code of the text's main language, or "" where it is too short or too mixed to tell."""
    plain = _LINK.sub(" ", unicodedata.normalize("NFKC", text[:MOST_LOOKED_AT])).casefold()
    found = (_PLAIN_WORD if plain.isascii() else _WORD).findall(plain)
    letters = sum(map(len, found))
    if not letters:
        return ""
    if not plain.isascii():
        for code, script in _SCRIPTS:
            if len(script.findall(plain)) / letters > _SCRIPT_SHARE:
                return code
    often = Counter(found)
    scores = {code: _score(often, plain, code) for code in _COMMON}
    first, second = sorted(scores, key=lambda code: -scores[code])[:2]
    if scores[first] < LEAST_WORDS or scores[first] == scores[second]:
        return ""
    return first


def _score(often: Counter[str], plain: str, code: str) -> float:
    common = sum(often[word] for word in _common_words()[code] & often.keys())
    if plain.isascii():
        return common
    own = sum(plain.count(letter) for letter in _LETTERS_OF.get(code, ""))
    return common + min(own, often.total() / 10) * 0.5


@cache
def _common_words() -> dict[str, frozenset[str]]:
    return {code: frozenset(listed.split()) for code, listed in _COMMON.items()}
