"""What becomes of a job that failed: it comes again, later or soon, or it is given up, told and kept."""

import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import structlog
from dramatiq import Message, Middleware
from dramatiq.broker import Broker, MessageProxy
from dramatiq.errors import DramatiqError
from dramatiq.middleware import Shutdown
from dramatiq.threading import raise_thread_exception
from redis.exceptions import RedisError

from bot.adapters.broker import PROMPT, UNSETTLED
from bot.errors import Shown, StoreUnavailable
from bot.ports import Doubtful, Later, Meter

log = structlog.get_logger()
GIVE_UP = "give_up"
"""The actor that tells of a job that is given up: (job, its args, a code)."""
MOST_RETRIES = 3
"""Of a job that fails unexpectedly."""
_LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class Pause:
    """Come again after `seconds`; `counted`: only so many times."""

    seconds: float
    why: str
    counted: bool = False


def pause(exception: BaseException, tries: int) -> Pause | None:
    """When a job that failed so for the nth time comes again; None: never."""
    match exception:
        case Later():
            return Pause(max(0.2, exception.seconds), "later")
        case Doubtful():  # what was sent has to arrive before it is looked for
            return Pause(min(_LONGEST_S, 2.0 * 2**tries), "doubtful")
        case StoreUnavailable() | RedisError():
            return Pause(min(_LONGEST_S, 1.0 * 2**tries), "store")
        case Shown():
            return None
        case Shutdown():
            return Pause(0.0, "shutdown")
        case _:
            return Pause(2.0 * 4**tries, "unexpected", counted=True)


class Fate(Middleware):
    """Queues failed jobs anew, or gives them up. While the store is away the thread waits with its job."""

    def __init__(self, meter: Meter, *, haste: float = 1.0) -> None:
        """`haste` shortens the pauses after faults; 1 but in tests."""
        self._meter, self._haste, self._stopping = meter, haste, threading.Event()
        self._began = threading.local()

    @property
    def actor_options(self) -> set[str]:
        return {"throws"}

    # dramatiq names the arguments
    def before_worker_shutdown(self, broker: Broker, worker: object) -> None:  # noqa: ARG002
        self._stopping.set()

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002
        self._began.at = time.monotonic()

    def after_process_message(
        self,
        broker: Broker,
        message: MessageProxy,
        *,
        result: object = None,  # noqa: ARG002
        exception: BaseException | None = None,
    ) -> None:
        self._meter.time("job", time.monotonic() - self._began.at, job=message.actor_name)
        if exception is None:
            return
        tries = int(message.options.get("tries", 0))
        after = pause(exception, min(tries, 20))
        code = exception.code if isinstance(exception, Shown) else type(exception).__name__
        _tell(message, exception, code)
        counted = int(message.options.get("counted", 0)) + (after is not None and after.counted)
        message.options.update(tries=tries + 1, counted=counted, why=code)
        if after is None or counted > MOST_RETRIES:
            self._give_up(broker, message, code)
        else:
            self._meter.count("retries", job=message.actor_name, why=after.why)
            self._queue(broker, message, message._message, int(after.seconds * 1000 / self._haste) or None)

    def after_skip_message(self, broker: Broker, message: MessageProxy) -> None:
        """Too old."""
        if message.failed:
            message.options["why"] = "too-old"
            self._give_up(broker, message, "too-old")

    def _give_up(self, broker: Broker, message: MessageProxy, code: str) -> None:
        self._meter.count("dead_letters", job=message.actor_name)
        log.error("job given up", job=message.actor_name, of=_subject(message), why=code)
        if message.actor_name != GIVE_UP:
            told: Message[object] = Message(
                queue_name=PROMPT,
                actor_name=GIVE_UP,
                args=(message.actor_name, list(message.args), code),
                kwargs={},
                options={},
            )
            self._queue(broker, message, told, None)
        message.fail()

    def _queue(self, broker: Broker, message: MessageProxy, new: Message[object], delay_ms: int | None) -> None:
        while True:
            try:
                broker.enqueue(new, delay=delay_ms)
                return
            except (RedisError, DramatiqError):
                if self._stopping.wait(1.0):
                    message.options[UNSETTLED] = True
                    return


class Interruptions(Middleware):
    """Interrupts the jobs that still run when a stopping worker's patience is over.

    dramatiq's own middleware for it does so as soon as the stop begins, and nothing could finish.
    """

    def __init__(self) -> None:
        self._running: set[int] = set()

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002
        self._running.add(threading.get_ident())

    def after_process_message(
        self,
        broker: Broker,  # noqa: ARG002
        message: MessageProxy,  # noqa: ARG002
        *,
        result: object = None,  # noqa: ARG002
        exception: BaseException | None = None,  # noqa: ARG002
    ) -> None:
        self._running.discard(threading.get_ident())

    def after_skip_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002
        self._running.discard(threading.get_ident())

    def interrupt(self) -> None:
        """Raises Shutdown in every thread that runs a job; `Fate` queues those anew."""
        for thread in tuple(self._running):
            raise_thread_exception(thread, Shutdown)  # type: ignore[no-untyped-call]  # dramatiq's


def _subject(message: MessageProxy) -> str:
    """The inquiry's id; never anything that somebody wrote."""
    return str(message.args[0])[:40] if message.args and isinstance(message.args[0], str) else ""


def _tell(message: MessageProxy, exception: BaseException, code: str) -> None:
    if isinstance(exception, Later | Shutdown):
        log.info("job comes again", job=message.actor_name, of=_subject(message), why=code)
        return
    frames = traceback.extract_tb(exception.__traceback__)[-3:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    log.warning("job failed", job=message.actor_name, of=_subject(message), why=code, where=where)
