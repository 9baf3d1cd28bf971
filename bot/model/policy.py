"""What the owner has set and all stages may need: whom we trust, who we are."""

from dataclasses import dataclass, field
from enum import StrEnum


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
    desk_names: tuple[str, ...] = ()
    """Names of our own help desk, as a sender may claim them."""


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


class DeskKind(StrEnum):
    """Which other help desk tickets are handed to."""

    JIRA = "jira"
    """Jira Service Management, or any project of Jira's; Cloud and Data Center."""
    ZENDESK = "zendesk"
    WEBHOOK = "webhook"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class DeskAccount:
    """Where that help desk is and who we are there; what a kind has no use for is ""."""

    kind: DeskKind
    url: str
    user: str = ""
    token: str = field(default="", repr=False)
    """An API token, an access token, a password or a webhook's secret."""
    project: str = ""
    """Jira: the project's key."""
    request_type: str = ""
    """Jira Service Management: the request type's name or number; "": an ordinary issue."""
    issue_type: str = "Task"
    """Jira: the type of an ordinary issue."""
    sender: str = ""
    """Mail: the address that it comes from."""
    to: str = ""
    """Mail: the help desk's address."""
    ca: str = ""
    """A file of certificates to trust in place of the system's."""
