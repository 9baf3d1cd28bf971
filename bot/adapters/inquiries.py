"""The durable record of inquiries, in the store.

It is written twice in one step, whole and thinned (`bot.adapters.records`), and the store itself drops each when its
time is over: nothing has to run, and nobody has to look, for content to go.
"""

import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import structlog

from bot.adapters import inquiry_keys as keys
from bot.adapters import records, sightings
from bot.adapters.leases import LASTS_S, Leases
from bot.adapters.store import Line, asking
from bot.errors import Shown, StoreUnavailable
from bot.model import Asker, Exhibit, Inquiry, Place, Stage
from bot.ports import Clock, Inquiries, Said

log = structlog.get_logger()
LETTERS = "23456789bcdfghjkmnpqrstvwxyz"
"""Of ids: none is taken for another when it is read out, and without vowels they make no words."""
WORRY_S = 60.0
"""How long an inquiry may wait before its job is thought lost."""
_WAITING_AT_LEAST = timedelta(days=2)
"""Content isn't dropped before the answer, as long as a job may still come to it."""
_STRANGE_S = 600.0
"""How soon a waiting record that can't be read is looked at again."""
FORGOTTEN_AT_ONCE = 100
COMPACTED_MS = 60_000
"""How soon the embedded server's log is written anew again."""
_TRIES = 60
ContentUntil = Callable[[Inquiry, datetime], datetime | None]
"""Given an inquiry and the time of its last activity: until when its content is kept; None: as long as its verdict."""


