"""The tickets, in the store.

checkmail:tickets:<team>:number          the last number
checkmail:ticket:<team>:<n>              the ticket: version and body; expires with its content, once it is closed
checkmail:ticket:<team>:<n>:thin         the same without content and names; expires when the record does
checkmail:ticket:<team>:<n>:record       its acts, one a line, and …:thin-record without content and names
checkmail:ticket:<team>:<n>:keys         the deliveries whose acts it has
checkmail:ticket:<team>:<n>:tells        what has to be told of its acts, until it was
checkmail:tickets:<team>:pile:<name>     the queue's lists, in order
checkmail:ticket-of:<team>:<digest>      the last ticket of an inquiry, an account, a campaign, a post
checkmail:tickets:wake, …:untold         what is to be looked at when, and what was written but isn't told

An open ticket expires never. Appending an act compares the version, so that of two people at once one wins.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from bot.adapters import ticket_records as records
from bot.adapters.store import Line, asking
from bot.adapters.ticket_scripts import OPEN, TOLD, WRITE
from bot.errors import StoreUnavailable
from bot.model.inquiry import Place
from bot.model.telling import Tell
from bot.model.tickets import Act, Entry, LiveTicket, TicketState
from bot.ports import Clock
from bot.tickets import thinning
from bot.tickets.ports import Page, Pile, Tickets, Written, account_claims, claims_of, inquiry_claim

_WAKE, _UNTOLD = "checkmail:tickets:wake", "checkmail:tickets:untold"
_AGAIN_S = 900.0
"""How long after it was queued again something is thought lost once more: Slack may be away for hours."""
_LATER = 10_000_000_000
"""Added to the place of what waits or rests: it comes after everything whose clock runs."""


class RedisTickets(Tickets):
    """One for each process; safe for threads. Every method raises StoreUnavailable."""

    def __init__(
        self,
        line: Line,
        clock: Clock,
        *,
        keep_content: timedelta = timedelta(hours=24),
        keep_record: timedelta = timedelta(days=365),
    ) -> None:
        """Both are counted from the closing."""
        self._url, self._client, self._clock = line.url, line.client(), clock
        self._content, self._record = keep_content, max(keep_record, keep_content)
        script = self._client.register_script
        self._open, self._write, self._told = script(OPEN), script(WRITE), script(TOLD)

    def close(self) -> None:
        self._client.close()

    def next_number(self, team: str) -> int:
        with asking(self._url):
            return int(cast("bytes | None", self._client.get(_counter(team))) or 0) + 1

    def open(self, ticket: LiveTicket, written: Written, claims: tuple[tuple[str, int], ...]) -> bool:
        team, number = ticket.team, ticket.number
        keys = [
            *(
                _counter(team),
                _full(team, number),
                _thin(team, number),
                _lines(team, number),
                _thin_lines(team, number),
            ),
            *(_keys(team, number), _WAKE, _tells(team, number), _UNTOLD),
        ]
        args = (
            number,
            records.dump(ticket),
            records.dump(thinning.thin(ticket)),
            records.dump_entry(written.entry),
            records.dump_entry(thinning.entry(written.entry)),
            records.SCHEMA,
            json.dumps(_piles(ticket, written.due)),
            json.dumps([[_pointer(team, claim), expected] for claim, expected in claims]),
            json.dumps([_pointer(team, claim) for claim in _claims(written.entry.act)]),
            _digest(written.key) if written.key else "",
            *(f"{team}:{number}", _when(written.wakes)),
            *(records.dump_tells(written.tells) if written.tells else "", f"{team}:{number}:1"),
            self._now(),
        )
        with asking(self._url):
            return bool(self._open(keys=keys, args=args))

    def write(self, before: LiveTicket, after: LiveTicket, written: Written) -> bool:
        team, number = after.team, after.number
        content, rest = self._times(after)
        entry = thinning.without(written.entry, written.person) if written.person else written.entry
        args = (
            *(before.version, after.version, records.dump(after), records.dump(thinning.thin(after))),
            records.dump_entry(entry),
            records.dump_entry(thinning.entry(entry)),
            json.dumps(_piles(after, written.due)),
            json.dumps([_pointer(team, claim) for claim in _claims(written.entry.act)]),
            _digest(written.key) if written.key else "",
            *(f"{team}:{number}", _when(written.wakes)),
            *(records.dump_tells(written.tells) if written.tells else "", f"{team}:{number}:{after.version}"),
            *(self._now(), content, rest),
            self._rewritten(team, number, written.person),
            number,
            _pointer_start(team, "who") if after.forgotten and not after.is_open else "",
            records.SCHEMA,
        )
        with asking(self._url):
            done = bool(self._write(keys=_of(team, number), args=args))
            if done and after.state is TicketState.CLOSED:
                self._prune(team)
        return done

    def find(self, team: str, number: int) -> LiveTicket | None:
        return next(iter(self._read(team, (number,))), None)

    def story(self, team: str, number: int) -> tuple[Entry, ...]:
        with asking(self._url), self._client.pipeline(transaction=True) as pipe:
            pipe.lrange(_lines(team, number), 0, -1)
            pipe.lrange(_thin_lines(team, number), 0, -1)
            full, thin = pipe.execute()
        known = {entry.number: entry for entry in map(records.load_entry, full)}
        return tuple(known.get(entry.number, entry) for entry in map(records.load_entry, thin))

    def done(self, team: str, number: int, key: str) -> int:
        with asking(self._url):
            return int(cast("bytes | None", self._client.hget(_keys(team, number), _digest(key))) or 0)

    def about(self, team: str, claim: str) -> int:
        with asking(self._url):
            return int(cast("bytes | None", self._client.get(_pointer(team, claim))) or 0)

    def at(self, team: str, place: Place) -> int:
        return self.about(team, _post_claim(place))

    def pile(self, team: str, pile: Pile, user: str = "", start: int = 0, count: int = 20) -> Page:
        key, last = _pile(team, pile, user), start + count - 1
        backwards = pile in (Pile.CLOSED, Pile.CAMPAIGNS)
        with asking(self._url), self._client.pipeline(transaction=False) as pipe:
            (pipe.zrevrange if backwards else pipe.zrange)(key, start, last)
            pipe.zcard(key)
            numbers, total = pipe.execute()
        return Page(self._read(team, map(int, numbers)), int(total))

    def totals(self, team: str, user: str = "") -> dict[Pile, int]:
        with asking(self._url), self._client.pipeline(transaction=False) as pipe:
            for pile in Pile:
                pipe.zcard(_pile(team, pile, user))
            return dict(zip(Pile, map(int, pipe.execute()), strict=True))

    def closed_since(self, team: str, since: datetime, most: int = 10_000) -> tuple[LiveTicket, ...]:
        with asking(self._url):
            numbers = cast(
                "list[bytes]",
                self._client.zrangebyscore(_pile(team, Pile.CLOSED), since.timestamp(), "+inf", start=0, num=most),
            )
        return self._read(team, map(int, numbers))

    def waking(self, now: datetime, most: int) -> tuple[tuple[str, int], ...]:
        with asking(self._url):
            found = cast("list[bytes]", self._client.zrangebyscore(_WAKE, "-inf", now.timestamp(), start=0, num=most))
        return tuple((team, int(number)) for team, _, number in (each.decode().rpartition(":") for each in found))

    def place(self, ticket: LiveTicket, due: datetime | None, wakes: datetime | None) -> None:
        member = f"{ticket.team}:{ticket.number}"
        with asking(self._url), self._client.pipeline(transaction=True) as pipe:
            for key, score in _piles(ticket, due):
                pipe.zadd(key, {str(ticket.number): score}, xx=True)  # it may be closed by now
            pipe.zadd(_WAKE, {member: wakes.timestamp()}, xx=True) if wakes else pipe.zrem(_WAKE, member)
            pipe.execute()

    def sleep(self, team: str, number: int) -> None:
        with asking(self._url):
            self._client.zrem(_WAKE, f"{team}:{number}")

    def tells(self, team: str, number: int, version: int) -> tuple[Tell, ...]:
        with asking(self._url):
            kept = cast("bytes | None", self._client.hget(_tells(team, number), str(version)))
        return records.load_tells(kept) if kept else ()

    def told(self, team: str, number: int, version: int) -> None:
        with asking(self._url):
            self._told(keys=[_tells(team, number), _UNTOLD], args=[version, f"{team}:{number}:{version}"])

    def untold(self, before: datetime, most: int) -> tuple[tuple[str, int, int], ...]:
        with asking(self._url):
            found = cast(
                "list[bytes]", self._client.zrangebyscore(_UNTOLD, "-inf", before.timestamp(), start=0, num=most)
            )
            if found:
                again = self._now() + _AGAIN_S
                self._client.zadd(_UNTOLD, dict.fromkeys(found, again), xx=True)
        parts = (each.decode().rsplit(":", 2) for each in found)
        return tuple((team, int(number), int(version)) for team, number, version in parts)

    def _read(self, team: str, numbers: Iterable[int]) -> tuple[LiveTicket, ...]:
        """Those that are kept, in order, each with its content where that is."""
        wanted = tuple(numbers)
        with asking(self._url), self._client.pipeline(transaction=True) as pipe:
            for number in wanted:
                pipe.hmget(_full(team, number), "v", "b")
                pipe.hmget(_thin(team, number), "v", "b", "s")
            found: list[Any] = pipe.execute() if wanted else []
        pairs = list(zip(found[::2], found[1::2], strict=True))
        if any(int(thin[2] or 0) > records.SCHEMA for _, thin in pairs):
            raise _newer()
        bodies = ((full if full[0] == thin[0] else thin)[1] for full, thin in pairs)
        return tuple(records.load(body) for body in bodies if body is not None)

    def _rewritten(self, team: str, number: int, person: str) -> str:
        """The record's lines without a person; "" where it stays as it is."""
        if not person:
            return ""
        with asking(self._url):
            lines = cast("list[bytes]", self._client.lrange(_lines(team, number), 0, -1))
        without = (thinning.without(records.load_entry(line), person) for line in lines)
        return json.dumps([records.dump_entry(entry).decode() for entry in without])

    def _times(self, ticket: LiveTicket) -> tuple[int, int]:
        """How long from now, in milliseconds, content and record are kept; -1 without end, content 0: not at all."""
        if ticket.is_open or ticket.closed_at is None:
            return -1, -1
        passed = self._clock.now() - ticket.closed_at
        content = 0 if ticket.forgotten else max(0, _ms(self._content - passed))
        return content, max(1, _ms(self._record - passed))

    def _prune(self, team: str) -> None:
        """Takes what has expired from the pile of the closed."""
        over = (self._clock.now() - self._record).timestamp()
        self._client.zremrangebyscore(_pile(team, Pile.CLOSED), "-inf", over)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _newer() -> StoreUnavailable:
    return StoreUnavailable(
        "store-newer", "A newer version of this program has written these tickets.", "Start that version again."
    )


