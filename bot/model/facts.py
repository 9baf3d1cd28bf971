"""What we looked up about a mail. A fact is known, or says why it isn't."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from bot.errors import NotChecked
from bot.model.lookedup import ArcNow, Comparison, DkimNow, DmarcNow, DnsRelation, SpfNow
from bot.model.message import Hop, Link, Message, Stamp
from bot.model.report import Told

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A looked-up value that may be unknown. Call it to read: `facts.country()`.

    Raises NotChecked when read unknown; rules let that pass, and their runner files it.
    """

    what: str
    _value: T | None = None
    why_not: str = ""

    @staticmethod
    def known(what: str, value: T) -> "Fact[T]":
        return Fact(what, value)

    @staticmethod
    def unknown(what: str, why: str) -> "Fact[T]":
        return Fact(what, None, why or "unknown")

    def __call__(self) -> T:
        if self.why_not:
            raise NotChecked(self.what, self.why_not)
        return self._value  # type: ignore[return-value]  # known() took a T

    def maybe(self) -> T | None:
        """The value, or None where it is unknown; for showing, not for rules."""
        return None if self.why_not else self._value


class ClaimKind(StrEnum):
    CONTACT = "contact"
    STAFF = "staff"
    BRAND = "brand"
    PUBLIC_BODY = "public-body"
    KNOWN_PERSON = "known-person"
    TOLD = "told"
    """The reporter said who it claims to be."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody whom the mail claims to be from (DESIGN.md, question 1)."""

    kind: ClaimKind
    who: str
    """The person's or organisation's name as the directory or list has it."""
    where: str
    """"display name", "subject", "address" (a look-alike domain), "told"."""
    matched: str
    """The words of the mail that claim it."""
    domains: tuple[str, ...] = ()
    """The domains they really send from; empty where only addresses are known."""
    addresses: tuple[str, ...] = ()
    owns: bool | None = None
    """Whether the address shown is theirs; None where it can't be told."""
    trick: str = ""
    """"confusable", "hidden", "misspelt" where the name was disguised."""


class LookalikeKind(StrEnum):
    CONFUSABLE = "confusable"
    MISSPELT = "misspelt"
    ADDED_WORDS = "added-words"
    OTHER_TLD = "other-tld"
    SUBDOMAIN = "brand-as-subdomain"


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A domain that imitates a known one."""

    domain: str
    imitates: str
    whose: str
    kind: LookalikeKind
    place: str
    """"from", "reply-to" or "link"."""


class DomainClass(StrEnum):
    """Whose kind a domain is, as far as lists and its shape tell."""

    OURS = "ours"
    CONTACT = "contact"
    BRAND = "brand"
    INSTITUTION = "institution"
    """Public-sector and academic suffixes (.gov, .edu, .ac.uk, .gob.ec, …)."""
    FREEMAIL = "freemail"
    DISPOSABLE = "disposable"
    PLATFORM = "platform"
    """Sends what strangers write: file shares, forms, calendars, site builders."""
    TENANT = "tenant"
    """A provider's tenant name: …onmicrosoft.com, …gappssmtp.com."""
    NOT_A_DOMAIN = "not-a-domain"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """What is known offline of one domain."""

    domain: str
    organisational: str
    """By the public suffix list (offline) or the DNS tree walk (RFC 9989, 4.10)."""
    cls: DomainClass
    owner: str = ""
    """The brand, public body or contact whose it is."""
    random_looking: float = 0.0
    """0 to 1: how much the registered label looks machine-made."""
    cheap_tld: bool = False
    """A top-level domain that throw-away domains favour."""


