"""Calls of Slack's Web API: how a client is made, and what may go wrong with a call."""

from collections.abc import Sequence
from http.client import HTTPException
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RetryHandler

from bot.ports import Later

log = structlog.get_logger()

REFUSED = (SlackClientError, OSError, HTTPException)
"""Everything that a call raises: Slack said no, or couldn't be reached (URLError is an OSError)."""
REVOKED = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
"""What Slack says of a token that won't work again until somebody installs the app anew."""


def make_client(
    token: str | None, base_url: str, *, timeout_s: int = 10, retry_handlers: Sequence[RetryHandler] = ()
) -> WebClient:
    """A client of Slack's, or of a local workspace's, Web API (`SLACK_API_URL`, which ends in `/api/`)."""
    url = base_url if base_url.endswith("/") else f"{base_url}/"
    return WebClient(token=token, base_url=url, timeout=timeout_s, retry_handlers=list(retry_handlers))


WAITING_S = 2
"""Seconds that a call may take while Slack waits for our answer; it waits three."""


def quick(client: WebClient) -> WebClient:
    """The same client for calls made while Slack waits: it gives up soon, and tries nothing twice."""
    return WebClient(
        token=client.token,
        base_url=client.base_url,
        timeout=min(client.timeout, WAITING_S),
        ssl=client.ssl,
        proxy=client.proxy,
        headers=client.headers,
        retry_handlers=[],
    )


PASSING = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
"""What Slack says of a call that may be made again in a while."""
_AGAIN_S = 5.0
_LONGEST_S = 600.0


def later(error: Exception) -> Later | None:
    """When a call that failed may be made again; None where that wouldn't help."""
    if isinstance(error, SlackApiError):
        response = error.response
        if response.status_code == 429 or code_of(error) == "ratelimited":
            return Later(retry_after(response.headers.get("Retry-After") or response.headers.get("retry-after")), "429")
        passing = response.status_code >= 500 or code_of(error) in PASSING
        return Later(_AGAIN_S, code_of(error)) if passing else None
    return Later(_AGAIN_S, code_of(error)) if isinstance(error, OSError | HTTPException) else None


def retry_after(value: str | None) -> float:
    """The seconds in a Retry-After header, bounded; Slack gives whole seconds."""
    digits = (value or "").strip()
    return min(max(float(digits), 1.0), _LONGEST_S) if digits.isdecimal() and len(digits) < 8 else _AGAIN_S


def code_of(error: Exception) -> str:
    """Slack's word for what is wrong, such as "token_revoked", or the kind of error."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error") or "unknown")
    return type(error).__name__


def open_view(client: WebClient, trigger_id: str, view: dict[str, Any]) -> bool:
    """Opens a modal; whether that worked. A trigger holds for three seconds and for one modal: a delivery that comes
    again finds it used, and the person has the modal already.
    """
    try:
        client.views_open(trigger_id=trigger_id, view=view)
    except REFUSED as refused:
        log.warning("no modal", code=code_of(refused))
        return False
    return True


def whisper(client: WebClient, channel: str, user: str, text: str, thread: str = "") -> None:
    """Tells one person something in passing, which nobody else sees and which is gone when they look away."""
    try:
        client.chat_postEphemeral(channel=channel, user=user, text=text, thread_ts=thread or None)
    except REFUSED as refused:
        log.warning("not told in passing", code=code_of(refused))
