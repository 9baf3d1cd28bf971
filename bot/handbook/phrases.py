"""knowledge/phrases/: what scams, bulk mail and honest technical talk say, as data in many languages.

A phrase is words with three signs, read by people who don't write programs:

    your * account      a gap of up to four words
    inherit*            a word that begins so
    [send|transfer|]    one of these; an empty one makes it optional
    {amount}            any sum of money; also {phone}, {email}, {link}, {number}

All phrases of all files become one tree of words, so that looking for all of them costs one walk over the text.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from math import prod
from pathlib import Path

from bot.handbook.faults import Fault
from bot.handbook.words import BREAK, CLASSES, fold, words
from bot.model import Want

FOLDER = "phrases"
LANGUAGES = frozenset({"en", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ru", "uk", "sv", "da", "cs", "ro", "any"})
GAP = 4
"""Words that a `*` may stand for."""
MOST_GAPS = 2
MOST_SQUASHED = 12
"""Ways to read a phrase, up to which it is also looked for without spaces."""
SQUASHED_HEAD = 8
SQUASHED_LEAST = 15
"""Letters that a phrase needs to be looked for with its spaces taken out."""


@dataclass(frozen=True, slots=True)
class Known:
    """One phrase of the data: its want, language and, if it counts in the subject only, that."""

    want: Want
    language: str
    subject_only: bool
    source: str
    """As it stands in its file."""


@dataclass(slots=True)
class Node:
    """A place in the tree of words: where each next word leads, and what ends here."""

    words: dict[str, "Node"] = field(default_factory=dict)
    beginnings: list[tuple[str, "Node"]] = field(default_factory=list)
    gap: "Node | None" = None
    also: list["Node"] = field(default_factory=list)
    """Where a phrase goes on after alternatives: as if it stood here."""
    ends: list[Known] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """All phrases, ready to be looked for; made by `load_phrases`."""

    root: Node
    heads: Mapping[str, tuple[tuple[str, Node], ...]]
    """Of phrases that begin with a beginning (`inherit*`): its first three letters to what may follow."""
    squashed: Mapping[str, tuple[tuple[str, Known], ...]]
    """Phrases without spaces by their first eight letters, against words that were broken on purpose."""
    least: Mapping[Want, int]
    """How many different phrases of a want must be there before any counts; 1 where it isn't said."""
    count: int


@dataclass(frozen=True, slots=True)
class _Gap:
    """A `*` in a compiled phrase."""


@dataclass(frozen=True, slots=True)
class _Beginning:
    """A word with a `*` behind it."""

    letters: str


_Step = str | _Gap | _Beginning
_Choice = tuple[tuple[_Step, ...], ...]
"""One part of a phrase: its alternatives, each a row of steps."""


class _Unreadable(ValueError):
    """A phrase that isn't in the pattern language; the message says why."""


def load_phrases(root: Path, faults: list[Fault]) -> PhraseBook:
    """Every phrase below `root`/phrases. What is wrong is appended to `faults`, all of it, and left out."""
    tree, seen, least = Node(), _Seen(), dict[Want, int]()
    joins: dict[tuple[int, _Choice], Node] = {}
    squashed: dict[str, list[tuple[str, Known]]] = {}
    for path in sorted((root / FOLDER).glob("*.toml")):
        name = f"{FOLDER}/{path.name}"
        topic = _topic(path, name, faults)
        if topic is None:
            continue
        least[topic.want] = topic.least
        for known in topic.phrases:
            if seen.twice(known):
                faults.append(Fault(name, f"{known.source!r} stands there twice", "keep one of the two"))
                continue
            try:
                choices = _choices(known.source)
            except _Unreadable as why:
                faults.append(Fault(name, f"{known.source!r}: {why}", "see knowledge/phrases/README.md"))
                continue
            _plant(tree, joins, known, choices)
            _plant_squashed(squashed, known, choices)
    if not seen.count:
        faults.append(Fault(FOLDER, "holds no phrases", "add a file such as loan.toml"))
    heads = _index_beginnings(tree)
    return PhraseBook(tree, heads, {head: tuple(rest) for head, rest in squashed.items()}, least, seen.count)


@dataclass(frozen=True, slots=True)
class _Topic:
    want: Want
    least: int
    phrases: tuple[Known, ...]


class _Seen:
    """Which phrases were met, over all files."""

    def __init__(self) -> None:
        self._phrases: set[tuple[Want, str, str, bool]] = set()

    def twice(self, known: Known) -> bool:
        key = (known.want, known.language, " ".join(known.source.casefold().split()), known.subject_only)
        if key in self._phrases:
            return True
        self._phrases.add(key)
        return False

    @property
    def count(self) -> int:
        return len(self._phrases)


