"""The text that a person reads in a mail, and the links in it."""

import re
from dataclasses import dataclass

from bot.intake.body import Body
from bot.intake.htmltext import Page, read_page
from bot.intake.links import read_links
from bot.model import Defect, Limits, Link

_ZERO_WIDTH = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2064\ufeff\U000e0001-\U000e007f]"
)
_JOINERS = re.compile("(?<![^\x00-\u02ff])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u02ff])")
"""Joiners are part of Persian, Indic and emoji writing; beside a Latin letter or a space they only hide something."""
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_OVERRIDE = re.compile("[\u202d\u202e]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000\t]")
_WORD = re.compile(r"\w{3,40}")
_SUBSTANCE = 20
"""Letters that a plain part needs to count as the mail's text."""
_ALIKE = 0.3
_ENOUGH_WORDS = 8


@dataclass(frozen=True, slots=True)
class Readable:
    text: str = ""
    links: tuple[Link, ...] = ()
    defects: tuple[Defect, ...] = ()


def read_text(body: Body, limits: Limits) -> Readable:
    """The readable text, at most `limits.text` characters, its links, and what was done to hide or disguise it."""
    if not body.plain and not body.html:
        return Readable()
    source = body.html[: 4 * limits.text]
    page = read_page(source, most=limits.text, most_links=limits.links) if source else Page("", 0, ())
    plain = body.plain[: limits.text].replace("\r\n", "\n").replace("\r", "\n").strip()
    defects: list[Defect] = []
    chosen = _chosen(plain, page.text, defects)
    if page.cut:
        defects.append(Defect("html-cut", "the HTML text goes on beyond what was read of it"))
    if page.hidden:
        defects.append(Defect("hidden-text", f"{page.hidden} characters of the HTML text can't be seen"))
    text = clean_text(chosen, defects)[: limits.text]
    links = read_links(page.links, (page.text, plain), limits.links)
    return Readable(text, links, tuple(defects))


def clean_text(text: str, defects: list[Defect]) -> str:
    """The text without characters of no width and direction marks, which are counted into `defects`."""
    if not text.isascii():
        text, unseen = _ZERO_WIDTH.subn("", text)
        text, joiners = _JOINERS.subn("", text)
        if unseen + joiners:
            defects.append(
                Defect("zero-width", f"{unseen + joiners} characters of no width were taken out of the text")
            )
        if _OVERRIDE.search(text):
            defects.append(Defect("bidi-override", "the text turns the direction of writing around"))
        text = _SPACES.sub(" ", _BIDI.sub("", text))
    return _CONTROLS.sub("", text.replace("\t", " ")).strip()


def _chosen(plain: str, shown: str, defects: list[Defect]) -> str:
    """The plain part where it says what the HTML says; people see the HTML, so that it wins where they differ."""
    if not shown or not plain:
        return shown or plain
    if sum(map(str.isalnum, plain[:400])) < _SUBSTANCE:
        return shown
    if _differ(plain, shown):
        defects.append(
            Defect("parts-differ", "the plain text and the HTML text say different things; the HTML was read")
        )
        return shown
    return plain


def _differ(plain: str, shown: str) -> bool:
    """Whether less than three in ten words of the shorter text stand in the longer one."""
    words, others = set(_WORD.findall(plain[:40_000].lower())), set(_WORD.findall(shown[:40_000].lower()))
    fewer, more = sorted((words, others), key=len)
    if len(fewer) < _ENOUGH_WORDS:
        # Of texts without spaces between words, or very short ones, compare the letters' pairs.
        fewer, more = sorted((_pairs(plain), _pairs(shown)), key=len)
    return len(fewer) >= _ENOUGH_WORDS and len(fewer & more) < _ALIKE * len(fewer)


def _pairs(text: str) -> set[str]:
    letters = "".join(text[:4_000].split()).lower()
    return {letters[at : at + 2] for at in range(len(letters) - 1)}
