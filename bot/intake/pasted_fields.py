"""Lines made header fields again: lost folds, joined and wrapped lines, the end of the section."""

import itertools
import re
from dataclasses import dataclass

from bot.intake.fieldnames import field_name, is_known, is_trace, names_within
from bot.model import Defect, Header

_STRUCTURED_END = (";", ",", "=", "(", "<", ":", "\\")
_CONTINUES = re.compile(
    r"(?:by|for|id|with|via|from|envelope-from|helo|client-ip|boundary|charset|name|format|filename|report-type|type|"
    r"reply-type|method|protocol|micalg|version|TLS)[\s=]|[(\[<=;,]|[A-Za-z0-9_.-]{1,40}=|"
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s|\d{1,2} [A-Z][a-z]{2} \d{4}|\S{24,}$",
)
_PROSE = re.compile(r"(?:[^\W\d_][\w'’-]*[,.!?]?\s+){2,}[^\W\d_][\w'’-]*[,.!?:]?")
_LONG_NAMES = """
received x-received authentication-results arc-authentication-results arc-seal arc-message-signature dkim-signature
domainkey-signature x-google-dkim-signature received-spf x-forefront-antispam-report references
x-microsoft-antispam x-microsoft-antispam-message-info x-microsoft-antispam-mailbox-delivery x-ymailisg
x-microsoft-exchange-diagnostics x-spam-status x-spam-report x-gm-message-state list-unsubscribe autocrypt
authentication-results-original x-antiabuse
"""
_LONG_NAMES = """

"""
_LONG_VALUED = frozenset(_LONG_NAMES.split())
_SMART = str.maketrans({"\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2018": "'", "\u2019": "'"})
_FREE_TEXT = frozenset(("subject", "thread-topic", "comments", "keywords", "x-pm-subject"))
_CUT_MARKS = re.compile(
    r"(?:\u2026|\.\.\.|\[\.\.\.\]|\[(?:message )?(?:clipped|truncated)\]|\((?:truncated|cut)\))\s*$", re.I
)


@dataclass(frozen=True, slots=True)
class Section:
    """Header fields found in a text, what stood before and after them, and what was mended or lost."""

    headers: tuple[Header, ...]
    before: str
    body: str
    defects: tuple[Defect, ...]


def read_section(text: str) -> Section:
    """The first header section in a text whose quoting and escaping are already undone; raises nothing.

    Without any field, `headers` is empty and the text is `before`.
    """
    defects: list[Defect] = []
    lines = _unspaced(text.split("\n"), defects)
    lines = _unjoined(lines, defects)
    start = next((at for at, line in enumerate(lines) if _opens(line)), None)
    if start is None:
        return Section((), text, "", ())
    end = _end(lines, start)
    fields, rest = _fields(lines[start:end], defects)
    body = "\n".join([*rest, *lines[end:]]).strip("\n")
    before = "\n".join(lines[:start]).strip()
    if before:
        defects.append(Defect("text-before", "there was text before the headers"))
    headers = tuple(_header(name, value, defects) for name, value in fields)
    defects += _lost(headers, body)
    return Section(headers, before, body, _once(defects))


def _opens(line: str) -> bool:
    name = field_name(line)
    return name is not None and is_known(name)


def _unspaced(lines: list[str], defects: list[Defect]) -> list[str]:
    """Blank lines between all lines taken out."""
    window = lines[:120]
    filled = [at for at, line in enumerate(window) if line.strip()]
    alone = sum(1 for one, two in itertools.pairwise(filled) if two - one >= 2)
    if len(filled) < 6 or alone < (len(filled) - 1) * 0.8:
        return lines
    defects.append(Defect("double-spaced", "a blank line stood after every line"))
    return [line for line in lines if line.strip()]


