"""The store's side of `checkmail doctor`: whether it answers, keeps what it is given, and throws nothing away."""

from collections.abc import Iterator
from typing import Any, cast

from redis import Redis
from redis.exceptions import ResponseError

from bot.adapters.queue import DeadLetters
from bot.adapters.redis_url import where
from bot.adapters.store import Line, asking
from bot.checkup import Checked

SLOW_S = 60.0
OLDEST = 6
"""The major version of Redis that we need (streams of options that SET and LPOS take)."""


def look_at(line: Line) -> Iterator[Checked]:
    """Everything that can be tried of an open store. Raises StoreUnavailable where it goes away meanwhile."""
    with line.client() as client, asking(line.url):
        info = cast("dict[str, Any]", client.info())
        yield _version(info, "embedded, on disk" if line.lease else where(line.url))
        if line.lease is None:
            yield _keeps(info, client)
            yield _eviction(client)
        if (short := _memory(info)) is not None:
            yield short


def queue(letters: DeadLetters) -> Checked:
    """How much waits, and whether jobs were given up. Raises StoreUnavailable."""
    depths = letters.depth()
    waiting, dead = sum(depth.waiting for depth in depths), sum(depth.dead for depth in depths)
    oldest = max((depth.oldest_s for depth in depths), default=0.0)
    if dead:
        return Checked(
            "queue", f"{dead} jobs were given up", "See why: checkmail jobs. Try again: checkmail jobs retry."
        )
    if oldest > SLOW_S:
        return Checked(
            "queue",
            f"{waiting} jobs wait, the oldest for {oldest:.0f} s",
            "Is a worker running? Start checkmail worker, or more of them.",
        )
    return Checked("queue", f"fine: {waiting} jobs wait")


def _version(info: dict[str, Any], place: str) -> Checked:
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info.get("redis_version") or "?")
    if info.get("role") not in (None, "master"):
        return Checked("store", f"{place} is a replica, which can't be written", "Name the master in REDIS_URL.")
    major = version.partition(".")[0]
    if major.isdecimal() and int(major) < OLDEST:
        return Checked("store", f"{place}: {name} {version}", f"Update it to Redis {OLDEST} or Valkey 7 at least.")
    return Checked("store", f"fine: {name} {version}, {place}")


def _keeps(info: dict[str, Any], client: Redis) -> Checked:
    """Whether a restart of the server loses what is queued."""
    if info.get("aof_enabled"):
        return Checked("persistence", "fine: every write goes to its log on disk")
    snapshots = _configured(client, "save")
    if snapshots is None:
        return Checked("persistence", "the server doesn't tell whether it keeps data over a restart")
    if snapshots:
        return Checked("persistence", "snapshots only: after a crash of the server the last minutes may be missing")
    return Checked("persistence", "none: a restart of the server loses reports", "Set appendonly yes in its settings.")


def _eviction(client: Redis) -> Checked:
    policy = _configured(client, "maxmemory-policy")
    if policy is None:
        return Checked("eviction", "the server doesn't tell; its maxmemory-policy must be noeviction")
    if policy in ("noeviction", ""):
        return Checked("eviction", "fine: nothing is thrown away")
    return Checked(
        "eviction",
        f"the server may throw reports away where memory is short ({policy})",
        "Set maxmemory-policy noeviction in its settings.",
    )


def _configured(client: Redis, name: str) -> str | None:
    """A setting of the server; None where it doesn't tell, as managed servers don't."""
    try:
        told = cast("dict[bytes | str, bytes | str]", client.config_get(name))
    except ResponseError:
        return None
    value = next(iter(told.values()), "")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _memory(info: dict[str, Any]) -> Checked | None:
    """Only where it is short."""
    used, most = int(info.get("used_memory") or 0), int(info.get("maxmemory") or 0)
    if not most or used <= 0.9 * most:
        return None
    return Checked(
        "memory",
        f"{used / 1e6:.0f} MB of {most / 1e6:.0f} used",
        "Give the server more memory (maxmemory), or keep content for fewer hours.",
    )
