"""knowledge/phrases/: what scams, bulk mail and honest technical talk say, as data in many languages.

A phrase is words with three signs, read by people who don't write programs:

    your * account      a gap of up to four words
    inherit*            a word that begins so
    [send|transfer|]    one of these; an empty one makes it optional
    {amount}            any sum of money; also {phone}, {email}, {link}, {number}

Each phrase is kept under its rarest word, so that a text costs as many tries as it has such words.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, product
from math import prod
from pathlib import Path

import tomli

from bot.handbook.faults import Fault
from bot.handbook.words import CLASSES, NUMBER, fold_text
from bot.model import Want

FOLDER = "phrases"
LANGUAGES = frozenset({"en", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ru", "uk", "sv", "da", "cs", "ro", "any"})
GAP = 4
"""Words that a `*` may stand for."""
MOST_GAPS = 2
MOST_SQUASHED = 80
"""Ways to read a phrase, up to which it is also looked for without spaces."""
SQUASHED_HEAD = 8
SQUASHED_LEAST = 2 * SQUASHED_HEAD - 1
"""Letters that a phrase needs to be looked for with its spaces taken out."""
LEAST_BEGINNING = 3
"""Letters before the * of a beginning."""

_TOKEN = re.compile(r"[\[\]|%]|\{[^{}]{0,20}\}|\d(?:[\d.,:]*\d)?|[^\W_]+\*?|\*")
_MISPLACED = re.compile(r"\*[\w*{\[]|[\]}%]\*")
# `fold_text` makes {email} {emaii}.
_CLASS_OF = {fold_text(name): name for name in CLASSES}

_WORDLESS = CLASSES | {"*"}

Row = tuple[str, ...]
"""Steps: a word, a beginning ("inherit*"), a gap ("*"), a class ("{amount}")."""
Part = tuple[Row, ...]
"""One part of a phrase: its alternatives."""


_GAP: Part = (("*",),)


@dataclass(frozen=True, slots=True)
class Known:
    """One phrase of the data: its want, language and, if it counts in the subject only, that."""

    want: Want
    language: str
    subject_only: bool
    source: str
    """As it stands in its file."""


@dataclass(frozen=True, slots=True, repr=False)
class Choice:
    """One step of a phrase as it is looked for: alternatives of one word or one beginning, and longer ones."""

    gap: bool
    """Whether up to four words may stand before it."""
    words: frozenset[str]
    beginnings: tuple[str, ...]
    rows: Part


@dataclass(frozen=True, slots=True, repr=False)
class Anchored:
    """A phrase seen from the word that it is kept under."""

    known: Known
    place: int
    """Where the phrase stands among all."""
    needs: frozenset[str]
    """Words without which it doesn't stand in a text."""
    before: tuple[Choice, ...]
    """What stands before the word, read backwards."""
    after: tuple[Choice, ...]


@dataclass(frozen=True, repr=False)
class PhraseBook:
    """All phrases, ready to be looked for; made by `load_phrases`."""

    anchors: Mapping[str, tuple[Anchored, ...]]
    """The phrases that are kept under each word."""
    heads: Mapping[str, tuple[tuple[str, tuple[Anchored, ...]], ...]]
    """Those that are kept under a beginning (`inherit*`), by its first three letters."""
    least: Mapping[Want, int]
    """How many different phrases of a want must be there before any counts; 1 where it isn't said."""
    phrases: tuple[tuple[Known, tuple[Part, ...]], ...]

    @cached_property
    def squashed(self) -> Mapping[str, tuple[tuple[str, Known], ...]]:
        """Phrases without spaces by their first eight letters, against words that were broken on purpose."""
        found: dict[str, list[tuple[str, Known]]] = {}
        for known, parts in self.phrases:
            if not known.subject_only and prod(map(len, parts)) <= MOST_SQUASHED:
                for letters in _squashed(parts):
                    found.setdefault(letters[:SQUASHED_HEAD], []).append((letters, known))
        return {head: tuple(rest) for head, rest in found.items()}

    @cached_property
    def windows(self) -> frozenset[str]:
        """What any of `squashed` can have at a place that eight divides: no text need be tried elsewhere."""
        known = {letters[:SQUASHED_LEAST] for rest in self.squashed.values() for letters, _ in rest}
        return frozenset(letters[at : at + SQUASHED_HEAD] for letters in known for at in range(SQUASHED_HEAD))


class _Unreadable(ValueError):
    """A phrase that isn't in the pattern language; the message says why."""


