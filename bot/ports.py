"""What engine and desk need from outside, as Protocols; adapters and handlers implement them, tests fake them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.errors import Shown
from bot.model import (
    Asker,
    CaseFile,
    DeskStatus,
    Exhibit,
    Filed,
    FileRef,
    Inquiry,
    Message,
    Network,
    Outcome,
    Place,
    Precedent,
    Usual,
    Wish,
)
from bot.sameness import Sighting


class DnsStatus(StrEnum):
    FOUND = "found"
    NO_DATA = "no-data"
    """The name exists, without records of that type."""
    NO_NAME = "no-name"
    """NXDOMAIN (RFC 8020: nothing below it either)."""


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """A definite answer. `records` are presentation texts; TXT strings are joined, undecoded octets."""

    name: str
    rdtype: str
    status: DnsStatus
    records: tuple[bytes, ...] = ()
    """TXT: the joined octets. A/AAAA: the address. MX: b"10 host". PTR, CNAME, NS: the host without the last dot."""
    ttl: int = 0


class Resolver(Protocol):
    """DNS. One question is asked once while in flight and within its TTL."""

    async def look_up(self, name: str, rdtype: str) -> DnsAnswer:
        """Raises NotChecked on time-out, SERVFAIL, a loop or an answer over the size limit."""
        ...


class Atlas(Protocol):
    """Where IP addresses are (GeoIP)."""

    def find(self, ip: str) -> Network:
        """Every string gets an answer: private, documentation and malformed addresses are kinds."""
        ...

    def describe(self) -> str:
        """Which files, of which date; for the technician."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose addresses we know."""

    name: str
    addresses: tuple[str, ...]
    staff: bool = False
    vip: bool = False
    nicknames: tuple[str, ...] = ()


class Directory(Protocol):
    """Contacts and staff."""

    def people(self) -> tuple[Person, ...]: ...

    def named(self, name: str) -> tuple[Person, ...]:
        """People whom this display name could mean: nicknames, order, initials, diacritics, titles."""
        ...

    def owner(self, address: str) -> Person | None:
        """Whose address it is."""
        ...


class Casebook(Protocol):
    """What is remembered: the usual servers of senders, and cases decided before."""

    async def usual(self, address: str) -> Usual | None:
        """What history knows of an address, None where nothing. Raises NotChecked if the store is away."""
        ...

    async def usual_of_domain(self, domain: str) -> Usual | None: ...

    async def precedents(self, message: Message) -> tuple[Precedent, ...]: ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, with its zone."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """A message of ours that stands in Slack."""

    channel: str
    ts: str
    thread: str = ""


class Later(Exception):
    """Slack wants us to wait (429, 5xx, no connection): nothing was said; the job comes again after `seconds`."""

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.why = why


class Doubtful(Exception):
    """The connection broke after the message went out: it may stand there or not. Look before saying it again."""


class Voice(Protocol):
    """Says things to people. All of it carries `mark` with the inquiry's id as metadata, so that it is found again.

    Every method raises Later, Doubtful, or Shown where it can't ever be said (channel gone, token revoked).
    """

    def acknowledge(self, inquiry: Inquiry, mark: str) -> Said:
        """ "I've got it", in the thread of what was handed in, or as the root of a new thread in direct message."""
        ...

    def working(self, inquiry: Inquiry, busy: bool) -> None:
        """The status line while checking, or a reaction; a nicety that never raises and never waits."""
        ...

    def answer(self, inquiry: Inquiry, outcome: Outcome, mark: str) -> Said:
        """The verdict, the steps, the reasons, the buttons; with `inquiry.previous`, what changed."""
        ...

    def cannot(self, inquiry: Inquiry, why: Shown, mark: str) -> Said:
        """What was handed in can't be read, or the job failed for good: what happened and what to do."""
        ...

    def remark(self, place: Place, code: str, mark: str, **values: str) -> Said:
        """A short text of knowledge/talk, such as the reply to "thanks"."""
        ...

    def call_technicians(self, inquiry: Inquiry, wish: Wish | None, mark: str) -> Said | None:
        """A post in the technicians' channel for `inquiry.outcome.ticket` or a wish; None where no channel is set."""
        ...

    def complain(self, inquiry: Inquiry, why: Shown, mark: str) -> Said | None:
        """Tells the technicians' channel that a job failed for good; None where no channel is set."""
        ...

    def finish_step(self, inquiry: Inquiry, outcome: Outcome | None, why: Shown | None) -> None:
        """Completes or fails the Workflow Builder step that `inquiry.step` names."""
        ...

    def unsay(self, said: Said) -> None:
        """Deletes a message of ours, if it still stands there. Raises Later; what Slack refuses stays."""
        ...

    def find(self, place: Place, inquiry: str, mark: str) -> Said | None:
        """Our message with that mark in the place's thread, if it stands there; a place without a channel is the
        technicians' channel. Raises Later, Shown.
        """
        ...


class Desk(Protocol):
    """Another help desk that a ticket is handed to: Jira Service Management, Zendesk, a webhook, e-mail.

    Every method raises Later where the desk is away or wants us to wait, and Shown where it refuses for good.
    """

    def file(self, case: CaseFile) -> Filed:
        """Files the case with its attachments, or finds what an earlier call filed and adds what is missing there:
        it may be called as often as needed. Raises Doubtful where the request's fate isn't known or only a part
        arrived; call it again, after half a minute at the earliest.
        """
        ...

    def status(self, filed: Filed) -> DeskStatus | None:
        """How far they are; None where the desk's interface can't tell. How often to ask: `model.look_again`."""
        ...

    def check(self) -> str:
        """Who we are there, in a few words, for `doctor`; changes nothing. Raises Later, Shown."""
        ...


