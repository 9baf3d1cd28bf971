"""The life of a process that serves: its parts start in order, stop in reverse, and finish what they began.

A first stop signal drains (nothing new is taken, what runs gets its time), a second one ends at once; what was
not finished then is the queue's to give to somebody else.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Protocol

import structlog

log = structlog.get_logger()
STOPPING = (signal.SIGTERM, signal.SIGINT)
CUT_OFF = 130
"""The exit status after a second signal (128 + SIGINT, as shells do)."""
_LOOK_S = 1.0


class Part(Protocol):
    """Something that runs in this process: the worker, the connection to Slack, the web server."""

    @property
    def name(self) -> str: ...

    def start(self) -> None:
        """Returns once it runs in threads of its own. Raises Shown where it can't ever."""
        ...

    def drain(self, seconds: float) -> None:
        """Takes nothing new, and returns when what it does is done, or after `seconds`."""
        ...

    def close(self) -> None:
        """Ends it, done or not."""
        ...

    def fault(self) -> str:
        """Why it is dead for good, so that the process had better be started anew; "" while it lives."""
        ...


class Stopped(Exception):
    """A stop was asked for before everything had started."""


class Stop:
    """Whether a stop was asked for; a second asking ends the process at once."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """The handler of signals."""
        if self._asked.is_set():
            os.write(2, b"stopped at once: asked a second time\n")
            os._exit(CUT_OFF)
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        """Whether a stop was asked for within that time."""
        return self._asked.wait(seconds)

    def pause(self, seconds: float) -> None:
        """Waits so long. Raises Stopped."""
        if self._asked.wait(seconds):
            raise Stopped


def run(parts: Sequence[Part], stop: Stop, stop_s: float, stopping: Callable[[], None] = lambda: None) -> int:
    """Starts the parts in order, waits for a stop, and stops them in reverse. Exit status 1: a part died.

    `stopping` is called once before anything is stopped. Raises Shown where a part can't be started; those that
    were are closed before.
    """
    started: list[Part] = []
    dead = ""
    try:
        for part in parts:
            part.start()
            started.append(part)
        log.info("serving", parts=[part.name for part in parts])
        while not dead and not stop.wait(_LOOK_S):
            dead = next((f"{part.name}: {why}" for part in parts if (why := part.fault())), "")
        if dead:
            log.error("a part died", why=dead)
        log.info("stopping", patience_s=stop_s)
        stopping()
        _drain(started, stop_s)
    finally:
        for part in reversed(started):
            part.close()
    log.info("stopped")
    return 1 if dead else 0


class Late:
    """A part that is put together when it starts, since that may have to wait for Slack."""

    def __init__(self, name: str, build: Callable[[], Sequence[Part]]) -> None:
        self.name, self._build = name, build
        self._parts: list[Part] = []
        self._started = False

    def start(self) -> None:
        for part in self._build():
            self._parts.append(part)
            part.start()
        self._started = True

    def ready(self) -> str:
        """A probe: "" once it started."""
        return "" if self._started else "starting"

    def drain(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for part in reversed(self._parts):
            part.drain(max(0.0, until - time.monotonic()))

    def close(self) -> None:
        for part in reversed(self._parts):
            part.close()

    def fault(self) -> str:
        return next((why for part in self._parts if (why := part.fault())), "")


class Background:
    """A part of something that works beside the rest and that nothing has to wait for."""

    def __init__(self, name: str, what: "Startable") -> None:
        self.name, self._what = name, what

    def start(self) -> None:
        self._what.start()

    def drain(self, _seconds: float) -> None:
        """It ends when it is closed."""

    def close(self) -> None:
        self._what.close()

    def fault(self) -> str:
        return ""


class Startable(Protocol):
    """What starts and ends, and needs no more care."""

    def start(self) -> None: ...
    def close(self) -> None: ...


def on_signals(stop: Stop) -> None:
    """Makes SIGTERM and SIGINT ask for a stop. Only in the main thread."""
    for number in STOPPING:
        signal.signal(number, stop.ask)


def on_closed(stop: Stop, pipe: int) -> None:
    """Makes the end of a pipe (its descriptor) ask for a stop: the parent that held its other end is gone."""

    def listen() -> None:
        # Unbuffered: a buffer that a thread holds can't be closed when the interpreter ends.
        while os.read(pipe, 1):
            pass
        if not stop.wait(0.0):
            stop.ask()

    threading.Thread(target=listen, name="parent", daemon=True).start()


def _drain(started: Sequence[Part], stop_s: float) -> None:
    until = time.monotonic() + stop_s
    for part in reversed(started):
        part.drain(max(0.0, until - time.monotonic()))
