"""Further processes of this program on the same machine: Python works on one core only in each."""

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()
_LOOK_S = 0.5
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0
_WELL_S = 60.0
"""A child that lived so long is started again at once."""


@dataclass(slots=True)
class _Child:
    environment: Mapping[str, str] = field(repr=False)
    process: "subprocess.Popen[bytes] | None" = None
    since: float = 0.0
    wait_s: float = _FIRST_WAIT_S
    due: float = 0.0


class Children:
    """A part (`bot.running.Part`): one process of `command` for each environment, started again where it dies.

    Their standard input is a pipe that closes with this process, however that ends; a child takes that as a stop.
    """

    name = "workers"

    def __init__(self, command: Sequence[str], environments: Sequence[Mapping[str, str]]) -> None:
        self._command = tuple(command)
        self._children = [_Child(environment) for environment in environments]
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="workers", daemon=True)

    def start(self) -> None:
        for child in self._children:
            self._launch(child)
        self._thread.start()

    def drain(self, seconds: float) -> None:
        """Asks all to stop, and waits for them."""
        self._stop.set()
        until = time.monotonic() + seconds
        with self._lock:
            running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("a worker didn't stop in time", pid=process.pid)

    def close(self) -> None:
        """Ends those that still run; the queue gives what they had to others."""
        self._stop.set()
        with self._lock:
            running = [child.process for child in self._children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait(5.0)
            if process.stdin is not None:
                process.stdin.close()

    def fault(self) -> str:
        return ""

    def ready(self) -> str:
        """A probe: "" while at least one runs."""
        with self._lock:
            alive = any(child.process is not None and child.process.poll() is None for child in self._children)
        return "" if alive else "no worker runs"

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_S):
            for child in self._children:
                self._look_after(child)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is not None and (status := child.process.poll()) is not None:
            log.error("a worker ended; it is started again", pid=child.process.pid, status=status)
            child.wait_s = _FIRST_WAIT_S if now - child.since > _WELL_S else min(2 * child.wait_s, _LONGEST_WAIT_S)
            child.due = now + (0.0 if now - child.since > _WELL_S else child.wait_s)
            if child.process.stdin is not None:
                child.process.stdin.close()
            child.process = None
        if child.process is None and now >= child.due:
            self._launch(child)

    def _launch(self, child: _Child) -> None:
        with self._lock:
            if self._stop.is_set():
                return
            # The program is ours. A session of its own: Ctrl-C on the terminal is told to this process alone.
            child.process = subprocess.Popen(  # noqa: S603
                self._command, env=dict(child.environment), stdin=subprocess.PIPE, start_new_session=True
            )
            child.since = time.monotonic()
        log.info("a worker runs", pid=child.process.pid)
