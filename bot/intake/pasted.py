"""Pasted text made a Message: damaged headers, the tables and blocks that mail programs show, or words."""

import re
from dataclasses import replace

from bot.intake import eml
from bot.intake.fieldnames import field_name, is_trace
from bot.intake.pasted_fields import Section, read_section
from bot.intake.pasted_pages import read_summary
from bot.intake.pasted_text import mend
from bot.intake.quoted import Block, as_mail, find_block
from bot.intake.words import read_words
from bot.model import Defect, Grade, Kind, Limits, Message, Origin, Trust

MOST_TEXT = 500_000
"""Characters of a paste that are looked at: forty times the longest header sections of real mail."""
_FORMAL = frozenset(
    ("message-id", "mime-version", "content-type", "return-path", "references", "in-reply-to", "x-mailer")
)
_HINT = Defect("ask-for-original", "hand in the original (.eml, .msg or forwarded as an attachment) for a surer answer")


def read_pasted(text: str, *, trust: Trust, limits: Limits, defects: tuple[Defect, ...] = ()) -> Message:
    """The message that a pasted text describes; what was mended and what is missing are its defects.

    Headers become kind HEADERS: grade B with a trace and an author, else C. A block as mail programs show
    it (From, Sent, To, Subject) is grade D, and anything else is words, grade F. Raises nothing on any text.
    """
    if len(text) > MOST_TEXT:
        defects = (*defects, Defect("text-cut", f"only the first {MOST_TEXT} characters were read"))
    mended, done = mend(text[:MOST_TEXT])
    done = (*defects, *done)
    section = read_section(_below_table(mended))
    if _is_headers(section):
        return _headers(section, trust, limits, done)
    summary = read_summary(mended)
    if summary is not None:
        content, notes = summary
        message = eml.parse(content, trust=trust, limits=limits, kind=Kind.HEADERS, grade=Grade.SOME_HEADERS)
        return _noted(message, (*done, *notes))
    block = find_block(mended)
    if block is not None:
        return _shown(block, trust, limits, done)
    if {"from"} <= _names(section) and len(_names(section)) >= 2:
        return _headers(section, trust, limits, done)
    return read_words(text[:MOST_TEXT], limits=limits, defects=defects)


def is_headers(text: str) -> bool:
    """Whether a paste holds header fields, or could be the rest of a paste that was cut in two."""
    return _is_headers(read_section(mend(text[:MOST_TEXT])[0]))


def _is_headers(section: Section) -> bool:
    names = _names(section)
    if any(is_trace(name) for name in names):
        return True
    return bool(names & _FORMAL) and bool(names & {"from", "subject", "date", "to"})


def _names(section: Section) -> set[str]:
    return {header.name.lower() for header in section.headers}


def _below_table(text: str) -> str:
    """The text from the source on, where the table that Gmail puts above it was copied too."""
    if not re.search(r"(?mi)^[ \t]{0,8}(?:spf|dkim|dmarc)[ \t]{0,9}[:\t]", text[:20_000]):
        return text
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if (name := field_name(line)) and is_trace(name)), None)
    return text if start is None else "\n".join(lines[start:])


def _headers(section: Section, trust: Trust, limits: Limits, defects: tuple[Defect, ...]) -> Message:
    names = _names(section)
    full = "received" in names and "from" in names and len(names & {"date", "subject", "message-id", "to"}) >= 2
    grade = Grade.FULL_HEADERS if full else Grade.SOME_HEADERS
    message = eml.parse(_as_mail(section), trust=trust, limits=limits, kind=Kind.HEADERS, grade=grade)
    if not message.text.strip() and section.before:
        message = replace(message, text=section.before[: limits.text])
    return _noted(message, (*defects, *section.defects))


def _as_mail(section: Section) -> bytes:
    """Each field on one line: RFC 5322 allows 998 octets, the readers here allow more."""
    head = "".join(f"{header.name}: {header.value}\r\n" for header in section.headers)
    return f"{head}\r\n{section.body}".encode("utf-8", "replace")


def _shown(block: Block, trust: Trust, limits: Limits, defects: tuple[Defect, ...]) -> Message:
    message = eml.parse(
        as_mail(block),
        trust=trust,
        limits=limits,
        kind=Kind.HEADERS,
        grade=Grade.SLACK_REST,
        origin=Origin.QUOTED,
    )
    note = Defect("visible-block", "these are the lines that a mail program shows, not the headers")
    return _noted(message, (*defects, note, _HINT))


def _noted(message: Message, defects: tuple[Defect, ...]) -> Message:
    """What isn't whole has no raw: signatures can't be verified over mended text."""
    return replace(message, raw=b"", defects=(*defects, *message.defects))
