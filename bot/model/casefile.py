"""What is handed to another help desk: one ticket's case file, and what stands there afterwards."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.model.diagnosis import Priority, Verdict


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A ticket with its evidence, as plain values: text of the mail in it is unescaped, and each desk escapes it.

    The reporter's address and those of other recipients are in none of its parts (`bot.casefile`).
    """

    number: str
    """The ticket's number: short, sayable, and the same for ever, such as "123"."""
    summary: str
    """One line that says what to do."""
    priority: Priority
    affected: str
    """Whom it befell: an address or a name."""
    reporter: str
    """Whom to ask, as technicians know them in Slack: a name, never a mail address; "" where nobody is to be asked."""
    verdict: Verdict
    confidence: float
    """0 to 1."""
    opened_at: datetime
    report: str = field(repr=False)
    """For people, in Markdown."""
    diagnosis: str = field(repr=False)
    """For programs: one JSON object (DESIGN.md, "The stable JSON contract")."""
    headers: str = field(default="", repr=False)
    """The mail's header section, redacted and defanged; "" where there was none."""
    abuse: bytes = field(default=b"", repr=False)
    """A report to the sending network (RFC 5965) as a message; empty where there is nobody to report to."""

    @property
    def key(self) -> str:
        """What the ticket is found by elsewhere: "checkmail-123-20261124175401", letters, digits and hyphens.

        The time is in it because numbers begin anew where a store was lost, and an old ticket of the same number
        mustn't swallow a new case.
        """
        number = "".join(char for char in self.number if char.isascii() and char.isalnum())
        return f"checkmail-{number}-{self.opened_at.astimezone(UTC):%Y%m%d%H%M%S}"

    @property
    def attachments(self) -> tuple[tuple[str, str, bytes], ...]:
        """(file name, media type, content) of each part that is there. The names are fixed: they tell what is missing
        when a case is sent again.
        """
        parts = (
            ("report.md", "text/markdown", self.report.encode("utf-8", "replace")),
            ("diagnosis.json", "application/json", self.diagnosis.encode("utf-8", "replace")),
            ("headers.txt", "text/plain", self.headers.encode("utf-8", "replace")),
            ("abuse-report.eml", "message/rfc822", self.abuse),
        )
        return tuple(part for part in parts if part[2])


@dataclass(frozen=True, slots=True)
class Filed:
    """A case as it stands at another desk."""

    desk: str
    """jira, zendesk, webhook or mail."""
    id: str
    """What the desk's own interface calls it."""
    number: str
    """What people there say: "SEC-12", "#35436"."""
    link: str = ""
    """Where people see it; "" where there is no such place."""


class DeskState(StrEnum):
    """How far another desk is with a case."""

    OPEN = "open"
    WORKING = "working"
    WAITING = "waiting"
    """For the reporter, or on hold."""
    CLOSED = "closed"
    GONE = "gone"
    """Deleted there, or no longer to be seen by us."""


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """What another desk says of a case; `word` is its own name for the state."""

    state: DeskState
    word: str = ""


def look_again(age: timedelta) -> timedelta:
    """How long to wait before asking a desk for the status of a case that was filed `age` ago.

    A tenth of its age, from two minutes to six hours: people see a change soon while the case is young, and a
    thousand old ones cost three requests a minute.
    """
    return min(max(age / 10, timedelta(minutes=2)), timedelta(hours=6))
