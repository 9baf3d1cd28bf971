"""What happened, for assertions: every call, delivery and download, and how often each thing was said where."""

import json
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from bot.demo.wire import Json


class Log:
    """The last `size` entries, and counts of everything since the start."""

    def __init__(self, size: int, clock: Callable[[], float]) -> None:
        self._entries: deque[Json] = deque(maxlen=size)
        self._clock = clock
        self._number = 0
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.said: Counter[tuple[str, str, str]] = Counter()

    def add(self, kind: str, **what: Any) -> None:
        self._number += 1
        self._entries.append({"n": self._number, "at": self._clock(), "kind": kind, **what})

    def called(self, method: str, args: Json, error: str) -> None:
        self.calls[method] += 1
        if error:
            self.refused[error] += 1
        self.add("call", method=method, args=args, error=error)

    def posted(self, channel: str, thread: str, metadata: Json | None) -> None:
        self.said[channel, thread, mark_of(metadata)] += 1

    def entries(self, kind: str = "", after: int = 0) -> list[Json]:
        return [entry for entry in self._entries if entry["n"] > after and (not kind or entry["kind"] == kind)]

    def counts(self) -> Json:
        said = [[*key, number] for key, number in self.said.items()]
        return {"calls": dict(self.calls), "refused": dict(self.refused), "said": said}


def mark_of(metadata: Json | None) -> str:
    """What tells two messages of the bot apart: its metadata's `mark`, else the whole of it."""
    payload = (metadata or {}).get("event_payload") or {}
    mark = payload.get("mark") if isinstance(payload, dict) else None
    return mark if isinstance(mark, str) else json.dumps(payload, sort_keys=True) if payload else ""
