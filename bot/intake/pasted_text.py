"""What chats, editors and web pages do to pasted headers, undone on the whole text, one damage a function.

Each takes the text and gives it back mended, with a defect if it changed anything. The order of `mend` matters:
Slack escapes what quoting put there, so that entities are undone before quote marks are looked for.
"""

import html
import itertools
import re
from collections.abc import Callable

from bot.intake.fieldnames import field_name
from bot.model import Defect

_ENDS = re.compile(r"\r{1,3}\n|[\r\x0b\x0c\x85\u2028\u2029]")
_HIDDEN = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile("[\u00a0\u202f\u2007\u2002-\u2006\u2008-\u200a\u3000]")
_SLACK = re.compile(r"<(?:mailto:|https?://|tel:|slack:)[^<>|\n]{1,3000}\|([^<>\n]{0,3000})>")
_SLACK_PLAIN = re.compile(r"<(?:mailto:)([^<>|\s]{1,1000})>")
_AFTER = re.compile(r"\s?<(?:mailto:|https?://)([^<>|\s]{1,1000}?)/?>", re.IGNORECASE)
_MARKDOWN = re.compile(r"\[([^\[\]\n]{1,500})\]\((?:mailto:|https?://)[^()\s]{1,2000}\)")
_ESCAPED = re.compile(r"&(?:lt|gt|quot|#0?39|#x27|#64|nbsp|#160);")
_QUOTE = re.compile(r"[ \t]{0,8}[>|»│┃][ \t]?")
_BULLET = re.compile("[ \t]{0,8}[*\u2022\u00b7\u2023\u25e6\u2043\u25cf\u2013-][ \t]")
_NUMBER = re.compile(r"[ \t]{0,8}(\d{1,6})[.:)|]?(?:[ \t]|$)")
_FENCE = re.compile(r"[ \t>]{0,12}(?:`{3,}|~{3,})[A-Za-z0-9-]{0,20}[ \t]{0,8}")
MOST_LEVELS = 12


def mend(text: str) -> tuple[str, tuple[Defect, ...]]:
    """The text with everything undone that was done to all of it; raises nothing."""
    defects: list[Defect] = []
    for step in _STEPS:
        text, defect = step(text)
        if defect is not None:
            defects.append(defect)
    return text, tuple(defects)


def _line_ends(text: str) -> tuple[str, Defect | None]:
    return _ENDS.sub("\n", text).replace("\0", ""), None


def _links(text: str) -> tuple[str, Defect | None]:
    """Slack's `<mailto:a@b|a@b>`, Outlook's `a@b<mailto:a@b>`, Markdown's `[a@b](mailto:a@b)`."""
    mended = _SLACK.sub(r"\1", text)
    if "&lt;" in text:
        mended = _SLACK_PLAIN.sub(r"\1", mended)
    mended = _AFTER.sub(_repeated, mended)
    mended = _MARKDOWN.sub(r"\1", mended)
    return mended, _if(mended != text, "chat-links", "addresses had been turned into links")


def _repeated(found: re.Match[str]) -> str:
    """Nothing where a link repeats what stands before it, as Outlook writes links into plain text."""
    before = found.string[max(0, found.start() - len(found[1])) : found.start()]
    return "" if before.lower() == found[1].lower() else found[0]


def _entities(text: str) -> tuple[str, Defect | None]:
    """Entities, undone as often as they were made: `&amp;lt;` was escaped twice."""
    mended = text
    for _ in range(3):
        if not _ESCAPED.search(mended) and "&amp;lt;" not in mended and "&amp;gt;" not in mended:
            break
        mended = html.unescape(mended)
    return mended, _if(mended != text, "escaped", "the characters < > & stood there as &lt; &gt; &amp;")


