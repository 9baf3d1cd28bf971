"""Slack's deliveries over Socket Mode: a connection out to Slack, which brings them through it.

Only what the app took is acknowledged. While the process stops nothing is taken any more, and nothing is lost by
it: Slack brings what wasn't acknowledged again, to another process or to the next one.
"""

import json
import logging
import socket
import threading
import time
from contextlib import suppress

import structlog
from slack_bolt import App, BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.ports import Meter
from handlers.calls import REFUSED, code_of
from handlers.tokens import USELESS, refusal

log = structlog.get_logger()
CONCURRENT = 16
"""Deliveries worked on at a time; each takes a few milliseconds of the store."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
_PATIENCE_S = 10.0
"""How long a start waits for Slack's first word."""
_PING_S = 5.0
"""Between two pings. A connection over which nothing comes any more, not even an end, is replaced after four."""
_LOOK_S = 0.5
"""Between two looks at whether the connection has ended without a word."""


class Gate:
    """Lets deliveries in until it is closed, and knows how many are inside."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside, self._open = 0, True

    def enter(self) -> bool:
        """Whether a delivery may come in; whoever came in must `leave`."""
        with self._changed:
            if self._open:
                self._inside += 1
            return self._open

    def leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    def shut(self, seconds: float) -> bool:
        """Lets nobody in any more; whether all had left within `seconds`."""
        with self._changed:
            self._open = False
            return self._changed.wait_for(lambda: self._inside == 0, seconds)


class SocketConnection:
    """A part (`bot.running`): one of the app's connections (Slack allows ten), held and renewed by Slack's client."""

    name = "slack"

    def __init__(self, app: App, client: WebClient, meter: Meter) -> None:
        """`client` carries the app-level token."""
        self._gate = Gate()
        logger = logging.getLogger("checkmail.slack_socket")
        logger.setLevel(logging.INFO)  # below that level the client logs what it receives
        self._handler = _Handler(app, self._gate, client, logger, meter)
        self._stop = threading.Event()
        self._first_word = threading.Event()
        self._refused = ""
        self._thread = threading.Thread(target=self._connect, name="slack-connect", daemon=True)

    def start(self) -> None:
        """Connects. Where Slack can't be reached it goes on trying; raises Shown where it refuses the token."""
        self._thread.start()
        self._first_word.wait(_PATIENCE_S)
        if self._refused:
            self.close()
            raise refusal("SLACK_APP_TOKEN", self._refused)

    def drain(self, seconds: float) -> None:
        self._stop.set()
        if not self._gate.shut(seconds):
            log.warning("deliveries cut off; Slack brings them again")

    def close(self) -> None:
        self._stop.set()
        client = self._handler.client
        # Told so, its threads end; they would wait for seconds on a socket and a queue from which nothing comes.
        client.auto_reconnect_enabled, client.current_session_state.terminated = False, True
        client.message_queue.put(None)
        session = client.current_session
        if session is not None and session.sock is not None:
            with suppress(OSError):  # it ended already
                session.sock.shutdown(socket.SHUT_RDWR)
        client.close()

    def fault(self) -> str:
        """Slack refused the token after the start: only an owner can mend it."""
        return f"Slack refuses SLACK_APP_TOKEN ({self._refused})" if self._refused else ""

    def ready(self) -> str:
        """A probe: "" while connected."""
        return "" if self._handler.client.is_connected() else "no connection to Slack; trying"

    def _connect(self) -> None:
        """Until the first connection stands; from then on the client renews it by itself."""
        wait_s = _FIRST_WAIT_S
        while not self._stop.is_set():
            try:
                self._handler.client.connect()
            except REFUSED as refused:
                code = code_of(refused)
                if code in USELESS:
                    self._refused = code
                    log.error("Slack refuses the app's token", code=code)
                    break
                log.warning("Slack can't be reached", code=code, again_in_s=wait_s)
                self._first_word.set()
                self._stop.wait(wait_s)
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            else:
                break
        self._first_word.set()
        if not self._refused:
            self._watch()

    def _watch(self) -> None:
        """Slack's client notices an end that comes without a close frame only when its pings are overdue, and until
        then it reads the nothing that there is at full speed.
        """
        client = self._handler.client
        while not self._stop.wait(_LOOK_S):
            session = client.current_session
            if session is None or not _has_ended(session.sock) or self._stop.is_set():
                continue
            log.warning("the connection to Slack broke; connecting anew")
            session.disconnect()
            try:
                client.connect_to_new_endpoint()
            except REFUSED as refused:
                log.warning("Slack can't be reached", code=code_of(refused))  # the client's own monitor goes on trying


class _Handler(SocketModeHandler):
    """Bolt's handler behind a gate."""

    def __init__(self, app: App, gate: Gate, client: WebClient, logger: logging.Logger, meter: Meter) -> None:
        super().__init__(
            app, str(client.token), logger=logger, web_client=client, concurrency=CONCURRENT, ping_interval=_PING_S
        )
        self._gate, self._meter = gate, meter
        self.client.on_message_listeners.append(_notice)

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as theirs
        if not self._gate.enter():
            return
        try:
            began = time.monotonic()
            response: BoltResponse = run_bolt_app(self.app, req)
            if response.status != 200:
                self._meter.count("not_taken", kind=req.type)
            send_response(client, req, response, time.time())
            self._meter.time("delivery", time.monotonic() - began, kind=req.type)
        finally:
            self._gate.leave()


def _has_ended(sock: socket.socket | None) -> bool:
    """Whether the other side closed it or it broke, with nothing left to read; under TLS, too, since the octets below
    are looked at. Waits as long as the socket's own time-out where nothing comes.
    """
    if sock is None:
        return False
    try:
        return socket.socket.recv(sock, 1, socket.MSG_PEEK) == b""
    except TimeoutError:
        return False
    except OSError:
        return sock.fileno() >= 0  # else the client has closed it, and connects anew by itself


def _notice(raw: str) -> None:
    """Slack's words about the connection, in our log."""
    if '"disconnect"' not in raw[:300] and '"hello"' not in raw[:300]:
        return
    try:
        told = json.loads(raw)
    except ValueError:
        return
    if told.get("type") == "hello":
        log.info("connected to Slack", connections=told.get("num_connections"))
    elif told.get("type") == "disconnect":
        reason = str(told.get("reason"))[:40]
        if reason == "link_disabled":
            log.error("Socket Mode was switched off; switch it on at api.slack.com/apps, or set CHECKMAIL_MODE=http")
        elif reason == "too_many_websockets":
            log.error("more than ten connections; run fewer processes of checkmail serve")
        else:
            log.info("Slack renews the connection", reason=reason)