def load_phrases(root: Path, faults: list[Fault]) -> PhraseBook:
    """Every phrase below `root`/phrases. What is wrong is appended to `faults`, all of it, and left out."""
    least: dict[Want, int] = {}
    phrases: dict[tuple[Want, str, bool, str], tuple[Known, tuple[Part, ...]]] = {}
    for path in sorted((root / FOLDER).glob("*.toml")):
        name = f"{FOLDER}/{path.name}"
        topic = _topic(path, name, faults)
        if topic is None:
            continue
        least[topic.want] = topic.least
        for known, folded in zip(topic.phrases, _folded(topic.phrases), strict=True):
            key = (known.want, known.language, known.subject_only, folded)
            if key in phrases:
                faults.append(Fault(name, f"{known.source!r} stands there twice", "keep one of the two"))
                continue
            try:
                parts = _parts(folded)
            except _Unreadable as why:
                faults.append(Fault(name, f"{known.source!r}: {why}", "see knowledge/phrases/README.md"))
                continue
            phrases[key] = (known, parts)
    if not phrases:
        faults.append(Fault(FOLDER, "holds no phrases", "add a file such as loan.toml"))
    return PhraseBook(*_index(tuple(phrases.values())), least, tuple(phrases.values()))


@dataclass(frozen=True, slots=True)
class _Topic:
    want: Want
    least: int
    phrases: tuple[Known, ...]


def _topic(path: Path, name: str, faults: list[Fault]) -> _Topic | None:
    try:
        data = tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as why:
        faults.append(Fault(name, f"can't be read: {why}", "mend the file; every phrase stands in quotes"))
        return None
    try:
        want = Want(str(data.pop("want", "")))
    except ValueError:
        known = ", ".join(item.value for item in Want)
        faults.append(Fault(name, "has no known want", f'begin the file with want = "…", one of {known}'))
        return None
    least, subject = data.pop("least", 1), data.pop("subject", {})
    data.pop("about", None)
    if not isinstance(least, int) or not 1 <= least <= 5:
        faults.append(Fault(name, f"least = {least!r}", "write a number from 1 to 5"))
        least = 1
    found = [*_listed(data, want, False, name, faults)]
    if isinstance(subject, dict):
        found += _listed(subject, want, True, name, faults)
    else:
        faults.append(Fault(name, "subject isn't a section", "write [subject] and the languages below it"))
    return _Topic(want, least, tuple(found))


def _listed(
    data: Mapping[str, object], want: Want, subject_only: bool, name: str, faults: list[Fault]
) -> Iterator[Known]:
    for language, phrases in data.items():
        if language not in LANGUAGES or not isinstance(phrases, list):
            known = ", ".join(sorted(LANGUAGES))
            faults.append(Fault(name, f"{language!r} isn't a list of a language", f"use a language code: {known}"))
            continue
        for phrase in phrases:
            if isinstance(phrase, str):
                yield Known(want, language, subject_only, phrase)
            else:
                faults.append(Fault(name, f"{phrase!r} isn't text", "put the phrase in quotes"))


def _folded(phrases: Sequence[Known]) -> list[str]:
    """All phrases of a file folded in one go; a line break inside of one is a space."""
    lines = (" ".join(known.source.split()).replace("e-mail", "email") for known in phrases)
    return fold_text("\n".join(lines)).split("\n") if phrases else []


def _parts(folded: str) -> tuple[Part, ...]:
    """A phrase's parts in order. Raises _Unreadable."""
    if _MISPLACED.search(folded):
        raise _Unreadable("a * stands alone or at a word's end, nowhere else")
    parts: list[Part] = []
    row: list[str] = []
    inside: list[Row] | None = None
    for token in _TOKEN.findall(folded):
        if token == "[" and inside is None:
            if row:
                parts.append((tuple(row),))
            row, inside = [], []
        elif token in "|]" and inside is not None:
            inside.append(tuple(row))
            row = []
            if token == "]":
                parts.append(tuple(inside))
                inside = None
        elif token in "[|]":
            raise _Unreadable("brackets that don't match: write [one|other]")
        else:
            row.append(_step(token))
    if inside is not None:
        raise _Unreadable("a [ without its ]")
    if row:
        parts.append((tuple(row),))
    _check(parts)
    return tuple(parts)


