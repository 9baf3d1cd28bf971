"""Signs that people are talking shop: patches, logs, code, quoted replies on a list.

They can be imitated, but nobody who wants a stranger's password does: in bulk mail they never occurred.
The words of the trade are data (knowledge/phrases/technical-talk.toml); these are the shapes.
"""

import re
from dataclasses import dataclass

from bot.model import Message, Phrase, Want

MOST_LOOKED_AT = 200_000
_LINE = re.MULTILINE


@dataclass(frozen=True, slots=True)
class _Sign:
    """One shape; looked for only where one of its needles stands in the text, which is cheaper by far."""

    name: str
    needles: tuple[str, ...]
    shape: re.Pattern[str]

    def found_in(self, text: str, letters: frozenset[str]) -> str:
        """The shape's first occurrence on one line, "" where there is none; `letters` are those of the text."""
        if not any(letters.issuperset(needle) and needle in text for needle in self.needles):
            return ""
        found = self.shape.search(text)
        return " ".join(found.group().split())[:80] if found else ""


_STRONG = (
    _Sign(
        "a patch",
        ("diff --git", "\n@@ -", "> @@ -", "--- a/", "+++ b/"),
        re.compile(r"^[> \t]{0,8}(?:diff --git a/|@@ -\d{1,6}(?:,\d{1,6})? \+\d{1,6}|--- a/|\+\+\+ b/)", _LINE),
    ),
    _Sign(
        "a trailer",
        ("-by: ",),
        re.compile(
            r"^[> \t]{0,8}(?:Signed-off|Reviewed|Acked|Reported|Tested|Suggested|Co-developed)-by: [^\n]{1,120}@", _LINE
        ),
    ),
    _Sign("a commit", ("commit", "Fixes:"), re.compile(r"\b(?:commit:?|Fixes:) {1,4}[0-9a-f]{7,40}\b")),
    _Sign(
        "a traceback",
        ("Traceback (most", "Call Trace:", '", line '),
        re.compile(
            r"Traceback \(most recent call last\)|\bCall Trace:|^[> \t]{0,8}File \"[^\"\n]{1,200}\", line \d", _LINE
        ),
    ),
    _Sign(
        "a subject of a patch",
        ("PATCH", "RFC", "REGRESSION", "ANNOUNCE", "BUG REPORT", "syzbot"),
        re.compile(r"\A\s{0,4}[^\n]{0,60}\[[^\]\n]{0,40}\b(?:PATCH|RFC|REGRESSION|ANNOUNCE|BUG REPORT|syzbot)\b"),
    ),
)
_TOOLS = ("apt-get", "pip", "git", "cmake", "make", "dnf")
_WEAK = (
    _Sign(
        "a log",
        ("INFO", "WARN", "ERROR", "DEBUG", "TRACE", "\n["),
        re.compile(
            r"^[> \t]{0,8}\[ ?(?:INFO|WARN|WARNING|ERROR|DEBUG|TRACE)\]|^[> \t]{0,8}\[ {0,6}\d{1,8}\.\d{6}\]", _LINE
        ),
    ),
    _Sign("code", ("_", "->", "#"), re.compile(r"_\w{1,40}\(|->\w{1,40}|#(?:include|define|ifdef) ")),
    _Sign(
        "a command",
        ("sudo ", "$ ", *(f"{tool} {verb}" for tool in _TOOLS for verb in ("install", "clone", "log", "-"))),
        re.compile(rf"\bsudo \w|^[> \t]{{0,8}}\$ \w|\b(?:{'|'.join(_TOOLS)}) (?:install|clone|log|-\w)", _LINE),
    ),
    _Sign(
        "a source file", ("/",), re.compile(r"/[\w-]{1,60}\.(?:c|h|cc|cpp|hpp|py|rs|rst|conf|ko|v|sv|md)(?![\w/.-])")
    ),
    _Sign(
        "a version",
        (*(f"v{digit}" for digit in range(10)), "version ", "release ", "kernel ", "buntu "),
        re.compile(r"\b(?:v|version |release |kernel |[Uu]buntu )\d{1,3}\.\d{1,4}(?:\.\d{1,5}){0,3}\b"),
    ),
    _Sign(
        "quoted replies",
        ("\n>",),
        re.compile(r"(?:^> ?[^\s>][^\n]{0,300}\n(?:>[^\n]{0,300}\n){0,3}){2}|^[^\n]{5,200}wrote:\n\n?>", _LINE),
    ),
    _Sign("a list's footer", ("_____",), re.compile(r"^_{20,80}\n[^\n]{0,100}mailing list\b", _LINE)),
)


def signs_of_talk(message: Message) -> list[Phrase]:
    """The shapes of technical talk in subject and whole text: any strong one, or two weak ones, else none."""
    text = f"{message.subject}\n{message.text[:MOST_LOOKED_AT]}"
    letters = frozenset(text)
    strong = [(sign.name, found) for sign in _STRONG if (found := sign.found_in(text, letters))]
    weak = [(sign.name, found) for sign in _WEAK if (found := sign.found_in(text, letters))]
    if not strong and len(weak) < 2:
        return []
    return [Phrase(Want.TECHNICAL_TALK, f"{name}: {found}", "text", "") for name, found in strong + weak]
