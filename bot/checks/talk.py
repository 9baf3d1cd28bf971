"""Signs that people are talking shop: patches, logs, code, quoted replies on a list.

They can be imitated, but nobody who wants a stranger's password does: in bulk mail they never occurred.
The words of the trade are data (knowledge/phrases/technical-talk.toml); these are the shapes.
"""

import re

from bot.model import Message, Phrase, Want

MOST_LOOKED_AT = 200_000
_LINE = re.MULTILINE

_STRONG = {
    "a patch": re.compile(r"^[> \t]{0,8}(?:diff --git a/|@@ -\d{1,6}(?:,\d{1,6})? \+\d{1,6}|--- a/|\+\+\+ b/)", _LINE),
    "a trailer": re.compile(
        r"^[> \t]{0,8}(?:Signed-off|Reviewed|Acked|Reported|Tested|Suggested|Co-developed)-by: [^\n]{1,120}@", _LINE
    ),
    "a commit": re.compile(r"\b(?:commit:?|Fixes:|merge of) [0-9a-f]{7,40}\b"),
    "a traceback": re.compile(
        r"Traceback \(most recent call last\)|^[> \t]{0,8}File \"[^\"\n]{1,200}\", line \d|\bCall Trace:|\bRIP: 0",
        _LINE,
    ),
    "a subject of a patch": re.compile(
        r"\[[^\]\n]{0,40}\b(?:PATCH|RFC|REGRESSION|ANNOUNCE|BUG REPORT|syzbot)\b[^\]\n]{0,30}\]"
    ),
}
_WEAK = {
    "a log": re.compile(
        r"^[> \t]{0,8}\[ ?(?:INFO|WARN|WARNING|ERROR|DEBUG|TRACE)\]|^[> \t]{0,8}\[ {0,6}\d{1,8}\.\d{6}\]", _LINE
    ),
    "code": re.compile(
        r"\b\w{2,40}_\w{1,40}\(|\b\w{1,40}->\w{1,40}|^[> \t+-]{0,8}#(?:include|define|ifdef) "
        r"|\b(?:def|int|void) \w{1,40}\(",
        _LINE,
    ),
    "a command": re.compile(
        r"\bsudo \w|^[> \t]{0,8}\$ \w|\b(?:apt-get|pip|git|cmake|make|dnf) (?:install|clone|log|-\w)", _LINE
    ),
    "a source file": re.compile(
        r"(?<![\w/.])[\w-]{1,40}(?:/[\w.-]{1,60}){1,8}\.(?:c|h|cc|cpp|hpp|py|rs|rst|conf|ko|v|sv|md)\b"
    ),
    "a version": re.compile(r"\b(?:v|version |release |kernel |[Uu]buntu )\d{1,3}\.\d{1,4}(?:\.\d{1,5}){0,3}\b"),
    "quoted replies": re.compile(
        r"(?:^> ?[^\s>][^\n]{0,300}\n(?:>[^\n]{0,300}\n){0,3}){2}|^[^\n]{5,200}wrote:\n\n?>", _LINE
    ),
    "a list's footer": re.compile(r"^_{20,80}\n[^\n]{0,100}mailing list\b", _LINE),
}


def signs_of_talk(message: Message) -> list[Phrase]:
    """The shapes of technical talk in subject and whole text: any strong one, or two weak ones, else none."""
    text = f"{message.subject}\n{message.text[:MOST_LOOKED_AT]}"
    strong = [(name, match) for name, shape in _STRONG.items() if (match := shape.search(text))]
    weak = [(name, match) for name, shape in _WEAK.items() if (match := shape.search(text))]
    if not strong and len(weak) < 2:
        return []
    return [Phrase(Want.TECHNICAL_TALK, f"{name}: {_line(match.group())}", "text", "") for name, match in strong + weak]


def _line(shown: str) -> str:
    return " ".join(shown.split())[:80]