def _odd_spaces(text: str) -> tuple[str, Defect | None]:
    """No-break and wide spaces become spaces; hidden characters go where a line or a field name begins."""
    mended = _SPACES.sub(" ", text)
    lines = mended.split("\n")
    for at, line in enumerate(lines):
        head, colon, tail = line[:120].partition(":")
        if colon and _HIDDEN.search(head) and field_name(_HIDDEN.sub("", head) + ":") is not None:
            lines[at] = _HIDDEN.sub("", head) + ":" + tail + line[120:]
        elif line and _HIDDEN.match(line):
            lines[at] = line.lstrip("".join(set(_HIDDEN.findall(line[:20]))))
    mended = "\n".join(lines)
    return mended, _if(mended != text, "odd-spaces", "no-break spaces or hidden characters stood between the words")


def _fences(text: str) -> tuple[str, Defect | None]:
    """Code fences and the backticks around a line or the whole."""
    lines = [line for line in text.split("\n") if not _FENCE.fullmatch(line)]
    lines = [re.sub(r"^([ \t>]{0,12})`{3,}", r"\1", line) for line in lines]
    lines = [line[:-3] if line.endswith("```") else line for line in lines]
    inner = [
        line[1:-1] if len(line) > 2 and line[0] == line[-1] == "`" and "`" not in line[1:-1] else line for line in lines
    ]
    mended = "\n".join(inner).strip("\n")
    if mended.startswith("`") and mended.endswith("`"):
        mended = mended.strip("`")
    return mended, _if(mended != text.strip("\n"), "code-marks", "it stood between code marks")


def _quotes(text: str) -> tuple[str, Defect | None]:
    """`> ` and its like before most lines, level by level."""
    mended, levels = text, 0
    while levels < MOST_LEVELS and _share(mended, _QUOTE) >= 0.6:
        mended = _without(mended, _QUOTE)
        levels += 1
    return mended, _if(levels > 0, "quoted", f"the lines were quoted, {levels} deep")


def _bullets(text: str) -> tuple[str, Defect | None]:
    if _share(text, _BULLET) < 0.6:
        return text, None
    return _without(text, _BULLET), Defect("bullets", "list marks stood before the lines")


def _numbers(text: str) -> tuple[str, Defect | None]:
    """Line numbers: on nearly every line, and growing."""
    found = [number for line in text.split("\n") if line.strip() and (number := _NUMBER.match(line))]
    values = [int(number[1]) for number in found]
    lines = sum(1 for line in text.split("\n") if line.strip())
    growing = sum(1 for one, two in itertools.pairwise(values) if 0 < two - one <= 3)
    if len(found) < 3 or len(found) < lines * 0.8 or growing < (len(values) - 1) * 0.9:
        return text, None
    return _without(text, _NUMBER), Defect("line-numbers", "line numbers stood before the lines")


def _indent(text: str) -> tuple[str, Defect | None]:
    """White space before all lines, the first of every field included."""
    lines = text.split("\n")
    fields = [line for line in lines if line[:1] in (" ", "\t") and field_name(line.lstrip(" \t"))]
    outer = sum(1 for line in lines if field_name(line))
    if not fields or outer * 2 > len(fields):
        return text, None
    least = min(len(line) - len(line.lstrip(" \t")) for line in fields)
    cut = [line[least:] if not line[:least].strip(" \t") else line.lstrip(" \t") for line in lines]
    return "\n".join(cut), Defect("indented", "all lines were indented")


def _share(text: str, mark: re.Pattern[str]) -> float:
    """The share of the lines that aren't blank and begin with the mark; 0 where there are none."""
    lines = [line for line in text.split("\n") if line.strip()]
    return sum(1 for line in lines if mark.match(line)) / len(lines) if lines else 0.0


def _without(text: str, mark: re.Pattern[str]) -> str:
    return "\n".join(mark.sub("", line, count=1) if mark.match(line) else line for line in text.split("\n"))


def _if(changed: bool, code: str, detail: str) -> Defect | None:
    return Defect(code, detail) if changed else None


_STEPS: tuple[Callable[[str], tuple[str, Defect | None]], ...] = (
    _line_ends,
    _links,
    _entities,
    _links,
    _fences,
    _odd_spaces,
    _quotes,
    _bullets,
    _numbers,
    _quotes,
    _indent,
)
