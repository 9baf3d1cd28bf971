"""The casebook: what the store remembers of senders, and of mails that were decided before.

It holds addresses (in lower case), names, servers and verdicts; no text of any mail. `forget` takes one
address out. Everything expires: histories after five half-lives without a mail, verdicts after their days.
"""

import hashlib
import json
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from bot.adapters.profiles import added, dump, load
from bot.adapters.store import Store
from bot.errors import NotChecked, StoreUnavailable
from bot.model import Case, Message, Precedent, Usual, Verdict
from bot.ports import Clock

HALF_LIFE_DAYS = 180.0
"""After half a year without mail from a server, it counts half: people change providers about that slowly."""
KEEP_VERDICTS_DAYS = 365.0
_MOST_VERDICTS = 50
"""Of one sender."""
_TRIES = 20


class RedisCasebook:
    """A Casebook (`bot.ports`) that can also learn, record and forget."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        half_life_days: float = HALF_LIFE_DAYS,
        keep_verdicts_days: float = KEEP_VERDICTS_DAYS,
    ) -> None:
        self._store, self._clock = store, clock
        self._half_life_days, self._keep_days = half_life_days, keep_verdicts_days
        self._profile_ttl = timedelta(days=5 * half_life_days)

    async def usual(self, address: str) -> Usual | None:
        """What history knows of an address, counts as of now. Raises NotChecked if the store is away."""
        return await self._read(address)

    async def usual_of_domain(self, domain: str) -> Usual | None:
        """What history knows of a domain, counts as of now. Raises NotChecked if the store is away."""
        return await self._read(domain)

    async def precedents(self, message: Message) -> tuple[Precedent, ...]:
        """What was decided about this sender before, the newest first.

        Our own verdict on this very mail is left out: a mail that is handed in twice is no evidence against
        itself. A technician's stays. Raises NotChecked if the store is away.
        """
        sender = _subject(message.author.address)
        if not sender:
            return ()
        try:
            kept = await self._store.ask(lambda redis: _all_fields(redis, _decided_key(sender)))
        except StoreUnavailable as away:
            raise NotChecked("earlier verdicts on this sender", away.message) from away
        now = self._clock.now()
        same = mail_id(message)
        found = [(mail, _precedent(text, now)) for mail, text in kept.items()]
        fitting = [
            precedent
            for mail, precedent in found
            if precedent.age_days <= self._keep_days and (precedent.by_technician or mail != same)
        ]
        return tuple(sorted(fitting, key=lambda precedent: (precedent.age_days, precedent.verdict)))

    async def remember(self, message: Message, at: datetime, observed: tuple[Usual, ...]) -> bool:
        """Adds what a genuine mail shows of its address and domain; False if this mail was added before.

        All of it or nothing is written, however many processes learn at once. Raises StoreUnavailable.
        """
        learned, mail = _learned_key(_subject(message.author.address)), mail_id(message)
        keys = [_usual_key(_subject(usual.subject)) for usual in observed]

        async def write(redis: Redis) -> bool:
            async with redis.pipeline(transaction=True) as pipe:
                for _ in range(_TRIES):
                    try:
                        return await self._add(pipe, learned, mail, dict(zip(keys, observed, strict=True)), at)
                    except WatchError:  # another process wrote one of them meanwhile
                        continue
            raise StoreUnavailable(
                "store-busy", "Too many processes are learning about one sender at once.", "Run the command again."
            )

        return await self._store.ask(write)

    async def decided(self, case: Case, *, by_technician: bool = False) -> None:
        """Records a case's verdict for its sender; what is undetermined decides nothing. Raises StoreUnavailable."""
        if case.diagnosis.verdict is not Verdict.UNDETERMINED:
            at = case.report.received_at or self._clock.now()
            await self.remember_verdict(case.message, case.diagnosis.verdict, at, by_technician=by_technician)

    async def remember_verdict(
        self, message: Message, verdict: Verdict, at: datetime, *, by_technician: bool = False
    ) -> None:
        """Records what was decided of a mail; a later word on the same mail takes the earlier one's place,
        but ours never a technician's. Raises StoreUnavailable.
        """
        sender, mail = _subject(message.author.address), mail_id(message)
        if not sender:
            return
        key = _decided_key(sender)
        text = json.dumps({"verdict": verdict.value, "by_technician": by_technician, "at": _aware(at).timestamp()})

        async def write(redis: Redis) -> None:
            kept = await _all_fields(redis, key)
            if mail in kept and json.loads(kept[mail])["by_technician"] and not by_technician:
                return
            oldest = sorted((other for other in kept if other != mail), key=lambda other: _when(kept[other]))
            surplus = oldest[: max(0, len(oldest) + 1 - _MOST_VERDICTS)]
            async with redis.pipeline(transaction=True) as pipe:
                pipe.hset(key, mail, text)
                if surplus:
                    pipe.hdel(key, *surplus)
                pipe.expire(key, timedelta(days=self._keep_days))
                await pipe.execute()

        await self._store.ask(write)

    async def forget(self, subject: str) -> bool:
        """Forgets an address (or a domain) with its history and verdicts; False if nothing was known.

        A domain keeps the counts that the address's mails added to it; they name nobody. Raises StoreUnavailable.
        """
        name = _subject(subject)
        keys = (_usual_key(name), _learned_key(name), _decided_key(name))
        return await self._store.ask(lambda redis: redis.delete(*keys)) > 0

    async def _read(self, subject: str) -> Usual | None:
        name = _subject(subject)
        try:
            text = await self._store.ask(lambda redis: redis.get(_usual_key(name)))
        except StoreUnavailable as away:
            raise NotChecked("the sender's usual servers", away.message) from away
        return load(name, str(text)).aged(self._clock.now(), self._half_life_days) if text is not None else None

    async def _add(self, pipe: Pipeline, learned: str, mail: str, new: dict[str, Usual], at: datetime) -> bool:
        await pipe.watch(learned, *new)
        if await cast("Awaitable[int]", pipe.sismember(learned, mail)):
            return False
        old = dict(zip(new, await pipe.mget(list(new)), strict=True))
        pipe.multi()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        pipe.sadd(learned, mail)
        pipe.expire(learned, self._profile_ttl)
        for key, usual in new.items():
            before = load(usual.subject, str(old[key])) if old[key] is not None else None
            pipe.set(key, dump(added(before, usual, at, self._half_life_days)), ex=self._profile_ttl)
        await pipe.execute()
        return True


