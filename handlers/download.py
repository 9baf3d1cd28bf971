"""Octets from Slack's file hosts and from nowhere else, bounded in size and time; nobody else sees the token."""

import ipaddress
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPErrorProcessor, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from bot.errors import TooLarge
from bot.ports import Later
from handlers.calls import retry_after

_MOST_HOPS = 3
_STEP = 65_536
_SILENCE_S = 10.0
"""Seconds without an octet after which a connection counts as broken."""
_AGAIN_S = 5.0
_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,10}")


class Denied(Exception):
    """The file wasn't given: the wrong status, a page to log in on, or an address that we don't ask."""


@dataclass(frozen=True, slots=True)
class Fetched:
    content: bytes
    mimetype: str
    """As the server said, in lower case, without parameters."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Who may be asked for files and see the token: the Web API's own domain, by https."""

    domain: str
    """Such as slack.com or slack-gov.com, with its subdomains; "" for a local workspace."""
    loopback_port: int = 0
    """The local workspace's port, where the Web API is on loopback; else 0."""

    @classmethod
    def of(cls, base_url: str) -> "Hosts":
        """By the address of the Web API (`SLACK_API_URL`)."""
        parts = urlsplit(base_url)
        host = (parts.hostname or "").lower()
        if _is_loopback(host):
            return cls("", parts.port or (443 if parts.scheme == "https" else 80))
        return cls(host.removeprefix("www."))

    def allow(self, url: str) -> bool:
        """Whether the token may be sent there; nothing that two readers could read as two hosts."""
        if not url.isascii() or any(letter <= " " or letter in '\\"<>' for letter in url):
            return False
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        host = (parts.hostname or "").lower()
        if parts.username is not None or not (_HOST.fullmatch(host) or _is_loopback(host)):
            return False
        if self.loopback_port:
            return parts.scheme in ("http", "https") and _is_loopback(host) and port == self.loopback_port
        ours = host == self.domain or host.endswith(f".{self.domain}")
        return parts.scheme == "https" and ours and port in (None, 443) and bool(self.domain)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _AsItIs(HTTPErrorProcessor):
    """Every status is an answer to be looked at; a redirection isn't followed before its target was."""

    def http_response(self, _request: Request, response: HTTPResponse) -> HTTPResponse:
        return response

    def https_response(self, _request: Request, response: HTTPResponse) -> HTTPResponse:
        return response


class Downloader:
    """Gets files with the bot's token. Safe in threads: each download has a connection of its own."""

    def __init__(
        self, token: str, hosts: Hosts, *, tls: ssl.SSLContext | None = None, proxy: str | None = None
    ) -> None:
        self._token = token
        self._hosts = hosts
        self._opener: OpenerDirector = build_opener(
            _AsItIs(),
            HTTPSHandler(context=tls or ssl.create_default_context()),
            ProxyHandler({"http": proxy, "https": proxy} if proxy else {}),
        )

    def get(self, url: str, *, most: int, seconds: float) -> Fetched:
        """The file, at most `most` octets, within `seconds` all in all.

        Raises Later (429, 5xx, a broken or slow connection), TooLarge, Denied.
        """
        until = time.monotonic() + seconds
        for _ in range(_MOST_HOPS):
            with self._open(url, until) as answer:
                if answer.status not in (301, 302, 303, 307, 308):
                    return Fetched(_content(answer, most, until), _mimetype(answer))
                target = urljoin(url, answer.headers.get("Location") or "")
            if not self._hosts.allow(target) or "redir=" in urlsplit(target).query:
                raise Denied("sent to another place, such as the page to log in")
            url = target
        raise Denied("sent from one place to another")

    @contextmanager
    def _open(self, url: str, until: float) -> Iterator[HTTPResponse]:
        """The answer, whatever its status; what goes wrong while it is read is told as Later, too."""
        if not self._hosts.allow(url):
            raise Denied("not one of Slack's file hosts")
        request = Request(url, headers={"Authorization": f"Bearer {self._token}"})  # noqa: S310  (`allow` saw to it)
        try:
            with self._opener.open(request, timeout=max(0.1, min(_SILENCE_S, until - time.monotonic()))) as answer:
                _refuse(answer.status, answer.headers.get("Retry-After"))
                yield answer
        except (OSError, HTTPException) as broken:
            raise Later(_AGAIN_S, type(broken).__name__) from broken


def _refuse(status: int, wait: str | None) -> None:
    if status == 429:
        raise Later(retry_after(wait), "429")
    if status >= 500:
        raise Later(_AGAIN_S, str(status))
    if status >= 400:
        raise Denied(str(status))


def _content(answer: HTTPResponse, most: int, until: float) -> bytes:
    said = answer.headers.get("Content-Length") or ""
    length = int(said) if said.isdecimal() and len(said) < 16 else None
    if length is not None and length > most:
        raise too_large(most)
    out = bytearray()
    while chunk := answer.read1(_STEP):
        out += chunk
        if len(out) > most:
            raise too_large(most)
        if time.monotonic() > until:
            raise Later(_AGAIN_S, "too slow")
    if length is not None and len(out) < length:
        raise Later(_AGAIN_S, "cut")
    return bytes(out)


def _mimetype(answer: HTTPResponse) -> str:
    return (answer.headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def too_large(most: int) -> TooLarge:
    """For what is said to be, or turns out to be, over the limit of octets."""
    return TooLarge(
        "too-large",
        f"The file is larger than {most // 1_000_000} MB.",
        "Please hand in the mail without its attachments, or only its headers.",
    )
