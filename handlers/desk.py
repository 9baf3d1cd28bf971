"""What every handler works with: one object of collaborators, made once by the composition root."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bot.model import Asker, Belonging, HelpDesk
from bot.reception import Reception


class People(Protocol):
    """Who people in this workspace are (`handlers.people.SlackPeople`)."""

    def whois(self, user: str, team: str) -> Asker:
        """Somebody by their id; from memory, or by one look-up. Raises nothing: who can't be known is a guest."""
        ...

    def by_address(self, address: str, team: str) -> Asker | None:
        """The member whose address this is."""
        ...

    def is_technician(self, user: str) -> bool:
        """Whether they are in the technicians' group."""
        ...


class Talk(Protocol):
    """The short texts of the conversation (`bot.handbook.talk`)."""

    def small(self, text: str) -> str | None:
        """The code of the reply, where a message says nothing but thanks, hello or help."""
        ...

    def text(self, code: str, **values: str) -> str: ...


class Channels(Protocol):
    """The help desk's channels (`handlers.channels.SlackChannels`)."""

    def __contains__(self, channel: object) -> bool: ...


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
    channels: Channels
    help_desk: HelpDesk = field(default_factory=HelpDesk)
    admitted: frozenset[Belonging] = frozenset({Belonging.STAFF, Belonging.GUEST})
    """Who gets an answer; the others are told where to turn."""
    keep_content: timedelta = timedelta(hours=24)
    keep_verdicts: timedelta = timedelta(days=90)
    link: Link = field(default_factory=Link)
