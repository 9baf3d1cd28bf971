"""origin, by what the receiver wrote at delivery: did the mail system of the address really send it?

Positive weights: yes. A stamp outside the trust boundary never gets here (`Facts.judged`).
"""

from bot.model import Facts, Method, Question, Result, Stamp, Zone
from bot.rules.reading import (
    believed,
    handed_on,
    is_authors,
    is_authors_tenant,
    passes_claimed,
    stamps,
    vouched,
)
from bot.ruling import Observation, rule


@rule(question=Question.ORIGIN, group="authentication")
def dmarc_passed(facts: Facts) -> Observation | None:
    """DMARC passed when the mail arrived."""
    hit = next(iter(stamps(facts, Method.DMARC, Result.PASS)), None)
    if hit is None or (hit.domain and not is_authors(facts, hit.domain)):
        return None
    return Observation(
        f"{_verifier(hit)} found that {hit.domain or facts.author.domain} really sent it (DMARC pass).",
        strength=believed(facts, hit),
    )


@rule(question=Question.ORIGIN, group="authentication")
def dkim_of_the_author_passed(facts: Facts) -> Observation | None:
    """The sender's own signature (DKIM) held when the mail arrived."""
    hit = next(iter(stamps(facts, Method.DKIM, Result.PASS, aligned=True)), None)
    return (
        Observation(
            f"{_verifier(hit)} verified its signature by {hit.domain}, which only that domain can make (DKIM pass).",
            strength=believed(facts, hit),
        )
        if hit
        else None
    )


@rule(question=Question.ORIGIN, group="authentication")
def spf_of_the_author_passed(facts: Facts) -> Observation | None:
    """The sending server is one that the sender's domain allows (SPF)."""
    hit = next(iter(stamps(facts, Method.SPF, Result.PASS, aligned=True)), None)
    if hit is None:
        return None
    return Observation(
        f"{hit.domain} allows the server {hit.ip or _server_ip(facts)} to send for it (SPF pass).",
        strength=believed(facts, hit),
    )


@rule(question=Question.ORIGIN, group="authentication")
def best_guess_passed(facts: Facts) -> Observation | None:
    """No policy is published, but the receiver's best guess is that the domain sent it."""
    hit = next(iter(stamps(facts, Method.DMARC, Result.BESTGUESSPASS)), None)
    return Observation(f"{_verifier(hit)} guessed that {facts.author.domain} sent it (bestguesspass).") if hit else None


@rule(question=Question.ORIGIN, group="authentication")
def our_service_sent_it(facts: Facts) -> Observation | None:
    """A service that sends in our name sent it."""
    if not facts.our_service:
        return None
    return Observation(f"{facts.our_service} sent it, which the settings name as sending for {facts.author.domain}.")


@rule(question=Question.ORIGIN, group="authentication")
def dmarc_failed(facts: Facts) -> Observation | None:
    """DMARC failed when the mail arrived, and no list or forwarder explains it."""
    hit = next(iter(stamps(facts, Method.DMARC, Result.FAIL)), None)
    if hit is None or handed_on(facts):
        return None
    return Observation(
        f"{_verifier(hit)} found that {hit.domain or facts.author.domain} didn't send it (DMARC fail).",
        strength=believed(facts, hit),
    )


@rule(question=Question.ORIGIN, group="authentication")
def dmarc_failed_after_a_list(facts: Facts) -> Observation | None:
    """DMARC failed, but lists and forwarders break it."""
    hit = next(iter(stamps(facts, Method.DMARC, Result.FAIL)), None)
    if hit is None or not handed_on(facts):
        return None
    return Observation(f"DMARC failed on the way through a {facts.judged.passage.value}; such servers break it.")


@rule(question=Question.ORIGIN, group="authentication")
def spf_failed(facts: Facts) -> Observation | None:
    """The sender's domain forbids the sending server (SPF fail)."""
    hit = next(iter(stamps(facts, Method.SPF, Result.FAIL)), None)
    if hit is None or handed_on(facts):
        return None
    return Observation(
        f"{hit.domain or 'The domain'} forbids the server {hit.ip or _server_ip(facts)} (SPF fail).",
        strength=believed(facts, hit),
    )


@rule(question=Question.ORIGIN, group="authentication")
def spf_softly_failed(facts: Facts) -> Observation | None:
    """The sender's domain doesn't list the sending server (SPF softfail)."""
    hit = next(iter(stamps(facts, Method.SPF, Result.SOFTFAIL)), None)
    if hit is None or handed_on(facts):
        return None
    return Observation(
        f"{hit.domain or 'The domain'} doesn't list the server {hit.ip or _server_ip(facts)} (SPF softfail).",
        strength=believed(facts, hit),
    )


