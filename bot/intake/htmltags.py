"""HTML cut into text, tags and their attributes, in linear time; no tree is built.

A tree builder isn't safe here: lexbor needed 500 s for 300,000 nested `<div>` and 23 s for 100,000 attributes
of one tag. Tags are recognised as the HTML Standard's tokenizer does (13.2.5), which is all that text and
links need.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,60})")
_ATTRIBUTE = re.compile(
    r"""([^\s=>/"']{1,60})(?:\s{0,20}=\s{0,20}(?:"([^"]{0,8000})"|'([^']{0,8000})'|([^\s>"']{1,8000})))?"""
)
_MOST_ATTRIBUTES = 60
_LONGEST_TAG = 40_000
_LONGEST_KEPT = 200
"""Letters of a tag that is kept for the next one like it; the rows of a mail's tables repeat a few."""
_RAW = frozenset(("script", "style", "title", "textarea", "noembed", "xmp", "iframe"))
"""Elements whose content is text up to their end tag (13.2.5.2 to 13.2.5.4)."""


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    closing: bool
    attributes: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""
    """The content of an element that holds only text, such as a style sheet."""


def scan(source: str) -> Iterator[Tag | str]:
    """Tags and the text between them, entities decoded; comments and declarations left out."""
    at = 0
    while at < len(source):
        opening = source.find("<", at)
        if opening < 0:
            yield unescape(source[at:])
            return
        if opening > at:
            yield unescape(source[at:opening])
        tag = _TAG.match(source, opening)
        if tag is not None:
            made, at = _tag(source, tag)
            yield made
        elif source.startswith("<!--", opening):
            at = _after(source, "-->", opening + 2)
        elif source.startswith(("<!", "<?", "</"), opening):
            at = _after(source, ">", opening + 2)
        else:
            yield "<"
            at = opening + 1


def unescape(text: str) -> str:
    if "&" not in text:
        return text
    try:
        return html.unescape(text)
    except ValueError:
        # A numeric reference of thousands of digits is over int()'s limit.
        return text


def _after(source: str, mark: str, at: int) -> int:
    end = source.find(mark, at)
    return len(source) if end < 0 else end + len(mark)


def _tag(source: str, tag: re.Match[str]) -> tuple[Tag, int]:
    name = tag[2].lower()
    if tag[1]:
        return _end_tag(name), _after(source, ">", tag.end())
    end = _tag_end(source, tag.end())
    if name not in _RAW:
        inside = source[tag.end() : end]
        return (_start_tag if len(inside) < _LONGEST_KEPT else _start_tag.__wrapped__)(name, inside), end + 1
    close = re.compile(f"</{name}", re.IGNORECASE).search(source, end)
    stop = close.start() if close is not None else len(source)
    return Tag(name, False, {}, source[end + 1 : stop][:200_000]), stop


@lru_cache(maxsize=512)
def _start_tag(name: str, inside: str) -> Tag:
    return Tag(name, False, _attributes(inside))


@lru_cache(maxsize=256)
def _end_tag(name: str) -> Tag:
    return Tag(name, True)


def _tag_end(source: str, at: int) -> int:
    """The ">" that ends the tag: the first one outside quotes, else simply the first one."""
    first = source.find(">", at)
    if first < 0:
        return len(source)
    if first == at:
        return at
    end, most = first, at + _LONGEST_TAG
    while end < most and _inside_quotes(source, at, end):
        further = source.find(">", end + 1)
        if further < 0 or further > most:
            return first
        end = further
    return end


def _inside_quotes(source: str, at: int, end: int) -> bool:
    if end - at > 2_000 and source.count(">", at, end) > 20:
        return False
    text = source[at:end]
    return (text.count('="') + text.count("='")) > 0 and (text.count('"') % 2 == 1 or _odd_single(text))


def _odd_single(text: str) -> bool:
    return '"' not in text and text.count("'") % 2 == 1


def _attributes(inside: str) -> dict[str, str]:
    """The first of each name counts (13.2.5.33)."""
    found: dict[str, str] = {}
    for attribute in _ATTRIBUTE.finditer(inside):
        if len(found) >= _MOST_ATTRIBUTES:
            break
        value = attribute[2] or attribute[3] or attribute[4] or ""
        found.setdefault(attribute[1].lower(), unescape(value))
    return found
