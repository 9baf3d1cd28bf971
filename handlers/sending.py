"""Posts on their way to Slack: paced by channel, never live, and every failure told apart.

What certainly wasn't said raises Later or Shown; what may have been said raises Doubtful, and is looked for before
it is said again.
"""

import re
import socket
import ssl
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.error import URLError

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.errors import Shown
from bot.ports import Doubtful, Later, Meter, Said
from handlers.blocks.kit import Post
from handlers.calls import REFUSED, REVOKED, code_of, later
from handlers.pacing import Pace

log = structlog.get_logger()

EVENT = "checkmail_said"
"""The event_type of our messages' metadata; event_payload: inquiry, mark."""

_LAYOUT = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_arguments"})
"""Slack's words for blocks that it doesn't take. The text alone still tells the verdict."""
_PERHAPS = frozenset({"internal_error", "fatal_error", "request_timeout"})
"""Slack's words for a failure before which a part may have succeeded (docs.slack.dev, chat.postMessage, Errors)."""
_BEFORE = (ConnectionRefusedError, socket.gaierror, ssl.SSLError, TimeoutError)
"""Causes of a URLError that come before anything is sent: no address, no connection, no encryption."""
_WORD = re.compile(r"[a-z_]{1,60}")
_SHED = 503
"""Service Unavailable (RFC 9110, 15.6.4): the one 5xx that says that nothing was done."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Speaks with one token. Safe in threads. No retry handler of the client may wait in our place."""

    client: WebClient
    meter: Meter
    pace: Pace = field(default_factory=Pace)

    def post(self, channel: str, thread: str, post: Post, *, inquiry: str, mark: str) -> Said:
        """Raises Later, Doubtful, Shown."""
        wait = self.pace.take(channel, f"{inquiry}:{mark}")
        if wait:
            self.meter.count("slack_paced")
            raise Later(wait, "pace")
        message = _message(channel, thread, post, inquiry, mark)
        try:
            answer = self.client.chat_postMessage(**message)
        except REFUSED as refused:
            if not (post.blocks and isinstance(refused, SlackApiError) and code_of(refused) in _LAYOUT):
                self._raise(refused, channel)
            answer = self._plainly(message, code_of(refused), inquiry)
        return Said(str(answer.get("channel") or channel), str(answer["ts"]), thread)

    def _plainly(self, message: dict[str, Any], code: str, inquiry: str) -> SlackResponse:
        """Without its blocks: the person gets the verdict, and whoever looks at the log the fault."""
        log.error("blocks refused", code=code, inquiry=inquiry)
        self.meter.count("slack_blocks_refused", code=code)
        try:
            return self.client.chat_postMessage(**{key: value for key, value in message.items() if key != "blocks"})
        except REFUSED as refused:
            self._raise(refused, str(message["channel"]))

    def amend(self, channel: str, ts: str, post: Post) -> None:
        """Replaces a message of ours; done twice, it changes nothing. Raises Later, Shown."""
        try:
            self.client.chat_update(channel=channel, ts=ts, text=post.text, blocks=list(post.blocks), parse="none")
        except REFUSED as refused:
            self._count(refused)
            raise later(refused) or _shown(refused) from refused

    def ask(self, method: str, **arguments: str | int | bool) -> SlackResponse:
        """A call that changes nothing, or that may be made twice. Raises Later, Shown.

        As a form: not every method that reads takes JSON (docs.slack.dev, "Using the Slack Web API").
        """
        try:
            return self.client.api_call(method, params=arguments)
        except REFUSED as refused:
            self._count(refused)
            raise later(refused) or _shown(refused) from refused

    def _raise(self, refused: Exception, channel: str) -> NoReturn:
        self._count(refused)
        if may_be_said(refused):
            raise Doubtful(word(refused)) from refused
        wait = later(refused)
        if wait is None:
            raise _shown(refused) from refused
        if wait.why == "429":
            self.pace.hold(channel, wait.seconds)
        raise wait from refused

    def _count(self, refused: Exception) -> None:
        self.meter.count("slack_errors", code=word(refused))


def word(refused: Exception) -> str:
    """The error as one short word, for logs and labels; a page of HTML instead of an answer is its status."""
    code = code_of(refused)
    if isinstance(refused, SlackApiError) and not _WORD.fullmatch(code):
        return f"http_{refused.response.status_code}"
    return code


def may_be_said(refused: Exception) -> bool:
    """Whether the message may stand there although the call failed: it broke after the request had gone out."""
    if isinstance(refused, SlackApiError):
        status = refused.response.status_code
        return code_of(refused) in _PERHAPS or (status >= 500 and status != _SHED)
    if isinstance(refused, URLError):
        return isinstance(refused.reason, OSError) and not isinstance(refused.reason, _BEFORE)
    return isinstance(refused, OSError | HTTPException) and not isinstance(refused, SlackClientError)


def _shown(refused: Exception) -> Shown:
    """It can't ever be said or asked. Slack's own word goes into the log, never what was to be said."""
    code = word(refused)
    log.error("Slack refuses", code=code)
    if code in REVOKED:
        return Shown("token-revoked", "Slack doesn't take the bot's token any more.", "Install the app anew.")
    if code == "missing_scope":
        return Shown("missing-scope", "The app lacks a scope.", "Reinstall it with handlers/manifest.json.")
    slug = code.replace("_", "-")
    return Shown(f"slack-{slug}", f"Slack doesn't allow it ({slug}).", "Ask whoever looks after the bot.")


def _message(channel: str, thread: str, post: Post, inquiry: str, mark: str) -> dict[str, Any]:
    """`parse` and `mrkdwn` take from `text` what could be live in it; it is escaped all the same."""
    message: dict[str, Any] = {
        "channel": channel,
        "text": post.text,
        "parse": "none",
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": EVENT, "event_payload": {"inquiry": inquiry, "mark": mark}},
    }
    if post.blocks:
        message["blocks"] = list(post.blocks)
    if thread:
        message["thread_ts"] = thread
    return message
