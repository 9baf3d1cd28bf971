"""What has to be told to whom after an act; `bot.tickets.telling` makes it, Slack renders it."""

from dataclasses import dataclass
from enum import StrEnum


class Whom(StrEnum):
    POST = "post"
    """The technicians' post itself: made where there is none, else brought up to date. Needs no text of its own."""
    THREAD = "thread"
    """A line in the thread below that post."""
    REPORTER = "reporter"
    """In the thread of `inquiry`."""
    TECHNICIAN = "technician"
    """A direct message to `user`."""
    ON_CALL = "on-call"
    """The thread below the post, with the technicians' group named."""
    MANAGER = "manager"
    """Who is told when nothing else helped; the on-call group where nobody is set."""
    SENDER = "sender"
    """A direct message to `user`, with three buttons."""
    RECIPIENT = "recipient"
    """A direct message to `user`: the notice that a technician approved."""
    DESK = "desk"
    """Another help desk."""


@dataclass(frozen=True, slots=True)
class Tell:
    """One thing to say, once: `saying.once(…, inquiry=tell.ticket, mark=tell.mark, …)`."""

    team: str
    number: int
    version: int
    """The act's number."""
    whom: Whom
    code: str
    """kebab-case: which text (`bot.tickets.telling.CODES`)."""
    user: str = ""
    inquiry: str = ""
    values: tuple[tuple[str, str], ...] = ()
    """What the text needs: plain text, unescaped; moments in ISO 8601 with their zone."""

    @property
    def ticket(self) -> str:
        """The ticket as the store of what was said knows it, in the place of an inquiry's id."""
        return f"ticket-{self.team}-{self.number}"

    @property
    def mark(self) -> str:
        """The same whenever this is said, different from everything else that is."""
        target = self.user or self.inquiry
        return f"act-{self.version}-{self.whom.value}-{self.code}" + (f"-{target}" if target else "")

    def value(self, key: str) -> str:
        return dict(self.values).get(key, "")
