"""The links of a body: what each shows, where it leads. Nothing is fetched."""

import re
from collections.abc import Iterable

from bot.intake.htmltext import RawLink
from bot.intake.linkhosts import clean_url, host_of
from bot.intake.linkrewrites import undo_rewriting
from bot.model import Link

_BARE = re.compile(r"(?<![\w@])(?:https?://|www\.)[^\s<>\"'`|\\^{}\x00-\x1f]{2,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?*_~'\")]}>…»”’"
_LONGEST = 4_000


def read_links(anchors: Iterable[RawLink], texts: Iterable[str], most: int) -> tuple[Link, ...]:
    """HTML links first, then bare URLs of the texts that no link leads to; each pair of text and target once."""
    found: dict[tuple[str, str], Link] = {}
    targets: set[str] = set()
    for raw in anchors:
        if len(found) >= most:
            break
        link = _link(raw.text, raw.href)
        found.setdefault((link.text, link.target), link)
        targets.add(link.target.rstrip("/"))
    for url in (bare for text in texts for bare in _bare_urls(text)):
        if len(found) >= most:
            break
        link = _link(url, url if "://" in url else f"http://{url}")
        if link.target.rstrip("/") not in targets:
            found.setdefault((link.text, link.target), link)
            targets.add(link.target.rstrip("/"))
    return tuple(found.values())


def _link(text: str, href: str) -> Link:
    target, gateway = undo_rewriting(href)
    target = target[:_LONGEST]
    return Link(text, target, host_of(target), gateway)


def _bare_urls(text: str) -> Iterable[str]:
    if "://" not in text and "www." not in text.lower():
        return  # no URL without one of the two, and looking for either is cheap
    for found in _BARE.finditer(text):
        url = found[0]
        while url and url[-1] in _TRAILING:
            if url[-1] == ")" and url.count("(") >= url.count(")"):
                break
            url = url[:-1]
        if host_of(url if "://" in url else f"http://{url}").count("."):
            yield clean_url(url)
