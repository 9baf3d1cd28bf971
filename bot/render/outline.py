"""What a reply consists of, before it is Markdown or terminal output: blocks in reading order."""

from dataclasses import dataclass

from bot.advice.sections import EXPLAINS, ORIGINAL
from bot.advice.standing import SHOWN
from bot.advice.steps import danger
from bot.model import Case, Verdict


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with lines or a table under it.

    `ours` marks lines of a reply: texts of knowledge/ in which text of the mail has already been made harmless.
    """

    heading: str
    lines: tuple[str, ...] = ()
    numbered: bool = False
    prose: bool = False
    """Paragraphs instead of list items."""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    ours: bool = False


def for_person(case: Case, *, full: bool = False) -> tuple[Block, ...]:
    """The reply: what happened, what to do, why, what isn't known, what would settle it.

    `full`: all of the standing advice; otherwise people who did nothing wrong get the first three pieces.
    """
    reply = case.reply
    why = "Why we think so"
    if case.diagnosis.verdict is Verdict.UNDETERMINED:
        why = "What points that way" if case.diagnosis.leaning else "What we found"
    advice = reply.advice if full or danger(case.facts.told) else reply.advice[:SHOWN]
    last = tuple(section for section in reply.sections if section[0] == ORIGINAL)
    blocks = [
        Block("What to do now", reply.steps, numbered=True, ours=True),
        Block(why, reply.reasons, ours=True),
        Block("What we couldn't check", reply.unchecked, ours=True),
        Block("What would settle it", (reply.settles,) if reply.settles else (), prose=True, ours=True),
        *(_section(title, lines) for title, lines in reply.sections if title != ORIGINAL),
        Block("From now on", advice, ours=True),
        Block("Who helps you", _help(case), prose=True, ours=True),
        *(_section(title, lines) for title, lines in last),
    ]
    return tuple(block for block in blocks if block.lines)


def steps_for_technician(case: Case) -> tuple[Block, ...]:
    """What of the reply a technician needs beside the tables: steps, the provider's steps, codes, what to pass on."""
    reply = case.reply
    blocks = [
        Block("What to do now", reply.steps, numbered=True, ours=True),
        *(_section(title, lines) for title, lines in reply.sections if title not in (EXPLAINS, ORIGINAL)),
        Block("Advice to pass on", reply.advice, ours=True),
    ]
    return tuple(block for block in blocks if block.lines)


def _section(title: str, lines: tuple[str, ...]) -> Block:
    """A section about one provider ("…: Gmail") is a row of steps."""
    return Block(title, lines, numbered=": " in title, prose=title == EXPLAINS, ours=True)


def _help(case: Case) -> tuple[str, ...]:
    ticket = ("This is a case for a technician: show them this.",) if case.ticket else ()
    return tuple(line for line in (*ticket, case.reply.contact) if line)
