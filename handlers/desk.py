"""What every handler works with: one object of collaborators, made once by the composition root."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.model import Asker, Belonging, Inquiry
from bot.reception import Reception
from handlers.blocks.kit import Post
from handlers.tickets.room import TicketRoom


class People(Protocol):
    """Who people in this workspace are (`handlers.people.SlackPeople`)."""

    def whois(self, user: str, team: str) -> Asker:
        """Somebody by their id; from memory, or by one look-up. Raises nothing: who can't be known is UNKNOWN."""
        ...

    def by_address(self, address: str, team: str) -> Asker | None:
        """The member whose address this is."""
        ...

    def found_by(self, address: str, team: str) -> Asker | None:
        """The same, by a look-up within a budget where memory doesn't have them."""
        ...

    def in_direct(self, channel: str, team: str) -> Asker | None:
        """Whose direct message with the bot a channel is; None where that can't be found out."""
        ...

    def is_technician(self, user: str) -> bool:
        """Whether they are one of the technicians."""
        ...


class Talk(Protocol):
    """The short texts of the conversation (`bot.handbook.talk`)."""

    def small(self, text: str) -> str | None:
        """The code of the reply, where a message says nothing but thanks, hello or help."""
        ...

    def text(self, code: str, **values: str) -> str: ...

    def harm(self, text: str) -> frozenset[str]:
        """What its writer says they did already: values of `actions.Harm`."""
        ...


class Channels(Protocol):
    """The help desk's channels (`handlers.channels.SlackChannels`)."""

    def __contains__(self, channel: object) -> bool: ...


class Views(Protocol):
    """The modals and Home, as Block Kit views (`handlers.blocks`)."""

    def report(self) -> dict[str, Any]:
        """The form in which a mail is handed in (`actions.MODAL`, `actions.Field`)."""
        ...

    def harm(self, inquiry: str) -> dict[str, Any]:
        """What was clicked, opened, typed or paid (`actions.HARM_MODAL`)."""
        ...

    def claims(self, inquiry: str) -> dict[str, Any]:
        """Who the mail claims to be from (`actions.CLAIMS_MODAL`)."""
        ...

    def forget(self) -> dict[str, Any]:
        """Whether to forget everything (`actions.FORGET_MODAL`)."""
        ...

    def evidence(self, inquiry: Inquiry, technician: bool) -> dict[str, Any]:
        """All the evidence; for a technician the raw facts, too."""
        ...

    def home(self, inquiries: tuple[Inquiry, ...]) -> dict[str, Any]:
        """What the bot does, how to use it, and what this person asked."""
        ...

    def status(self, inquiries: tuple[Inquiry, ...]) -> Post:
        """What this person asked and how each ended, as a message."""
        ...


class Link:
    """How the connection to the workspace is: what is wrong with it, for readiness; "" where nothing is."""

    def __init__(self) -> None:
        self.trouble = ""

    def lost(self, why: str) -> None:
        self.trouble = why

    def restored(self) -> None:
        self.trouble = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """The collaborators of the handlers."""

    reception: Reception
    people: People
    talk: Talk
    views: Views
    channels: Channels
    admitted: frozenset[Belonging] = frozenset({Belonging.STAFF, Belonging.GUEST, Belonging.UNKNOWN})
    """Who gets an answer; the others are told where to turn."""
    link: Link = field(default_factory=Link)
    help_desk: str = ""
    """Whom to call (`bot.advice.desk_to_call`)."""
    tickets: TicketRoom | None = None
    """None where no technicians' channel is set."""

    def turned_away(self, code: str) -> str:
        """The talk's text for somebody who must try again, with whom to call until then; unescaped."""
        text = self.talk.text(code)
        return f"{text} {self.talk.text('call-us', help_desk=self.help_desk)}" if self.help_desk else text
