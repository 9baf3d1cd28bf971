"""Brings events, clicks and commands to the app: at least once, and again where it doesn't acknowledge."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

from bot.demo.carriers import Answer, Carrier, Parcel
from bot.demo.config import Config
from bot.demo.faults import Faults
from bot.demo.log import Log
from bot.demo.wire import Json, Numbers


class Delivery:
    def __init__(self, config: Config, carrier: Carrier, numbers: Numbers, log: Log, faults: Faults) -> None:
        self._config = config
        self._carrier = carrier
        self._numbers = numbers
        self._log = log
        self._faults = faults
        self._tasks: set[asyncio.Task[Any]] = set()
        self._held: list[tuple[Parcel, int]] = []
        self.unacknowledged = 0
        """Events on their way."""

    def event(self, event: Json, *, shared: bool = False) -> str:
        """Sends it on its way, if the app subscribes to it; the event's id."""
        if not self._subscribed(event):
            return ""
        parcel = Parcel("events_api", self._wrapped(event, shared))
        copies = self._faults.copies()
        if self._faults.hold:
            self._hold(parcel, copies)
        else:
            self._send(parcel, copies)
        return str(parcel.payload["event_id"])

    async def ask(self, kind: str, payload: Json) -> Answer:
        """A click or a command: tried once, and answered within Slack's three seconds or not at all."""
        started = time.monotonic()
        answer = await self._carrier.carry(Parcel(kind, payload))
        self._note(kind, payload.get("type") or payload.get("command"), "", 0, answer, started)
        return answer

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Runs beside everything else, until the workspace closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._carrier.close()

    def _subscribed(self, event: Json) -> bool:
        name = event["type"]
        if name == "message":
            kind = event.get("channel_type", "channel")
            name = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}.get(
                kind, "message.mpim"
            )
        return name in self._config.app.events

    def _wrapped(self, event: Json, shared: bool) -> Json:
        app, team = self._config.app, self._config.team
        return {
            "token": "demo-verification",
            "team_id": team,
            "context_team_id": team,
            "context_enterprise_id": None,
            "api_app_id": app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self._numbers.id("Ev"),
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team,
                    "user_id": app.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": shared,
        }

    def _hold(self, parcel: Parcel, copies: int) -> None:
        self._held.append((parcel, copies))
        if len(self._held) >= self._faults.hold:
            self.release()

    def release(self) -> None:
        """What was held back goes out."""
        held, self._held, self._faults.hold = self._held[::-1], [], 0
        for late, times in held:
            self._send(late, times)

    def _send(self, parcel: Parcel, copies: int) -> None:
        for _ in range(copies):
            self.spawn(self._until_acknowledged(parcel))

    async def _until_acknowledged(self, parcel: Parcel) -> None:
        self.unacknowledged += 1
        try:
            reason = ""
            for attempt in range(len(self._config.times.retries) + 1):
                if attempt:
                    await asyncio.sleep(self._config.times.retries[attempt - 1])
                answer = await self._attempt(parcel, attempt, reason)
                if answer.ok or answer.no_retry:
                    return
                reason = answer.reason
        finally:
            self.unacknowledged -= 1

    async def _attempt(self, parcel: Parcel, attempt: int, reason: str) -> Answer:
        started = time.monotonic()
        answer = await self._carrier.carry(Parcel(parcel.kind, parcel.payload, attempt, reason))
        if answer.ok and self._faults.loses_ack():
            answer = Answer(False, "timeout")
        event = parcel.payload["event"]
        self._note(parcel.kind, event["type"], parcel.payload["event_id"], attempt, answer, started)
        return answer

    def _note(self, kind: str, what: object, event: str, attempt: int, answer: Answer, started: float) -> None:
        took = round(time.monotonic() - started, 4)
        self._log.add(
            "delivery",
            type=kind,
            what=what,
            event=event,
            attempt=attempt,
            ok=answer.ok,
            reason=answer.reason,
            took=took,
        )
