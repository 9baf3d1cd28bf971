"""What a mail's words want of their reader, in which language, by the phrases of knowledge/phrases/.

Only what the sender says counts: a quoted mail below a reply is somebody else's word, so that a genuine
"is this a scam?" with the scam below it stays quiet.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from bot.checks.language import language
from bot.checks.talk import signs_of_talk
from bot.handbook.phrases import (
    GAP,
    SQUASHED_HEAD,
    Known,
    Node,
    PhraseBook,
)
from bot.handbook.words import BREAK, CLASSES, Words, words
from bot.model import Message, Phrase, Want

__all__ = ["language", "own_words", "says_only_a_link", "wants"]

MOST_LOOKED_AT = 200_000
"""Characters of a text that are looked at; no letter that wants something is longer."""
MOST_SQUASHED = 6_000
MOST_EACH = 5
"""Phrases reported of one want."""
MOST_SHOWN = 120
"""Characters of a phrase that are shown."""
WORDS_BESIDE_A_LINK = 6
MOST_BESIDE_A_LINK = 3_000

_QUOTED_LINE = re.compile(r"[ \t]{0,8}[>|]")
_ORIGINAL = re.compile(
    r"[ \t]{0,8}-{3,20} ?(?:original message|ursprüngliche nachricht|message d'origine|mensaje original"
    r"|mensagem original|messaggio originale|oorspronkelijk bericht|originalmeddelande)",
    re.IGNORECASE,
)
_ON = re.compile(r"[ \t]{0,8}(?:on|am|le|el|em|il|op|w dniu|den|\d{4}-\d\d-\d\d)\b", re.IGNORECASE)
_WROTE = re.compile(
    r"(?:\b(?:wrote|a écrit|escribió|escreveu|ha scritto|napisał\(?a?\)?|skrev|пишет|написал\(?а?\)?) ?:"
    r"|\b(?:schrieb|schreef)\b[^\n]{0,100}:)[ \t]{0,8}$",
    re.IGNORECASE,
)
_FROM = re.compile(r"[ \t*]{0,8}(?:from|von|de|da|van|från)\*? ?: ?\S", re.IGNORECASE)
_SENT = re.compile(
    r"[ \t*]{0,8}(?:sent|date|gesendet|datum|envoyé|enviado|inviato|verzonden|skickat|fecha|data)\*? ?: ?",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"\s{0,4}(?:fwd?|wg|tr|rv|enc|i|vs|doorst)\s?:", re.IGNORECASE)
_LIST_FOOTER = re.compile(r"^(?:_{10,}|-- ?)\n[^\n]{0,200}(?:mailing list|Verteiler)", re.MULTILINE | re.IGNORECASE)
_LEAST_ABOVE = 12
"""Letters that must stand above a quoted mail for the mail to be a reply at all."""
_UNSUBSCRIBE = re.compile(
    r"[^.!?\n]{0,160}\b(?:unsubscri\w{2,6}|abbestell\w{0,4}|désinscri\w{2,5}|remove yourself|uitschrijven|darme de baja"
    r"|opt.?out|descadastr\w{2,5})\b[^.!?\n]{0,160}",
    re.IGNORECASE,
)

_Found = list[tuple[int, int, Known]]
"""Phrases with the index of their first and their last word."""


def wants(message: Message, book: PhraseBook) -> tuple[Phrase, ...]:
    """The phrases found in subject and text: at most five of each want, each said once, subject first."""
    said = own_words(message.text[:MOST_LOOKED_AT], forwarded=_FORWARDED.match(message.subject) is not None)
    subject, text = words(message.subject), words(said)
    phrases = [*_search(subject, book, "subject"), *_search(text, book, "text")]
    if not phrases:
        phrases += _search_squashed(_beginning(subject, text), book)
    phrases = _enough(phrases, book)
    phrases += signs_of_talk(message)
    if says_only_a_link(message, said):
        phrases.append(Phrase(Want.LINK_ONLY, _cut(" ".join(said.split())), "text"))
    return _bounded(phrases)


def own_words(text: str, *, forwarded: bool = False) -> str:
    """The text without quoted lines, the mail quoted below a reply, and a list's footer.

    What a forward passes on stays: it is what the sender wants read.
    """
    lines = text.splitlines()
    kept: list[str] = []
    for at, line in enumerate(lines):
        if _QUOTED_LINE.match(line):
            continue
        if not forwarded and _introduces_a_quote(lines, at):
            if at + 1 < len(lines) and _QUOTED_LINE.match(lines[at + 1]):
                continue
            if sum(map(len, kept)) >= _LEAST_ABOVE:
                break
        kept.append(line)
    own = "\n".join(kept)
    footer = _LIST_FOOTER.search(own)
    return own[: footer.start()] if footer else own


def _introduces_a_quote(lines: list[str], at: int) -> bool:
    line = lines[at]
    if ":" not in line and "---" not in line:
        return False  # nearly every line; the patterns below need one of the two, and cost more
    if _ORIGINAL.match(line):
        return True
    if _WROTE.search(line[-160:]):
        return bool(_ON.match(line) or (at and _ON.match(lines[at - 1])))
    return bool(_FROM.match(line) and at + 1 < len(lines) and _SENT.match(lines[at + 1]))


def says_only_a_link(message: Message, said: str) -> bool:
    """Whether the body is a link or a picture that is one, with hardly a word beside it and the way to unsubscribe."""
    only_quoted = not said.strip() and message.text.strip()
    if not message.links or only_quoted or len(said) > MOST_BESIDE_A_LINK:
        return False
    keys = words(_UNSUBSCRIBE.sub(" ", said)).keys
    return sum(key.isalpha() and len(key) > 1 for key in keys) <= WORDS_BESIDE_A_LINK


def _search(text: Words, book: PhraseBook, place: str) -> list[Phrase]:
    """Every phrase, in one walk over the words; a phrase's gaps bound how far it can reach."""
    keys = text.keys
    begun = {key: _begun(key, book) for key in set(keys)}
    found: _Found = []
    for at, key in enumerate(keys):
        for node in begun[key]:
            _follow(node, keys, at + 1, at, found)
    heard = [item for item in found if place == "subject" or not item[2].subject_only]
    return [Phrase(known.want, _cut(text.shown(a, b)), place, known.language) for a, b, known in _outermost(heard)]


