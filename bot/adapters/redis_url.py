"""What REDIS_URL may say, and the clients that it makes: one server, or the master that Sentinels name; plain or TLS.

redis://[user:password@]host:port/db, rediss:// the same over TLS, unix:///run/redis.sock?db=0,
redis+sentinel://[user:password@]host:port,host:port/service/db, and rediss+sentinel:// the same over TLS. The user
and password are the master's; `sentinel_username` and `sentinel_password` in the query are the Sentinels'. TLS
takes ssl_ca_certs, ssl_certfile, ssl_keyfile, ssl_cert_reqs and ssl_check_hostname from the query.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.asyncio.sentinel import SentinelConnectionPool as AsyncSentinelConnectionPool
from redis.backoff import NoBackoff
from redis.connection import UnixDomainSocketConnection
from redis.exceptions import ConnectionError as NoConnection
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from bot.errors import BadSetting

WAIT_S = 2.0
"""How long one question to the store may take."""
QUICK_S = 0.6
"""The same where somebody in front waits: Slack gives up after three seconds, and a few questions must fit in."""
_HEALTH_S = 30
"""An idle connection older than this is asked whether it still stands before it is used (a NAT may have cut it)."""
_CONNECTIONS = 200
_SENTINEL_PORT = 26379


class Lease(Protocol):
    """A claim on the embedded server (`bot.adapters.embedded`)."""

    def revive(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sentinels:
    """A master that Sentinels name, with what its connections and theirs take."""

    hosts: tuple[tuple[str, int], ...]
    service: str
    master: dict[str, Any] = field(repr=False)
    sentinel: dict[str, Any] = field(repr=False)


def connect(url: str, lease: Lease | None = None, *, retries: int = 1, quick: bool = False) -> redis.Redis:
    """A client for threads, in bytes; it connects when it is first asked, waits WAIT_S at most, and asks again
    `retries` times where the connection broke; a `quick` one waits QUICK_S, and doesn't ask again what isn't
    answered. With the embedded server's lease it starts one that died. Raises BadSetting.
    """
    common = _common(Retry(NoBackoff(), retries))
    if quick:
        waits = {"socket_timeout": QUICK_S, "socket_connect_timeout": QUICK_S}
        common |= waits | {"retry": Retry(NoBackoff(), retries, supported_errors=(NoConnection,))}
    if (many := _sentinels(url)) is not None:
        # redis-py leaves its Sentinel untyped
        watch = Sentinel(list(many.hosts), sentinel_kwargs=_quick(Retry) | many.sentinel, **common)  # type: ignore[no-untyped-call]
        client: redis.Redis = watch.master_for(many.service, _Master, **many.master)  # type: ignore[no-untyped-call]
        return client
    if lease is not None:
        common |= {"connection_class": _Reviving, "revive": lease.revive, "path": unquote(urlsplit(url).path)}
        return redis.Redis(connection_pool=redis.ConnectionPool(**common))
    try:
        one = redis.Redis.from_url(url, **common)
        # It doesn't connect, but takes no option that it doesn't know.
        one.connection_pool.make_connection()
    except (ValueError, TypeError) as wrong:
        raise _bad(url) from wrong
    return one


def connect_async(url: str) -> redis.asyncio.Redis:
    """A client for one event loop, in `str`; it waits WAIT_S at most and asks once more where the connection
    broke. Raises BadSetting.
    """
    common = _common(AsyncRetry(NoBackoff(), 1)) | {"decode_responses": True}
    if (many := _sentinels(url)) is not None:
        watch = AsyncSentinel(list(many.hosts), sentinel_kwargs=_quick(AsyncRetry) | many.sentinel, **common)  # type: ignore[no-untyped-call]
        client: redis.asyncio.Redis = watch.master_for(many.service, _AsyncMaster, **many.master)
        return client
    try:
        one = redis.asyncio.Redis.from_url(url, **common)
        one.connection_pool.make_connection()  # type: ignore[no-untyped-call]
    except (ValueError, TypeError) as wrong:
        raise _bad(url) from wrong
    return one


def where(url: str) -> str:
    """The store's place without the password that a URL may hold."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path
    if "sentinel" in parts.scheme:
        return parts.netloc.rpartition("@")[2] + parts.path
    return (parts.hostname or "localhost") + f":{parts.port or 6379}"


