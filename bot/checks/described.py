"""What somebody's own description says of a mail: their pleas aren't the mail's, and their "me" is its victim."""

import re
from collections.abc import Iterable

from bot.model import Phrase, Want

_OWN = frozenset({Want.SECRECY, Want.URGENCY})
"""What frightened people ask for themselves: that nobody is told, that it goes fast."""
_REPORTED = re.compile(
    r"\b(?:says?|said|told|tells|asks?|asked|wants?|wanted|writes?|wrote|demands?|threatens?|sagt|sagte|schreibt|schrieb"
    r"|will|verlangt|droht|dit|demande|veut|écrit|dice|pide|quiere|diz|pede|quer|chiede|vuole|zegt|vraagt|wil)\b",
    re.IGNORECASE,
)
_VICTIM = re.compile(
    r"\b(?:film(?:ed|ing)|record(?:ed|ing)|watch(?:ed|ing)|videos?|footage|photos?|pictures?|nudes?)"
    r"(?: \w{1,20}){0,3} (?:of me|me)\b(?=[^.!?\n]{0,120}(?:bitcoin|btc|crypto|money|pay|webcam|naked|publish|send))"
    r"|\bblackmail\w{0,4}|\bsextort\w{0,5}|\berpress\w{0,4}|\bchantage\b|\bextors\w{0,5}",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]{1,600}")
MOST = 20_000
"""Characters of a description that are looked at."""


def as_described(phrases: Iterable[Phrase], text: str) -> tuple[Phrase, ...]:
    """The phrases without the describer's own pleas, and with extortion that they tell of as its victim."""
    said = text[:MOST]
    kept = [phrase for phrase in phrases if phrase.want not in _OWN or _is_reported(phrase, said)]
    victim = _VICTIM.search(said)
    if victim and not any(phrase.want is Want.EXTORTION for phrase in kept):
        kept.append(Phrase(Want.EXTORTION, " ".join(victim.group().split())[:120], "text"))
    return tuple(kept)


def _is_reported(phrase: Phrase, text: str) -> bool:
    """Whether somebody is said to say it, before it in its sentence."""
    for sentence in _SENTENCE.findall(text):
        at = sentence.casefold().find(phrase.words.casefold())
        if at >= 0 and _REPORTED.search(sentence[:at]):
            return True
    return False
