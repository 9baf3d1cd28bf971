"""The workspace itself: its state, and what follows from what is said in it. `api` and `acting` are its doors."""

import time
from typing import Any

from bot.demo.carriers import Carrier, Requests, Sockets
from bot.demo.config import Config
from bot.demo.delivery import Delivery
from bot.demo.faults import Faults
from bot.demo.feed import Feed
from bot.demo.limits import Gate
from bot.demo.log import Log
from bot.demo.state import Channel, File, ResponseUrl, State, Trigger
from bot.demo.wire import Json, Numbers


class Office:
    """One workspace with one app. Lives in one event loop; `base` is its address once it listens."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.base = ""
        self.numbers = Numbers()
        self.clock = time.time
        self.log = Log(config.habits.keep_log, self.clock)
        self.state = State(config)
        self.faults = Faults()
        self.gate = Gate(config.limits, time.monotonic)
        self.feed = Feed()
        self.sockets = Sockets(config, self.numbers, self.log)
        carrier: Carrier = Requests(config, self.log) if config.app.request_url else self.sockets
        self.delivery = Delivery(config, carrier, self.numbers, self.log, self.faults)

    async def close(self) -> None:
        self.feed.close()
        await self.delivery.close()
        await self.sockets.close()

    def direct(self, user: str) -> Channel:
        """The direct message of a person and the bot; made when first needed."""
        person = self.state.user(user)
        known = self.state.direct.get(person.id)
        if known is None:
            known = self.numbers.id("D")
            members = [person.id, self.config.app.bot_user]
            self.state.channels[known] = Channel(known, "directmessage", "im", members)
            self.state.direct[person.id] = known
        return self.state.channels[known]

    def post(self, channel: Channel, message: Json) -> Json:
        """Puts a message where it belongs and tells the app; gives it with its ts."""
        message = {"type": "message", "ts": self.numbers.ts(), **message}
        thread = message.get("thread_ts")
        if thread and thread in channel.messages:
            message["parent_user_id"] = channel.messages[thread].get("user")
        channel.messages[message["ts"]] = message
        if thread:
            channel.replies.setdefault(thread, []).append(message["ts"])
        self.feed.tell("message", channel=channel.id, ts=message["ts"], thread=thread or "")
        self.tell(channel, message)
        return message

    def tell(self, channel: Channel, message: Json) -> None:
        """The events of a new message: `message`, and `app_mention` too where it names the bot in a channel."""
        app = self.config.app
        if app.bot_user not in channel.members:
            return
        own = message.get("user") == app.bot_user
        if own and not self.config.habits.echo:
            return
        event = self._event(channel, message)
        self.delivery.event({**event, "channel_type": channel.kind}, shared=channel.shared)
        if channel.kind != "im" and not own and f"<@{app.bot_user}>" in str(message.get("text")):
            self.delivery.event({**event, "type": "app_mention"}, shared=channel.shared)
        for file in message.get("files") or ():
            self._file_shared(channel, message, file["id"])

    def changed(self, channel: Channel, before: Json, after: Json | None) -> None:
        """The event of an edited or (with None) deleted message."""
        ts = self.numbers.ts()
        event: Json = {"type": "message", "channel": channel.id, "channel_type": channel.kind, "hidden": True}
        event |= {"ts": ts, "event_ts": ts, "previous_message": before}
        if after is None:
            event |= {"subtype": "message_deleted", "deleted_ts": before["ts"]}
        else:
            event |= {"subtype": "message_changed", "message": after}
        self.feed.tell("changed", channel=channel.id, ts=before["ts"])
        if self.config.app.bot_user in channel.members and self.config.habits.echo:
            self.delivery.event(event, shared=channel.shared)

    def _event(self, channel: Channel, message: Json) -> Json:
        event = {name: value for name, value in message.items() if name != "metadata"}
        event |= {"channel": channel.id, "event_ts": message["ts"]}
        team = self.state.team_of(str(message.get("user")))
        if team != self.config.team:
            event |= {"user_team": team, "source_team": team}
        return event

    def _file_shared(self, channel: Channel, message: Json, file: str) -> None:
        event = {"type": "file_shared", "file_id": file, "file": {"id": file}, "user_id": message.get("user")}
        self.delivery.event({**event, "channel_id": channel.id, "event_ts": message["ts"]}, shared=channel.shared)

    def keep(self, file: File) -> File:
        self.state.files[file.id] = file
        return file

    def trigger(self, user: str, view: str = "") -> str:
        """A trigger_id for this person, from a modal or from anywhere else."""
        id = f"{int(self.clock())}.{len(self.state.triggers)}.{self.numbers.secret('')}"
        self.state.triggers[id] = Trigger(user, self.clock(), view)
        _bound(self.state.triggers)
        return id

    def response_url(self, user: str, channel: Channel, ts: str = "", thread: str = "") -> str:
        id = self.numbers.secret("r")
        self.state.response_urls[id] = ResponseUrl(user, channel.id, self.clock(), ts, thread)
        _bound(self.state.response_urls)
        return f"{self.base}/response/{self.config.app.id}/{id}"

    def whisper(self, channel: str, user: str, message: Json) -> str:
        """Shows a message to one person only, until they reload."""
        ts = self.numbers.ts()
        shown: dict[str, Any] = {"type": "message", "ts": ts, "channel": channel, "is_ephemeral": True, **message}
        kept = self.state.ephemeral.setdefault(user, [])
        kept.append(shown)
        del kept[:-200]
        self.feed.tell("ephemeral", channel=channel, user=user, ts=ts)
        return ts


def _bound(kept: dict[str, Any], most: int = 10_000) -> None:
    """Forgets the oldest."""
    if len(kept) > most:
        kept.pop(next(iter(kept)))
