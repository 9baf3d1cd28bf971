"""The sign that we're at it: the status line under agents, else a reaction. A nicety: it never raises, never waits.

One thread of its own makes the calls; what comes too fast, or while Slack asks for quiet, is dropped.
"""

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from slack_sdk import WebClient

from bot.model import Inquiry, Surface
from handlers.calls import REFUSED, code_of, later
from handlers.pacing import Budget

log = structlog.get_logger()

REACTION = "eyes"
_NEVER = frozenset(
    {
        "unknown_method",
        "missing_scope",
        "not_allowed_token_type",
        "method_not_supported_for_channel_type",
        "feature_not_enabled",
        "no_permission",
        "access_denied",
    }
)
"""Slack's words for "not in this workspace"."""
_KNOWN = frozenset({"already_reacted", "no_reaction", "message_not_found", "invalid_thread_ts", "channel_not_found"})
_MOST_WAITING = 100
_MOST_REMEMBERED = 1_000
_STATUS_A_MINUTE, _REACTIONS_A_MINUTE = 120, 40


@dataclass(frozen=True, slots=True)
class _Sign:
    """One sign to set or take away. Of a reaction, `ts` is the message; of the status line, its thread."""

    channel: str
    ts: str
    direct: bool
    busy: bool


@dataclass
class Signs:
    """Shows and hides them."""

    client: WebClient
    status: str
    """What the status line says after the bot's name: "is checking the mail…"."""
    messages: Sequence[str] = ()
    """What it says in turn while it lasts."""
    statuses: Budget = field(default_factory=lambda: Budget(_STATUS_A_MINUTE))
    reactions: Budget = field(default_factory=lambda: Budget(_REACTIONS_A_MINUTE))
    _waiting: "queue.Queue[_Sign]" = field(default_factory=lambda: queue.Queue(_MOST_WAITING))
    _refused: set[str] = field(default_factory=set)
    _reacted: set[tuple[str, str]] = field(default_factory=set)
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def show(self, inquiry: Inquiry, busy: bool) -> None:
        """Returns at once. Nothing for what has no message of the person's to stand at."""
        last = next((piece.ts for piece in reversed(inquiry.pieces) if piece.ts), "")
        direct = inquiry.surface is Surface.DIRECT
        ts = inquiry.place.thread if direct else last
        if not ts or inquiry.surface not in (Surface.DIRECT, Surface.CHANNEL):
            return
        self._start()
        try:
            self._waiting.put_nowait(_Sign(inquiry.place.channel, ts, direct, busy))
        except queue.Full:
            log.debug("a sign was dropped")

    def settle(self) -> None:
        """Waits until what was asked for is done; for tests."""
        self._waiting.join()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="signs", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            sign = self._waiting.get()
            self._do(sign)
            self._waiting.task_done()

    def _do(self, sign: _Sign) -> None:
        if sign.direct and "status" not in self._refused:
            # Slack takes the line away when the answer is posted; only what got no answer has to be cleared.
            if sign.busy and self.statuses.take() and not self._status(sign):
                self._react(sign)
            return
        self._react(sign)

    def _status(self, sign: _Sign) -> bool:
        """False where this workspace has no status line."""
        arguments: dict[str, object] = {"channel_id": sign.channel, "thread_ts": sign.ts, "status": self.status}
        if self.messages:
            arguments["loading_messages"] = list(self.messages)
        return self._call("status", "assistant.threads.setStatus", arguments)

    def _react(self, sign: _Sign) -> None:
        if "reaction" in self._refused or not self.reactions.take():
            return
        where = (sign.channel, sign.ts)
        if sign.busy:
            self._call("reaction", "reactions.add", _reaction(sign))
            if len(self._reacted) < _MOST_REMEMBERED:
                self._reacted.add(where)
        elif where in self._reacted:
            self._call("reaction", "reactions.remove", _reaction(sign))
            self._reacted.discard(where)

    def _call(self, kind: str, method: str, arguments: dict[str, object]) -> bool:
        """False where it is refused for good, which is remembered."""
        try:
            # A list of texts has no other form than JSON; `reactions` takes forms.
            if kind == "status":
                self.client.api_call(method, json=arguments)
            else:
                self.client.api_call(method, params=arguments)
        except REFUSED as refused:
            code = code_of(refused)
            if code in _NEVER:
                log.info("not in this workspace", method=method, code=code)
                self._refused.add(kind)
                return False
            if later(refused) is None and code not in _KNOWN:
                log.info("a sign was refused", method=method)
        return True


def _reaction(sign: _Sign) -> dict[str, object]:
    return {"channel": sign.channel, "timestamp": sign.ts, "name": REACTION}
