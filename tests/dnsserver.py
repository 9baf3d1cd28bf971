"""A small DNS server on loopback for tests and benchmarks: UDP and TCP, slow, silent or hostile on request.

Zones are written as `{"example.org": {"TXT": ["v=spf1 -all"], "MX": ["10 mx.example.org"]}}`. A name
that isn't there is NXDOMAIN, a type that isn't there is NODATA. A type's value may be one of the
misbehaviours below instead of records.
"""

import asyncio
import struct
from collections.abc import Mapping, Sequence
from enum import Enum
from types import TracebackType
from typing import Self, cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset


class Trouble(Enum):
    SILENT = "silent"
    SERVFAIL = "servfail"
    WRONG_ID = "wrong id"
    DROP_FIRST = "drop first"
    """Silent to the first question, then SERVFAIL-free NODATA."""


Records = Sequence[str | bytes] | Trouble
Zones = Mapping[str, Mapping[str, Records]]

SOA = "ns.test. admin.test. 1 3600 600 86400 60"


class DnsServer:
    """Serves zones from the running loop; `asked` holds every question in order, with its transport."""

    def __init__(self, zones: Zones, *, delay_s: float = 0.0, silent: bool = False, ttl: int = 300) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.zones = {name.lower().rstrip("."): dict(types) for name, types in zones.items()}
        self.delay_s = delay_s
        self.silent = silent
        self.ttl = ttl
        self.max_udp = 1232
        self.address = ("127.0.0.1", 0)
        self._dropped: set[str] = set()
        self._ready: dict[tuple[bytes, str], tuple[tuple[str, str, str], bytes]] = {}

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for last in (False,) * 19 + (True,):
            self._udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(self), local_addr=("127.0.0.1", 0))
            host, port = self._udp.get_extra_info("sockname")
            try:
                self._tcp = await asyncio.start_server(self._on_connection, host, port)
            except OSError:  # UDP's free port may be somebody else's for TCP
                self._udp.close()
                if last:
                    raise
                continue
            self.address = (host, port)
            break
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._udp.close()
        self._tcp.close()
        await self._tcp.wait_closed()

    def names(self) -> list[tuple[str, str]]:
        """What was asked, as (name, type)."""
        return [(name, rdtype) for name, rdtype, _ in self.asked]

    def reply(self, octets: bytes, transport: str) -> bytes | None:
        """The answer's octets, None for silence."""
        known = self._ready.get((octets[2:], transport))
        if known is not None:
            self.asked.append(known[0])
            return octets[:2] + known[1]
        answer = self._compose(octets, transport)
        if answer is not None and answer[:2] == octets[:2]:
            self._ready[octets[2:], transport] = (self.asked[-1], answer[2:])
        return answer

    def _compose(self, octets: bytes, transport: str) -> bytes | None:
        query = dns.message.from_wire(octets)
        entry = query.question[0]
        name, rdtype = entry.name.to_text(omit_final_dot=True).lower(), entry.rdtype.name
        self.asked.append((name, rdtype, transport))
        answer = self._answer(query, name, rdtype)
        if answer is None:
            return None
        wire = answer.to_wire(max_size=65535)
        if transport == "udp" and len(wire) > self.max_udp:
            answer.answer.clear()
            answer.authority.clear()
            answer.flags |= dns.flags.TC
            wire = answer.to_wire()
        return wire

    def _answer(self, query: dns.message.Message, name: str, rdtype: str) -> dns.message.Message | None:
        answer = dns.message.make_response(query, recursion_available=True)
        types = self.zones.get(name)
        if types is None:
            exists_below = any(known.endswith("." + name) for known in self.zones)
            answer.set_rcode(dns.rcode.NOERROR if exists_below else dns.rcode.NXDOMAIN)
            return self._nothing(answer)
        value = types.get(rdtype, types.get("*"))
        if isinstance(value, Trouble):
            return self._trouble(answer, value, name)
        if value is None and "CNAME" in types:
            alias = types["CNAME"]
            assert not isinstance(alias, Trouble)
            answer.answer.append(self._rrset(query.question[0].name, "CNAME", alias))
            return answer
        if value is None:
            return self._nothing(answer)
        answer.answer.append(self._rrset(query.question[0].name, rdtype, value))
        return answer

    def _trouble(self, answer: dns.message.Message, trouble: Trouble, name: str) -> dns.message.Message | None:
        if trouble is Trouble.SERVFAIL:
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer
        if trouble is Trouble.WRONG_ID:
            answer.id = (answer.id + 1) % 65536
            return answer
        if trouble is Trouble.DROP_FIRST and name in self._dropped:
            return self._nothing(answer)
        self._dropped.add(name)
        return None

    def _nothing(self, answer: dns.message.Message) -> dns.message.Message:
        answer.authority.append(dns.rrset.from_text("test.", 60, "IN", "SOA", SOA))
        return answer

    def _rrset(self, name: dns.name.Name, rdtype: str, values: Sequence[str | bytes]) -> dns.rrset.RRset:
        kind = dns.rdatatype.from_text(rdtype)
        return dns.rrset.from_rdata_list(name, self.ttl, [_rdata(kind, value) for value in values])

    async def _on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            answer = None if self.silent else self.reply(await reader.readexactly(length), "tcp")
            await asyncio.sleep(self.delay_s)
            if answer is not None:
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._server.silent:
            self._server.asked.append(("?", "?", "udp"))
            return
        loop = asyncio.get_running_loop()
        due = loop.time() + self._server.delay_s
        answer = self._server.reply(data, "udp")
        if answer is not None:
            loop.call_at(due, self._transport.sendto, answer, addr)


def _rdata(kind: dns.rdatatype.RdataType, value: str | bytes) -> dns.rdata.Rdata:
    if kind == dns.rdatatype.TXT:
        octets = value.encode() if isinstance(value, str) else value
        chunks = [octets[start : start + 255] for start in range(0, len(octets), 255)] or [b""]
        wire = b"".join(bytes([len(chunk)]) + chunk for chunk in chunks)
        return dns.rdata.from_wire(dns.rdataclass.IN, kind, wire, 0, len(wire))
    assert isinstance(value, str)
    absolute = value if kind in (dns.rdatatype.A, dns.rdatatype.AAAA) else value.rstrip(".") + "."
    return dns.rdata.from_text(dns.rdataclass.IN, kind, absolute)
