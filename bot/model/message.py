"""What a mail says of itself. Nothing here was looked up, and most of it is the sender's word.

Names: RFC 5598 (actors), 5321 (transport), 5322 (format), 8601 (authentication results).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.report import Grade, Kind


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and an address (RFC 5322, 3.4), both decoded; either may be empty.

    `address` is lower-cased in its domain only, and is "" where no usable address stands.
    `shown` is what a client would print where it isn't simply `name <address>`.
    """

    name: str
    address: str
    shown: str = ""

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Header:
    """One header field as it stands, unfolded but not decoded."""

    name: str
    value: str


class Zone(StrEnum):
    """Where a trace line or stamp lies as seen from the receiver (EVIDENCE.md, "The trust boundary")."""

    INSIDE = "inside"
    """Written by the receiver's own servers (or our relays)."""
    BORDER = "border"
    """The Received line in which the receiver took the mail from outside; its `from` is the sending server."""
    HANDED = "handed"
    """Written by the border server itself, where that server is a known forwarder, list or relay: reduced weight."""
    OUTSIDE = "outside"
    """In the sender's hands: a claim."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received line (RFC 5321, 4.4), the newest first in `Message.hops`."""

    index: int
    zone: Zone
    helo: str = ""
    """What the client called itself."""
    host: str = ""
    """The client's reverse name as the server looked it up; "" or "unknown" where it had none."""
    ip: str = ""
    """The client's address without brackets or the IPv6: tag; "" where the line has none."""
    by: str = ""
    protocol: str = ""
    """The `with` word: ESMTPSA, HTTP, LMTP, mapi, …"""
    authenticated: str = ""
    """The account that signed in, as the server wrote it; "*" where it signed in but isn't named."""
    envelope_from: str = ""
    recipient: str = ""
    at: datetime | None = None
    software: str = ""
    """postfix, exchange, gmail, exim, sendmail, qmail, zimbra, proton, vger, … where it can be told."""
    raw: str = ""


class Method(StrEnum):
    """What a stamp is about (RFC 8601, 2.7)."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    ARC = "arc"
    COMPAUTH = "compauth"
    """Microsoft's composite authentication."""
    AUTH = "auth"
    """SMTP AUTH (RFC 8601, 2.7.4)."""
    IPREV = "iprev"
    OTHER = "other"


class Result(StrEnum):
    """A method's result; what a verifier wrote that isn't in this list is OTHER, with its word kept."""

    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    POLICY = "policy"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    BESTGUESSPASS = "bestguesspass"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Stamp:
    """One verifier's statement about one method; from Authentication-Results, Received-SPF or an ARC set."""

    method: Method
    result: Result
    zone: Zone
    word: str = ""
    """The result's word as written (`timeout`, `hardfail`, …)."""
    authserv_id: str = ""
    domain: str = ""
    """header.d of DKIM, the domain of smtp.mailfrom or smtp.helo of SPF, header.from of DMARC;
    "" if it isn't a clean host name."""
    identity: str = ""
    """The property's whole value as written: an address, a domain, an account."""
    ip: str = ""
    """The client's IP that an SPF result is about."""
    reason: str = ""
    """The comment or reason=, such as "signature did not verify"; compauth's three digits."""
    action: str = ""
    """Microsoft's action= or policy.dmarc: what was done or asked for; never the result."""
    source: str = "Authentication-Results"
    arc_instance: int = 0
    hop: int | None = None
    """Index of the Received line below which this stamp stands; None above the first."""
    selector: str = ""
    beside: bool = False
    """It stands right below the Received line: where the receiver writes none there, the sender may have."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One DKIM-Signature's tags (RFC 6376, 3.5); unverified."""

    domain: str
    selector: str
    identity: str = ""
    signed_headers: tuple[str, ...] = ()
    algorithm: str = ""
    body_length: int | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class ArcSet:
    """One ARC set (RFC 8617, 4.1): instance, who sealed it, the cv that it claims."""

    instance: int
    sealer: str
    cv: str


