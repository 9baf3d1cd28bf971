"""The two ways to an app: Socket Mode's connections, and signed requests to its URL.

Source: docs.slack.dev/apis/events-api/using-socket-mode, .../apis/events-api, .../authentication/verifying-requests.
"""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bot.demo.config import Config
from bot.demo.log import Log
from bot.demo.wire import Json, Numbers

MOST_CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to deliver: `kind` is Socket Mode's type."""

    kind: str
    payload: Json
    attempt: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app said to a parcel, or why it said nothing."""

    ok: bool
    reason: str = ""
    payload: Any = None
    no_retry: bool = False


class Carrier(Protocol):
    async def carry(self, parcel: Parcel) -> Answer: ...

    async def close(self) -> None: ...


@dataclass(eq=False, slots=True)
class Link:
    """One connection of the app, and what it was sent and hasn't acknowledged."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    waiting: dict[str, "asyncio.Future[Answer]"] = field(default_factory=dict)
    retiring: bool = False


class Sockets:
    """Socket Mode: each envelope goes to one of the app's connections, in turn."""

    def __init__(self, config: Config, numbers: Numbers, log: Log) -> None:
        self._config = config
        self._numbers = numbers
        self._log = log
        self._tickets: dict[str, float] = {}
        self.links: list[Link] = []
        self._turn = 0

    def ticket(self) -> str:
        """Good for one connection, for a short time."""
        ticket = self._numbers.secret("t")
        self._tickets[ticket] = time.monotonic() + self._config.times.ticket
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The app's end of a connection, until it closes."""
        if self._tickets.pop(request.query.get("ticket", ""), 0.0) < time.monotonic():
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=403)
        socket = web.WebSocketResponse(timeout=0.5, compress=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        if len(self.links) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await self._listen(Link(socket, request.transport))
        return socket

    async def _listen(self, link: Link) -> None:
        self.links.append(link)
        try:
            await link.socket.send_json(self._hello())
            async for message in link.socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._acknowledged(link, json.loads(message.data))
        except ConnectionError:
            pass  # the app is gone; what it owed goes to another connection
        finally:
            self._drop(link)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.links),
            "debug_info": {"host": "applink-demo", "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._config.app.id},
        }

    def _acknowledged(self, link: Link, ack: Json) -> None:
        owed = link.waiting.pop(str(ack.get("envelope_id")), None)
        if owed is None:
            self._log.add("ack", envelope=ack.get("envelope_id"), late=True)
        elif not owed.done():
            owed.set_result(Answer(True, payload=ack.get("payload")))

    def _drop(self, link: Link) -> None:
        if link in self.links:
            self.links.remove(link)
        for owed in link.waiting.values():
            if not owed.done():
                owed.set_result(Answer(False, "connection_failed"))
        link.waiting.clear()

    async def carry(self, parcel: Parcel) -> Answer:
        link = self._next()
        if link is None:
            return Answer(False, "connection_failed")
        envelope = self._numbers.secret("env-")
        owed: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        link.waiting[envelope] = owed
        try:
            await link.socket.send_str(json.dumps(self._envelope(envelope, parcel)))
            return await asyncio.wait_for(owed, self._config.times.ack)
        except ConnectionError:
            return Answer(False, "connection_failed")
        except TimeoutError:
            return Answer(False, "timeout")
        finally:
            link.waiting.pop(envelope, None)

    def _next(self) -> Link | None:
        living = [link for link in self.links if not link.socket.closed]
        open_ = [link for link in living if not link.retiring] or living
        self._turn += 1
        return open_[self._turn % len(open_)] if open_ else None

    def _envelope(self, id: str, parcel: Parcel) -> Json:
        envelope: Json = {
            "envelope_id": id,
            "type": parcel.kind,
            "payload": parcel.payload,
            "accepts_response_payload": parcel.kind != "events_api",
        }
        if parcel.kind == "events_api":
            envelope |= {"retry_attempt": parcel.attempt, "retry_reason": parcel.reason}
        return envelope

    async def disconnect(self, reason: str, close_after_s: float) -> int:
        """Tells every connection to go (warning, refresh_requested, link_disabled), then closes it; how many."""
        links = list(self.links)
        for link in links:
            link.retiring = reason != "warning"
            await link.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-demo"}}
            )
        if reason != "warning":
            await asyncio.sleep(close_after_s)
            await asyncio.gather(*(link.socket.close() for link in links))
        return len(links)

    def cut(self) -> int:
        """Every connection breaks without a word; how many."""
        links = list(self.links)
        for link in links:
            link.retiring = True
            if link.transport is not None:
                link.transport.abort()
        return len(links)

    async def close(self) -> None:
        await asyncio.gather(*(link.socket.close() for link in list(self.links)))


class Requests:
    """HTTP mode: signed POSTs to the app's request URL."""

    def __init__(self, config: Config, log: Log) -> None:
        self._config = config
        self._log = log
        self._session: aiohttp.ClientSession | None = None

    async def carry(self, parcel: Parcel) -> Answer:
        kind, body = _encoded(parcel)
        headers = self._headers(kind, body) | _retry_headers(parcel)
        timeout = aiohttp.ClientTimeout(total=self._config.times.ack)
        try:
            async with self._open().post(
                self._config.app.request_url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return _read(answer, await answer.read())
        except TimeoutError:
            return Answer(False, "http_timeout")
        except aiohttp.ClientError:
            return Answer(False, "connection_failed")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        return self._session

    def _headers(self, kind: str, body: bytes) -> dict[str, str]:
        now = str(int(time.time()))
        base = b"v0:" + now.encode() + b":" + body
        signature = hmac.new(self._config.app.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": now,
            "X-Slack-Signature": f"v0={signature}",
        }

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _encoded(parcel: Parcel) -> tuple[str, bytes]:
    if parcel.kind == "events_api":
        return "application/json", json.dumps(parcel.payload).encode()
    if parcel.kind == "slash_commands":
        return "application/x-www-form-urlencoded", urlencode(parcel.payload).encode()
    return "application/x-www-form-urlencoded", urlencode({"payload": json.dumps(parcel.payload)}).encode()


def _retry_headers(parcel: Parcel) -> dict[str, str]:
    if not parcel.attempt:
        return {}
    return {"X-Slack-Retry-Num": str(parcel.attempt), "X-Slack-Retry-Reason": parcel.reason}


def _read(answer: aiohttp.ClientResponse, body: bytes) -> Answer:
    if answer.status != 200:
        reason = "too_many_redirects" if 300 <= answer.status < 400 else "http_error"
        return Answer(False, reason, no_retry=answer.headers.get("X-Slack-No-Retry") == "1")
    if not body:
        return Answer(True)
    if answer.content_type == "application/json":
        return Answer(True, payload=json.loads(body))
    return Answer(True, payload={"text": body.decode("utf-8", "replace")})