def _topic(path: Path, name: str, faults: list[Fault]) -> _Topic | None:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
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


def _choices(source: str) -> tuple[_Choice, ...]:
    """A phrase's parts in order. Raises _Unreadable."""
    parts: list[_Choice] = []
    rest = source
    while rest:
        plain, bracket, rest = rest.partition("[")
        if "]" in plain or "|" in plain:
            raise _Unreadable("a ] or | without its [")
        if plain.strip():
            parts.append((_steps(plain),))
        if not bracket:
            break
        inside, closed, rest = rest.partition("]")
        if not closed or "[" in inside:
            raise _Unreadable("a [ without its ]")
        parts.append(tuple(_steps(part) for part in inside.split("|")))
    _check(parts)
    return tuple(parts)


def _steps(plain: str) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    for word in plain.split():
        if word == "*":
            steps.append(_Gap())
        elif word in CLASSES:
            steps.append(word)
        elif word.endswith("*"):
            *before, last = _keys(word[:-1]) or [""]
            if len(last) < 3:
                raise _Unreadable(f"{word}: at least three letters before the *")
            steps += [*before, _Beginning(last)]
        else:
            steps += _keys(word)
    return tuple(steps)


def _keys(word: str) -> list[str]:
    if word.isalpha():
        return [fold(word)]
    if "*" in word or "{" in word:
        raise _Unreadable(f"{word}: a * stands alone or at a word's end; {{…}} is one of {', '.join(sorted(CLASSES))}")
    return [key for key in words(word).keys if key != BREAK]


def _check(parts: Sequence[_Choice]) -> None:
    if not parts or () in parts[0] or () in parts[-1]:
        raise _Unreadable("it begins or ends with nothing: leave the optional part out")
    if any(isinstance(steps[0], _Gap) for steps in parts[0]) or any(isinstance(steps[-1], _Gap) for steps in parts[-1]):
        raise _Unreadable("a gap at an end: leave it out")
    if not any(all(_has_a_word(steps) for steps in part) for part in parts):
        raise _Unreadable("without any word it would be found everywhere: add one")
    longest = [step for part in parts for step in max(part, key=lambda steps: steps.count(_Gap()))]
    if longest.count(_Gap()) > MOST_GAPS or any(a == b == _Gap() for a, b in pairwise(longest)):
        raise _Unreadable(f"more than {MOST_GAPS} gaps, or two in a row")


def _has_a_word(steps: tuple[_Step, ...]) -> bool:
    return any(isinstance(step, _Beginning) or (isinstance(step, str) and step not in CLASSES) for step in steps)


def _plant(tree: Node, joins: dict[tuple[int, _Choice], Node], known: Known, parts: Sequence[_Choice]) -> None:
    """Add a phrase to the tree; equal alternatives at one place lead on to one common place."""
    node = tree
    for part in parts:
        if len(part) == 1:
            node = _walked(node, part[0])
            continue
        join = joins.get((id(node), part))
        if join is None:
            join = joins[id(node), part] = Node()
            for steps in part:
                _walked(node, steps).also.append(join)
        node = join
    node.ends.append(known)


def _plant_squashed(squashed: dict[str, list[tuple[str, Known]]], known: Known, parts: Sequence[_Choice]) -> None:
    if known.subject_only or prod(map(len, parts)) > MOST_SQUASHED:
        return
    for picked in product(*parts):
        steps = [step for part in picked for step in part]
        letters = "".join(step for step in steps if isinstance(step, str) and step not in CLASSES)
        whole = all(isinstance(step, str) and step not in CLASSES for step in steps)
        if whole and len(letters) >= SQUASHED_LEAST:
            squashed.setdefault(letters[:SQUASHED_HEAD], []).append((letters, known))


def _walked(node: Node, steps: Iterable[_Step]) -> Node:
    for step in steps:
        node = _grown(node, step)
    return node


def _grown(node: Node, step: _Step) -> Node:
    if isinstance(step, _Gap):
        node.gap = node.gap or Node()
        return node.gap
    if isinstance(step, _Beginning):
        for letters, there in node.beginnings:
            if letters == step.letters:
                return there
        fresh = Node()
        node.beginnings.append((step.letters, fresh))
        return fresh
    return node.words.setdefault(step, Node())


def _index_beginnings(tree: Node) -> dict[str, tuple[tuple[str, Node], ...]]:
    heads: dict[str, list[tuple[str, Node]]] = {}
    for letters, node in tree.beginnings:
        heads.setdefault(letters[:3], []).append((letters, node))
    return {head: tuple(rest) for head, rest in heads.items()}
