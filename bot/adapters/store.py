"""The store: Redis at REDIS_URL, or the embedded server on disk where none is set.

Both speak the same protocol; who holds a Store needn't know which it is. Every wait on it is bounded.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import redis
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

from bot.adapters.redis_url import WAIT_S, Lease, connect, connect_async, where
from bot.errors import StoreUnavailable

if TYPE_CHECKING:
    from bot.adapters import embedded

T = TypeVar("T")


class Store:
    """An open store. `url` is for other clients of the same store, such as the job queue.

    The texts in it are UTF-8; `redis` gives and takes `str`.
    """

    def __init__(self, url: str, lease: Lease | None = None) -> None:
        self.url = url
        self.embedded = lease is not None
        self._lease = lease
        self.redis: Redis = connect_async(url)

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
    store = Store(url) if url else await _in(data_dir)
    try:
        await store.ask(lambda redis: redis.get("checkmail:opened"))
        yield store
    finally:
        await store.close()


@dataclass(frozen=True, slots=True)
class Line:
    """The store for threads. One for each process: the clients are made of it and share its lease."""

    url: str
    lease: Lease | None = None
    quick: bool = False
    """Whether its clients give up within what Slack waits for."""

    def client(self, *, retries: int = 1) -> redis.Redis:
        """A new client with a pool of its own; `retries` is how often a broken question is asked again."""
        return connect(self.url, self.lease, retries=retries, quick=self.quick)

    def for_the_front(self) -> "Line":
        return replace(self, quick=True)


@contextmanager
def open_line(url: str | None, data_dir: Path) -> Iterator[Line]:
    """The store at `url`, else the embedded one in `data_dir`, which is given up at the end.

    Raises StoreUnavailable if it doesn't answer, BadSetting for a URL of another kind.
    """
    lease = None if url else _lease(data_dir)
    line = Line(url or _socket_url(lease), lease)
    try:
        with line.client() as client, asking(line.url):
            client.ping()
        yield line
    finally:
        if lease is not None:
            lease.close()


@contextmanager
def asking(url: str) -> Iterator[None]:
    """Around questions that threads ask: what goes wrong becomes StoreUnavailable."""
    try:
        yield
    except (AuthenticationError, AuthorizationError) as refused:  # redis-py makes them connection errors
        raise _refusal(url, refused) from refused
    except (NoConnection, NoAnswer) as gone:
        raise _unreachable(url, gone) from gone
    except RedisError as refused:
        raise _refusal(url, refused) from refused


async def _in(data_dir: Path) -> Store:
    lease = await asyncio.to_thread(_lease, data_dir)
    return Store(_socket_url(lease), lease)


def _lease(data_dir: Path) -> "embedded.Lease":
    try:
        from bot.adapters import embedded
    except ImportError as missing:  # no fcntl: not a Unix
        raise StoreUnavailable(
            "store-missing",
            "The embedded store isn't available on this system.",
            "Set REDIS_URL to a Redis or Valkey server, such as redis://localhost:6379/0.",
        ) from missing
    return embedded.lease(data_dir)


def _socket_url(lease: "embedded.Lease | None") -> str:
    return f"unix://{quote(str(lease.socket))}?db=0" if lease else ""


def _unreachable(url: str, cause: BaseException) -> StoreUnavailable:
    why = "it didn't answer in time" if isinstance(cause, TimeoutError | NoAnswer) else "it can't be reached"
    return StoreUnavailable(
        "store-unavailable",
        f"The store at {where(url)} is away: {why}.",
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
        f"The store at {where(url)} doesn't do as asked: {why}.",
        "Check the user and password in REDIS_URL, and that the server is Redis 6 or Valkey 7 or later.",
    )
