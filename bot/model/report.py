"""What a person hands in: a report of one or more exhibits."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What an exhibit is; told from its content, never from its file name."""

    EML = "eml"
    MSG = "msg"
    HEADERS = "headers"
    SLACK_EMAIL = "slack-email"
    SCREENSHOT = "screenshot"
    WORDS = "words"


class Grade(StrEnum):
    """How much the material lets anybody conclude (DESIGN.md, "The questions")."""

    WHOLE = "A"
    FULL_HEADERS = "B"
    SOME_HEADERS = "C"
    SLACK_REST = "D"
    SCREENSHOT = "E"
    WORDS = "F"


class Reader(StrEnum):
    """Who reads a reply."""

    RECEIVER = "receiver"
    """The person who got the mail."""
    NAMED = "named"
    """The person whose account, address or name was used."""
    TECHNICIAN = "technician"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One piece of material: its bytes and where they came from. `name` is for showing only."""

    content: bytes = field(repr=False)
    name: str = ""
    kind: Kind | None = None
    """Set where the way in already tells (Slack's e-mail object); else found from the content."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the reporter answered so far; None means not asked or not known."""

    claims: str | None = None
    """Who the mail claims to be from, as "Name <address>", a name or an address."""
    clicked: bool | None = None
    opened: bool | None = None
    typed_password: bool | None = None
    paid: bool | None = None
    approved: bool | None = None
    """They approved a sign-in that they hadn't begun."""
    in_sent_items: bool | None = None
    others_got_it: bool | None = None
    sender_denies: bool | None = None
    sender_confirms: bool | None = None
    strange_account_signs: bool | None = None
    """Unknown rules, forwarding, sign-ins, or a block from sending."""
    bounces: bool | None = None
    own_account: bool = False
    """The reporter is the person in From ("someone got a mail from me")."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a person handed in, with what they answered; the start of the straight line."""

    exhibits: tuple[Exhibit, ...]
    told: Told = field(default_factory=Told)
    reader: Reader = Reader.RECEIVER
    received_at: datetime | None = None
