"""Host names and IP addresses as they stand in trace fields: what is clean, and whose a name is.

A value that isn't a clean host name proves nothing (EVIDENCE.md, "Reading mail that was made to mislead"),
so that everything that compares names goes through `clean_host` first.
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

FIRST_CONTACT_PAGE = "aka.ms/learnaboutsenderidentification"
"""Where the note leads that Exchange puts above mail of strangers: the receiver's link, not the mail's."""
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
    text = to_ascii(text)
    labels = text.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return ""
    return text


def to_ascii(domain: str) -> str:
    """The domain in A-labels (RFC 5890), mapped as browsers map it (UTS 46); "" where it can't be a domain.

    What IDNA 2008 refuses and older registrations hold, such as signs for emoji, is taken by the rules of 2003.
    """
    if domain.isascii():
        return domain
    if len(domain) > 253:
        return ""
    import idna  # its tables take a while, and few mails need them

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return _to_ascii_of_2003(domain)


def _to_ascii_of_2003(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
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
    """Whether only somebody inside the network could have it: private, loopback, link-local or shared addresses.

    A 6to4 address of a private one (Gmail's `2002:a05:…`, RFC 3056) is inner too. Documentation addresses
    (RFC 5737, 3849) aren't: they stand for public ones.
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        address = address.sixtofour or address
    return any(address.version == net.version and address in net for net in _INNER)


_INNER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fe80::/10",
        "fc00::/7",
    )
)


def is_loopback(ip: str) -> bool:
    """Whether the client was the same machine."""
    return ip == "::1" or ip.startswith("127.")


def is_local_name(name: str) -> bool:
    """Whether the name says nothing outside its network: none, one label, a private domain, an inner address."""
    text = name.strip("[]").lower()
    if not text or text == "unknown" or "." not in text:
        return ":" not in text or is_inner(text)
    return text.rpartition(".")[2] in _PRIVATE_TLDS or is_inner(text)


_PRIVATE_TLDS = frozenset({"local", "localdomain", "localhost", "lan", "internal", "intern", "corp", "home", "arpa"})


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=8192)
def organisation(host: str) -> str:
    """The organisational domain by the public suffix list, "" for what isn't a clean host name."""
    name = clean_host(host)
    return (_suffixes().privatesuffix(name) or name) if name else ""


def is_public_suffix(host: str) -> bool:
    """Whether anybody can register a name below it; also for what is no clean host name."""
    name = clean_host(host)
    return not name or _suffixes().privatesuffix(name) is None


@lru_cache(maxsize=8192)
def family(host: str) -> str:
    """Whose mail system a host belongs to: the organisational domain, one name for all domains of a large provider."""
    domain = organisation(host)
    return _FAMILY_OF.get(domain, domain)


_FAMILIES: tuple[tuple[str, ...], ...] = (
    ("outlook.com", "office365.com", "exchangelabs.com", "microsoft.com", "hotmail.com", "office.com", "live.com"),
    ("google.com", "gmail.com", "googlemail.com", "1e100.net"),
    ("yahoo.com", "yahoo.net", "yahoodns.net", "aol.com", "yahoo.co.uk", "ymail.com", "bizmail.yahoo.com"),
    ("icloud.com", "me.com", "mac.com", "apple.com"),
    ("proton.me", "protonmail.com", "protonmail.ch", "proton.ch", "pm.me"),
    ("fastmail.com", "messagingengine.com", "fastmail.fm", "fm.local"),
    ("zoho.com", "zohomail.com", "zoho.eu", "zoho.in", "zohomail.eu", "zohomail.in", "zohocorp.com"),
    ("yandex.ru", "yandex.net", "yandex.com", "ya.ru", "qloud-c.yandex.net"),
    ("mail.ru", "smailru.net", "inbox.ru", "bk.ru", "list.ru", "vk.com"),
    ("gmx.net", "gmx.com", "gmx.de", "web.de", "kundenserver.de", "1and1.com", "ionos.com", "ui-dns.de", "mail.com"),
    ("ovh.net", "ovh.com", "ovh.ca"),
    ("amazonses.com", "amazonaws.com", "awsapps.com"),
    ("pphosted.com", "ppe-hosted.com", "ppops.net", "proofpoint.com"),
    ("mimecast.com", "mimecast.co.za"),
    ("kernel.org", "vger.email", "monkeyblade.net"),
    ("mailbox.org", "heinlein-hosting.de"),
    ("free.fr", "proxad.net"),
    ("163.com", "126.com", "netease.com", "yeah.net"),
    ("qq.com", "foxmail.com", "tencent.com"),
    ("orange.fr", "wanadoo.fr"),
    ("t-online.de", "telekom.de"),
    ("comcast.net", "xfinity.com"),
)
"""Domains of one mail system each, the name of the family first; monkeyblade.net ran vger's MX until 2023."""
_FAMILY_OF = {domain: names[0] for names in _FAMILIES for domain in names}


_GENERIC = re.compile(
    r"(?:\d{1,3}[.-]){3}\d{1,3}|\b(?:dyn|dhcp|pool|dsl|dialup|cust|client|vps|static)[.\d-]|[0-9a-f]{8}\."
)


def is_generic(host: str) -> bool:
    """Whether a reverse name is made from the address, as access providers and hosters make them for customers."""
    return bool(_GENERIC.search(host.lower()[:253]))


_NETWORKS = {
    "outlook.com": (
        *("40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/14", "104.47.0.0/17", "2a01:111::/32", "2603:1000::/24"),
    ),
    "google.com": (
        *("35.190.247.0/24", "64.233.160.0/19", "66.102.0.0/20", "66.249.80.0/20", "72.14.192.0/18", "74.125.0.0/16"),
        *("108.177.8.0/21", "142.250.0.0/15", "172.217.0.0/16", "173.194.0.0/16", "209.85.128.0/17"),
        *("216.58.192.0/19", "216.239.32.0/19", "2001:4860:4000::/36", "2404:6800:4000::/36", "2607:f8b0:4000::/36"),
        *("2800:3f0:4000::/36", "2a00:1450:4000::/36", "2c0f:fb50:4000::/36"),
    ),
}
"""The networks of the two largest providers, for receivers that write down only the HELO.

"Microsoft 365 URLs and IP address ranges", id 10, with Exchange Online's inner IPv6; _spf.google.com.
"""


@lru_cache(maxsize=1)
def _networks() -> dict[str, tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]]:
    return {name: tuple(ipaddress.ip_network(text) for text in texts) for name, texts in _NETWORKS.items()}


@lru_cache(maxsize=4096)
def is_provider_network(name: str, ip: str) -> bool:
    """Whether the address is one of this provider's (a family's name); False for providers not listed."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return any(address.version == net.version and address in net for net in _networks().get(name, ()))


def is_relay(host: str, helo: str, ip: str, relays: Iterable[str]) -> bool:
    """Whether a client is one of the relays, given as host names (with their subdomains) or CIDR.

    The HELO counts only where the server looked no name up: anybody may choose it.
    """
    name = clean_host(host if host not in ("", "unknown") else helo)
    return any(_relay_fits(relay.strip().lower(), name, ip) for relay in relays)


def _relay_fits(relay: str, name: str, ip: str) -> bool:
    if host := clean_host(relay):
        return name == host or name.endswith("." + host)
    try:
        return bool(ip) and ipaddress.ip_address(ip) in ipaddress.ip_network(relay, strict=False)
    except ValueError:
        return False  # neither a name nor a network: the settings report that
