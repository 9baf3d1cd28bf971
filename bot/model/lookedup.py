"""What DNS told when it was asked now, beside what the receiver stamped at delivery."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.message import Result


@dataclass(frozen=True, slots=True)
class SpfNow:
    """SPF as checked now (RFC 7208) for the sending server; `domain` is the checked identity's."""

    result: Result
    domain: str
    explanation: str = ""
    aligned: bool = False


@dataclass(frozen=True, slots=True)
class DkimNow:
    """One signature as verified now (RFC 6376, 8463)."""

    domain: str
    selector: str
    result: Result
    reason: str = ""
    aligned: bool = False


@dataclass(frozen=True, slots=True)
class DmarcPolicy:
    """A published DMARC record (RFC 9989, 4.7): the policy, not this message's result."""

    domain: str
    policy: str
    subdomain_policy: str = ""
    nonexistent_policy: str = ""
    testing: bool = False
    strict_spf: bool = False
    strict_dkim: bool = False
    psd: str = "u"
    organisational: str = ""


@dataclass(frozen=True, slots=True)
class DmarcNow:
    """DMARC as evaluated now; `policy` is None where none is published."""

    result: Result
    policy: DmarcPolicy | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ArcNow:
    """The ARC chain as validated now (RFC 8617, 5.2)."""

    result: Result
    sealers: tuple[str, ...] = ()
    reason: str = ""


class Agreement(StrEnum):
    """Whether the stamp of delivery and today's check say the same."""

    AGREE = "agree"
    DISAGREE = "disagree"
    ONLY_STAMPED = "only-stamped"
    ONLY_NOW = "only-now"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One mechanism, then and now."""

    mechanism: str
    stamped: str
    now: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class DnsRelation:
    """How the sending server relates to the From domain, by DNS."""

    is_mx: bool
    in_spf: bool
    forward_confirmed: str
    """The server's reverse name if its address maps back (FCrDNS), else ""."""
    same_organisation: bool
    """That confirmed name lies in the From domain's organisational domain."""
