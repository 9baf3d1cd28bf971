"""The worker: takes jobs off the queue in threads, finishes them when it stops, and hands back what it can't finish."""

import threading
import time

import dramatiq

from bot.adapters.broker import CHECKS, PROMPT, Broker
from bot.adapters.fate import Interruptions

IDLE_MS = 75
"""How long an idle worker sleeps before it looks again, at most: the first job of a quiet hour waits that long."""
PROMPT_THREADS = 4
"""What people wait for at once has threads of its own: checks may all wait for a file host or a name server."""
_AT_LEAST_S = 0.5
_HAND_BACK_S = 3.0
"""How long a job that was interrupted gets to be queued anew."""


class Worker:
    """A part of a process (`bot.running.Part`). The actors must be registered; one for each process.

    `threads` is how many check at once.
    """

    name = "worker"

    def __init__(self, broker: Broker, *, threads: int = 16) -> None:
        self._broker = broker
        self._pools = tuple(
            dramatiq.Worker(broker, queues={queue}, worker_timeout=IDLE_MS, worker_threads=count)
            for queue, count in ((PROMPT, PROMPT_THREADS), (CHECKS, threads))
        )
        self._interruptions = next(each for each in broker.middleware if isinstance(each, Interruptions))
        self._stopped = False

    def start(self) -> None:
        self._broker.emit_after("process_boot")
        for pool in self._pools:
            pool.start()

    def drain(self, seconds: float) -> None:
        """Lets running jobs finish, hands back those that didn't begin, and at last those that take too long."""
        if self._stopped:
            return
        self._stopped = True
        timeout = int(max(seconds, _AT_LEAST_S) * 1000)
        stops = [threading.Thread(target=pool.stop, args=(timeout,), daemon=True) for pool in self._pools]
        for stop in stops:
            stop.start()
        for stop in stops:
            stop.join()
        late = [thread for pool in self._pools for thread in pool.workers if thread.is_alive()]
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
        dead = [
            thread.name
            for pool in self._pools
            for thread in (*pool.workers, *pool.consumers.values())
            if not thread.is_alive()
        ]
        return f"a thread of the worker died ({dead[0]})" if dead else ""
