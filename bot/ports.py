"""What the engine needs from outside, as Protocols; adapters implement them, tests fake them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.model import Message, Network, Precedent, Usual


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
