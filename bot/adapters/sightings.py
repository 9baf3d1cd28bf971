"""Which mails were reported before: digests and verdicts in the store, gone as soon as the mails' content is.

checkmail:same:<team>:<mail>    the inquiry in which this very mail was decided
checkmail:alike:<team>:<group>  the reports of mails of one author and subject, by inquiry, the last MOST of them
checkmail:sighted:<inquiry>     the groups in which an inquiry is, to forget it
"""

import json
from datetime import timedelta
from typing import cast

import redis

from bot.adapters.store import Line, asking
from bot.model import Verdict
from bot.ports import Sightings
from bot.sameness import Sighting

MOST = 100
_SIGHT = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('LREM', KEYS[2], 1, ARGV[1])
redis.call('LPUSH', KEYS[2], ARGV[1])
if redis.call('LLEN', KEYS[2]) > tonumber(ARGV[4]) then redis.call('HDEL', KEYS[1], redis.call('RPOP', KEYS[2])) end
redis.call('SADD', KEYS[3], KEYS[1])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
"""


class RedisSightings(Sightings):
    """One for each process; safe for threads. Every method raises StoreUnavailable."""

    def __init__(self, line: Line, *, keep: timedelta = timedelta(hours=24)) -> None:
        self._url, self._client = line.url, line.client()
        self._keep_ms = max(1, int(keep.total_seconds() * 1000))
        self._sight = self._client.register_script(_SIGHT)

    def close(self) -> None:
        self._client.close()

    def same(self, team: str, mail: str) -> str | None:
        with asking(self._url):
            known = cast("bytes | None", self._client.get(_same(team, mail)))
        return known.decode() if known else None

    def copies(self, team: str, group: str) -> tuple[Sighting, ...]:
        key = _alike(team, group)
        with asking(self._url), self._client.pipeline(transaction=True) as pipe:
            pipe.lrange(f"{key}:order", 0, -1)
            pipe.hgetall(key)
            order, kept = pipe.execute()
        read = (_load(id.decode(), kept[id]) for id in order if id in kept)
        return tuple(each for each in read if each is not None)

    def sighted(self, team: str, sighting: Sighting, group: str, mail: str) -> None:
        with asking(self._url):
            if mail:
                self._client.set(_same(team, mail), sighting.inquiry, px=self._keep_ms)
            if group:
                key = _alike(team, group)
                told = (sighting.inquiry, _dump(sighting), self._keep_ms, MOST)
                self._sight(keys=[key, f"{key}:order", _groups(sighting.inquiry)], args=told)


def forget(client: redis.Redis, inquiry: str) -> None:
    """Takes an inquiry's reports out of all groups. Raises RedisError."""
    groups = cast("set[bytes]", client.smembers(_groups(inquiry)))
    for group in groups:
        client.hdel(group, inquiry)
        client.lrem(f"{group.decode()}:order", 0, inquiry)
    client.delete(_groups(inquiry))


def _dump(sighting: Sighting) -> str:
    return json.dumps([sighting.who, sighting.whole, sighting.verdict, sighting.sketch, sighting.hosts])


def _load(inquiry: str, text: bytes) -> Sighting | None:
    """None for what another version wrote in a way that this one can't read."""
    try:
        who, whole, verdict, sketch, hosts = json.loads(text)
        return Sighting(inquiry, who, whole, Verdict(verdict), tuple(sketch), tuple(hosts))
    except (ValueError, TypeError):
        return None


def _same(team: str, mail: str) -> str:
    return f"checkmail:same:{team}:{mail}"


def _groups(inquiry: str) -> str:
    return f"checkmail:sighted:{inquiry}"


def _alike(team: str, group: str) -> str:
    return f"checkmail:alike:{team}:{group}"