@rule(question=Question.ORIGIN, group="authentication")
def spf_passed_for_another_domain(facts: Facts) -> Observation | None:
    """The server was allowed by another domain than the one shown."""
    hit = next(iter(stamps(facts, Method.SPF, Result.PASS, aligned=False)), None)
    if hit is None or not hit.domain or handed_on(facts) or vouched(facts):
        return None
    return Observation(
        f"It was sent in the name of {hit.domain} (SPF pass), but shows {facts.author.domain}.",
        strength=believed(facts, hit),
    )


@rule(question=Question.ORIGIN, group="authentication")
def envelope_of_another_domain_unproven(facts: Facts) -> Observation | None:
    """The envelope is of another domain, and not even that one vouches for the server."""
    weak = (Result.FAIL, Result.SOFTFAIL, Result.NONE, Result.NEUTRAL)
    hit = next(iter(stamps(facts, Method.SPF, *weak, aligned=False)), None)
    if hit is None or not hit.domain or handed_on(facts) or vouched(facts):
        return None
    return Observation(
        f"It was sent in the name of {hit.domain} (SPF {hit.result.value}), but shows {facts.author.domain}.",
        strength=believed(facts, hit),
    )


@rule(question=Question.ORIGIN, group="authentication")
def nothing_vouches_for_it(facts: Facts) -> Observation | None:
    """No check of any kind passed for the address shown."""
    shown = facts.author.domain and facts.message.author.address
    if not facts.judged.stamps or not shown or handed_on(facts) or vouched(facts) or passes_claimed(facts):
        return None
    return Observation(f"No check (SPF, DKIM, DMARC) shows that {facts.author.domain} sent it.")


@rule(question=Question.ORIGIN, group="authentication")
def dkim_of_the_author_failed(facts: Facts) -> Observation | None:
    """The signature in the sender's name didn't hold."""
    hit = next(iter(stamps(facts, Method.DKIM, Result.FAIL, Result.PERMERROR, aligned=True)), None)
    if hit is None or handed_on(facts):
        return None
    return Observation(
        f"A DKIM signature of {hit.domain} failed ({(hit.reason or hit.word or hit.result.value)[:80]}).",
        strength=believed(facts, hit),
    )


@rule(question=Question.ORIGIN, group="authentication")
def dkim_only_of_others(facts: Facts) -> Observation | None:
    """Only somebody else's signature held."""
    if stamps(facts, Method.DKIM, Result.PASS, aligned=True) or handed_on(facts):
        return None
    hit = next(iter(stamps(facts, Method.DKIM, Result.PASS, aligned=False)), None)
    if hit is None or not hit.domain or is_authors_tenant(facts, hit):
        return None
    return Observation(f"It is signed by {hit.domain}, which isn't {facts.author.domain or 'an address shown'}.")


@rule(question=Question.ORIGIN, group="tenant")
def own_tenant_signed(facts: Facts) -> Observation | None:
    """The domain's own tenant at its mail provider signed it."""
    hit = next((s for s in stamps(facts, Method.DKIM, Result.PASS) if is_authors_tenant(facts, s)), None)
    return (
        Observation(f"Signed by {hit.domain}, the tenant of {facts.author.domain}.", strength=believed(facts, hit))
        if hit
        else None
    )


@rule(question=Question.ORIGIN, group="authentication")
def composite_check_failed(facts: Facts) -> Observation | None:
    """Microsoft's composite check failed."""
    hit = next(iter(stamps(facts, Method.COMPAUTH, Result.FAIL)), None)
    if hit is None or handed_on(facts) or not facts.message.author.address:
        return None
    return Observation(f"Microsoft's composite authentication failed (reason {hit.reason[:40] or 'not given'}).")


@rule(question=Question.ORIGIN, group="authentication")
def composite_check_passed(facts: Facts) -> Observation | None:
    """Microsoft's composite check passed."""
    hit = next(iter(stamps(facts, Method.COMPAUTH, Result.PASS)), None)
    if hit is None:
        return None
    return Observation(f"Microsoft's composite authentication passed (reason {hit.reason[:40] or 'not given'}).")


@rule(question=Question.ORIGIN, group="filter-spoof")
def filter_saw_spoofing(facts: Facts) -> Observation | None:
    """The receiver's filter calls the address spoofed."""
    codes = {"SPOOF", "9.11", "9.21", "9.22"}
    hit = next((f for f in facts.message.filters if f.value in codes and f.zone is not Zone.OUTSIDE), None)
    return Observation(f"{hit.source} {hit.code}:{hit.value} — {hit.meaning}") if hit else None


@rule(question=Question.ORIGIN, group="forged-stamp")
def receivers_stamp_forged(facts: Facts) -> Observation | None:
    """The sender put in a check result that only the receiver may write."""
    hit = next((d for d in facts.message.defects if d.code == "forged-stamp"), None)
    return Observation(hit.detail) if hit else None


def _verifier(stamp: Stamp) -> str:
    return stamp.authserv_id or "The receiver"


def _server_ip(facts: Facts) -> str:
    hop = facts.judged.hop
    return hop.ip if hop and hop.ip else "that sent it"
