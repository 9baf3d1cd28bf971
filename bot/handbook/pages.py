"""The pages of knowledge/ as types: verdicts, providers, exports, advice, questions; format in knowledge/README.md."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.model import Reader, Verdict

PLACEHOLDERS = frozenset(
    {
        "name",
        "address",
        "organisation",
        "sender",
        "server",
        "server_country",
        "help_desk",
        "likely",
        "probably",
        "whom",
        "brand",
        "percent",
        "grade",
        "leaning",
        "mail",
        "lure",
        "forged",
    }
)
"""What a text may hold in braces; advice fills them (knowledge/README.md says with what)."""

ALWAYS_KNOWN = frozenset({"sender", "help_desk", "likely", "probably", "whom", "percent", "grade"})
"""Placeholders that never lack a value; the last headline may use no other."""

HEADLINES = (
    "person",
    "celebrity",
    "organisation",
    "claimed",
    "personal",
    "account",
    "nobody",
    "desk",
    "stranger",
    "unread",
    "phishing",
    "program",
    "extortion",
    "proven",
    "suspected",
    "leaning",
    "maybe",
    "copy",
    "words",
    "signs",
    "sent",
    "acted",
    "also",
)
"""The headline's variants: whom the mail seems to come from, and sentences that are added."""

CALM = "calm"
"""A step with this mark is told as long as nobody paid, typed a password or opened anything."""

STEP_MARKS = (
    "person",
    "celebrity",
    "organisation",
    "claimed",
    "personal",
    "account",
    "nobody",
    "desk",
    "stranger",
    "unread",
    "phishing",
    "program",
    "extortion",
    CALM,
)
"""What a step may begin with: whom the mail seems to come from, and whether anything has happened."""

_MARK = "|".join(STEP_MARKS)
_MARKED = re.compile(rf"((?:{_MARK})(?:, (?:{_MARK})){{0,7}}): ")


@dataclass(frozen=True, slots=True)
class ReaderText:
    """What one reader is told: headline templates by variant, steps, and why it happens."""

    reader: Reader
    headlines: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    explains: tuple[str, ...]

    def headline(self, variant: str) -> str:
        return dict(self.headlines).get(variant, "")

    def steps_for(self, variant: str, *, calm: bool = True) -> tuple[str, ...]:
        """The steps for everybody and those marked for this variant, without the mark."""
        marked = ((_MARKED.match(step), step) for step in self.steps)
        return tuple(
            step[mark.end() :] if mark else step
            for mark, step in marked
            if mark is None or _fits(frozenset(mark.group(1).split(", ")), variant, calm)
        )


def _fits(marks: frozenset[str], variant: str, calm: bool) -> bool:
    kinds = marks - {CALM}
    return (calm or CALM not in marks) and (not kinds or variant in kinds)


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """knowledge/verdicts/<slug>.md"""

    verdict: Verdict
    title: str
    in_words: str
    """The verdict as half a sentence: "the address was forged"."""
    readers: tuple[ReaderText, ...]

    def reader(self, reader: Reader) -> ReaderText:
        return next(each for each in self.readers if each.reader is reader)


class Topic(StrEnum):
    """What a step of a provider's page is about."""

    SESSIONS = "sessions"
    PASSWORD = "password"
    SECOND_FACTOR = "second-factor"
    RULES = "rules-forwarding"
    APP_GRANTS = "app-grants"
    DELEGATES = "delegates"
    RECOVERY = "recovery"
    DEVICES = "devices"
    COMPUTER = "computer"
    CONTACTS = "contacts"
    LOG = "log"
    SETTINGS = "settings"
    HOST = "host"


MUST_HAVE = (Topic.SESSIONS, Topic.PASSWORD, Topic.SECOND_FACTOR, Topic.RULES, Topic.APP_GRANTS, Topic.DELEGATES)
"""Each provider's page has such a step, or names the topic under `has_no`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step on a provider's page, with the page that says so."""

    topic: Topic
    must: bool
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """knowledge/providers/<slug>.md: how to win an account back, for its owner and for the administrator."""

    slug: str
    title: str
    domains: tuple[str, ...]
    """Addresses of these domains (or below them) are the provider's."""
    servers: tuple[str, ...]
    """Mail that a server or signature of these domains sent or signed came through the provider."""
    owner: tuple[Step, ...]
    administrator: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ExportPage:
    """knowledge/exports/<slug>.md: how to get headers and original out of one mail program."""

    slug: str
    title: str
    source: str
    checked: str
    """How the steps were checked, for whoever mends the page."""
    can: bool
    """False where the program shows no headers: the steps then say what to do instead."""
    in_short: str
    domains: tuple[str, ...]
    """Where the receiver's address lies here, this program is a likely one."""
    software: tuple[str, ...]
    """The receiving servers (Hop.software) that go with this program."""
    headers: tuple[str, ...]
    original: tuple[str, ...]


class When(StrEnum):
    """When a page of advice is told."""

    FIRST = "first"
    NOTHING_TOLD = "nothing-told"
    ALWAYS = "always"
    PAID = "paid"
    TYPED_PASSWORD = "typed-password"
    """Of the mailbox, or nobody knows of what."""
    TYPED_AT_BANK = "typed-at-bank"
    TYPED_AT_COMPANY = "typed-at-company"
    OPENED = "opened"
    CLICKED = "clicked"
    ACTED = "acted"
    """Paid, typed or opened: whom to call, told once."""
    AGAIN = "again"
    """Acted in any way: instead of FIRST."""
    BANK_DETAILS = "bank-details"
    GIFT_CARDS = "gift-cards"
    FAVOUR = "favour"
    """A quick favour that mostly ends in gift cards, which nobody has named yet."""
    EXTORTION = "extortion"
    PHISHING = "phishing"
    """After a password, by a link, an attached page or an answer."""
    PROGRAM = "program"
    """Attached is what can run a program."""
    ASKS_MONEY = "asks-money"
    STRANGERS_MONEY = "strangers-money"
    ACCOUNT_SIGNS = "account-signs"
    """Whatever the mail is: somebody else seems to be in the sender's account."""
    PROBABLY_FINE = "probably-fine"
    """Undetermined, and it looks honest: instead of the verdict's steps."""
    SIMULATION = "simulation"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class AdvicePage:
    """knowledge/advice/<slug>.md"""

    slug: str
    title: str
    when: When
    order: int
    verdicts: tuple[Verdict, ...]
    """The verdicts with which it is told; empty means all."""
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """knowledge/questions/<code>.md: a question to ask, or material to ask for."""

    code: str
    material: bool
    text: str
    why: str
