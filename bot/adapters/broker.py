"""dramatiq over the store, so that no fault of the store loses a job.

Differences to dramatiq's own Redis broker, each for a loss that it would have:

- Each consumer has an identity of its own and gets a new one after an error, so that what a broken fetch took with
  it, or a delayed job held in memory, is given to somebody else soon, and not only once the process ends.
- Every fault of the store counts as a lost connection; a time-out would end the consumer's thread for good.
- Producers have no heartbeat; a queue that is only written to would be searched for dead workers at each write.
"""

import time
import uuid
from typing import Any

import redis
from dramatiq import Message, Middleware
from dramatiq.broker import MessageProxy
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.common import compute_backoff, current_millis, q_name
from dramatiq.errors import ConnectionClosed
from redis.exceptions import RedisError

NAMESPACE = "checkmail"
PROMPT = "prompt"
"""What people wait for at once; a queue of its own, so that no backlog of checks is before it."""
CHECKS = "checks"
HEARTBEAT_MS = 15_000
"""A worker that wasn't heard of for that long is dead: what it had goes to others."""
_BEAT_S = 4.0
_MAINTAIN_S = 1.0
DEAD_LETTERS_MS = 30 * 86_400_000
"""How long dead letters are kept."""
UNSETTLED = "unsettled"
"""Option of a message that is neither done nor queued anew: it stays with this process until that ends."""


class Broker(RedisBroker):
    """The queue's broker.

    `client` fetches and must not ask again by itself: what a fetch took whose answer was lost would stay taken.
    `writer` may: a job that is queued twice is done once.
    """

    def __init__(
        self,
        client: redis.Redis,
        writer: redis.Redis,
        middleware: list[Middleware],
        *,
        heartbeat_ms: int = HEARTBEAT_MS,
    ) -> None:
        self._writer = writer
        self._maintained: dict[str, float] = {}
        super().__init__(  # type: ignore[no-untyped-call]  # dramatiq leaves its Redis broker untyped
            client=client,
            middleware=middleware,
            namespace=NAMESPACE,
            maintenance_chance=1_000_000,
            heartbeat_timeout=heartbeat_ms,
            dead_message_ttl=DEAD_LETTERS_MS,
        )

    @property
    def consumer_class(self) -> type["Consumer"]:
        return Consumer

    def do_enqueue(self, queue: str, id: str, data: bytes) -> None:
        """What the broker's own script does, without a heartbeat. Raises RedisError."""
        with self._writer.pipeline(transaction=True) as pipe:
            pipe.hset(f"{self.namespace}:{queue}.msgs", id, data)
            pipe.rpush(f"{self.namespace}:{queue}", id)
            pipe.execute()

    def close(self) -> None:
        self._writer.close()
        self.client.close()

    def command(self, identity: str, command: str, queue: str, *args: object) -> Any:
        """One of the broker's commands, done as `identity`. Raises RedisError."""
        told = [
            command,
            current_millis(),
            queue,
            identity,
            self.heartbeat_timeout,
            self.dead_message_ttl,
            self._maintains(command, queue),
            self._max_unpack_size(),  # type: ignore[no-untyped-call]
            *args,
        ]
        return self.scripts["dispatch"](args=told, keys=[self.namespace])

    def _maintains(self, command: str, queue: str) -> int:
        """Whether this command looks for dead workers, too: of those that wait for jobs, one a second."""
        now = time.monotonic()
        if command not in ("fetch", "heartbeat") or now - self._maintained.get(queue, 0.0) < _MAINTAIN_S:
            return 0
        self._maintained[queue] = now
        return 1


class Consumer(_RedisConsumer):
    """A consumer under an identity of its own."""

    def __init__(self, broker: Broker, queue_name: str, prefetch: int, timeout: int) -> None:
        super().__init__(broker, queue_name, prefetch, timeout)  # type: ignore[no-untyped-call]
        self._broker, self._identity, self._beat = broker, str(uuid.uuid4()), 0.0

    def ack(self, message: MessageProxy) -> None:
        self._settle("ack", message)

    def nack(self, message: MessageProxy) -> None:
        self._settle("nack", message)

    def requeue(self, messages: Any) -> None:
        ids = [message.options["redis_message_id"] for message in messages]
        if ids:
            self._do("requeue", *ids)

    def __next__(self) -> MessageProxy | None:
        room = self.prefetch - self.outstanding_message_count
        if not self.message_cache and room > 0:
            self.message_cache = [data for data in self._do("fetch", room) if data is not None]
        elif time.monotonic() - self._beat > _BEAT_S:
            self._do("heartbeat")  # no command of the script: only its heartbeat and maintenance happen
        if not self.message_cache:
            self.misses, wait_ms = compute_backoff(self.misses, max_backoff=self.timeout)
            time.sleep(wait_ms / 1000)
            return None
        self.misses = 0
        message: Message[object] = Message.decode(self.message_cache.pop(0))
        self.queued_message_ids.add(message.message_id)
        return MessageProxy(message)

    def _settle(self, command: str, message: MessageProxy) -> None:
        id = message.options["redis_message_id"]
        try:
            if not message.options.get(UNSETTLED):
                self._do(command, id)
            if command == "nack":
                self._tell_why(id, message)
        finally:
            self.queued_message_ids.discard(message.message_id)

    def _tell_why(self, id: str, message: MessageProxy) -> None:
        """The dead letter as it is now: the script keeps it as it was queued, without why it died."""
        letters = f"{self._broker.namespace}:{q_name(self.queue_name)}.XQ.msgs"
        try:
            if self._broker.client.hexists(letters, id):
                self._broker.client.hset(letters, id, message._message.encode())
        except RedisError as fault:
            raise ConnectionClosed(fault) from None  # type: ignore[no-untyped-call]

    def _do(self, command: str, *args: object) -> Any:
        try:
            done = self._broker.command(self._identity, command, self.queue_name, *args)
        except RedisError as fault:
            raise ConnectionClosed(fault) from None  # type: ignore[no-untyped-call]
        self._beat = time.monotonic()
        return done
