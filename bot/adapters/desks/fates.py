"""What became of a request to a desk: whether to wait, to look, or to tell somebody.

A request that creates something and whose answer never came may have been carried out (RFC 9110, 9.2.2: POST isn't
idempotent), which is Doubtful; one that only reads can simply be made again, which is Later.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from bot.errors import Shown
from bot.ports import Doubtful, Later

AWAY_S = 60.0
"""Seconds after which a desk that didn't say when is tried again."""
_LONGEST_S = 3600.0
_WAITING = frozenset({408, 425, 429, 503})
"""The server didn't take the request up: RFC 9110, 15.5.9 and 15.6.4; RFC 8470, 5.2; RFC 6585, 4."""


class Refused(Shown):
    """A desk's no. `status` is HTTP's, `word` the desk's own word for the reason, "" where it gave none."""

    def __init__(self, code: str, message: str, hint: str, status: int, word: str) -> None:
        super().__init__(code, message, hint)
        self.status = status
        self.word = word


def of_status(desk: str, status: int, headers: Mapping[str, str], *, creates: bool, word: str = "") -> Exception:
    """What an answer of 300 and above means; `word` is the desk's own for it, letters and digits alone."""
    if status >= 500 and status not in _WAITING and creates:
        return Doubtful(f"{desk} {status}")
    if status in _WAITING or status >= 500:
        return Later(retry_after(headers.get("Retry-After", "")), f"{desk} {status}")
    code, message, hint = _refusal(status)
    told = f" ({status}, {word})" if word else f" ({status})"
    return Refused(code, f"{desk} {message}{told}.", hint, status, word)


def _refusal(status: int) -> tuple[str, str, str]:
    """Code, what it did, and what to do."""
    if status < 400:
        return "desk-moved", "sends us elsewhere", "Set CHECKMAIL_DESK_URL to where it is now."
    if status in (401, 403):
        hint = "Check CHECKMAIL_DESK_USER and CHECKMAIL_DESK_TOKEN, and what that account may do there."
        return "desk-refuses-us", "doesn't let us in", hint
    if status in (404, 410):
        return "desk-not-there", "knows nothing there", "Check CHECKMAIL_DESK_URL, and what that account may see."
    if status == 413:
        return "desk-too-large", "won't take files of that size", "Raise its limit for attachments."
    return "desk-refuses", "refused it", "Check the settings that begin with CHECKMAIL_DESK."


def of_failure(desk: str, error: requests.RequestException, *, creates: bool) -> Exception:
    """What it means that no whole answer came."""
    if isinstance(error, requests.exceptions.SSLError):
        return Shown(
            "desk-certificate",
            f"{desk} doesn't prove who it is: its certificate isn't valid.",
            "Nothing was sent. If it has a certificate of your own authority, name that with CHECKMAIL_DESK_CA.",
        )
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return Shown("desk-not-there", f"The address of {desk} is none.", "Check CHECKMAIL_DESK_URL.")
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return of_status(desk, 302, {}, creates=creates)
    if creates and not _never_connected(error):
        return Doubtful(f"{desk}: {type(error).__name__}")
    return Later(AWAY_S, f"{desk}: {type(error).__name__}")


def retry_after(value: str, now: datetime | None = None) -> float:
    """The seconds of a Retry-After field, a number or a date (RFC 9110, 10.2.3), bounded to an hour."""
    text = value.strip()
    if text.isdecimal() and len(text) < 8:
        return min(max(float(text), 1.0), _LONGEST_S)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return AWAY_S
    wait = (until.replace(tzinfo=until.tzinfo or UTC) - (now or datetime.now(UTC))).total_seconds()
    return min(max(wait, 1.0), _LONGEST_S)


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError)
