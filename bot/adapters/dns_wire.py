"""Questions and answers of DNS as octets, without a socket (RFC 1035, 6891).

A reply is read into what the port promises, or refused with a reason; nothing here waits.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.ANY.SOA import SOA
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA

from bot.errors import NotChecked
from bot.ports import DnsStatus

PAYLOAD = 1232
"""The UDP size that we offer: what passes everywhere without fragments (DNS flag day 2020)."""

MAX_RECORD = 8_192
"""Octets of one record that are still looked at; a 4096-bit DKIM key needs 750."""

MAX_ANSWER = 32_768
"""Octets of all records of one answer."""

MAX_RECORDS = 200

MAX_LINKS = 8
"""CNAME records in a row."""

MAX_NEGATIVE_TTL = 900
"""Seconds that "there is nothing" is believed (RFC 2308, 5 allows more)."""

_TYPES = ("A", "AAAA", "MX", "TXT", "PTR", "CNAME", "NS")


@dataclass(frozen=True, slots=True)
class Question:
    """A name and a type that may be asked."""

    name: dns.name.Name
    rdtype: dns.rdatatype.RdataType


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reply says: the end of the question, or the name to ask next."""

    status: DnsStatus
    records: tuple[bytes, ...] = ()
    ttl: int = 0
    ask_next: dns.name.Name | None = None
    """The target of a CNAME chain whose end the reply doesn't hold."""
    links: tuple[dns.name.Name, ...] = ()
    """The CNAME targets passed on the way."""


class BadReply(Exception):
    """The reply can't be used: malformed, to another question, or a server's failure."""


class Truncated(Exception):
    """The reply was cut (TC): ask again over TCP."""


def what(name: str, rdtype: str) -> str:
    """How a question is named to people."""
    shown = name if len(name) <= 120 else name[:117] + "…"
    return f"DNS {rdtype} {shown}"


@lru_cache(maxsize=2048)
def question(name: str, rdtype: str) -> Question:
    """Raises NotChecked for what isn't a name (RFC 1035, 2.3.4) or a type that we never ask."""
    if rdtype not in _TYPES:
        raise NotChecked(what(name, rdtype), "not a record type that is asked")
    try:
        labels = [_label(label) for label in name.removesuffix(".").split(".")]
        return Question(dns.name.Name([*labels, b""]), dns.rdatatype.from_text(rdtype))
    except (UnicodeError, dns.exception.DNSException) as bad:
        raise NotChecked(what(name, rdtype), "not a valid name") from bad


def _label(label: str) -> bytes:
    # Built label by label: dnspython's text form would read "\\" and "@" of hostile names as syntax.
    if not 0 < len(label) <= 63:
        raise UnicodeError("empty or long label")
    octets = label.encode("ascii") if label.isascii() else label.encode("idna")
    return octets.lower()


def query(asked: Question, number: int) -> bytes:
    """The question's octets under that id, with recursion desired and EDNS (RFC 1035, 4.1; 6891, 6.1.2)."""
    name = b"".join(bytes([len(label)]) + label for label in asked.name.labels)
    header = struct.pack("!HHHHHH", number, dns.flags.RD, 1, 0, 0, 1)
    options = b"\0" + struct.pack("!HHIH", dns.rdatatype.OPT, PAYLOAD, 0, 0)
    return header + name + struct.pack("!HH", asked.rdtype, dns.rdataclass.IN) + options