def _step(token: str) -> str:
    if token[0].isdigit():
        return NUMBER
    if token[0] == "{":
        if token not in _CLASS_OF:
            raise _Unreadable(f"braces hold one of {', '.join(sorted(CLASSES))}")
        return _CLASS_OF[token]
    if token != "*" and token[-1] == "*" and len(token) <= LEAST_BEGINNING:
        raise _Unreadable(f"{token}: at least {LEAST_BEGINNING} letters before the *")
    return token


def _check(parts: Sequence[Part]) -> None:
    if not parts or () in parts[0] or () in parts[-1]:
        raise _Unreadable("it begins or ends with nothing: leave the optional part out")
    if any(row[0] == "*" for row in parts[0]) or any(row[-1] == "*" for row in parts[-1]):
        raise _Unreadable("a gap at an end: leave it out")
    if not any(all(not _WORDLESS.issuperset(row) for row in part) for part in parts):
        raise _Unreadable("without any word it would be found everywhere: add one")
    if sum(row.count("*") for part in parts for row in part) < 2:
        return
    longest = [step for part in parts for step in max(part, key=lambda row: row.count("*"))]
    if longest.count("*") > MOST_GAPS or ("*", "*") in pairwise(longest):
        raise _Unreadable(f"more than {MOST_GAPS} gaps, or two in a row")


def _index(
    phrases: Sequence[tuple[Known, tuple[Part, ...]]],
) -> tuple[dict[str, tuple[Anchored, ...]], dict[str, tuple[tuple[str, tuple[Anchored, ...]], ...]]]:
    """Each phrase under its rarest word (one for each alternative), and those under beginnings by three letters."""
    uses = Counter(step for _, parts in phrases for part in parts for row in part for step in row)
    uses["*"] = 1 + max(uses.values(), default=0)
    found: dict[str, list[Anchored]] = {}
    for place, (known, parts) in enumerate(phrases):
        needs = frozenset(step for part in parts if len(part) == 1 for step in part[0] if step[-1] != "*")
        for step, before, after in _anchors(parts, uses):
            found.setdefault(step, []).append(Anchored(known, place, needs, before, after))
    heads: dict[str, list[tuple[str, tuple[Anchored, ...]]]] = {}
    for step in [step for step in found if step[-1] == "*"]:
        heads.setdefault(step[:LEAST_BEGINNING], []).append((step[:-1], tuple(found.pop(step))))
    return {step: tuple(rest) for step, rest in found.items()}, {head: tuple(rest) for head, rest in heads.items()}


def _anchors(
    parts: tuple[Part, ...], uses: Mapping[str, int]
) -> Iterator[tuple[str, tuple[Choice, ...], tuple[Choice, ...]]]:
    """The rarest word of each alternative of the rarest part, with what stands before and after it.

    How often the phrases themselves use a word tells how common it is, in every language alike.
    """
    whole = [at for at, part in enumerate(parts) if () not in part]
    rarest = min(whole, key=lambda at: sum(min(uses[step] for step in row) for row in parts[at]))
    earlier = [tuple(row[::-1] for row in part) for part in reversed(parts[:rarest])]
    for row in parts[rarest]:
        at = min(range(len(row)), key=lambda at: uses[row[at]])
        yield row[at], _steps([(row[:at][::-1],), *earlier]), _steps([(row[at + 1 :],), *parts[rarest + 1 :]])


def _steps(parts: Sequence[Part]) -> tuple[Choice, ...]:
    """The parts as steps: one a word where a part is no choice, and a gap told by the step behind it."""
    found: list[Choice] = []
    gap = False
    for part in parts:
        for choice in [((step,),) for step in part[0]] if len(part) == 1 else [part]:
            if choice == _GAP:
                gap = True
            else:
                found.append(_choice(gap, choice))
                gap = False
    return tuple(found)


@lru_cache(maxsize=8192)
def _choice(gap: bool, part: Part) -> Choice:
    single = [row[0] for row in part if len(row) == 1]
    return Choice(
        gap,
        frozenset(step for step in single if step[-1] != "*"),
        tuple(step[:-1] for step in single if step[-1] == "*"),
        tuple(row for row in part if len(row) != 1),
    )


def _squashed(parts: Sequence[Part]) -> Iterator[str]:
    """The letters of each way to read a phrase, without spaces, where they are many and all known."""
    for picked in product(*parts):
        steps = [step for row in picked for step in row]
        letters = "".join(steps)
        if len(letters) >= SQUASHED_LEAST and "*" not in letters and "{" not in letters:
            yield letters
