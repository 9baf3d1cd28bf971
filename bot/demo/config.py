"""What a workspace consists of and how it behaves; read from a JSON file, or built in Python."""

import ipaddress
import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter

SCOPES = tuple(
    "app_mentions:read assistant:write channels:history channels:read chat:write commands files:read files:write "
    "groups:history groups:read im:history im:read im:write mpim:history mpim:read reactions:write team:read "
    "usergroups:read users:read users:read.email".split()
)
EVENTS = tuple(
    "app_home_opened app_mention app_uninstalled function_executed message.channels message.groups message.im "
    "message.mpim tokens_revoked".split()
)


class Kind(StrEnum):
    """What somebody is to the workspace."""

    STAFF = "staff"
    ADMIN = "admin"
    GUEST = "guest"
    SINGLE_GUEST = "single-guest"
    STRANGER = "stranger"
    """Of another organisation, in a shared channel (Slack Connect)."""
    BOT = "bot"


class Paste(StrEnum):
    """What becomes of a text that is too long for the composer."""

    SNIPPET = "snippet"
    SPLIT = "split"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    real_name: str = ""
    email: str = ""
    kind: Kind = Kind.STAFF
    team: str = ""
    """Of a stranger: their own organisation's id."""
    locale: str = "en-US"
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A channel."""

    id: str
    name: str
    members: tuple[str, ...] = ()
    private: bool = False
    shared: bool = False
    """With another organisation (Slack Connect)."""


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    handle: str
    name: str
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppConfig:
    """The one app that is installed."""

    id: str = "A01CHECKMAIL"
    name: str = "checkmail"
    bot_user: str = "U0CHECKMAIL"
    bot_id: str = "B0CHECKMAIL"
    bot_token: str = "xoxb-demo"
    app_token: str = "xapp-demo"
    signing_secret: str = "demo-signing-secret"
    scopes: tuple[str, ...] = SCOPES
    events: tuple[str, ...] = EVENTS
    request_url: str = ""
    """Of HTTP mode, on loopback; "" for Socket Mode."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds, as Slack has them."""

    ack: float = 3.0
    retries: tuple[float, ...] = (0.0, 60.0, 300.0)
    trigger: float = 3.0
    response_url: float = 1800.0
    ticket: float = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls a minute by tier, and posts a second in one channel; the bursts are what may come at once."""

    on: bool = True
    tiers: tuple[float, ...] = (1.0, 20.0, 50.0, 100.0)
    burst: float = 1.0
    """Of a tier's calls of a minute, the share that may come at once."""
    posts_a_second: float = 1.0
    posts_at_once: int = 5
    posts_a_minute: float = 0.0
    """In the whole workspace; Slack says "several hundred" and no number. 0: not limited."""


@dataclass(frozen=True, slots=True)
class Habits:
    check_blocks: bool = True
    keep_blocks: bool = True
    """Off, the bot's blocks are dropped after the check, which spares memory in a load run."""
    keep_log: int = 20_000
    paste: Paste = Paste.SNIPPET
    paste_over: int = 4000
    stub_mail: bool = False
    """Events hold only the id of a forwarded mail's file, as was seen."""
    echo: bool = True
    """The app hears of its own messages too, as with Slack."""


@dataclass(frozen=True, slots=True)
class Config:
    team: str = "T01ACME"
    domain: str = "acme"
    name: str = "Acme"
    app: AppConfig = field(default_factory=AppConfig)
    people: tuple[Person, ...] = ()
    rooms: tuple[Room, ...] = ()
    groups: tuple[Group, ...] = ()
    crowd: int = 0
    """So many more members of staff, U0CROWD00001 and on."""
    times: Times = field(default_factory=Times)
    limits: Limits = field(default_factory=Limits)
    habits: Habits = field(default_factory=Habits)

    def __post_init__(self) -> None:
        url = self.app.request_url
        if url and not _is_loopback(urlsplit(url).hostname or ""):
            raise ValueError(f"app.request_url must be on loopback, not {url}")


def acme(**changes: object) -> Config:
    """A small company: three of staff, a guest, a stranger, a help desk and its technicians."""
    bot = AppConfig().bot_user
    config = Config(
        people=(
            Person("U01ALICE", "alice", "Alice Anderson", "alice@example.com"),
            Person("U02BOB", "bob", "Bob Tech", "bob@example.com", Kind.ADMIN),
            Person("U03CAROL", "carol", "Carol Clerk", "carol@example.com", locale="de-DE"),
            Person("U04GUS", "gus", "Gus Guest", "gus@example.net", Kind.GUEST),
            Person("U05STELLA", "stella", "Stella Stranger", "stella@example.org", Kind.STRANGER, "T09OTHER"),
        ),
        rooms=(
            Room("C01GENERAL", "general", ("U01ALICE", "U02BOB", "U03CAROL", "U04GUS")),
            Room("C02TECH", "technicians", ("U02BOB", bot), private=True),
            Room("C03HELP", "help-desk", ("U01ALICE", "U02BOB", "U03CAROL", "U04GUS", bot)),
            Room("C04SHARED", "with-other", ("U01ALICE", "U05STELLA", bot), shared=True),
        ),
        groups=(Group("S01ONCALL", "oncall", "On call", ("U02BOB",)),),
    )
    return replace(config, **changes)  # type: ignore[arg-type]


def load(path: Path) -> Config:
    """Raises OSError, and ValueError naming each fault."""
    return TypeAdapter(Config).validate_python(json.loads(path.read_text(encoding="utf-8")), strict=False)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
