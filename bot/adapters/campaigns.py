"""Campaigns in the store: digests alone, kept as long as somebody goes on reporting them.

checkmail:campaign:<team>:<id>:mails      the traits of its last mails
checkmail:campaign:<team>:<id>:people     digests of who reported it
checkmail:campaign-by:<team>:<token>      the campaigns with mails of that token, the newest first
"""

import json
from datetime import timedelta
from typing import cast

from bot.adapters.store import Line, asking
from bot.campaigns import Campaigns, Traits

MOST_MAILS = 10
"""Of one campaign, against which a new mail is held."""
MOST_CAMPAIGNS = 10
"""Of one token: whoever floods one with many campaigns makes the older ones be forgotten, not the store be full."""
MOST_NEAR = 40
_ADD = """
redis.call('LREM', KEYS[1], 0, ARGV[1])
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], 0, ARGV[4] - 1)
redis.call('SADD', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
for i = 3, #KEYS do
  redis.call('LREM', KEYS[i], 0, ARGV[6])
  redis.call('LPUSH', KEYS[i], ARGV[6])
  redis.call('LTRIM', KEYS[i], 0, ARGV[5] - 1)
  redis.call('PEXPIRE', KEYS[i], ARGV[3])
end
return redis.call('SCARD', KEYS[2])
"""


class RedisCampaigns(Campaigns):
    """One for each process; safe for threads. Every method raises StoreUnavailable."""

    def __init__(self, line: Line, *, keep: timedelta = timedelta(days=30)) -> None:
        self._url, self._client = line.url, line.client()
        self._keep_ms = max(1, int(keep.total_seconds() * 1000))
        self._add = self._client.register_script(_ADD)

    def close(self) -> None:
        self._client.close()

    def near(self, team: str, tokens: tuple[str, ...]) -> tuple[tuple[str, Traits], ...]:
        with asking(self._url), self._client.pipeline(transaction=False) as pipe:
            for token in tokens:
                pipe.lrange(_by(team, token), 0, -1)
            found: list[list[bytes]] = pipe.execute() if tokens else []
        ids = list(dict.fromkeys(id.decode() for each in found for id in each))[:MOST_NEAR]
        with asking(self._url), self._client.pipeline(transaction=False) as pipe:
            for id in ids:
                pipe.lrange(_mails(team, id), 0, -1)
            kept: list[list[bytes]] = pipe.execute() if ids else []
        return tuple((id, _load(text)) for id, texts in zip(ids, kept, strict=True) for text in texts)

    def add(self, team: str, campaign: str, traits: Traits, tokens: tuple[str, ...], who: str) -> int:
        keys = [_mails(team, campaign), _people(team, campaign), *(_by(team, token) for token in tokens)]
        args = (_dump(traits), who, self._keep_ms, MOST_MAILS, MOST_CAMPAIGNS, campaign)
        with asking(self._url):
            return int(cast("int", self._add(keys=keys, args=args)))

    def again(self, team: str, campaign: str, who: str) -> int:
        key = _people(team, campaign)
        with asking(self._url), self._client.pipeline(transaction=True) as pipe:
            pipe.sadd(key, who)
            pipe.pexpire(key, self._keep_ms)
            pipe.scard(key)
            return int(pipe.execute()[2])


def _dump(traits: Traits) -> str:
    return json.dumps([traits.subject, traits.author, traits.network, traits.hosts, traits.sketch])


def _load(text: bytes) -> Traits:
    subject, author, network, hosts, sketch = json.loads(text)
    return Traits(subject, author, network, tuple(hosts), tuple(sketch))


def _mails(team: str, campaign: str) -> str:
    return f"checkmail:campaign:{team}:{campaign}:mails"


def _people(team: str, campaign: str) -> str:
    return f"checkmail:campaign:{team}:{campaign}:people"


def _by(team: str, token: str) -> str:
    return f"checkmail:campaign-by:{team}:{token}"
