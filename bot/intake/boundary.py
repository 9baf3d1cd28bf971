"""The trust boundary (EVIDENCE.md): which Received lines the receiver's own servers wrote, and where the mail came in.

Reading goes from the top, which the last server wrote, downwards, and stops at the first line whose client is
not proven to be the receiver's. That client is the sending server; everything below was in its hands. Where the
receiver itself found out whose the client is (a confirmed reverse name, a passing SPF stamp, a provider's known
network), the lines that this organisation's servers wrote count as HANDED: to be believed about the hop before.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.hosts import (
    clean_ip,
    family,
    is_generic,
    is_inner,
    is_local_name,
    is_loopback,
    is_provider_network,
    is_relay,
)
from bot.intake.received_tokens import split_line
from bot.model import Hop, Trust, Zone

_POLLED = ("IMAP", "IMAPS", "POP3", "POP3S", "POP", "IMAP4")
_OUTBOUND = re.compile(
    r"\.outbound\.protection\.outlook\.com$"  # Exchange Online hands out: for another tenant, or the same
    r"|^mail-[a-z0-9-]{1,40}\.google\.com$"  # Gmail and Workspace hand out
    r"|^sonic\d.{0,60}\.yahoo\.com$"
    r"|\.smtp-out\.(?:[a-z0-9-]{1,30}\.)?amazonses\.com$|^out\d.{0,20}-smtp\.messagingengine\.com$"
)
"""Hosts by which a provider sends its customers' mail: even between its own customers, the mail came from outside."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where the receiver's system ends."""

    hops: tuple[Hop, ...]
    """With their zones."""
    border: int | None
    """The hop in which the receiver took the mail from outside; None where it never left, or has no trace."""
    receiver: frozenset[str]
    """The families of the receiver's servers (`hosts.family`)."""
    client: frozenset[str] = frozenset()
    """The families that the sending server is proven to belong to."""
    last_handed: int | None = None
    """The last hop that the sending server's own organisation wrote."""


def find_border(hops: Sequence[Hop], trust: Trust) -> Boundary:
    """Zones INSIDE, BORDER and OUTSIDE by the Received lines alone."""
    receiver = _named_by_settings(trust)
    border: int | None = None
    inside = 0
    for hop in hops:
        if hop.index > 0 and not _written_inside(hop, hops[hop.index - 1], receiver, trust):
            break
        receiver.add(_writer(hop))
        inside = hop.index + 1
        if not _client_inside(hop, receiver, trust):
            border = hop.index
            break
        receiver |= _learnt(hop, trust)
    zoned = tuple(replace(hop, zone=_zone(hop.index, border, inside)) for hop in hops)
    return Boundary(zoned, border, frozenset(receiver - {""}))


def _writer(hop: Hop) -> str:
    """The family of the server that wrote the line, "" where its name says nothing."""
    if hop.software == "gmail" and is_local_name(hop.by):
        return family("google.com")  # Gmail's inner servers name themselves by 6to4 addresses
    return "" if is_local_name(hop.by) else family(hop.by)


def _zone(index: int, border: int | None, inside: int) -> Zone:
    if index == border:
        return Zone.BORDER
    return Zone.INSIDE if index < inside else Zone.OUTSIDE


def _named_by_settings(trust: Trust) -> set[str]:
    return {family(name) for name in (*trust.our_domains, *trust.authserv_ids)} - {""}


def _written_inside(hop: Hop, above: Hop, receiver: set[str], trust: Trust) -> bool:
    """Whether the server that wrote this line is the client of the line above, which was inside.

    A private address above means that the client was inside; the names must still fit together, so that a
    receiver whose address translation hides every client doesn't take the sender's lines for its own.
    """
    if (
        is_local_name(hop.by)
        or family(hop.by) in receiver
        or is_relay(hop.by, "", "", trust.our_relays)
        or not receiver - {""}
    ):
        return True
    if is_loopback(above.ip) or above.protocol in (*_POLLED, "LMTP"):
        return True
    names = [name for name in (above.helo, above.host) if name and name != "unknown"]
    return any(is_local_name(name) or family(name) == family(hop.by) for name in names)