def _piles(ticket: LiveTicket, due: datetime | None) -> list[tuple[str, float]]:
    """The lists on which it lies, each with its place there."""
    team = ticket.team
    if not ticket.is_open:
        return [(_pile(team, Pile.CLOSED), (ticket.closed_at or ticket.changed_at).timestamp())]
    rests = ticket.hold_until or ticket.paused_at or ticket.changed_at
    place = due.timestamp() if due else _LATER + rests.timestamp()
    piles = [Pile.OPEN]
    if not ticket.owner:
        piles.append(Pile.UNOWNED)
    if ticket.state is TicketState.WAITING:
        piles.append(Pile.WAITING)
    if ticket.state is TicketState.ON_HOLD:
        piles.append(Pile.ON_HOLD)
    if ticket.priority.value == "urgent":
        piles.append(Pile.URGENT)
    lists = [(_pile(team, pile), place) for pile in piles]
    lists += [(_pile(team, Pile.MINE, ticket.owner), place)] if ticket.owner else []
    lists += [(_pile(team, Pile.CAMPAIGNS), float(ticket.reports))] if ticket.reports > 1 else []
    return lists


def _claims(act: Act) -> tuple[str, ...]:
    """What finds the ticket from now on."""
    claims = tuple(claim for each in act.accounts for claim in account_claims(each.address, each.user))
    if act.opening is not None:
        claims += (*claims_of(act.opening), inquiry_claim(act.opening.reporter.inquiry))
        shared = act.opening.campaign and not act.opening.acted
        claims += (f"campaign:{act.opening.campaign}",) if shared else ()
    if act.place is not None:
        claims += (_post_claim(act.place),)
    return tuple(dict.fromkeys(claims))


