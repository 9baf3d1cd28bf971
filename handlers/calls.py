"""Calls of Slack's Web API: how a client is made, and what may go wrong with a call."""

from collections.abc import Sequence
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RetryHandler

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


def code_of(error: Exception) -> str:
    """Slack's word for what is wrong, such as "token_revoked", or the kind of error."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error") or "unknown")
    return type(error).__name__