@dataclass(frozen=True, slots=True)
class Origination:
    """A header by which a provider tells where the mail was submitted: X-Originating-IP and kin."""

    header: str
    ip: str = ""
    account: str = ""
    zone: Zone = Zone.OUTSIDE


@dataclass(frozen=True, slots=True)
class FilterVerdict:
    """A filter's code with its meaning in words (X-Forefront-Antispam-Report and kin)."""

    source: str
    code: str
    value: str
    meaning: str
    zone: Zone


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the body: what it shows, where it goes. Never fetched.

    `target` is the URL with known gateway rewriting (Safe Links, URL Defense) undone offline;
    `rewritten_by` names the gateway. `host` is the target's host, lower-case, IDNA-decoded.
    """

    text: str
    target: str
    host: str
    rewritten_by: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attached part: told by name, declared and sniffed type, and size in octets. Never opened."""

    name: str
    declared: str
    sniffed: str
    size: int
    encrypted: bool = False
    """A password-protected zip, 7z, rar, PDF or Office file, as far as its header tells."""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class ListTraits:
    """Whether and how a mailing list or bulk mailer handled the mail (RFC 2369, 2919, 3834)."""

    list_id: str = ""
    list_unsubscribe: bool = False
    list_post: bool = False
    precedence: str = ""
    auto_submitted: str = ""
    resent: bool = False
    """Resent-* or X-Forwarded-* or a `+caf_=`/SRS return path."""
    feedback_id: bool = False


class Origin(StrEnum):
    """How the suspect mail lay in the material."""

    DIRECT = "direct"
    ATTACHED = "attached"
    """It was attached to the mail handed in (message/rfc822 or an attached .msg)."""
    QUOTED = "quoted"
    """It was quoted in an inline forward: grade D."""


@dataclass(frozen=True, slots=True)
class Defect:
    """Something malformed, recovered or lost; `code` is kebab-case, `detail` says it with the value."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Message:
    """The suspect mail, as it describes itself."""

    kind: Kind
    grade: Grade
    origin: Origin = Origin.DIRECT
    senders: tuple[Mailbox, ...] = ()
    """Every reading of From that a common client could show, the likeliest first."""
    from_fields: tuple[str, ...] = ()
    """The From fields' raw values."""
    sender: Mailbox | None = None
    """The Sender field (RFC 5322, 3.6.2)."""
    reply_to: tuple[Mailbox, ...] = ()
    return_path: str | None = None
    """MAIL FROM; "" for the null reverse-path, None where it isn't known."""
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    subject: str = ""
    date: datetime | None = None
    """Date with its UTC offset; None where it is missing or not a date."""
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    mailer: str = ""
    hops: tuple[Hop, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    signatures: tuple[Signature, ...] = ()
    arc: tuple[ArcSet, ...] = ()
    originations: tuple[Origination, ...] = ()
    filters: tuple[FilterVerdict, ...] = ()
    traits: ListTraits = field(default_factory=ListTraits)
    text: str = ""
    """The readable text (plain part, else HTML made text), bounded; without quoted replies stripped."""
    links: tuple[Link, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    defects: tuple[Defect, ...] = ()
    headers: tuple[Header, ...] = ()
    raw: bytes = field(default=b"", repr=False)
    """The whole message as it came, for signatures; empty where it isn't whole."""

    @property
    def author(self) -> Mailbox:
        """The likeliest reading of From; an empty mailbox where there is none."""
        return self.senders[0] if self.senders else Mailbox("", "")

    @property
    def shows_text(self) -> bool:
        """Whether anything was handed in of what it says: of headers alone nobody can tell what it wants."""
        return bool(self.raw or self.text.strip() or self.links or self.attachments)

    @property
    def border(self) -> Hop | None:
        """The Received line in which the receiver took the mail from outside."""
        return next((hop for hop in self.hops if hop.zone is Zone.BORDER), None)