def read(octets: bytes, asked: Question, number: int, *, over_tcp: bool) -> Reading:
    """What a reply says. Raises BadReply, Truncated, or NotChecked for one over the limits."""
    message = _parse(octets)
    if message.id != number or not _is_about(message, asked):
        raise BadReply("an answer to another question")
    if message.flags & dns.flags.TC and not over_tcp:
        raise Truncated
    code = message.rcode()
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise BadReply(dns.rcode.to_text(code))
    end, links = _follow(message, asked)
    found = _rrset(message, end, asked.rdtype)
    if found is not None:
        return Reading(DnsStatus.FOUND, _records(found, asked), _ttl(message), links=links)
    if code == dns.rcode.NXDOMAIN:
        return Reading(DnsStatus.NO_NAME, ttl=_negative_ttl(message), links=links)
    if links and _start_of_authority(message) is None:
        return Reading(DnsStatus.NO_DATA, ask_next=end, links=links)
    return Reading(DnsStatus.NO_DATA, ttl=_negative_ttl(message), links=links)


def _parse(octets: bytes) -> dns.message.Message:
    try:
        return dns.message.from_wire(octets, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError, struct.error) as bad:
        raise BadReply("a malformed answer") from bad


def _is_about(message: dns.message.Message, asked: Question) -> bool:
    if not message.flags & dns.flags.QR:
        return False
    about = [(entry.name, entry.rdtype) for entry in message.question]
    # A server that refuses or fails may leave the question out (RFC 1035, 4.1.1 FORMERR).
    return about == [(asked.name, asked.rdtype)] or (not about and message.rcode() != dns.rcode.NOERROR)


def _rrset(
    message: dns.message.Message, name: dns.name.Name, rdtype: dns.rdatatype.RdataType
) -> dns.rrset.RRset | None:
    return next((each for each in message.answer if each.name == name and each.rdtype == rdtype), None)


def _follow(message: dns.message.Message, asked: Question) -> tuple[dns.name.Name, tuple[dns.name.Name, ...]]:
    """The end of the CNAME chain that the answer section holds (RFC 1034, 3.6.2), and its links."""
    name = asked.name
    links: list[dns.name.Name] = []
    while asked.rdtype != dns.rdatatype.CNAME and (alias := _rrset(message, name, dns.rdatatype.CNAME)) is not None:
        name = alias[0].target
        if name in (asked.name, *links) or len(links) >= MAX_LINKS:
            raise NotChecked(what(_text(asked.name), asked.rdtype.name), "CNAME loop")
        links.append(name)
    return name, tuple(links)


def _records(found: dns.rrset.RRset, asked: Question) -> tuple[bytes, ...]:
    name = what(_text(asked.name), asked.rdtype.name)
    if len(found) > MAX_RECORDS:
        raise NotChecked(name, f"an answer of {len(found)} records is over the limit of {MAX_RECORDS}")
    records = tuple(_octets(rdata) for rdata in found)
    longest = max(map(len, records))
    if longest > MAX_RECORD or sum(map(len, records)) > MAX_ANSWER:
        raise NotChecked(name, f"a record of {longest} octets is over the limit of {MAX_RECORD}")
    return records


def _octets(rdata: dns.rdata.Rdata) -> bytes:
    if isinstance(rdata, TXT):
        strings: tuple[bytes, ...] = rdata.strings
        return b"".join(strings)
    if isinstance(rdata, A | AAAA):
        return str(rdata.address).encode()
    if isinstance(rdata, MX):
        return f"{rdata.preference} {_text(rdata.exchange)}".encode()
    if isinstance(rdata, PTR | CNAME | NS):
        return _text(rdata.target).encode()
    raise BadReply("a record of another type")


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True)


def _ttl(message: dns.message.Message) -> int:
    return min((each.ttl for each in message.answer), default=0)


def _start_of_authority(message: dns.message.Message) -> dns.rrset.RRset | None:
    return next((each for each in message.authority if each.rdtype == dns.rdatatype.SOA), None)


def _negative_ttl(message: dns.message.Message) -> int:
    """Seconds (RFC 2308, 5): the lesser of the SOA record's TTL and its minimum field."""
    authority = _start_of_authority(message)
    if authority is None:
        return 0
    soa = authority[0]
    minimum = soa.minimum if isinstance(soa, SOA) else 0
    return min(authority.ttl, minimum, MAX_NEGATIVE_TTL)
