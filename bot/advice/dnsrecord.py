"""Which DNS record of our own domain is missing, so that receivers could have refused a mail that forges it."""

from dataclasses import dataclass

from bot.model import DmarcPolicy, Facts, Result

SENDERS = {
    "microsoft-365": "include:spf.protection.outlook.com",
    "google-workspace": "include:_spf.google.com",
}
"""How a provider of ours stands in an SPF record; without one, the servers that take mail may send it too (mx)."""


@dataclass(frozen=True, slots=True)
class MissingRecord:
    """One TXT record, as it is to stand."""

    name: str
    value: str
    why: str

    def __str__(self) -> str:
        return f"{self.why} TXT record {self.name}: {self.value}"


def missing_record(facts: Facts, provider: str = "") -> MissingRecord | None:
    """The record to add first; None where none is missing, or nobody could look."""
    return next(iter(missing_records(facts, provider)), None)


def missing_records(facts: Facts, provider: str = "") -> tuple[MissingRecord, ...]:
    """All of them, the one that keeps forgeries out first. `provider`: ours, a page of knowledge/providers.

    Nothing is said of DKIM: a forged mail names the keys that it likes.
    """
    return tuple(record for record in (_dmarc(facts), _spf(facts, provider)) if record is not None)


def _dmarc(facts: Facts) -> MissingRecord | None:
    """One step of none, quarantine, reject (RFC 9989); reports are read before it gets stricter."""
    now = facts.dmarc_now.maybe()
    domain = facts.author.organisational or facts.author.domain
    if now is None or not domain:
        return None
    policy = now.policy
    if policy is None:
        value = f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}"
        return MissingRecord(f"_dmarc.{domain}", value, "No DMARC record asks receivers to refuse forgeries. Add this")
    name = f"_dmarc.{policy.domain or domain}"
    keep = "Keep its rua, and change the"
    if policy.testing:
        return MissingRecord(name, f"v=DMARC1; p={policy.policy}", f"DMARC is only tried out (t=y). {keep}")
    held, below = _held_against(policy, facts.author.domain)
    if held == "none":
        why = f"DMARC asks for nothing (none). Once the reports show all of our own mail passing: {keep.lower()}"
        return MissingRecord(name, _stricter(policy, "quarantine", below=below), why)
    if held == "quarantine":
        why = f"DMARC puts forgeries into Junk (quarantine). To have them refused: {keep.lower()}"
        return MissingRecord(name, _stricter(policy, "reject", below=below), why)
    return None


def _held_against(policy: DmarcPolicy, domain: str) -> tuple[str, bool]:
    """The policy for this very domain (without p: none), and whether it is the one for subdomains (RFC 9989, 4.7)."""
    below = bool(policy.domain) and domain != policy.domain and bool(policy.subdomain_policy)
    return (policy.subdomain_policy if below else policy.policy).lower() or "none", below


def _stricter(policy: DmarcPolicy, wanted: str, *, below: bool) -> str:
    """The record one step on; of a domain and its subdomains, the one that let it through."""
    if below:
        return f"v=DMARC1; p={policy.policy}; sp={wanted}; np=reject"
    return f"v=DMARC1; p={wanted}; np=reject"


def _spf(facts: Facts, provider: str) -> MissingRecord | None:
    """Only where SPF was asked for our own domain, not for the envelope's of whoever forged it."""
    now = facts.spf_now.maybe()
    if now is None or now.result is not Result.NONE or now.domain != facts.author.domain:
        return None
    senders = SENDERS.get(provider, "mx")
    why = "No SPF record names the servers that may send. Put every other server of ours before -all, then add this"
    return MissingRecord(facts.author.domain, f"v=spf1 {senders} -all", why)