def _client_inside(hop: Hop, receiver: set[str], trust: Trust) -> bool:
    """Whether the line's client is one of the receiver's own machines (or no machine at all)."""
    if hop.protocol in _POLLED or not (hop.helo or hop.host or hop.ip):
        return True
    if is_relay(hop.host, hop.helo, hop.ip, trust.our_relays) or (hop.ip and is_inner(hop.ip)):
        return True
    if not hop.ip:
        return hop.protocol in ("LMTP", "local", "mapi") or family(hop.helo) in receiver - {""}
    name = hop.host if hop.host not in ("", "unknown") else ""
    if _OUTBOUND.search(name or hop.helo.lower()):
        return False
    if name:
        return family(name) in receiver and not is_generic(name) and not _signed_in(hop)
    return family(hop.helo) in receiver and _same_network(hop)


def _signed_in(hop: Hop) -> bool:
    """A customer of the provider that runs the receiver is its client, not its server."""
    return bool(hop.authenticated)


def _same_network(hop: Hop) -> bool:
    """Exchange names only the HELO, which anybody may choose: the address must fit, too."""
    if is_provider_network(family(hop.helo), hop.ip):
        return True
    comments = split_line(hop.raw).clause("by").comments
    own = next((ip for comment in comments if (ip := clean_ip(comment.split("[")[-1]))), "")
    return bool(own) and (own == hop.ip or _network(own) == _network(hop.ip))


def _network(ip: str) -> str:
    bits = 48 if ":" in ip else 24
    return str(ipaddress.ip_network(f"{ip}/{bits}", strict=False))


def _learnt(hop: Hop, trust: Trust) -> set[str]:
    """Names that an inside line adds to the receiver: its relay, the mailbox polled, the server that delivers here."""
    name = hop.host if hop.host not in ("", "unknown") else hop.helo
    if is_local_name(name):
        return set()
    ours = (
        is_relay(hop.host, hop.helo, hop.ip, trust.our_relays)
        or hop.protocol in (*_POLLED, "LMTP")
        or is_loopback(hop.ip)
    )
    return {family(name)} if ours else set()


def hand_over(boundary: Boundary, proven: Iterable[str]) -> Boundary:
    """Marks as HANDED what the sending server's own organisation wrote, `proven` being its families.

    The lines reach from the border down to, and including, the one in which that organisation took the mail
    from somebody else.
    """
    client = frozenset(proven) - {""}
    if boundary.border is None or not client:
        return boundary
    hops = list(boundary.hops)
    last: int | None = None
    above = hops[boundary.border]
    for hop in hops[boundary.border + 1 :]:
        if not _written_by(hop, above, client, first=last is None):
            break
        last = hop.index
        hops[hop.index] = replace(hop, zone=Zone.HANDED)
        if _comes_from_elsewhere(hop, client):
            break
        above = hop
    return replace(boundary, hops=tuple(hops), client=client, last_handed=last)


def _written_by(hop: Hop, above: Hop, client: frozenset[str], *, first: bool) -> bool:
    if family(hop.by) in client:
        return True
    if first:
        return False
    return is_local_name(hop.by) or is_loopback(above.ip)


def _comes_from_elsewhere(hop: Hop, client: frozenset[str]) -> bool:
    if not hop.ip or is_inner(hop.ip):
        return False
    name = hop.host if hop.host not in ("", "unknown") else ""
    if name:
        return family(name) not in client or is_generic(name) or bool(hop.authenticated)
    return family(hop.helo) not in client or not _same_network(hop)


def prove_client(border: Hop, spf_domains: Iterable[str], author_domains: Iterable[str]) -> frozenset[str]:
    """The families that the sending server belongs to, as far as the receiver found out itself.

    A looked-up name proves its organisation unless it was made from the address (then it is a rented or home
    line); a passing SPF stamp proves its domain's, and where that is the author's, the server is the author's
    system whatever it calls itself; for the largest providers the network proves the HELO.
    """
    proven: set[str] = set()
    if border.host not in ("", "unknown") and not is_generic(border.host):
        proven.add(family(border.host))
    if is_provider_network(family(border.helo), border.ip):
        proven.add(family(border.helo))
    passing = {family(domain) for domain in spf_domains}
    authors = {family(domain) for domain in author_domains}
    if len(authors) == 1 and authors & passing:
        proven.add(family(border.helo))
    return frozenset((proven | passing) - {""})


def begins(hop: Hop) -> bool:
    """Whether the mail was submitted in this hop: by somebody signed in, by the web, or on the machine itself."""
    if hop.authenticated or hop.protocol in ("HTTP", "HTTPS", "local", "mapi"):
        return True
    return not hop.ip or is_inner(hop.ip)
