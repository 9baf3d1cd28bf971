"""knowledge/talk/harm.toml: what a person says that they did already, told from questions and from what a mail says."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeGuard

from bot.handbook.faults import Fault
from bot.handbook.tables import check_keys, read_table

FILE = "talk/harm.toml"
KINDS = frozenset({"clicked", "opened", "typed-password", "paid"})
MOST = 1_000
"""Characters of a message that are read; who needs more tells more than that it happened."""
GAP = 3
BEFORE = 6
"""How many words before a phrase may turn it round."""
_CLAUSE = re.compile(r"[.!?;:,\n()]+")
_WORD = re.compile(r"\w+")
_NOT_OURS = re.compile(r"^\s*(?:>|[A-Za-z][A-Za-z0-9-]{1,40}:\s)")
"""A quoted line or a header field: somebody else's words."""

Step = frozenset[str] | None
"""Any of these words; None: up to GAP words."""


@dataclass(frozen=True, slots=True)
class Harms:
    """The phrases of each kind, and the words that turn them round."""

    phrases: Mapping[str, tuple[tuple[Step, ...], ...]] = field(default_factory=dict)
    unless: frozenset[str] = frozenset()

    def said(self, text: str) -> frozenset[str]:
        """The kinds of harm (`KINDS`) that the text says were done. Quoted lines and header fields don't count."""
        own = "\n".join(line for line in text[:MOST].split("\n") if not _NOT_OURS.match(line))
        folded = unicodedata.normalize("NFKC", own).casefold().replace("’", "'").replace("'", "")
        clauses = [_WORD.findall(clause) for clause in _CLAUSE.split(folded)]
        return frozenset(kind for kind in self.phrases if any(self._in(kind, words) for words in clauses))

    def _in(self, kind: str, words: list[str]) -> bool:
        for at in range(len(words)):
            for phrase in self.phrases[kind]:
                end = _end(phrase, words, at)
                if end and self.unless.isdisjoint(words[max(0, at - BEFORE) : end]):
                    return True
        return False


def _end(phrase: tuple[Step, ...], words: list[str], at: int) -> int:
    """Where the phrase that begins at this word ends, its gaps as short as may be; 0 where it doesn't stand."""
    for place, step in enumerate(phrase):
        if step is None:
            ends = (_end(phrase[place + 1 :], words, at + gap) for gap in range(GAP + 1))
            return next(filter(None, ends), 0)
        if at >= len(words) or words[at] not in step:
            return 0
        at += 1
    return at


def load_harms(root: Path, faults: list[Fault]) -> Harms:
    """What is faulty is left out."""
    tables = read_table(root, FILE, faults)
    if not tables:
        return Harms()
    check_keys(tables, frozenset({"harm", "unless"}), FILE, faults)
    kinds, unless = tables.get("harm"), tables.get("unless")
    before = unless.get("before") if isinstance(unless, dict) else None
    if not isinstance(kinds, dict) or not _are_texts(before):
        faults.append(Fault(FILE, "has no [harm] or no [unless] before", "add both tables, with lists of phrases"))
        return Harms()
    check_keys(kinds, KINDS, f"{FILE} [harm]", faults)
    found = dict[str, tuple[tuple[Step, ...], ...]]()
    for kind in sorted(KINDS):
        phrases = kinds.get(kind)
        if not _are_texts(phrases):
            faults.append(Fault(FILE, f"[harm] {kind} isn't a list of phrases", f'write {kind} = ["one", "other"]'))
            continue
        found[kind] = tuple(_steps(phrase) for phrase in phrases)
        if any(phrase[0] is None or phrase[-1] is None for phrase in found[kind]):
            faults.append(Fault(FILE, f"[harm] {kind}: a phrase begins or ends with *", "take the * out"))
    return Harms(MappingProxyType(found), frozenset(before))


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) and each.split() for each in value)


def _steps(phrase: str) -> tuple[Step, ...]:
    return tuple(None if word == "*" else frozenset(word.split("|")) for word in phrase.casefold().split())
