"""The direct message with the bot, which is the app's Messages tab: whatever is written there is for us."""

from functools import partial
from typing import Any

import structlog
from slack_bolt import App, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.model import Place, Surface
from handlers import reading
from handlers.desk import Desk
from handlers.reading import Json, string
from handlers.taking import asker_of_event, key_of, take, team_of

log = structlog.get_logger()

PROMPTS = ("prompt-report", "prompt-headers", "prompt-own-account", "prompt-clicked")
"""The talk's codes of the suggested prompts, of which Slack takes four; each is shown and sent as one text."""


def register(app: App, desk: Desk) -> None:
    app.event("message", matchers=[is_direct])(partial(on_message, desk))
    app.event("app_home_opened", matchers=[is_messages_tab])(partial(on_messages_opened, desk))


def is_direct(event: Json) -> bool:
    return event.get("channel_type") == "im"


def is_messages_tab(event: Json) -> bool:
    return event.get("tab") == "messages"


def on_message(desk: Desk, event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
    """A message to the bot; answered in the thread that it stands in or begins. Raises StoreUnavailable."""
    edited = reading.edited(event)
    message = edited or event
    if not edited and not reading.is_said(event):
        return
    team = team_of(context)
    channel, ts = string(message.get("channel")), string(message.get("ts"))
    thread = Place(channel, string(message.get("thread_ts")) or ts)
    asker = asker_of_event(desk, message, body, team)
    take(
        desk,
        message,
        surface=Surface.DIRECT,
        asker=asker,
        place=thread,
        aside=thread,
        key=key_of(team, channel, string(event.get("ts"))),
        edited=edited is not None,
    )


def on_messages_opened(desk: Desk, event: dict[str, Any], client: WebClient) -> None:
    """Offers what may be asked; a nicety that workspaces without agents refuse, which nobody needs to see."""
    texts = [desk.talk.text(code) for code in PROMPTS]
    try:
        client.assistant_threads_setSuggestedPrompts(
            channel_id=string(event.get("channel")),
            prompts=[{"title": text, "message": text} for text in texts],
        )
    except SlackApiError as refused:
        log.debug("no suggested prompts", code=refused.response.get("error"))
    except OSError as broken:
        log.debug("no suggested prompts", code=type(broken).__name__)