class RedisInquiries(Inquiries):
    """One for each process; safe for threads. Every method raises StoreUnavailable."""

    def __init__(
        self,
        line: Line,
        clock: Clock,
        *,
        keep_content: timedelta = timedelta(hours=24),
        keep_verdicts: timedelta = timedelta(days=90),
        remember: timedelta = timedelta(days=1),
        content_until: ContentUntil | None = None,
        worry_s: float = WORRY_S,
        lease_s: float = LASTS_S,
        new_id: Callable[[], str] | None = None,
    ) -> None:
        self._is_ours = line.lease is not None
        self._url, self._client, self._clock = line.url, line.client(), clock
        self._verdicts, self._remember, self._worry_s = keep_verdicts, remember, worry_s
        self._until = content_until or (lambda _, at: at + keep_content)
        self._new_id = new_id or make_id
        self._leases = Leases(self._client, lasts_s=lease_s)
        records.prepare()
        script = self._client.register_script
        self._open, self._save, self._keep = script(keys.OPEN), script(keys.SAVE), script(keys.KEEP)
        self._claim, self._said, self._tally = script(keys.CLAIM), script(keys.SAID), script(keys.TALLY)

    def close(self) -> None:
        self._client.close()

    def open(self, inquiry: Inquiry, key: str) -> Inquiry:
        now = self._clock.now()
        for _ in range(_TRIES):
            new = replace(inquiry, id=inquiry.id or self._new_id())
            content, verdict = self._times(new, now)
            places = [keys.key(key), keys.full(new.id), keys.thin(new.id), keys.WAITING, keys.asker(new.asker)]
            # What is added in a thread goes to the inquiry with which it began.
            places += [keys.thread(new.place)] if new.place.thread and not new.parent else []
            args = (
                new.id,
                _ms(self._remember),
                records.dump(new),
                max(1, content),
                records.dump(records.thinned(new)),
                verdict,
                now.timestamp() + self._worry_s,
                (now - self._verdicts).timestamp(),
                new.received_at.timestamp(),
            )
            with asking(self._url):
                opened = cast("bytes", self._open(keys=places, args=args)).decode()
            if opened == new.id:
                return new
            if opened:
                return self.find(opened) or replace(new, id=opened)
        raise self._busy()

    def find(self, id: str) -> Inquiry | None:
        try:
            kept = self._read(id)
        except records.Strange as strange:
            log.warning("a record can't be read", inquiry=id, why=strange.message)
            return None
        return kept[1] if kept else None

    def at(self, place: Place) -> Inquiry | None:
        if not place.thread:
            return None
        with asking(self._url):
            known = cast("bytes | None", self._client.get(keys.thread(place)))
        return self.find(known.decode()) if known else None

    def of(self, asker: Asker) -> tuple[Inquiry, ...]:
        return self._newest(asker, 50)

    def latest(self, asker: Asker) -> Inquiry | None:
        return next(iter(self._newest(asker, 1)), None)

    def change(self, id: str, change: Callable[[Inquiry], Inquiry]) -> Inquiry:
        for attempt in range(_TRIES):
            kept = self._read(id)
            if kept is None:
                raise Shown("inquiry-gone", "That question isn't kept any more.", "Hand the mail in again.")
            version, before = kept
            after = change(before)
            if after == before or self._write(version, before, after):
                return after
            time.sleep(random.uniform(0, 0.002 * (attempt + 1)))  # noqa: S311 (spreads processes, hides nothing)
        raise self._busy()

    def first(self, key: str, within: timedelta) -> bool:
        with asking(self._url):
            return bool(self._client.set(keys.first(key), b"", nx=True, px=max(1, _ms(within))))

    def known(self, key: str) -> bool:
        with asking(self._url):
            return bool(self._client.exists(keys.first(key)))

    def tally(self, key: str, within: timedelta) -> int:
        with asking(self._url):
            return int(cast("int", self._tally(keys=[f"checkmail:tally:{keys.digest(key)}"], args=[_ms(within)])))

    def keep(self, id: str, name: str, exhibits: tuple[Exhibit, ...]) -> None:
        packed = records.dump_exhibits(exhibits)
        if packed is not None:
            with asking(self._url):
                self._keep(keys=[keys.material(id), keys.full(id)], args=[name, packed])

    def kept(self, id: str, name: str) -> tuple[Exhibit, ...] | None:
        with asking(self._url):
            packed = cast("bytes | None", self._client.hget(keys.material(id), name))
        return records.load_exhibits(packed) if packed is not None else None

    def saying(self, id: str, mark: str) -> Said | bool:
        places = [keys.saying(id, mark), *((keys.thin(id),) if id else ())]
        with asking(self._url):
            said = cast("bytes | None", self._claim(keys=places, args=[mark, self._said_ms(id)]))
        if said is None:
            return True
        return records.load_said(said) if said else False

    def heard(self, id: str, mark: str) -> Said | None:
        with asking(self._url):
            said = cast("bytes | None", self._client.hget(keys.saying(id, mark), mark))
        return records.load_said(said) if said else None

    def said(self, id: str, mark: str, said: Said) -> None:
        places = [keys.saying(id, mark), *((keys.thin(id),) if id else ())]
        if id and said.ts:
            places.append(keys.thread(Place(said.channel, said.thread or said.ts)))
        with asking(self._url):
            self._said(keys=places, args=[mark, records.dump_said(said), self._said_ms(id), id])

    def unsaid(self, id: str, mark: str) -> None:
        with asking(self._url):
            self._client.hdel(keys.saying(id, mark), mark)

    def begin(self, id: str, revision: int) -> int:
        with asking(self._url):
            return int(cast("int", self._tally(keys=[keys.starts(id, revision)], args=[_ms(self._remember)])))

    def end(self, id: str, revision: int) -> None:
        with asking(self._url):
            self._client.delete(keys.starts(id, revision))

    @contextmanager
    def hold(self, name: str, wait_s: float = 0.0) -> Iterator[bool]:
        with asking(self._url), self._leases.hold(name, wait_s) as held:
            yield held

    def overdue(self, most: int) -> tuple[Inquiry, ...]:
        now = self._clock.now().timestamp()
        with asking(self._url):
            ids = cast("list[bytes]", self._client.zrangebyscore(keys.WAITING, "-inf", now, start=0, num=most))
        return tuple(inquiry for id in ids if (inquiry := self._worried(id.decode(), now)) is not None)

    def forget(self, asker: Asker, until: datetime) -> int:
        gone = sum(self._forget_of(index, until.timestamp()) for index in _indexes(asker))
        if gone and self._is_ours:
            with asking(self._url):
                self._client.set(keys.COMPACT, b"")
        return gone

    def spoken(self, asker: Asker, until: datetime) -> tuple[Said, ...]:
        ids = [id for index in _indexes(asker) for id in self._newest_until(index, until.timestamp())]
        with asking(self._url), self._client.pipeline(transaction=False) as pipe:
            for id in ids:
                pipe.hvals(keys.saying(id))
            found = pipe.execute()
        return tuple(records.load_said(text) for texts in found for text in texts if text)

    def compact(self) -> bool:
        with asking(self._url):
            if not self._is_ours or not self._client.exists(keys.COMPACT):
                return False
            # The log is written anew by a child of the server's, which costs memory: not for each that forgets.
            if not self._client.set(keys.COMPACTED, b"", nx=True, px=COMPACTED_MS):
                return False
            self._client.delete(keys.COMPACT)
            self._client.bgrewriteaof()
        return True

    def _newest_until(self, index: str, until: float) -> list[str]:
        with asking(self._url):
            ids = cast(
                "list[bytes]", self._client.zrevrangebyscore(index, until, "-inf", start=0, num=FORGOTTEN_AT_ONCE)
            )
        return [id.decode() for id in ids]

    def _forget_of(self, index: str, until: float) -> int:
        gone = 0
        for id in self._newest_until(index, until):
            gone += self._forget(id)
            with asking(self._url):
                self._client.zrem(index, id)
        return gone

    def _forget(self, id: str) -> bool:
        before = self.find(id)
        try:
            self.change(id, records.forgotten)
        except StoreUnavailable:
            raise
        except records.Strange:
            with asking(self._url):
                self._client.delete(keys.full(id), keys.thin(id), keys.material(id))
                self._client.hset(keys.thin(id), "f", "1")
                self._client.pexpire(keys.thin(id), _ms(self._verdicts))
                self._client.zrem(keys.WAITING, id)
        except Shown:  # it expired meanwhile
            return False
        with asking(self._url):
            said = cast("dict[bytes, bytes]", self._client.hgetall(keys.saying(id)))
            places = {
                Place(each.channel, each.thread or each.ts)
                for each in (records.load_said(text) for text in said.values() if text)
            }
            if before is not None:
                places |= {before.place, *(Place(before.place.channel, piece.ts) for piece in before.pieces)}
            sightings.forget(self._client, id)
            threads = [keys.thread(place) for place in places]
            found = cast("list[bytes | None]", self._client.mget(threads)) if threads else []
            mine = [thread for thread, known in zip(threads, found, strict=True) if known == id.encode()]
            self._client.delete(keys.saying(id), *mine)
        return True

    def _newest(self, asker: Asker, most: int) -> tuple[Inquiry, ...]:
        with asking(self._url):
            ids = cast("list[bytes]", self._client.zrevrange(keys.asker(asker), 0, most - 1))
        return tuple(kept for id in ids if (kept := self.find(id.decode())) is not None)

    def _worried(self, id: str, now: float) -> Inquiry | None:
        """The inquiry, to be looked at again after as long a time as it has waited; None if it needn't be."""
        try:
            kept = self._read(id)
        except records.Strange as strange:  # a later version may come again
            log.warning("a record that waits can't be read", inquiry=id, why=strange.message)
            with asking(self._url):
                self._client.zadd(keys.WAITING, {id: now + _STRANGE_S}, xx=True)
            return None
        inquiry = kept[1] if kept else None
        waits = inquiry is not None and (inquiry.stage is Stage.RECEIVED or self._has_unheard(inquiry))
        with asking(self._url):
            if inquiry is None or not waits:
                self._client.zrem(keys.WAITING, id)
                return None
            since = (inquiry.changed_at or inquiry.received_at).timestamp()
            self._client.zadd(keys.WAITING, {id: now + max(self._worry_s, now - since)}, xx=True)
        return inquiry

    def _has_unheard(self, inquiry: Inquiry) -> bool:
        if inquiry.stage is Stage.FORGOTTEN:
            return False
        return any(
            not (self.heard(inquiry.id, wish.called) or self.heard(inquiry.id, wish.noted)) for wish in inquiry.wishes
        )

    def _read(self, id: str) -> tuple[str, Inquiry] | None:
        with asking(self._url), self._client.pipeline(transaction=True) as pipe:
            pipe.hmget(keys.full(id), "v", "b")
            pipe.hmget(keys.thin(id), "v", "b")
            (full_version, full), (version, thin) = pipe.execute()
        if version is None:
            return None
        return version.decode(), records.load(full if full_version == version else thin)

    def _write(self, version: str, before: Inquiry, after: Inquiry) -> bool:
        now = self._clock.now()
        content, verdict = self._times(after, now)
        new = {piece.ts for piece in after.pieces if piece.ts} - {piece.ts for piece in before.pieces}
        threads = [keys.thread(Place(after.place.channel, ts)) for ts in sorted(new)]
        threads += [keys.thread(after.place)] if after.place.thread and after.place != before.place else []
        places = [keys.full(after.id), keys.thin(after.id), keys.WAITING, keys.material(after.id), *threads]
        args = (
            version,
            records.dump(after),
            records.dump(records.thinned(after)),
            content,
            verdict,
            now.timestamp() + self._worry_s,
            after.id,
            _waiting(before, after),
            int(after.stage is Stage.FORGOTTEN),
        )
        with asking(self._url):
            saved = bool(self._save(keys=places, args=args))
            if saved and after.stage is not Stage.FORGOTTEN and keys.asker(after.asker) != keys.asker(before.asker):
                self._client.zadd(keys.asker(after.asker), {after.id: after.received_at.timestamp()})
                self._client.pexpire(keys.asker(after.asker), _ms(self._verdicts))
                self._client.zrem(keys.asker(before.asker), after.id)
        return saved

    def _said_ms(self, id: str) -> int:
        return _ms(self._verdicts if id else self._remember)

    def _times(self, inquiry: Inquiry, now: datetime) -> tuple[int, int]:
        """How long from now, in milliseconds, content and verdict are kept; content 0: no longer."""
        last = inquiry.changed_at or inquiry.received_at
        verdict = max(1, _ms(last + self._verdicts - now))
        if inquiry.stage is Stage.FORGOTTEN:
            return 0, verdict
        until = self._until(inquiry, last)
        if inquiry.stage is Stage.RECEIVED and until is not None:
            until = max(until, last + _WAITING_AT_LEAST)
        return (verdict if until is None else min(verdict, max(0, _ms(until - now)))), verdict

    def _busy(self) -> StoreUnavailable:
        return StoreUnavailable("store-busy", "Too many processes write one question at once.", "Try it once more.")


def _indexes(asker: Asker) -> tuple[str, ...]:
    return tuple(keys.asker(replace(asker, verified=verified)) for verified in (True, False))


def _waiting(before: Inquiry, after: Inquiry) -> str:
    """Whether an answer or a call is due: no longer, anew (from now on), or as before."""
    if after.stage is Stage.FORGOTTEN:
        return "over"
    if set(after.wishes) - set(before.wishes):
        return "anew"
    if after.stage is not Stage.RECEIVED:
        return "still" if after.wishes else "over"
    return "anew" if before.stage is not Stage.RECEIVED or after.revision != before.revision else "still"


def make_id() -> str:
    """Eight letters, one of 3.8e11: short enough to be read out, too many to be guessed."""
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def _ms(time: timedelta) -> int:
    return int(time.total_seconds() * 1000)
