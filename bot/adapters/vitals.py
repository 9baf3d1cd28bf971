"""What health and metrics ask of the store and the queue, each time that somebody looks."""

from collections.abc import Callable

from redis import Redis

from bot.adapters.metrics import Gauge
from bot.adapters.queue import DeadLetters, Depth
from bot.adapters.store import asking
from bot.errors import StoreUnavailable


def answers(url: str, client: Redis) -> str:
    """Why the store doesn't answer; "" where it does. Waits a few seconds at most."""
    try:
        with asking(url):
            client.ping()
    except StoreUnavailable as away:
        return away.message
    return ""


def gauges(letters: DeadLetters) -> tuple[Gauge, ...]:
    """The queues as they are at this moment. Raises StoreUnavailable."""
    depths = letters.depth()

    def of(value: Callable[[Depth], float]) -> tuple[tuple[str, float], ...]:
        return tuple((depth.queue, float(value(depth))) for depth in depths)

    return (
        Gauge("queue_waiting", "Jobs that wait", of(lambda depth: depth.waiting), "queue"),
        Gauge("queue_unfinished", "Jobs that are being done", of(lambda depth: depth.unfinished), "queue"),
        Gauge("queue_delayed", "Jobs put off", of(lambda depth: depth.delayed), "queue"),
        Gauge("queue_dead", "Jobs given up and kept", of(lambda depth: depth.dead), "queue"),
        Gauge("queue_oldest_seconds", "Age of the job that comes next", of(lambda depth: depth.oldest_s), "queue"),
    )