def _begun(key: str, book: PhraseBook) -> tuple[Node, ...]:
    """Where the phrases go on that a word begins."""
    whole = book.root.words.get(key)
    rest = tuple(node for letters, node in book.heads.get(key[:3], ()) if key.startswith(letters))
    return rest if whole is None else (whole, *rest)


def _outermost(found: _Found) -> Iterator[tuple[int, int, Known]]:
    """Those that don't lie within another of the same want; found in order of their first word."""
    reached: dict[Want, int] = {}
    for first, last, known in sorted(found, key=lambda item: (item[0], -item[1])):
        if last > reached.get(known.want, -1):
            reached[known.want] = last
            yield first, last, known


def _follow(node: Node, keys: list[str], at: int, first: int, found: _Found) -> None:
    """Collect each phrase that ends below `node`, with the index of its first and its last word."""
    for known in node.ends:
        found.append((first, at - 1, known))
    if at < len(keys):
        _step(node, keys, at, first, found)
        if node.gap is not None:
            for here in range(at, min(at + GAP + 1, len(keys))):
                if keys[here] == BREAK:
                    break
                _step_behind_gap(node.gap, keys, here, first, found)
    for other in node.also:
        _follow(other, keys, at, first, found)


def _step(node: Node, keys: list[str], at: int, first: int, found: _Found) -> None:
    key = keys[at]
    if key in node.words:
        _follow(node.words[key], keys, at + 1, first, found)
    for letters, there in node.beginnings:
        if key.startswith(letters):
            _follow(there, keys, at + 1, first, found)


def _step_behind_gap(node: Node, keys: list[str], at: int, first: int, found: _Found) -> None:
    _step(node, keys, at, first, found)
    for other in node.also:
        _step_behind_gap(other, keys, at, first, found)


def _beginning(subject: Words, text: Words) -> Words:
    """The subject and the beginning of the text as one; the words of both were found already."""
    shift, end = len(subject.text) + 1, bisect_right(text.ends, MOST_SQUASHED)
    return Words(
        f"{subject.text}\n{text.text}",
        subject.keys + text.keys[:end],
        subject.starts + [start + shift for start in text.starts[:end]],
        subject.ends + [stop + shift for stop in text.ends[:end]],
    )


def _search_squashed(text: Words, book: PhraseBook) -> list[Phrase]:
    """Phrases whose words were broken by spaces or salt; looked for only where nothing else was found."""
    pieces = ["." if key == BREAK or key in CLASSES else key for key in text.keys]
    word_of = [index for index, piece in enumerate(pieces) for _ in piece]
    letters = "".join(pieces)
    found: list[Phrase] = []
    squashed, head = book.squashed, SQUASHED_HEAD
    for at in [at for at in range(len(letters) - head) if letters[at : at + head] in squashed]:
        for plain, known in squashed[letters[at : at + head]]:
            if letters.startswith(plain, at):
                shown = text.shown(word_of[at], word_of[at + len(plain) - 1])
                found.append(Phrase(known.want, _cut(shown), "text", known.language))
    return found


def _enough(phrases: list[Phrase], book: PhraseBook) -> list[Phrase]:
    """Those of wants of which as many different phrases were found as the want's file asks for."""
    different: dict[Want, set[str]] = {}
    for phrase in phrases:
        different.setdefault(phrase.want, set()).add(phrase.words.casefold())
    return [phrase for phrase in phrases if len(different[phrase.want]) >= book.least.get(phrase.want, 1)]


def _bounded(phrases: list[Phrase]) -> tuple[Phrase, ...]:
    kept: list[Phrase] = []
    seen: dict[Want, set[str]] = {}
    for phrase in phrases:
        said = seen.setdefault(phrase.want, set())
        key = phrase.words.casefold()
        if key not in said and len(said) < MOST_EACH:
            said.add(key)
            kept.append(phrase)
    return tuple(kept)


def _cut(shown: str) -> str:
    return shown if len(shown) <= MOST_SHOWN else shown[: MOST_SHOWN - 1] + "…"