class IpKind(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    SHARED = "shared"
    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"
    DOCUMENTATION = "documentation"
    RESERVED = "reserved"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Network:
    """Where an IP address is, from the GeoIP files; empty strings where the file doesn't know."""

    ip: str
    kind: IpKind
    country: str = ""
    """ISO 3166-1 alpha-2."""
    asn: int = 0
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """The sending server: the client of the border hop (or of the hop judged instead)."""

    ip: str
    host: str
    """Its name as the receiver saw it, else its HELO."""
    helo: str
    network: Network
    hop: int


class Relation(StrEnum):
    """How the sending server's name relates to a domain, offline."""

    SAME_DOMAIN = "same-domain"
    ITS_PROVIDER = "its-provider"
    """A mail provider that the domain uses, as its signatures or records show."""
    MAILING_SERVICE = "mailing-service"
    GENERIC_HOSTING = "generic-hosting"
    """A rented machine: a name made from the address, a VPS provider's default name."""
    PLATFORM = "platform"
    UNRELATED = "unrelated"
    UNKNOWN = "unknown"


class Passage(StrEnum):
    """How the mail travelled from the author's system to the receiver."""

    DIRECT = "direct"
    LIST = "list"
    FORWARDER = "forwarder"
    OUR_RELAY = "our-relay"
    INTERNAL = "internal"
    """It never left the receiver's own system."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judged:
    """Where origin is judged: at the border, or at the hop before a forwarder or list."""

    passage: Passage
    hop: Hop | None
    stamps: tuple[Stamp, ...]
    """The believable stamps about that hop."""
    why: str = ""
    known: bool = True
    """The list or forwarder is one that we know; a stranger may call his server one, so it excuses nothing."""


class Want(StrEnum):
    """What the text wants of the reader, by knowledge/phrases/."""

    MONEY = "money"
    INHERITANCE = "inheritance"
    LOTTERY = "lottery"
    LOAN = "loan"
    STRANDED = "stranded"
    GIFT_CARDS = "gift-cards"
    BANK_DETAILS = "bank-details"
    INVOICE = "invoice"
    REFUND_CALL = "refund-call"
    CREDENTIALS = "credentials"
    MAILBOX = "mailbox"
    DELIVERY = "delivery"
    PRIZE = "prize"
    CRYPTO = "crypto"
    EXTORTION = "extortion"
    URGENCY = "urgency"
    SECRECY = "secrecy"
    DATING = "dating"
    PILLS = "pills"
    CASINO = "casino"
    MARKETING = "marketing"
    BUSINESS_OFFER = "business-offer"
    LINK_ONLY = "link-only"
    TECHNICAL_TALK = "technical-talk"
    FINE = "fine"
    DOCUMENT = "document"
    QR_CODE = "qr-code"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase that was found: what it wants, the words, where they stand."""

    want: Want
    words: str
    place: str
    """"subject" or "text"."""
    language: str = ""


class LinkClass(StrEnum):
    OWN = "own"
    """The From domain's organisation."""
    BRAND = "brand"
    LOOKALIKE = "lookalike"
    IP = "ip"
    SHORTENER = "shortener"
    FREE_HOST = "free-host"
    """Free forms, file shares, site builders, storage buckets, tunnels."""
    TRACKER = "tracker"
    """A mailing service's click tracker."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class JudgedLink:
    link: Link
    cls: LinkClass
    shows_other_host: str = ""
    """The host that the link's text names, where it isn't the target's organisation."""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Usual:
    """What history knows of one sender (or domain); counts are decayed, 1.0 a fresh mail."""

    subject: str
    """The address or domain."""
    mails: float
    servers: tuple[tuple[str, float], ...] = ()
    """organisational domains of sending servers"""
    networks: tuple[tuple[str, float], ...] = ()
    countries: tuple[tuple[str, float], ...] = ()
    dkim_domains: tuple[tuple[str, float], ...] = ()
    mailers: tuple[tuple[str, float], ...] = ()
    """families of mail programs"""
    id_domains: tuple[tuple[str, float], ...] = ()
    """organisational domains of Message-IDs"""
    offsets: tuple[tuple[str, float], ...] = ()
    names: tuple[tuple[str, float], ...] = ()
    client_countries: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SamePoint:
    """One point of `--compare`: what the known-good mail has, what this one has."""

    point: str
    good: str
    this: str
    same: bool | None
    """None where one of the two doesn't say."""


@dataclass(frozen=True, slots=True)
class Precedent:
    """A case that the casebook decided before."""

    verdict: str
    by_technician: bool
    age_days: float
    same: str
    """"sender" or "campaign"."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one mail when the rules look at it."""

    message: Message
    told: Told
    author: DomainFacts
    judged: Judged
    claims: tuple[Claim, ...] = ()
    lookalikes: tuple[Lookalike, ...] = ()
    domains: tuple[DomainFacts, ...] = ()
    """Of each other domain that matters: Reply-To, Sender, Return-Path, signatures."""
    phrases: tuple[Phrase, ...] = ()
    links: tuple[JudgedLink, ...] = ()
    language: str = ""
    services: tuple[str, ...] = ()
    """Domains of the mail's Reply-To and Return-Path that belong to mailing services, which take answers for others."""
    mailer_family: str = ""
    """The mail program without its version, as history keeps it; "" where none is named."""
    id_domain: str = ""
    """The organisational domain that Message-ID ends in (RFC 5322, 3.6.4), as history keeps it."""
    name_is_organisation: bool = False
    """The display name reads like an organisation, a product or a role, not like a person."""
    our_simulation: str = ""
    """The vendor of our own phishing simulation, where headers and network both fit."""
    our_service: str = ""
    """The service set as sending in our name, where the receiver found that it sent this."""
    comparison: tuple[SamePoint, ...] = ()
    server_relation: Relation = Relation.UNKNOWN
    """The sending server against the From domain, by names alone."""
    server: Fact[Server] = field(default_factory=lambda: Fact.unknown("the sending server", "no border hop"))
    spf_now: Fact[SpfNow] = field(default_factory=lambda: Fact.unknown("SPF now", "offline"))
    dkim_now: Fact[tuple[DkimNow, ...]] = field(default_factory=lambda: Fact.unknown("DKIM now", "offline"))
    dmarc_now: Fact[DmarcNow] = field(default_factory=lambda: Fact.unknown("DMARC now", "offline"))
    arc_now: Fact[ArcNow] = field(default_factory=lambda: Fact.unknown("ARC now", "offline"))
    relation: Fact[DnsRelation] = field(default_factory=lambda: Fact.unknown("the server's records", "offline"))
    domain_exists: Fact[bool] = field(default_factory=lambda: Fact.unknown("whether the domain exists", "offline"))
    then_and_now: tuple[Comparison, ...] = ()
    client: Fact[Network] = field(
        default_factory=lambda: Fact.unknown("where it was written", "no header of the provider tells")
    )
    """The network from which the author's client submitted the mail, where a believable header tells."""
    usual: Fact[Usual] = field(
        default_factory=lambda: Fact.unknown("the sender's usual servers", "no history of this sender")
    )
    earlier: Fact[float] = field(
        default_factory=lambda: Fact.unknown("whether this address wrote before", "no history of this sender")
    )
    """Genuine mails of the address itself that are known, decayed; 0.0 for none."""
    precedents: tuple[Precedent, ...] = ()

    def stamp(self, method: str) -> tuple[Stamp, ...]:
        """The believable stamps about the judged hop, of one method."""
        return tuple(stamp for stamp in self.judged.stamps if stamp.method == method)

    def domain(self, name: str) -> DomainFacts | None:
        """What is known of one of the mail's other domains."""
        return next((known for known in (self.author, *self.domains) if known.domain == name), None)
