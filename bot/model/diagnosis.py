"""What follows: findings, the diagnosis, the reply, the case."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.facts import Facts
from bot.model.message import Message
from bot.model.report import Grade, Reader, Report


class Verdict(StrEnum):
    """What happened to the person the mail seems to come from; the slugs used everywhere."""

    HACKED_ACCOUNT = "hacked-account"
    SPOOFED_ADDRESS = "spoofed-address"
    SPOOFED_NAME = "spoofed-name"
    PLAIN_SPAM = "plain-spam"
    GENUINE = "genuine"
    UNDETERMINED = "undetermined"


class Question(StrEnum):
    """What a technician would ask (DESIGN.md, "The questions")."""

    IDENTITY = "identity"
    ORIGIN = "origin"
    INTENT = "intent"
    STANDING = "standing"


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    UNCLAIMED = "unclaimed"
    """Identity only: the mail claims to be from nobody whom we could hold it against."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's observation. `weight` is in decibans: +10 is ten times as likely if the answer is yes."""

    rule: str
    question: Question
    group: str
    weight: float
    title: str
    text: str
    counted: bool = True
    """False where a stronger finding of its group counts instead."""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A fact that could not be checked, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Standpoint:
    """A question's answer with the probability of yes, 0 to 1."""

    question: Question
    answer: Answer
    probability: float


@dataclass(frozen=True, slots=True)
class Affected:
    """Whom a verdict befell."""

    verdict: Verdict
    who: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """What would decide or sharpen the verdict: a question to ask or material to hand in."""

    code: str
    """kebab-case: a page under knowledge/questions/."""
    text: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The headline verdict and everything that it rests on."""

    verdict: Verdict
    confidence: float
    """0 to 1, calibrated: of mails given 0.8, eight in ten have this verdict."""
    grade: Grade
    leaning: Verdict | None
    """What it would be, where the verdict is undetermined."""
    suspected: bool
    """hacked-account from material of grade D, E or F."""
    also: tuple[Verdict, ...]
    affected: tuple[Affected, ...]
    standpoints: tuple[Standpoint, ...]
    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]
    next_step: NextStep | None
    shares: tuple[tuple[Verdict, float], ...]
    """Every verdict's share of the probability, before calibration."""

    def standpoint(self, question: Question) -> Standpoint:
        return next(point for point in self.standpoints if point.question is question)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is told to one reader; plain text, unescaped: the surface escapes on the way out."""

    reader: Reader
    headline: str
    """The verdict as a sentence about the person."""
    steps: tuple[str, ...]
    """What to do now, the first step first."""
    reasons: tuple[str, ...]
    """The three strongest, with their values."""
    unchecked: tuple[str, ...]
    settles: str
    """What would settle it; "" where nothing is open."""
    advice: tuple[str, ...]
    """The standing advice."""
    contact: str
    """The help desk's name, number and hours."""
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """More, under headings: the provider's steps, how to get the headers, what a code means."""


class Priority(StrEnum):
    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a technician should take up; its life is told elsewhere."""

    reason: str
    """kebab-case: the entry of knowledge/escalation.toml that opened it."""
    priority: Priority
    summary: str
    affected: str
    task: str = ""
    """What exactly is to be done, such as the DNS record to add; "" where the summary says it."""


@dataclass(frozen=True, slots=True)
class Case:
    """The end of the straight line: a report with all that was made of it."""

    report: Report
    message: Message
    facts: Facts
    diagnosis: Diagnosis
    reply: Reply
    ticket: Ticket | None
