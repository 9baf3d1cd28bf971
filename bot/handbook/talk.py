"""knowledge/talk/: what is said around an answer, and the small talk that is told from a report."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from bot.handbook.faults import Fault
from bot.handbook.harm import Harms, load_harms
from bot.handbook.tables import check_keys, read_table
from bot.handbook.talk_codes import BARE, LIMITS, OPEN, SMALL, wanted

FOLDER = "talk"
LANGUAGE = "en"
MOST_SMALL = 200
"""Characters above which a message isn't small talk."""

_BRACES = re.compile(r"\{([a-z_]{1,20})\}")
_BRACE = re.compile(r"[{}]")


@dataclass(frozen=True, slots=True)
class Talk:
    """The texts of one language, plain and unescaped, by code."""

    texts: Mapping[str, str] = field(default_factory=dict)
    refusals: frozenset[str] = frozenset()
    """The codes of errors that have a text of their own."""
    phrases: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    """Words of small talk, folded, to its kind."""
    harms: Harms = field(default_factory=Harms)

    def harm(self, text: str) -> frozenset[str]:
        """What the text says that its writer did already (`bot.handbook.harm.KINDS`)."""
        return self.harms.said(text)

    def text(self, code: str, **values: str) -> str:
        """The text with its words in braces filled in, once: braces in a value stay. Raises KeyError where the code,
        or a value that its text needs, is unknown.
        """
        return _BRACES.sub(lambda found: values[found.group(1)], self.texts[code])

    def has(self, code: str) -> bool:
        return code in self.texts

    def has_refusal(self, code: str) -> bool:
        """Whether an error of that code is told in words of knowledge/, not in its own."""
        return code in self.refusals

    def small(self, text: str) -> str | None:
        """The code of the reply to a message that says nothing else; None where it says anything about a mail."""
        if len(text) > MOST_SMALL:
            return None
        words = _words(text)
        if not words:
            return "help" if text.strip() else None  # "???"
        kinds = self._kinds(words)
        # The one that asks for something is answered: "hi, how does this work? thanks!"
        order = ("clicked", "own-account", "help", "abuse", "thanks", "hello", "bye", "okay")
        return next((kind for kind in order if kind in kinds), None)

    def _kinds(self, words: tuple[str, ...]) -> frozenset[str]:
        """The kinds that the words consist of, without remainder; the longest phrase at each place is taken."""
        longest = max(map(len, self.phrases), default=0)
        kinds, at = set[str](), 0
        while at < len(words):
            lengths = range(min(longest, len(words) - at), 0, -1)
            found = next((n for n in lengths if words[at : at + n] in self.phrases), 0)
            if not found:
                return frozenset()
            kinds.add(self.phrases[words[at : at + found]])
            at += found
        return frozenset(kinds)


def load_talk(root: Path, faults: list[Fault], language: str = LANGUAGE) -> Talk:
    """knowledge/talk/<language>.toml; what is faulty is left out."""
    file = f"{FOLDER}/{language}.toml"
    tables = read_table(root, file, faults)
    if not tables:
        return Talk()
    check_keys(tables, frozenset({*LIMITS, "small"}), file, faults)
    texts = dict(_texts(tables, file, faults))
    for (table, key), words in wanted().items():
        if _code(table, key) not in texts:
            braces = "".join(f" {{{word}}}" for word in sorted(words))
            faults.append(Fault(file, f"[{table}] {key} is missing", f'add {key} = "…{braces}"'))
    cannot = tables.get("cannot")
    refusals = frozenset(cannot) & texts.keys() if isinstance(cannot, dict) else frozenset[str]()
    phrases = dict(_phrases(tables.get("small"), file, faults))
    harms = load_harms(root, faults)
    return Talk(MappingProxyType(texts), frozenset(refusals), MappingProxyType(phrases), harms)


def _code(table: str, key: str) -> str:
    return key if table in BARE else f"{table}-{key}"


def _texts(tables: Mapping[str, object], file: str, faults: list[Fault]) -> Iterator[tuple[str, str]]:
    for table, limit in LIMITS.items():
        texts = tables.get(table, {})
        if not isinstance(texts, dict):
            faults.append(Fault(file, f"{table} isn't a table", f"write [{table}] and its texts below it"))
            continue
        for key, text in texts.items():
            wrong = _wrong(table, key, text, limit)
            if wrong:
                faults.append(Fault(file, f"[{table}] {key} {wrong[0]}", wrong[1]))
            else:
                yield _code(table, key), text


def _wrong(table: str, key: str, text: object, limit: int) -> tuple[str, str] | None:
    """What is wrong with a text, and what to write instead."""
    if not isinstance(text, str) or not text.strip():
        return "is no text", f'write {key} = "text"'
    words = wanted().get((table, key), frozenset())
    if (table, key) not in wanted() and table not in OPEN:
        return "is a text that nobody reads", "take it out, or mend its name"
    if len(text) > limit:
        return f"has {len(text)} characters", f"write at most {limit}"
    if set(_BRACES.findall(text)) - words or _BRACE.search(_BRACES.sub("", text)):
        known = " ".join(f"{{{word}}}" for word in sorted(words)) or "none"
        return "has a word in braces that nobody fills in", f"these are filled in: {known}"
    return None


def _phrases(small: object, file: str, faults: list[Fault]) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(small, dict):
        faults.append(Fault(file, "has no [small]", "add [small] with a list of phrases for each kind"))
        return
    check_keys(small, SMALL, f"{file} [small]", faults)
    for kind in sorted(SMALL):
        phrases = small.get(kind)
        if not isinstance(phrases, list) or not all(isinstance(each, str) and _words(each) for each in phrases):
            faults.append(Fault(file, f"[small] {kind} isn't a list of phrases", f'write {kind} = ["one", "other"]'))
            continue
        yield from ((_words(each), kind) for each in phrases)


def _words(text: str) -> tuple[str, ...]:
    """Lower-case words without punctuation, which folds "How's it?!" and "hows it"; signs such as 👍 are words."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("'", "")
    words, word = list[str](), ""
    for char in folded:
        kind = unicodedata.category(char)
        if kind[0] in "LNM" or (char == "+" and not word):
            word += char if kind != "Mn" else ""
            continue
        words.append(word)
        word = ""
        if kind == "So":
            words.append(char)
    return tuple(filter(None, (*words, word)))