class _Master(redis.Redis):
    """A client that closes its Sentinels' connections with its own."""

    def close(self) -> None:
        super().close()
        cast("SentinelConnectionPool", self.connection_pool).sentinel_manager.close()


class _AsyncMaster(redis.asyncio.Redis):
    """The same for an event loop."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        await cast("AsyncSentinelConnectionPool", self.connection_pool).sentinel_manager.aclose()


class _Reviving(UnixDomainSocketConnection):
    """A connection to the embedded server that starts it again where nobody listens any more."""

    def __init__(self, *, revive: Callable[[], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        self._revive = revive

    def _connect(self) -> Any:
        try:
            return super()._connect()  # type: ignore[no-untyped-call]  # the same
        except (FileNotFoundError, ConnectionRefusedError):
            self._revive()
        return super()._connect()  # type: ignore[no-untyped-call]  # the same


def _waits() -> dict[str, Any]:
    return {"socket_timeout": WAIT_S, "socket_connect_timeout": WAIT_S}


def _quick(retry: type[Retry] | type[AsyncRetry]) -> dict[str, Any]:
    """A Sentinel that doesn't answer at once isn't waited for: there are others."""
    return {"socket_timeout": 1.0, "socket_connect_timeout": 0.5, "retry": retry(NoBackoff(), 0)}


def _common(retry: object) -> dict[str, Any]:
    return {**_waits(), "health_check_interval": _HEALTH_S, "retry": retry, "max_connections": _CONNECTIONS}


def _sentinels(url: str) -> Sentinels | None:
    """What a URL with Sentinels says; None for one of another kind."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis+sentinel", "rediss+sentinel"):
        return None
    who, _, hosts = parts.netloc.rpartition("@")
    service, _, database = parts.path.strip("/").partition("/")
    try:
        places = tuple(_place(host) for host in hosts.split(",") if host)
        master: dict[str, Any] = {"db": int(database or 0)}
    except ValueError as wrong:
        raise _bad(url) from wrong
    if not places or not service:
        raise _bad(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    user, _, password = who.partition(":")
    master |= {key: unquote(text) for key, text in (("username", user), ("password", password)) if text}
    tls = _tls(query, url) if parts.scheme == "rediss+sentinel" else {}
    theirs = {key: query[f"sentinel_{key}"] for key in ("username", "password") if f"sentinel_{key}" in query}
    return Sentinels(places, unquote(service), master | tls, theirs | tls)


def _place(host: str) -> tuple[str, int]:
    parts = urlsplit(f"//{host}")
    if not parts.hostname:
        raise ValueError(host)
    return parts.hostname, parts.port or _SENTINEL_PORT


_TEXTS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs")


def _tls(query: dict[str, str], url: str) -> dict[str, Any]:
    unknown = {name for name in query if name.startswith("ssl_")} - {*_TEXTS, "ssl_check_hostname"}
    if unknown:
        raise _bad(url)
    options: dict[str, Any] = {"ssl": True, **{name: query[name] for name in _TEXTS if name in query}}
    if "ssl_check_hostname" in query:
        options["ssl_check_hostname"] = query["ssl_check_hostname"].lower() not in ("0", "false", "no", "f", "n")
    return options


def _bad(url: str) -> BadSetting:
    kind = "a Redis server with Sentinels" if "sentinel" in urlsplit(url).scheme else "a Redis server"
    return BadSetting(
        "bad-redis-url",
        f"REDIS_URL isn't a URL of {kind}.",
        "Write it like redis://localhost:6379/0, rediss://:password@host:6380/0, unix:///run/redis.sock or "
        "redis+sentinel://:password@one:26379,two:26379/mymaster/0.",
    )
