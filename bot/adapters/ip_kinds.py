"""What kind of address an IP address is, after IANA's special-purpose registries (RFC 6890)."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from bot.model import IpKind

_LONGEST = 64
"""Characters of the longest text looked at: 39 of IPv6, brackets, tag and a zone index."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it should be shown, and the one that says where it is."""

    shown: IPv4Address | IPv6Address
    place: IPv4Address | IPv6Address


def parse_ip(text: str) -> Address | None:
    """The address in a text such as `203.0.113.9`, `[IPv6:2001:db8::1]` or `fe80::1%eth0`; None if there is none."""
    bare = text.strip().removeprefix("[").removesuffix("]").strip()
    if bare[:5].lower() == "ipv6:":
        bare = bare[5:]
    if not bare.isascii() or len(bare) > _LONGEST:
        return None
    try:
        shown = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    if isinstance(shown, IPv4Address):
        return Address(shown, shown)
    if shown.ipv4_mapped is not None:
        return Address(shown.ipv4_mapped, shown.ipv4_mapped)
    return Address(shown, _embedded(shown) or shown)


def kind_of(address: IPv4Address | IPv6Address) -> IpKind:
    """The kind of an address; what no registry gave out or may give out is RESERVED."""
    if isinstance(address, IPv4Address):
        return next((kind for net, kind in _V4 if address in net), IpKind.PUBLIC)
    return next((kind for net, kind in _V6 if address in net), IpKind.RESERVED)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address within a NAT64 (RFC 6052, 2.1) or 6to4 (RFC 3056, 2) address."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def _v4(*table: tuple[str, IpKind]) -> tuple[tuple[IPv4Network, IpKind], ...]:
    return tuple((IPv4Network(net), kind) for net, kind in table)


def _v6(*table: tuple[str, IpKind]) -> tuple[tuple[IPv6Network, IpKind], ...]:
    return tuple((IPv6Network(net), kind) for net, kind in table)


_NAT64 = ip_network("64:ff9b::/96")
_V4 = _v4(
    ("10.0.0.0/8", IpKind.PRIVATE),
    ("172.16.0.0/12", IpKind.PRIVATE),
    ("192.168.0.0/16", IpKind.PRIVATE),
    ("100.64.0.0/10", IpKind.SHARED),
    ("127.0.0.0/8", IpKind.LOOPBACK),
    ("169.254.0.0/16", IpKind.LINK_LOCAL),
    ("192.0.2.0/24", IpKind.DOCUMENTATION),
    ("198.51.100.0/24", IpKind.DOCUMENTATION),
    ("203.0.113.0/24", IpKind.DOCUMENTATION),
    ("0.0.0.0/8", IpKind.RESERVED),
    ("192.0.0.0/24", IpKind.RESERVED),
    ("192.88.99.0/24", IpKind.RESERVED),
    ("198.18.0.0/15", IpKind.RESERVED),
    ("224.0.0.0/3", IpKind.RESERVED),
)
_V6 = _v6(
    ("::1/128", IpKind.LOOPBACK),
    ("fe80::/10", IpKind.LINK_LOCAL),
    ("fc00::/7", IpKind.PRIVATE),
    ("64:ff9b:1::/48", IpKind.PRIVATE),  # RFC 8215: translation within one network
    ("2001:db8::/32", IpKind.DOCUMENTATION),
    ("3fff::/20", IpKind.DOCUMENTATION),  # RFC 9637
    ("2001::/23", IpKind.RESERVED),  # RFC 2928: protocols, among them Teredo
    ("2000::/3", IpKind.PUBLIC),
)
"""The first that fits; outside 2000::/3 nothing is given out (RFC 4291, 2.4)."""
