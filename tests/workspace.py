"""The workspace of our own (`bot.demo`) for tests: started in a thread, and bots that meet it through Slack's SDK."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.demo.config import Config, Limits, acme
from bot.demo.running import run
from bot.demo.workspace import Workspace, until

ALICE, BOB, CAROL, GUS, STELLA = "U01ALICE", "U02BOB", "U03CAROL", "U04GUS", "U05STELLA"
GENERAL, TECHNICIANS, HELP_DESK, SHARED = "C01GENERAL", "C02TECH", "C03HELP", "C04SHARED"
BOT = "U0CHECKMAIL"


@contextmanager
def workspace(config: Config | None = None, **changes: Any) -> Iterator[Workspace]:
    """A small company without rate limits; `changes` are fields of Config."""
    with run(config or acme(**{"limits": Limits(on=False), **changes})) as running:
        yield running


def client(running: Workspace, token: str = "") -> WebClient:
    """Slack's client, without its own retries unless a test adds them."""
    made = WebClient(token=token or running.app.bot_token, base_url=running.api)
    made.retry_handlers.clear()
    return made


def bolt(running: Workspace, **options: Any) -> App:
    """A Bolt app that knows only this workspace."""
    return App(client=client(running), signing_secret=running.app.signing_secret, **options)


@contextmanager
def connected(
    app: App, running: Workspace, concurrency: int = 4, ping_interval: float = 10
) -> Iterator[SocketModeHandler]:
    """The app in Socket Mode, closed at the end."""
    before = int(running.counts()["connections"])
    handler = SocketModeHandler(
        app,
        running.app.app_token,
        web_client=client(running, running.app.app_token),
        concurrency=concurrency,
        ping_interval=ping_interval,
    )
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        until(lambda: running.counts()["connections"] > before, "the app is connected")
        yield handler
    finally:
        _close(handler)


def _close(handler: SocketModeHandler) -> None:
    """Without the seconds that the client would wait for its socket and its queue."""
    client = handler.client
    client.closed = True
    client.auto_reconnect_enabled = False
    client.current_session_state.terminated = True
    client.message_queue.put(None)
    session = client.current_session
    if session is not None and session.sock is not None:
        with suppress(OSError):
            session.sock.shutdown(socket.SHUT_RDWR)
    handler.close()  # type: ignore[no-untyped-call]
