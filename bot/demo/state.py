"""What stands in the workspace, in memory: channels with their messages, files, views, triggers, tokens."""

from dataclasses import dataclass, field

from bot.demo.config import Config, Kind, Person
from bot.demo.wire import Json, Refused


@dataclass(slots=True)
class Channel:
    """`kind` is Slack's channel_type: channel, group, im. Messages are JSON as Slack shows it, by ts."""

    id: str
    name: str
    kind: str
    members: list[str]
    shared: bool = False
    archived: bool = False
    messages: dict[str, Json] = field(default_factory=dict)
    replies: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Hosting:
    """How the file host misbehaves over one file."""

    status: int = 0
    """Answered instead of 200, `times` times."""
    times: int = 0
    redirect: str = ""
    chunk_delay_s: float = 0.0
    length: int = 0
    """The Content-Length said, where it isn't the truth."""
    endless: bool = False
    login: bool = False
    """The HTML login page, whatever the token."""


@dataclass(slots=True)
class File:
    """`shown` is its object as Slack shows it; `inner` are a forwarded mail's attachments by their URL's end."""

    id: str
    shown: Json
    content: bytes
    channels: set[str] = field(default_factory=set)
    inner: dict[str, bytes] = field(default_factory=dict)
    hosting: Hosting = field(default_factory=Hosting)
    check_info: bool = False
    """Shown in events as `file_access: check_file_info` (Slack Connect)."""
    deleted: bool = False
    handed_in: bool = False
    """Submitted in a form of the app's, which may read it from then on."""


@dataclass(slots=True)
class View:
    """A modal, or somebody's App Home."""

    id: str
    user: str
    shown: Json


@dataclass(slots=True)
class Trigger:
    """Allows to open a modal once, for a few seconds."""

    user: str
    made_at: float
    view: str = ""
    """The modal that it came from."""
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    user: str
    channel: str
    made_at: float
    ts: str = ""
    """The message whose button it came with."""
    thread: str = ""
    posts: int = 0


@dataclass(slots=True)
class Token:
    """Whose token it is, and what it may do."""

    user: str
    scopes: tuple[str, ...]
    app: bool = False
    """An app-level token (xapp-)."""
    revoked: bool = False
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class Execution:
    """One run of a workflow's step."""

    id: str
    callback: str
    status: str = "running"
    outputs: Json = field(default_factory=dict)
    error: str = ""


class State:
    def __init__(self, config: Config) -> None:
        self.config = config
        app = config.app
        bot = Person(app.bot_user, app.name, app.name, kind=Kind.BOT)
        self.users = {person.id: person for person in (*config.people, *_crowd(config.crowd), bot)}
        self.by_email = {person.email.lower(): person for person in self.users.values() if person.email}
        self.channels = {
            room.id: Channel(
                room.id, room.name, "group" if room.private else "channel", list(room.members), room.shared
            )
            for room in config.rooms
        }
        self.direct: dict[str, str] = {}
        self.files: dict[str, File] = {}
        self.uploads: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.executions: dict[str, Execution] = {}
        self.ephemeral: dict[str, list[Json]] = {}
        self.prompts: dict[str, Json] = {}
        self.status: dict[tuple[str, str], str] = {}
        self.tokens = {
            app.bot_token: Token(app.bot_user, app.scopes),
            app.app_token: Token(app.bot_user, ("connections:write",), app=True),
        }

    def user(self, id: str) -> Person:
        try:
            return self.users[id]
        except KeyError:
            raise Refused("user_not_found") from None

    def channel(self, id: str) -> Channel:
        try:
            return self.channels[id]
        except KeyError:
            raise Refused("channel_not_found") from None

    def message(self, channel: Channel, ts: str) -> Json:
        try:
            return channel.messages[ts]
        except KeyError:
            raise Refused("message_not_found") from None

    def file(self, id: str) -> File:
        found = self.files.get(id)
        if found is None:
            raise Refused("file_not_found")
        if found.deleted:
            raise Refused("file_deleted")
        return found

    def team_of(self, user: str) -> str:
        person = self.users.get(user)
        return (person.team if person else "") or self.config.team


def _crowd(size: int) -> list[Person]:
    return [
        Person(f"U0CROWD{number:05d}", f"clerk{number}", f"Clerk {number}", f"clerk{number}@example.com")
        for number in range(1, size + 1)
    ]
