"""Channels: the help desk's own, where mails are handed in, and any other in which the bot is named.

In a help-desk channel, uploads, forwarded mails and mentions are answered in the thread, and ordinary talk isn't.
Named in another channel, the bot answers in direct message: what it says of a colleague's account isn't for everybody.
"""

from functools import partial
from typing import Any

from slack_bolt import App, BoltContext

from bot.intake.pasted import is_headers
from bot.model import Asker, Place, Surface
from handlers import reading
from handlers.desk import Desk
from handlers.reading import Json, string
from handlers.taking import asker_of_event, bot_of, key_of, take, team_of

ANSWERED_IN_DIRECT = "answered-in-direct"
"""The talk's code that is left in the thread where the answer itself goes to a direct message."""

_LOOKED_AT = 40_000
"""Characters of a message that are looked at for headers; Slack's messages hold no more."""


def register(app: App, desk: Desk) -> None:
    app.event("message", matchers=[is_in_channel])(partial(on_message, desk))
    app.event("app_mention")(partial(on_mention, desk))


def is_in_channel(event: Json) -> bool:
    return event.get("channel_type") in ("channel", "group", "mpim")


def on_message(desk: Desk, event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
    """A message in a channel; only the help desk's are ours. Raises StoreUnavailable."""
    if string(event.get("channel")) not in desk.channels:
        return
    if (edited := reading.edited(event)) is not None:
        _edited(desk, edited, body, context, string(event.get("ts")))
    elif reading.is_said(event):
        team = team_of(context)
        if _is_for_us(event, bot_of(context)) or _goes_on(desk, event, team) or _says_harm(desk, event):
            _in_thread(desk, event, asker_of_event(desk, event, body, team), team, bot_of(context))


def _edited(desk: Desk, message: Json, body: Json, context: BoltContext, at: str) -> None:
    """What somebody wrote to us and now says otherwise."""
    team, bot = team_of(context), bot_of(context)
    if _is_for_us(message, bot) or _goes_on(desk, message, team):
        asker = asker_of_event(desk, message, body, team)
        _in_thread(desk, message, asker, team, bot, edited_at=at)


def on_mention(desk: Desk, event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
    """Named in a channel, where `message` comes too, or in one whose messages we don't get."""
    if not reading.is_said(event):
        return
    team, bot = team_of(context), bot_of(context)
    asker = asker_of_event(desk, event, body, team)
    if string(event.get("channel")) in desk.channels:
        _in_thread(desk, event, asker, team, bot)
    else:
        _in_direct(desk, event, asker, team, bot)


def _is_for_us(event: Json, bot: str) -> bool:
    """A file, the bot's name, or pasted headers; the rest is people talking."""
    if event.get("files") or reading.mentions(event, bot):
        return True
    return is_headers(reading.plain(string(event.get("text"))[:_LOOKED_AT]))


def _says_harm(desk: Desk, event: Json) -> bool:
    """Whether somebody says that they clicked, opened, typed or paid: in the help desk's channel that is for us."""
    return bool(desk.talk.harm(reading.plain(string(event.get("text"))[:_LOOKED_AT])))


def _goes_on(desk: Desk, event: Json, team: str) -> bool:
    """Whether somebody goes on in the thread of what they asked."""
    thread, user = string(event.get("thread_ts")), string(event.get("user"))
    if not thread or not user:
        return False
    return desk.reception.continues(Place(string(event.get("channel")), thread), Asker(team, user))


def _in_thread(desk: Desk, event: Json, asker: Asker, team: str, bot: str, edited_at: str = "") -> None:
    channel, ts = string(event.get("channel")), string(event.get("ts"))
    thread, key = Place(channel, string(event.get("thread_ts")) or ts), key_of(team, channel, edited_at or ts)
    take(
        desk,
        event,
        surface=Surface.CHANNEL,
        asker=asker,
        place=thread,
        aside=thread,
        key=key,
        bot=bot,
        edited=bool(edited_at),
    )


def _in_direct(desk: Desk, event: Json, asker: Asker, team: str, bot: str) -> None:
    channel, ts = string(event.get("channel")), string(event.get("ts"))
    thread, key = Place(channel, string(event.get("thread_ts")) or ts), key_of(team, channel, ts)
    own = Place(asker.user)
    if take(desk, event, surface=Surface.DIRECT, asker=asker, place=own, aside=thread, key=key, bot=bot):
        desk.reception.remark(thread, ANSWERED_IN_DIRECT, f"{key}:where")
