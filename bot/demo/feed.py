"""Tells whoever watches what changed: the page of the demo redraws, a test waits."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.demo.wire import Json

CLOSED = "closed"


class Feed:
    """Slow watchers lose the oldest changes, never the workspace its pace."""

    def __init__(self, size: int = 1000) -> None:
        self._size = size
        self._watchers: set[asyncio.Queue[Json]] = set()

    def tell(self, what: str, **where: Any) -> None:
        for watcher in self._watchers:
            if watcher.full():
                watcher.get_nowait()
            watcher.put_nowait({"what": what, **where})

    def close(self) -> None:
        """Every watcher hears "closed" as the last thing."""
        self.tell(CLOSED)

    @contextmanager
    def watch(self) -> Iterator["asyncio.Queue[Json]"]:
        watcher: asyncio.Queue[Json] = asyncio.Queue(self._size)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
