"""Host names and IP addresses as they stand in trace fields: what is clean, and whose a name is.

A value that isn't a clean host name proves nothing (EVIDENCE.md, "Reading mail that was made to mislead"),
so that everything that compares names goes through `clean_host` first.
"""

import ipaddress
import re
from functools import lru_cache

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_IP_NOISE = re.compile(r"^(?:ipv6:|ipv4:|::ffff:(?=\d{1,3}\.))", re.IGNORECASE)


def clean_host(value: str) -> str:
    """The name in lower case without its last dot, non-ASCII labels as A-labels; "" where it isn't a host name.

    At least two labels of letters, digits, hyphens and underscores (RFC 1123, 2.1; underscores are common in
    HELO and DKIM names), the last of them not a number: an address is not a name.
    """
    text = value.strip().removesuffix(".").lower()
    if not text or len(text) > 253:
        return ""
    if not text.isascii():
        text = _to_ascii(text)
    labels = text.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return ""
    return text


def _to_ascii(text: str) -> str:
    """A-labels (RFC 5891) by the standard library's IDNA codec; "" where the name can't be one."""
    try:
        return text.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def clean_ip(value: str) -> str:
    """An IPv4 or IPv6 address in its canonical form, without brackets, IPv6: tag or zone id; "" if it isn't one.

    An IPv4-mapped IPv6 address is given as the IPv4 address that it stands for (RFC 4291, 2.5.5.2).
    """
    text = value.strip().strip("[]()<>").strip()[:80].partition("%")[0]
    text = _IP_NOISE.sub("", text)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


@lru_cache(maxsize=4096)
def is_inner(ip: str) -> bool:
    """Whether the address can only be reached inside somebody's own network: private, loopback, link-local, shared."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return address.is_private or address.is_loopback or address.is_link_local or not address.is_global
