"""What has to happen though nobody asks: reports whose job was lost are queued again, what was forgotten leaves the
disk.
"""

import threading

import structlog

from bot.errors import Shown
from bot.model import Inquiry, Stage
from bot.ports import Inquiries, Meter, Queue

log = structlog.get_logger()
EVERY_S = 15.0
_MOST = 200


class Upkeep:
    """A part of a process (`bot.running.Part`): a thread of which one does the work for all processes."""

    name = "upkeep"

    def __init__(self, inquiries: Inquiries, queue: Queue, meter: Meter, *, every_s: float = EVERY_S) -> None:
        self._inquiries, self._queue, self._meter, self._every_s = inquiries, queue, meter, every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def drain(self, seconds: float) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def close(self) -> None:
        self.drain(1.0)

    def fault(self) -> str:
        return "" if self._stop.is_set() or self._thread.is_alive() else "the upkeep's thread died"

    def sweep(self) -> int:
        """Queues again what waits too long; how many those were. Raises StoreUnavailable."""
        with self._inquiries.hold("upkeep") as alone:
            overdue = self._inquiries.overdue(_MOST) if alone else ()
            for inquiry in overdue:
                self._queue_again(inquiry)
                self._meter.count("swept")
        if overdue:
            log.warning("reports waited too long and were queued again", count=len(overdue))
        return len(overdue)

    def _queue_again(self, inquiry: Inquiry) -> None:
        if inquiry.stage is Stage.RECEIVED:
            self._queue.check(inquiry.id, inquiry.revision)
        for wish in inquiry.wishes:
            marks = (wish.called, wish.noted)
            if all(self._inquiries.heard(inquiry.id, mark) is None for mark in marks):
                self._queue.wish(inquiry.id, wish)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.sweep()
                self._inquiries.compact()
            except Shown as fault:  # next time; mostly the store is away
                log.warning("the upkeep waits", why=fault.code)
