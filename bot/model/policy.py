"""What the owner has set and all stages may need: whom we trust, who we are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trust:
    """The receiver, as far as settings name it; all empty means: infer it (EVIDENCE.md)."""

    authserv_ids: tuple[str, ...] = ()
    """`--trust`: authserv-ids whose stamps are believed wherever they stand inside."""
    our_domains: tuple[str, ...] = ()
    our_relays: tuple[str, ...] = ()
    """Filter gateways and forwarders in front of our mailboxes: host names (with their subdomains) or CIDR."""
    sending_services: tuple[str, ...] = ()
    """Domains of services that send in our name."""


@dataclass(frozen=True, slots=True)
class HelpDesk:
    """Who is meant by "call us"."""

    name: str = "the help desk"
    phone: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on hostile input: octets, counts and depth. Over a bound means cut with a defect, or TooLarge."""

    exhibit: int = 60_000_000
    headers: int = 5_000
    """Header fields kept."""
    header_bytes: int = 2_000_000
    """Octets of header section looked at; one field is cut at a tenth of it."""
    parts: int = 500
    depth: int = 40
    text: int = 400_000
    """Characters of readable text kept."""
    links: int = 500
    attachments: int = 200
    hops: int = 200
    stamps: int = 300
