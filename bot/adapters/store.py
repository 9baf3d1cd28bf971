"""The store: Redis at REDIS_URL, or the embedded server on disk where none is set.

Both speak the same protocol; who holds a Store needn't know which it is. Every wait on it is bounded.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote, urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

from bot.errors import BadSetting, StoreUnavailable

T = TypeVar("T")
WAIT_S = 2.0
"""How long one question to the store may take."""


class Lease(Protocol):
    """A claim on the embedded server (`bot.adapters.embedded`)."""

    def revive(self) -> None: ...
    def close(self) -> None: ...


class Store:
    """An open store. `url` is for other clients of the same store, such as the job queue.

    The texts in it are UTF-8; `redis` gives and takes `str`.
    """

    def __init__(self, url: str, lease: Lease | None = None) -> None:
        self.url = url
        self.embedded = lease is not None
        self._lease = lease
        self.redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=WAIT_S,
            socket_connect_timeout=WAIT_S,
            health_check_interval=30,
            retry=Retry(NoBackoff(), 1),
        )

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """The store's answer to `question(redis)`, within WAIT_S.

        If the embedded server died it is started again and the question asked once more, so a question must be
        one that may be asked twice. Raises StoreUnavailable.
        """
        try:
            return await self._once(question)
        except (AuthenticationError, AuthorizationError) as refused:  # redis-py makes them connection errors
            raise _refusal(self.url, refused) from refused
        except NoConnection as gone:
            if self._lease is None:
                raise _unreachable(self.url, gone) from gone
            await asyncio.to_thread(self._lease.revive)
        except (NoAnswer, TimeoutError) as late:
            raise _unreachable(self.url, late) from late
        except RedisError as refused:
            raise _refusal(self.url, refused) from refused
        try:
            return await self._once(question)
        except (RedisError, TimeoutError) as again:
            raise _unreachable(self.url, again) from again

    async def close(self) -> None:
        """Closes the connections, and the embedded server if nobody else uses it."""
        await self.redis.aclose()
        if self._lease is not None:
            await asyncio.to_thread(self._lease.close)

    async def _once(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        async with asyncio.timeout(WAIT_S):
            return await question(self.redis)


@asynccontextmanager
async def open_store(url: str | None, data_dir: Path) -> AsyncIterator[Store]:
    """The store at `url` (redis, rediss or unix), else the embedded one in `data_dir`, closed at the end.

    Raises StoreUnavailable if it doesn't answer, BadSetting for a URL of another kind.
    """
    store = _at(url) if url else await _in(data_dir)
    try:
        await store.ask(lambda redis: redis.get("checkmail:opened"))
        yield store
    finally:
        await store.close()


def _at(url: str) -> Store:
    try:
        return Store(url)
    except ValueError as wrong:
        raise BadSetting(
            "bad-redis-url",
            "REDIS_URL isn't a URL of a Redis server.",
            "Write it like redis://localhost:6379/0, rediss://:password@host:6380/0 or unix:///run/redis.sock.",
        ) from wrong


async def _in(data_dir: Path) -> Store:
    try:
        from bot.adapters import embedded
    except ImportError as missing:  # no fcntl: not a Unix
        raise StoreUnavailable(
            "store-missing",
            "The embedded store isn't available on this system.",
            "Set REDIS_URL to a Redis or Valkey server, such as redis://localhost:6379/0.",
        ) from missing
    lease = await asyncio.to_thread(embedded.lease, data_dir)
    return Store(f"unix://{quote(str(lease.socket))}?db=0", lease)


def _where(url: str) -> str:
    """The store's place without the password that a URL may hold."""
    parts = urlsplit(url)
    return parts.path if parts.scheme == "unix" else (parts.hostname or "localhost") + f":{parts.port or 6379}"


def _unreachable(url: str, cause: BaseException) -> StoreUnavailable:
    why = "it didn't answer in time" if isinstance(cause, TimeoutError | NoAnswer) else "it can't be reached"
    return StoreUnavailable(
        "store-unavailable",
        f"The store at {_where(url)} is away: {why}.",
        "Start it, or correct REDIS_URL; without REDIS_URL this program keeps a store of its own on disk.",
    )


def _refusal(url: str, cause: RedisError) -> StoreUnavailable:
    why = (
        "it refused the password"
        if isinstance(cause, AuthenticationError | AuthorizationError)
        else f"it says {str(cause)[:200]}"
    )
    return StoreUnavailable(
        "store-refused",
        f"The store at {_where(url)} doesn't do as asked: {why}.",
        "Check the user and password in REDIS_URL, and that the server is Redis 6 or Valkey 7 or later.",
    )