def mail_id(message: Message) -> str:
    """What two copies of one mail have in common: Message-ID, author, date and subject; without an id, every octet.

    Received lines differ from mailbox to mailbox and don't count.
    """
    date = message.date.isoformat() if message.date else ""
    if message.message_id:
        parts = [message.message_id, message.author.address, date, message.subject]
    else:
        fields = [f"{header.name}:{header.value}" for header in message.headers]
        parts = [hashlib.sha256(message.raw).hexdigest(), *fields, message.text]
    told = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:32]


async def _all_fields(redis: Redis, key: str) -> dict[str, str]:
    kept = await cast("Awaitable[dict[str, str]]", redis.hgetall(key))
    return dict(kept)


def _precedent(text: str, now: datetime) -> Precedent:
    kept = json.loads(text)
    age = max(0.0, (now.timestamp() - kept["at"]) / 86_400)
    return Precedent(kept["verdict"], kept["by_technician"], age, "sender")


def _when(text: str) -> float:
    return float(json.loads(text)["at"])


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _subject(text: str) -> str:
    """An address or domain as it is kept: lower case, bounded (RFC 5321, 4.5.3.1.3: 254 octets and to spare)."""
    return text.strip().lower()[:320]


def _usual_key(subject: str) -> str:
    return f"checkmail:usual:{subject}"


def _learned_key(address: str) -> str:
    return f"checkmail:learned:{address}"


def _decided_key(address: str) -> str:
    return f"checkmail:decided:{address}"
