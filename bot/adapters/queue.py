"""The durable queue: what producers put into it, how deep it is, and its dead letters."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import redis
from dramatiq import Message
from dramatiq.broker import Broker as AnyBroker
from dramatiq.common import current_millis, dq_name
from dramatiq.middleware import AgeLimit, TimeLimit

from bot.adapters.broker import CHECKS, HEARTBEAT_MS, NAMESPACE, PROMPT, Broker
from bot.adapters.fate import Fate, Interruptions
from bot.adapters.store import Line, asking
from bot.errors import Shown
from bot.model import Asker, Place, Wish
from bot.ports import Meter, Queue, Said

QUEUES = (PROMPT, CHECKS)
_AGE_MS = 24 * 3_600_000
_RUN_MS = 120_000


def make_broker(line: Line, meter: Meter, *, heartbeat_ms: int = HEARTBEAT_MS, haste: float = 1.0) -> Broker:
    """The broker, without actors. In the order of the list before a job, backwards after it: the time limit is
    lifted before a job's fate is decided. No middleware opens a port.
    """
    middleware = [
        Fate(meter, haste=haste),
        AgeLimit(max_age=_AGE_MS),
        TimeLimit(time_limit=_RUN_MS),
        Interruptions(),
    ]
    broker = Broker(line.client(retries=0), line.client(), list(middleware), heartbeat_ms=heartbeat_ms)
    for queue in QUEUES:
        broker.declare_queue(queue)
    return broker


class RedisQueue(Queue):
    """A producer; it knows the actors by their names alone."""

    def __init__(self, broker: AnyBroker, url: str) -> None:
        self._broker, self._url = broker, url

    def acknowledge(self, inquiry: str) -> None:
        self._send(PROMPT, "acknowledge", inquiry)

    def check(self, inquiry: str, revision: int, *, delay_s: float = 0.0) -> None:
        self._send(CHECKS, "check", inquiry, revision, delay_s=delay_s)

    def wish(self, inquiry: str, wish: Wish) -> None:
        self._send(PROMPT, "wish", inquiry, wish.value)

    def remark(self, place: Place, code: str, mark: str) -> None:
        self._send(PROMPT, "remark", place.channel, place.thread, code, mark)

    def tell(self, team: str, number: int, version: int) -> None:
        self._send(PROMPT, "tell", team, number, version)

    def forget(self, asker: Asker, until: datetime) -> None:
        self._send(PROMPT, "forget", asker.team, asker.user, until.timestamp())

    def unsay(self, said: Said, *, delay_s: float = 0.0) -> None:
        self._send(CHECKS, "take_back", said.channel, said.ts, delay_s=delay_s)

    def _send(self, queue: str, actor: str, *args: object, delay_s: float = 0.0) -> None:
        message: Message[object] = Message(queue_name=queue, actor_name=actor, args=args, kwargs={}, options={})
        with asking(self._url):
            self._broker.enqueue(message, delay=int(delay_s * 1000) or None)


@dataclass(frozen=True, slots=True)
class Depth:
    """How much waits in a queue, with what is being done and what comes later."""

    queue: str
    waiting: int
    unfinished: int
    delayed: int
    dead: int
    oldest_s: float
    """Age of the job that comes next; 0 where none waits."""


@dataclass(frozen=True, slots=True)
class Dead:
    """A job that was given up."""

    id: str
    job: str
    args: tuple[str, ...]
    why: str
    tries: int
    queue: str
    began_at: datetime
    died_at: datetime


class DeadLetters:
    """The jobs that were given up, and the depth of the queues. Every method raises StoreUnavailable."""

    def __init__(self, line: Line) -> None:
        self._url, self._client = line.url, line.client()

    def close(self) -> None:
        self._client.close()

    def depth(self) -> tuple[Depth, ...]:
        with asking(self._url):
            return tuple(_depth(self._client, queue) for queue in QUEUES)

    def dead(self, most: int = 200) -> tuple[Dead, ...]:
        """The newest first."""
        found = [dead for queue in QUEUES for dead in self._of(queue, most)]
        return tuple(sorted(found, key=lambda dead: dead.died_at, reverse=True)[:most])

    def show(self, id: str) -> Dead:
        """Raises Shown where there is none of that id."""
        queue, message, at = self._find(id)
        return _told(id, queue, message, at)

    def retry(self, id: str) -> Dead:
        """Queues it as if it were new. Raises Shown where there is none of that id."""
        queue, message, at = self._find(id)
        new: Message[object] = Message(
            queue_name=queue, actor_name=message.actor_name, args=message.args, kwargs=message.kwargs, options={}
        )
        fresh = new.copy(options={"redis_message_id": new.message_id})
        with asking(self._url), self._client.pipeline(transaction=True) as pipe:
            pipe.zrem(_dead(queue), id)
            pipe.hdel(_dead(queue) + ".msgs", id)
            pipe.hset(f"{NAMESPACE}:{queue}.msgs", new.message_id, fresh.encode())
            pipe.rpush(f"{NAMESPACE}:{queue}", new.message_id)
            pipe.execute()
        return _told(id, queue, message, at)

    def _of(self, queue: str, most: int) -> Iterator[Dead]:
        with asking(self._url):
            ids = cast("list[tuple[bytes, float]]", self._client.zrevrange(_dead(queue), 0, most - 1, withscores=True))
            texts = self._client.hmget(_dead(queue) + ".msgs", [id for id, _ in ids]) if ids else []
        for (id, at), text in zip(ids, cast("list[bytes | None]", texts), strict=True):
            if text is not None:
                yield _told(id.decode(), queue, Message.decode(text), at)

    def _find(self, id: str) -> tuple[str, "Message[object]", float]:
        for queue in QUEUES:
            with asking(self._url):
                text = cast("bytes | None", self._client.hget(_dead(queue) + ".msgs", id))
                at = self._client.zscore(_dead(queue), id)
            if text is not None and at is not None:
                return queue, Message.decode(text), at
        raise Shown("no-such-job", "There is no job of that id among the dead letters.", "List them: checkmail jobs.")


def _told(id: str, queue: str, message: "Message[object]", died_ms: float) -> Dead:
    options: dict[str, Any] = message.options
    return Dead(
        id,
        message.actor_name,
        tuple(str(each) for each in message.args),
        str(options.get("why", "")),
        int(options.get("tries", 0)),
        queue,
        _at(message.message_timestamp),
        _at(died_ms),
    )


def _depth(client: redis.Redis, queue: str) -> Depth:
    name, later = f"{NAMESPACE}:{queue}", f"{NAMESPACE}:{dq_name(queue)}"
    with client.pipeline(transaction=False) as pipe:
        pipe.llen(name)
        pipe.hlen(f"{name}.msgs")
        pipe.hlen(f"{later}.msgs")
        pipe.zcard(_dead(queue))
        pipe.lindex(name, 0)
        waiting, all_of_it, delayed, dead, first = pipe.execute()
    text = cast("bytes | None", client.hget(f"{name}.msgs", first)) if first is not None else None
    age = (current_millis() - Message.decode(text).message_timestamp) / 1000 if text else 0.0
    return Depth(queue, waiting, max(0, all_of_it - waiting), delayed, dead, max(0.0, age))


def _dead(queue: str) -> str:
    return f"{NAMESPACE}:{queue}.XQ"


def _at(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


@contextmanager
def open_dead_letters(line: Line) -> Iterator[DeadLetters]:
    letters = DeadLetters(line)
    try:
        yield letters
    finally:
        letters.close()