class Materials(Protocol):
    """Fetches what lies with Slack."""

    def fetch(self, file: FileRef) -> tuple[Exhibit, ...]:
        """The file's content as exhibits (a forwarded mail may hold several). Raises Later or Shown, such as
        TooLarge, "missing-scope", "not-a-member", "file-gone".
        """
        ...


class Inquiries(Protocol):
    """The durable record of inquiries. Every method raises StoreUnavailable."""

    def open(self, inquiry: Inquiry, key: str) -> Inquiry:
        """Keeps it under its submission's key; where that key is known, the one that is kept already.
        An inquiry without an id gets one, the same for one key whoever opens it.
        """
        ...

    def find(self, id: str) -> Inquiry | None:
        """None where there is none, or none that this version can read."""
        ...

    def at(self, place: Place) -> Inquiry | None:
        """The inquiry whose thread this is."""
        ...

    def of(self, asker: Asker) -> tuple[Inquiry, ...]:
        """What this person asked, the newest first, at most 50."""
        ...

    def change(self, id: str, change: Callable[[Inquiry], Inquiry]) -> Inquiry:
        """Reads, changes and writes it as one step, however many processes do; `change` may run more than once."""
        ...

    def first(self, key: str, within: timedelta) -> bool:
        """Whether nobody said this key before; of many who ask at once, one hears yes."""
        ...

    def known(self, key: str) -> bool:
        """Whether `first` was asked for this key within its time."""
        ...

    def keep(self, id: str, name: str, exhibits: tuple[Exhibit, ...]) -> None:
        """Material that was fetched, so that a later decision needn't fetch it again; it expires with the content."""
        ...

    def kept(self, id: str, name: str) -> tuple[Exhibit, ...] | None: ...

    def saying(self, id: str, mark: str) -> Said | bool:
        """Claims a mark. True: nobody tried before, say it. False: somebody tried, look first. Said: it is said."""
        ...

    def heard(self, id: str, mark: str) -> Said | None:
        """What was said under a mark; claims nothing."""
        ...

    def said(self, id: str, mark: str, said: Said) -> None:
        """Records it; where it opened a thread, the inquiry is found by that thread from now on."""
        ...

    def unsaid(self, id: str, mark: str) -> None:
        """Gives a claim back: it certainly wasn't said."""
        ...

    def forget(self, asker: Asker, until: datetime) -> int:
        """Takes what this person handed in until then out of the store, the newest first; how many inquiries those
        were. Not all where they are many: call it until it is 0.
        """
        ...

    def spoken(self, asker: Asker, until: datetime) -> tuple[Said, ...]:
        """What was said of the inquiries that `forget` takes out when it is called next."""
        ...

    def compact(self) -> bool:
        """Takes what was forgotten off the disk, too, where that is ours to do and due; whether it was begun."""
        ...

    def latest(self, asker: Asker) -> Inquiry | None:
        """What this person asked last."""
        ...

    def tally(self, key: str, within: timedelta) -> int:
        """How often this key was tallied, this time too, since the first within that time."""
        ...

    def begin(self, id: str, revision: int) -> int:
        """Before work that may take the process down: how many began it and never came to an end, this one too."""
        ...

    def end(self, id: str, revision: int) -> None:
        """The work that began came to an end, whichever."""
        ...

    def hold(self, name: str, wait_s: float = 0.0) -> AbstractContextManager[bool]:
        """A claim on a name for as long as the block runs, over all processes; it ends by itself soon after the
        process died. False where somebody else has it and doesn't give it back within `wait_s`.
        """
        ...

    def overdue(self, most: int) -> tuple[Inquiry, ...]:
        """Those that have waited too long for an answer, or for technicians to hear of a wish, so that a job must
        have been lost; each again only after a while that doubles.
        """
        ...


class Sightings(Protocol):
    """Which mails were reported before, within one workspace. Every method raises StoreUnavailable."""

    def same(self, team: str, mail: str) -> str | None:
        """The inquiry in which this very mail (`sameness.exactly`) was decided."""
        ...

    def copies(self, team: str, group: str) -> tuple[Sighting, ...]:
        """The reports of mails of one group (`sameness.likeness`), the newest first."""
        ...

    def sighted(self, team: str, sighting: Sighting, group: str, mail: str) -> None:
        """Remembers a report, of those of one inquiry the last; `group` and `mail` may be "" where it has none."""
        ...


class Queue(Protocol):
    """The durable queue. Raises StoreUnavailable."""

    def acknowledge(self, inquiry: str) -> None: ...

    def check(self, inquiry: str, revision: int, *, delay_s: float = 0.0) -> None: ...

    def wish(self, inquiry: str, wish: Wish) -> None: ...

    def remark(self, place: Place, code: str, mark: str) -> None: ...

    def forget(self, asker: Asker, until: datetime) -> None:
        """`Inquiries.forget`, to the end."""
        ...

    def unsay(self, said: Said, *, delay_s: float = 0.0) -> None:
        """`Voice.unsay`."""
        ...


class Meter(Protocol):
    """Counts and times, for the owner's metrics; knows no mail content."""

    def count(self, what: str, **labels: str) -> None: ...

    def time(self, what: str, seconds: float, **labels: str) -> None: ...
