"""One exchange with one DNS server: a datagram out, a datagram back, TCP where it was cut.

Each exchange has a socket of its own, so that its port is random (RFC 5452, 9.2) and the kernel
drops what comes from another address.
"""

import asyncio
import secrets
import struct

from bot.adapters.dns_wire import BadReply, Question, Reading, Truncated, query, read
from bot.errors import NotChecked

Server = tuple[str, int]
"""An IP address and a port."""


async def exchange(asked: Question, server: Server, seconds: float) -> Reading:
    """The server's answer.

    Raises TimeoutError after that many seconds, BadReply for an answer that is none, OSError where
    the server can't be reached, and NotChecked for an answer over the limits.
    """
    async with asyncio.timeout(seconds):
        try:
            return await _over_udp(asked, server)
        except Truncated:
            return await _over_tcp(asked, server)


class _Datagram(asyncio.DatagramProtocol):
    """Waits for the one datagram that answers."""

    def __init__(self, asked: Question, number: int) -> None:
        self.reading: asyncio.Future[Reading] = asyncio.get_running_loop().create_future()
        self._asked = asked
        self._number = number

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002  # asyncio's signature
        if self.reading.done() or data[:2] != struct.pack("!H", self._number):
            return  # a guess at our id: keep waiting for the real one
        try:
            self.reading.set_result(read(data, self._asked, self._number, over_tcp=False))
        except (BadReply, Truncated, NotChecked) as cause:
            self.reading.set_exception(cause)

    def error_received(self, exc: Exception) -> None:
        if not self.reading.done():
            self.reading.set_exception(exc)


async def _over_udp(asked: Question, server: Server) -> Reading:
    number = secrets.randbits(16)
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(lambda: _Datagram(asked, number), remote_addr=server)
    try:
        transport.sendto(query(asked, number))
        return await protocol.reading
    finally:
        transport.close()


async def _over_tcp(asked: Question, server: Server) -> Reading:
    number = secrets.randbits(16)
    reader, writer = await asyncio.open_connection(*server)
    try:
        octets = query(asked, number)
        writer.write(struct.pack("!H", len(octets)) + octets)
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        return read(await reader.readexactly(length), asked, number, over_tcp=True)
    except asyncio.IncompleteReadError as cut:
        raise BadReply("the connection was closed before the answer") from cut
    finally:
        writer.close()
