"""One call of the Web API, and what a method is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.demo.office import Office
from bot.demo.state import Channel, State, Token
from bot.demo.wire import Json, Refused

READ = {"channel": "channels:read", "group": "groups:read", "im": "im:read", "mpim": "mpim:read"}
HISTORY = {"channel": "channels:history", "group": "groups:history", "im": "im:history", "mpim": "mpim:history"}


@dataclass(frozen=True, slots=True)
class Call:
    office: Office
    name: str
    args: Json
    token: Token

    @property
    def state(self) -> State:
        return self.office.state

    def needs(self, *scopes: str) -> None:
        """Raises Refused as Slack says which scope is missing."""
        missing = [scope for scope in scopes if scope not in self.token.scopes]
        if missing:
            raise Refused("missing_scope", needed=",".join(missing), provided=",".join(self.token.scopes))

    def required(self, name: str, error: str = "invalid_arguments") -> str:
        value = self.args.get(name)
        if value in (None, ""):
            raise Refused(error, response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})
        return str(value)

    def text(self, name: str) -> str:
        return str(self.args.get(name) or "")

    def flag(self, name: str) -> bool:
        return self.args.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: float) -> float:
        try:
            return float(self.args.get(name) or default)
        except (TypeError, ValueError):
            raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] bad {name}"]}) from None

    def channel(self) -> Channel:
        """The channel named, by its id and not by a person's."""
        return self.state.channel(self.required("channel", "channel_not_found"))

    def joined(self, channel: Channel) -> Channel:
        """The same, if the app's bot is in it; a private channel that it isn't in doesn't exist for it."""
        if self.office.config.app.bot_user in channel.members:
            return channel
        raise Refused("channel_not_found" if channel.kind != "channel" else "not_in_channel")

    def page(self, items: list[Any], size: int) -> tuple[list[Any], Json]:
        """Those at the cursor, and the metadata with the next."""
        cursor = self.text("cursor") or "0"
        if not cursor.isdigit():
            raise Refused("invalid_cursor")
        start = int(cursor)
        end = start + min(1000, max(1, int(self.number("limit", size))))
        return items[start:end], {"response_metadata": {"next_cursor": str(end) if end < len(items) else ""}}


@dataclass(frozen=True, slots=True)
class Method:
    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    app_level: bool = False
    takes_json: bool = True
    """Off for those that read: a JSON body isn't looked at (docs.slack.dev: "Using the Slack Web API", POST bodies)."""