def _unjoined(lines: list[str], defects: list[Defect]) -> list[str]:
    """Lines cut before the known names within them, where most fields begin in the middle of a line."""
    opening = sum(1 for line in lines if field_name(line))
    found = {at: cuts for at, line in enumerate(lines) if (cuts := _cuts(line))}
    middle = sum(len(cuts) for cuts in found.values())
    if middle < 2 or middle * 3 < opening:
        return lines
    defects.append(Defect("joined", "several header fields stood on one line"))
    out: list[str] = []
    for at, line in enumerate(lines):
        edges = [0, *found.get(at, ()), len(line)]
        out += [line[left:right].rstrip() for left, right in itertools.pairwise(edges)]
    return out


def _cuts(line: str) -> list[int]:
    """Where known fields begin within a line; not inside a signature's list of signed fields (RFC 6376, 3.5 h=)."""
    cuts: list[int] = []
    for found in names_within(line):
        before = line[max(0, found.start() - 1500) : found.start()]
        tag = before.rpartition(";")[2].lstrip()
        if tag.startswith("h=") and not re.search(r"\s\S{2,40}=", tag):
            continue
        if not _lone_fits(found[1].lower(), line[found.end() : found.end() + 40]):
            continue
        cuts.append(found.start())
    return cuts


def _lone_fits(name: str, after: str) -> bool:
    """Whether what follows a short name looks like its value, where prose could hold the name too."""
    if name == "received":
        return re.match(r"\s{0,9}(?:from|by|\(|$)", after) is not None
    if name == "date":
        return re.match(r"\s{0,9}(?:[A-Z][a-z]{2},|\d|$)", after) is not None
    return True


def _end(lines: list[str], start: int) -> int:
    """The index after the header section: the first blank line below which no headers go on."""
    seen: set[str] = set()
    at = start
    while at < len(lines):
        if lines[at].strip():
            name = field_name(lines[at])
            if name:
                seen.add(name.lower())
            at += 1
            continue
        following = next((index for index in range(at, min(at + 4, len(lines))) if lines[index].strip()), None)
        if following is None or not _goes_on(lines, following, seen):
            return at
        at = following
    return at


def _goes_on(lines: list[str], at: int, seen: set[str]) -> bool:
    """Whether a block after a blank line belongs to the headers still: servers' fields, or what was missing."""
    name = field_name(lines[at])
    if name is None or not is_known(name):
        return False
    if is_trace(name):
        return True
    lower = name.lower()
    return lower not in seen and not {"from", "subject"} <= seen and not lower.startswith("content-")


def _fields(lines: list[str], defects: list[Defect]) -> tuple[list[tuple[str, str]], list[str]]:
    """Names and values, and the lines after the last field that belong to the body."""
    groups: list[list[str]] = []
    for line in lines:
        if not line.strip():
            continue
        if groups and (line[:1] in (" ", "\t") or field_name(line) is None or _in_signed_list(groups[-1], line)):
            groups[-1].append(line)
        else:
            groups.append([line])
    rest: list[str] = []
    if groups and all(defect.code != "joined" for defect in defects):
        keep = _belonging(groups[-1])
        rest = groups[-1][keep:]
        groups[-1] = groups[-1][:keep]
    if rest:
        defects.append(Defect("no-blank-line", "no blank line stood between the headers and the text"))
    wrap = _wrap_width(groups)
    if any(line[:1] not in (" ", "\t") for group in groups for line in group[1:]):
        defects.append(Defect("folds-lost", "long fields were broken into lines without their indentation"))
    return [_split(group, wrap) for group in groups], rest


def _in_signed_list(group: list[str], line: str) -> bool:
    """Whether a line such as `Subject:To:Message-ID;` goes on with a signature's h= tag."""
    if "signature" not in group[0][:60].lower():
        return False
    tag = " ".join(group)[-1500:].rpartition(";")[2].strip()
    return (
        tag.startswith("h=") and re.match(r"[A-Za-z0-9-]{1,60}\s?(?::\s?[A-Za-z0-9-]{0,60}){1,80};?", line) is not None
    )


