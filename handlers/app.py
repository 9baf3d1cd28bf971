"""The Bolt app: every way in registered, errors caught in one place.

Listeners run before Slack is answered (`process_before_response`), so that Slack is acknowledged only when the
store and the queue have what it brought; what isn't acknowledged comes again.
"""

import logging
import secrets
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from slack_bolt import App, BoltContext, BoltRequest, BoltResponse
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient

from bot.errors import StoreUnavailable
from handlers import buttons, channel, command, direct, home, modal, shortcut, workflow
from handlers.authorization import NotAuthorized, SingleInstallation
from handlers.blocks.kit import escaped
from handlers.calls import REFUSED, code_of, quick
from handlers.desk import Desk
from handlers.reading import string
from handlers.tickets import pressing

log = structlog.get_logger()


def make_app(desk: Desk, client: WebClient, signing_secret: str) -> App:
    """The app over one workspace's token. Calls nobody: `auth.test` is asked at the first request.

    `client` carries the bot's token and the address of the Web API. `signing_secret` is checked in HTTP mode
    (5 minutes' window); in Socket Mode requests carry no signature, and it may be empty.
    """
    quiet = logging.getLogger("checkmail.slack_bolt")
    quiet.setLevel(logging.ERROR)  # below, Bolt logs the bodies of requests, and they hold mail
    installation = SingleInstallation(quick(client), desk.link)
    anonymous = quick(client)
    anonymous.token = None  # the authorization brings it; Bolt warns of two
    app = App(
        name="checkmail",
        logger=quiet,
        client=anonymous,
        authorize=installation,
        signing_secret=signing_secret,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        attaching_conversation_kwargs_enabled=False,
    )
    app.error(partial(on_error, desk))
    for event in ("tokens_revoked", "app_uninstalled"):
        app.event(event)(partial(on_revoked, desk, installation))
    for surface in (direct, channel, command, modal, shortcut, workflow, buttons, home):
        surface.register(app, desk)
    if desk.tickets is not None:
        pressing.register(app, desk, desk.tickets)
    return app


def on_revoked(desk: Desk, installation: SingleInstallation, event: dict[str, Any]) -> None:
    """The app was removed or its bot token revoked; a revoked user token is none of ours."""
    kind = string(event.get("type"))
    tokens = event.get("tokens")
    if kind == "tokens_revoked" and not (isinstance(tokens, dict) and tokens.get("bot")):
        return
    log.error("installation lost", why=kind)
    installation.forget()
    desk.link.lost(kind)


def on_error(
    desk: Desk, error: Exception, body: dict[str, Any], context: BoltContext, client: WebClient, request: BoltRequest
) -> BoltResponse:
    """What no handler caught. An event that isn't acknowledged (500) comes again; who waits for a form, a command or
    a button is told at once, since those never come again.
    """
    kind = string(body.get("type")) or "command"
    if isinstance(error, BoltUnhandledRequestError):
        log.debug("nobody handles this", type=kind)
        return BoltResponse(status=200)
    if isinstance(error, StoreUnavailable | NotAuthorized):
        log.error("not taken", code=getattr(error, "code", str(error)), type=kind)
        sentence = desk.talk.text("store-unavailable")
        return BoltResponse(status=500) if "event" in body else _told(sentence, body, context, client)
    reference = secrets.token_hex(4)
    log.error("unexpected", reference=reference, type=kind, kind=code_of(error), at=_where(error))
    sentence = desk.talk.text("unexpected", reference=reference)
    if "event" not in body:
        return _told(sentence, body, context, client)
    if body["event"].get("channel_type") == "im" and "x-slack-retry-num" not in request.headers:
        _say(client, context.user_id, sentence)
    return BoltResponse(status=500)


def _where(error: Exception) -> list[str]:
    """The innermost lines of code; an error's own words and its variables may hold mail, and aren't logged."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _told(sentence: str, body: dict[str, Any], context: BoltContext, client: WebClient) -> BoltResponse:
    """Tells it where the person looks: in the form, below the command, else in direct message."""
    if body.get("type") == "view_submission":
        fields = [block for block in body.get("view", {}).get("blocks", ()) if block.get("type") == "input"]
        if fields:
            errors = {string(fields[0].get("block_id")): sentence}
            return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})
    if "command" in body:
        return BoltResponse(status=200, body=escaped(sentence))
    _say(client, context.user_id, sentence)
    return BoltResponse(status=200)


def _say(client: WebClient, user: str | None, sentence: str) -> None:
    if not user:
        return
    try:
        client.chat_postMessage(channel=user, text=escaped(sentence), unfurl_links=False, unfurl_media=False)
    except REFUSED as refused:
        log.warning("couldn't tell", code=code_of(refused))
