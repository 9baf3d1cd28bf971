"""The straight line: a report in, a case out. The command line, Slack and the tests all call it."""

from dataclasses import dataclass, field

from bot import intake
from bot.advice import advise
from bot.checks import Instruments, examine
from bot.diagnosis import diagnose
from bot.handbook import Handbook
from bot.model import Case, HelpDesk, Limits, Message, Report
from bot.rules import all_rules
from bot.ruling import Rule, run


@dataclass(frozen=True, slots=True)
class Tools:
    """What the line needs: what we know, whom we can ask, who we are."""

    handbook: Handbook
    instruments: Instruments
    help_desk: HelpDesk = field(default_factory=HelpDesk)
    limits: Limits = field(default_factory=Limits)
    rules: tuple[Rule, ...] = field(default_factory=all_rules)


async def triage(report: Report, tools: Tools, *, known_good: Message | None = None) -> Case:
    """What happened, why, and what to do. Raises Shown where the material can't be read."""
    message = intake.read(report, trust=tools.instruments.trust, limits=tools.limits)
    facts = await examine(message, report.told, tools.instruments, known_good=known_good)
    weights = tools.handbook.weights
    findings, unchecked = run(tools.rules, facts, weights.by_rule())
    diagnosis = diagnose(facts, findings, unchecked, weights, tools.handbook.question_texts)
    reply, ticket = advise(report, facts, diagnosis, tools.handbook, tools.help_desk)
    return Case(report, message, facts, diagnosis, reply, ticket)