def _belonging(group: list[str]) -> int:
    """How many lines of the last field are its own; what follows is text of the mail."""
    name = (field_name(group[0]) or "").lower()
    for at in range(1, len(group)):
        line = group[at]
        above = group[at - 1].rstrip()
        if line[:1] in (" ", "\t") or above.endswith(_STRUCTURED_END):
            continue
        if name in _LONG_VALUED:
            if _PROSE.fullmatch(line.strip()) and not _CONTINUES.match(line):
                return at
        elif not _CONTINUES.match(line) and not (name in _FREE_TEXT and len(above) > 60 and at < 3):
            return at
    return len(group)


def _wrap_width(groups: list[list[str]]) -> tuple[int, bool]:
    """The column at which an editor broke the lines (0: none), and whether it broke them there within words too."""
    lengths = [len(line) for group in groups for line, below in itertools.pairwise(group) if _bare(below)]
    if len(lengths) < 2:
        return 0, False
    widest = max(lengths)
    times = lengths.count(widest)
    if times < 2 and len(lengths) >= 6:
        return 0, False
    return widest, times >= 3 and times >= len(lengths) * 0.7


def _bare(line: str) -> bool:
    return line[:1] not in (" ", "\t")


def _split(group: list[str], wrap: tuple[int, bool]) -> tuple[str, str]:
    name, _, value = group[0].partition(":")
    parts = [value.rstrip()]
    for above, line in itertools.pairwise(group):
        parts += [_glue(above, line, *wrap), line.strip()]
    return name.strip(), "".join(parts).strip()


def _glue(above: str, line: str, width: int, anywhere: bool) -> str:
    """What stood between two lines: nothing where a word was broken, else a space."""
    if not _bare(line) or above[-1:] in (" ", "\t"):
        return " "
    last = above[-400:].split(" ")[-1]
    first = line[:400].split(" ", maxsplit=1)[0]
    if width and len(above) == width and (anywhere or len(last) + len(first) > width):
        return ""
    if _is_open(last):
        return ""
    if last.endswith("-") and last[-2:-1].isalnum() and first[:1].isalnum():
        return ""
    return " "


def _is_open(token: str) -> bool:
    """Whether an encoded word (RFC 2047, 2) or an angle address was begun and not ended: neither holds white space."""
    word = token.rfind("=?")
    if word >= 0 and token.find("?=", word + 2) < 0 and token.count("?") < 4:
        return True
    return token.rfind("<") > token.rfind(">") and "@" in token


def _header(name: str, value: str, defects: list[Defect]) -> Header:
    """Editors' curly quotes go from fields that have a grammar; in a subject they may be the sender's own."""
    if name.lower() in _FREE_TEXT:
        return Header(name, value)
    plain = value.translate(_SMART)
    if plain != value:
        defects.append(Defect("smart-quotes", "straight quotes had been turned into curly ones"))
    return Header(name, plain)


def _lost(headers: tuple[Header, ...], body: str) -> list[Defect]:
    """What the paste lacks, as far as it shows."""
    lost: list[Defect] = []
    names = {header.name.lower() for header in headers}
    last = headers[-1] if headers else Header("", "")
    unfinished = last.name.lower() == "received" and ";" not in last.value
    if not body.strip() and (unfinished or _CUT_MARKS.search(last.value) or last.value.endswith(("=", ";", ",", "("))):
        lost.append(Defect("cut-short", f"the end is missing: the last field, {last.name[:60]}, breaks off"))
    missing = [name for name in ("From", "Received", "Subject", "Date") if name.lower() not in names]
    if missing:
        lost.append(Defect("fields-missing", f"not among the pasted headers: {', '.join(missing)}"))
    return lost


def _once(defects: list[Defect]) -> tuple[Defect, ...]:
    return tuple({defect.code: defect for defect in defects}.values())