def _post_claim(place: Place) -> str:
    return f"post:{place.channel}:{place.thread}"


def _pointer(team: str, claim: str) -> str:
    """Of people and accounts under a name of their own: those go when somebody is forgotten."""
    kind = "who" if claim.partition(":")[0] in ("account", "user") else "what"
    return f"{_pointer_start(team, kind)}{_digest(claim)}"


def _pointer_start(team: str, kind: str) -> str:
    return f"checkmail:ticket-of:{team}:{kind}:"


def _of(team: str, number: int) -> list[str]:
    """The keys of a ticket, as the scripts take them."""
    mine = (_full, _thin, _lines, _thin_lines, _keys)
    return [*(key(team, number) for key in mine), _WAKE, _tells(team, number), _UNTOLD]


def _counter(team: str) -> str:
    return f"checkmail:tickets:{team}:number"


def _full(team: str, number: int) -> str:
    return f"checkmail:ticket:{team}:{number}"


def _thin(team: str, number: int) -> str:
    return f"checkmail:ticket:{team}:{number}:thin"


def _lines(team: str, number: int) -> str:
    return f"checkmail:ticket:{team}:{number}:record"


def _thin_lines(team: str, number: int) -> str:
    return f"checkmail:ticket:{team}:{number}:thin-record"


def _keys(team: str, number: int) -> str:
    return f"checkmail:ticket:{team}:{number}:keys"


def _tells(team: str, number: int) -> str:
    return f"checkmail:ticket:{team}:{number}:tells"


def _pile(team: str, pile: Pile, user: str = "") -> str:
    return f"checkmail:tickets:{team}:pile:{pile.value}" + (f":{user}" if pile is Pile.MINE else "")


def _when(at: datetime | None) -> str:
    return str(at.timestamp()) if at else ""


def _ms(time: timedelta) -> int:
    return int(time.total_seconds() * 1000)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
