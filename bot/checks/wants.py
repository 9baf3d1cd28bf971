"""What a mail's words want of their reader, in which language, by the phrases of knowledge/phrases/.

Only what the sender says counts: a quoted mail below a reply is somebody else's word, so that a genuine
"is this a scam?" with the scam below it stays quiet.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Container, Iterable, Iterator

from bot.checks.described import as_described
from bot.checks.language import language
from bot.checks.talk import signs_of_talk
from bot.handbook.phrases import (
    GAP,
    LEAST_BEGINNING,
    SQUASHED_HEAD,
    Anchored,
    Choice,
    PhraseBook,
    Row,
)
from bot.handbook.words import BREAK, CLASSES, Words, words
from bot.model import Kind, Message, Phrase, Want

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

_Found = list[tuple[int, int, Anchored]]
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
    found = _bounded(phrases)
    return as_described(found, said) if message.kind is Kind.WORDS else found


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
    if line.rstrip(" \t").endswith(":") and _WROTE.search(line[-160:]):
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
    """Every phrase, tried where its rarest word stands; its gaps bound how far it can reach."""
    keys = [BREAK, *text.keys, BREAK]  # which no phrase reaches over, so that none has to look for the end
    said = dict.fromkeys(keys)
    worth_trying = {key: tried for key in said if (tried := _sayable(key, said, book, place))}
    found: _Found = []
    for at, key in enumerate(keys if worth_trying else ()):
        for phrase in worth_trying.get(key, ()):
            _try(phrase, keys, at, found)
    return [
        Phrase(phrase.known.want, _cut(text.shown(a - 1, b - 1)), place, phrase.known.language)
        for a, b, phrase in _outermost(found)
    ]


def _sayable(key: str, said: dict[str, None], book: PhraseBook, place: str) -> list[Anchored]:
    """The phrases kept under a word of which the text has all words; hardly any, whatever the text."""
    return [
        phrase
        for phrase in _kept_under(key, book)
        if phrase.needs <= said.keys()
        and (place == "subject" or not phrase.known.subject_only)
        and all(_has_one(step, said) for step in (*phrase.before, *phrase.after))
    ]


def _kept_under(key: str, book: PhraseBook) -> Iterator[Anchored]:
    yield from book.anchors.get(key, ())
    for letters, phrases in book.heads.get(key[:LEAST_BEGINNING], ()):
        if key.startswith(letters):
            yield from phrases


def _has_one(step: Choice, said: Container[str]) -> bool:
    """Whether the text has the words of one of the alternatives; a beginning is taken to be there."""
    return (
        bool(step.beginnings)
        or any(word in said for word in step.words)
        or any(all(word in said or word[-1] == "*" for word in row) for row in step.rows)
    )


def _try(phrase: Anchored, keys: list[str], at: int, found: _Found) -> None:
    """Collect where the phrase stands around its word at `at`: each first word with each last one."""
    lasts = _reached(phrase.after, keys, at, 1)
    if lasts:
        found += [(first, last, phrase) for first in _reached(phrase.before, keys, at, -1) for last in lasts]


def _reached(steps: tuple[Choice, ...], keys: list[str], at: int, way: int) -> Collection[int]:
    """Where the steps may end that begin beside `at`, forwards (a way of 1) or backwards (-1)."""
    reached: Collection[int] = (at,)
    for step in steps:
        words, beginnings = step.words, step.beginnings
        ends = set()
        for begin in reached:
            if step.gap and not beginnings and not step.rows and words.isdisjoint(_window(keys, begin, way)):
                continue  # as nearly everywhere; the rest says where
            for here in _over_gap(keys, begin, way) if step.gap else (begin,):
                key = keys[here + way]
                if key in words or (beginnings and key.startswith(beginnings)):
                    ends.add(here + way)
                for row in step.rows:
                    ends.update(_along(row, keys, here, way))
        if not ends:
            return ()
        reached = ends
    return reached


def _along(row: Row, keys: list[str], at: int, way: int) -> Iterable[int]:
    """Where one alternative of several words, or none, may end that begins beside `at`."""
    for index, word in enumerate(row):
        if word == "*":
            rest = row[index + 1 :]
            return {end for here in _over_gap(keys, at, way) for end in _along(rest, keys, here, way)}
        at += way
        if keys[at] != word and not (word[-1] == "*" and keys[at].startswith(word[:-1])):
            return ()
    return (at,)


def _window(keys: list[str], at: int, way: int) -> list[str]:
    """The words beside `at` of which one may follow a gap."""
    return keys[at + 1 : at + GAP + 2] if way > 0 else keys[max(0, at - GAP - 1) : at]


def _over_gap(keys: list[str], at: int, way: int) -> range:
    """`at` itself and up to four words on, within the sentence."""
    end = at + way
    while end != at + way * (GAP + 1) and keys[end] != BREAK:
        end += way
    return range(at, end, way)


def _outermost(found: _Found) -> Iterator[tuple[int, int, Anchored]]:
    """Those that don't lie within another of the same want, in order of their first word."""
    reached: dict[Want, int] = {}
    for first, last, phrase in sorted(found, key=lambda item: (item[0], -item[1], item[2].place)):
        if last > reached.get(phrase.known.want, -1):
            reached[phrase.known.want] = last
            yield first, last, phrase


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
    letters = "".join(pieces)
    word_of: list[int] = []
    found: list[Phrase] = []
    for at in _places_to_try(letters, book):
        for plain, known in book.squashed.get(letters[at : at + SQUASHED_HEAD], ()):
            if letters.startswith(plain, at):
                word_of = word_of or [index for index, piece in enumerate(pieces) for _ in piece]
                shown = text.shown(word_of[at], word_of[at + len(plain) - 1])
                found.append(Phrase(known.want, _cut(shown), "text", known.language))
    return found


def _places_to_try(letters: str, book: PhraseBook) -> Iterator[int]:
    """A phrase covers a whole window of eight letters, wherever it begins: one look for every eight places."""
    head, windows = SQUASHED_HEAD, book.windows
    for at in range(0, len(letters), head):
        if letters[at : at + head] in windows:
            yield from range(max(0, at - head + 1), min(at + 1, len(letters) - head))


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
