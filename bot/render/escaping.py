"""Hostile text made plain for each surface. Every string that may quote a mail goes through here."""

import re

from bot.advice.words import defang, tame

LIMIT = 2_000
"""Characters of one line or cell."""

_MARKUP = re.compile(r"([\\`*_\[\]{}|~#!$^])")
_MENTION = re.compile(r"(?<![\w.+-])@")
_LINE_START = re.compile(r"^(?:([-+=:>])|(\d{1,9})([.)]))")
_OURS = re.compile(r"https://[^\s<>\"'`|]{4,400}")


def shown(text: str, limit: int = LIMIT) -> str:
    """One line for a terminal or a table: no control or invisible characters, web addresses defanged."""
    return defang(tame(text, limit))


def markdown(text: str, limit: int = LIMIT) -> str:
    """Text in Markdown that shows as it is: no markup, no HTML, no link, no mention."""
    return _escaped(shown(text, limit))


def markdown_of_ours(text: str) -> str:
    """A line of a reply: its web addresses come from knowledge/ (those of the mail were defanged), so they stay."""
    line = tame(text, LIMIT)
    parts: list[str] = []
    end = 0
    for found in _OURS.finditer(line):
        parts.append(_escaped(line[end : found.start()], at_start=end == 0))
        parts.append(found.group().replace("&", "&amp;"))
        end = found.end()
    parts.append(_escaped(line[end:], at_start=end == 0))
    return "".join(parts)


def _escaped(line: str, *, at_start: bool = True) -> str:
    entities = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = _MENTION.sub("&#64;", _MARKUP.sub(r"\\\1", entities))
    return _LINE_START.sub(_unlisted, plain) if at_start else plain


def _unlisted(found: re.Match[str]) -> str:
    sign, number, dot = found.groups()
    return f"\\{sign}" if sign else f"{number}\\{dot}"
