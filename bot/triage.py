"""The straight line: a report in, a case out. The command line, Slack and the tests all call it."""

import secrets
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot import intake
from bot.advice import advise, desk_to_call
from bot.checks import Instruments, examine
from bot.diagnosis import diagnose
from bot.errors import Shown
from bot.handbook import Handbook
from bot.model import Case, HelpDesk, Limits, Message, Report
from bot.rules import all_rules
from bot.rules.origin_known import beside_the_older_mail
from bot.ruling import Rule, run

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tools:
    """What the line needs: what we know, whom we can ask, who we are."""

    handbook: Handbook
    instruments: Instruments
    help_desk: HelpDesk = field(default_factory=HelpDesk)
    limits: Limits = field(default_factory=Limits)
    rules: tuple[Rule, ...] = field(default_factory=all_rules)


async def triage(
    report: Report, tools: Tools, *, known_good: Message | None = None, message: Message | None = None
) -> Case:
    """What happened, why, and what to do; `message` where the report was read already.

    Raises Shown where the material can't be read.
    """
    message = message or read(report, tools)
    facts = await examine(message, report.told, tools.instruments, known_good=known_good)
    weights = tools.handbook.weights
    findings, unchecked = run(tools.rules, facts, weights.by_rule())
    unchecked = (*unchecked, *beside_the_older_mail(facts, findings))
    diagnosis = diagnose(facts, findings, unchecked, weights, tools.handbook.question_texts)
    reply, ticket = advise(report, facts, diagnosis, tools.handbook, tools.help_desk)
    return Case(report, message, facts, diagnosis, reply, ticket)


def read(report: Report, tools: Tools) -> Message:
    """The line's first arrow alone. Raises Shown where the material can't be read."""
    return intake.read(report, trust=tools.instruments.trust, limits=tools.limits)


async def triage_or_tell(
    report: Report, tools: Tools, *, known_good: Message | None = None, message: Message | None = None
) -> Case | Shown:
    """The line, with what went wrong as a value: the one place that catches the unexpected.

    Logged with a reference, never with the mail's content; the person gets the reference.
    """
    try:
        return await triage(report, tools, known_good=known_good, message=message)
    except Shown as error:
        return error
    except Exception as error:  # noqa: BLE001 (the one place; STYLE.md, 5)
        return _unexpected(error, tools.help_desk)


def read_or_tell(report: Report, tools: Tools) -> Message | Shown:
    """The first arrow in the same way."""
    try:
        return read(report, tools)
    except Shown as error:
        return error
    except Exception as error:  # noqa: BLE001 (the same place, for the line cut in two)
        return _unexpected(error, tools.help_desk)


def _unexpected(error: Exception, help_desk: HelpDesk) -> Shown:
    reference = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    log.error("unexpected", reference=reference, error=type(error).__name__, where=where)
    return Shown(
        "unexpected",
        f"Something went wrong while reading this (reference {reference}).",
        f"It isn't your fault. Try once more; if it happens again, give {desk_to_call(help_desk)} the reference.",
    )
