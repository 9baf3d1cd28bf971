"""The worker: takes jobs off the queue in threads, finishes them when it stops, and hands back what it can't finish."""

import time

import dramatiq

from bot.adapters.broker import Broker
from bot.adapters.fate import Interruptions

IDLE_MS = 75
"""How long an idle worker sleeps before it looks again, at most: the first job of a quiet hour waits that long."""
_AT_LEAST_S = 0.5
_HAND_BACK_S = 3.0
"""How long a job that was interrupted gets to be queued anew."""


class Worker:
    """A part of a process (`bot.running.Part`). The actors must be registered; one for each process."""

    name = "worker"

    def __init__(self, broker: Broker, *, threads: int = 16) -> None:
        self._broker = broker
        self._worker = dramatiq.Worker(broker, worker_timeout=IDLE_MS, worker_threads=threads)
        self._interruptions = next(each for each in broker.middleware if isinstance(each, Interruptions))
        self._stopped = False

    def start(self) -> None:
        self._broker.emit_after("process_boot")
        self._worker.start()

    def drain(self, seconds: float) -> None:
        """Lets running jobs finish, hands back those that didn't begin, and at last those that take too long."""
        if self._stopped:
            return
        self._stopped = True
        self._worker.stop(timeout=int(max(seconds, _AT_LEAST_S) * 1000))
        late = [thread for thread in self._worker.workers if thread.is_alive()]
        if late:
            self._interruptions.interrupt()
        until = time.monotonic() + _HAND_BACK_S
        for thread in late:
            thread.join(max(0.0, until - time.monotonic()))

    def close(self) -> None:
        self.drain(0.0)
        self._broker.close()

    def fault(self) -> str:
        """A thread that died: it takes no jobs any more, so the process had better be started anew."""
        if self._stopped:
            return ""
        threads = (*self._worker.workers, *self._worker.consumers.values())
        dead = [thread.name for thread in threads if not thread.is_alive()]
        return f"a thread of the worker died ({dead[0]})" if dead else ""
