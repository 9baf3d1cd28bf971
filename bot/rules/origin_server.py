"""origin, by the server, the chain and today's DNS.

Positive weights: the mail system of the address really sent it.
"""

from bot.model import (
    Agreement,
    DomainClass,
    Facts,
    IpKind,
    Passage,
    Question,
    Relation,
    Result,
    Zone,
)
from bot.rules.reading import (
    by_known_list,
    handed_on,
    in_words,
    is_authors,
    passes_claimed,
    rewritten_by_list,
    signed_in_as,
    submission,
    vouched,
)
from bot.ruling import Observation, rule


@rule(question=Question.ORIGIN, group="server")
def server_is_the_domains_own(facts: Facts) -> Observation | None:
    """The sending server carries the name of the sender's domain."""
    if facts.server_relation is not Relation.SAME_DOMAIN:
        return None
    return Observation(f"It was handed over by {in_words(facts)}, a server named in {facts.author.organisational}.")


@rule(question=Question.ORIGIN, group="server")
def server_is_its_providers(facts: Facts) -> Observation | None:
    """The sending server is one of the mail provider that the address belongs to."""
    if facts.server_relation is not Relation.ITS_PROVIDER:
        return None
    return Observation(f"{_capital(in_words(facts))} is a server of the provider that {facts.author.domain} uses.")


@rule(question=Question.ORIGIN, group="server")
def server_is_a_rented_machine(facts: Facts) -> Observation | None:
    """The sending server is a rented machine without a name of the sender's."""
    if facts.server_relation is not Relation.GENERIC_HOSTING or handed_on(facts) or vouched(facts):
        return None
    if passes_claimed(facts):
        return _bears_another_name(facts)
    return Observation(f"{_capital(in_words(facts))} is a rented machine, not a mail server of {_author(facts)}.")


@rule(question=Question.ORIGIN, group="server")
def server_is_a_strangers(facts: Facts) -> Observation | None:
    """The sending server has nothing to do with the sender's domain."""
    if facts.server_relation is not Relation.UNRELATED or handed_on(facts) or vouched(facts):
        return None
    if facts.judged.passage is Passage.INTERNAL or rewritten_by_list(facts):
        return None
    if passes_claimed(facts):
        return _bears_another_name(facts)
    return Observation(f"{_capital(in_words(facts))} has nothing to do with {_author(facts)}.")


@rule(question=Question.ORIGIN, group="server-records")
def server_confirmed_by_name(facts: Facts) -> Observation | None:
    """The server's confirmed name lies in the sender's domain, or it is that domain's mail exchanger."""
    relation = facts.relation()
    if relation.same_organisation and relation.forward_confirmed:
        return Observation(f"The server's confirmed name is {relation.forward_confirmed}.")
    if relation.is_mx:
        return Observation(f"The server also receives mail for {facts.author.domain} (MX).")
    return None


@rule(question=Question.ORIGIN, group="authentication")
def spf_allows_it_today(facts: Facts) -> Observation | None:
    """Today's SPF record allows the server."""
    now = facts.spf_now()
    if now.result is not Result.PASS or not now.aligned:
        return None
    return Observation(f"Today {now.domain} allows the server (SPF pass now).")


@rule(question=Question.ORIGIN, group="authentication")
def spf_forbids_it_today(facts: Facts) -> Observation | None:
    """Today's SPF record doesn't allow the server."""
    now = facts.spf_now()
    if now.result not in (Result.FAIL, Result.SOFTFAIL) or handed_on(facts):
        return None
    return Observation(f"Today {now.domain} doesn't allow the server (SPF {now.result.value} now).")


@rule(question=Question.ORIGIN, group="authentication")
def signature_holds_today(facts: Facts) -> Observation | None:
    """The sender's own signature verifies now."""
    good = next((key for key in facts.dkim_now() if key.aligned and key.result is Result.PASS), None)
    return Observation(f"The DKIM signature of {good.domain} verifies today.") if good else None


@rule(question=Question.ORIGIN, group="authentication")
def signature_broken_today(facts: Facts) -> Observation | None:
    """The sender's own signature doesn't verify now, and no list explains it."""
    keys = [key for key in facts.dkim_now() if key.aligned]
    if not keys or any(key.result is Result.PASS for key in keys) or handed_on(facts):
        return None
    bad = next((key for key in keys if key.result is Result.FAIL), None)
    return Observation(f"The DKIM signature of {bad.domain} doesn't verify today ({bad.reason}).") if bad else None


@rule(question=Question.ORIGIN, group="authentication")
def dmarc_passes_today(facts: Facts) -> Observation | None:
    """DMARC passes when checked now."""
    now = facts.dmarc_now()
    if now.result is not Result.PASS or now.policy is None:
        return None
    return Observation(f"DMARC passes today for {facts.author.domain} (policy {now.policy.policy}).")


@rule(question=Question.ORIGIN, group="authentication")
def dmarc_fails_today(facts: Facts) -> Observation | None:
    """DMARC fails when checked now."""
    now = facts.dmarc_now()
    if now.result is not Result.FAIL or now.policy is None or handed_on(facts):
        return None
    return Observation(f"DMARC fails today for {facts.author.domain}, whose policy is {now.policy.policy}.")


@rule(question=Question.ORIGIN, group="sealed")
def forwarder_vouches(facts: Facts) -> Observation | None:
    """A forwarder's seal (ARC) says that it was authentic when it came in there."""
    chain = facts.arc_now()
    if chain.result is not Result.PASS or len(chain.sealers) < 2:
        return None
    return Observation(f"The ARC chain of {', '.join(chain.sealers[:3])} holds.")


@rule(question=Question.ORIGIN, group="then-and-now")
def then_and_now_disagree(facts: Facts) -> Observation | None:
    """A check that passed at delivery fails today."""
    hit = next((c for c in facts.then_and_now if c.agreement is Agreement.DISAGREE and c.stamped == "pass"), None)
    return Observation(f"{hit.mechanism}: {hit.stamped} at delivery, {hit.now} today.") if hit else None


@rule(question=Question.ORIGIN, group="existence")
def domain_does_not_exist(facts: Facts) -> Observation | None:
    """The sender's domain doesn't exist."""
    if facts.author.cls is DomainClass.NOT_A_DOMAIN and facts.author.domain:
        return Observation(f"{facts.author.domain} can't be a domain name.")
    if facts.domain_exists():
        return None
    return Observation(f"{facts.author.domain} doesn't exist.")


@rule(question=Question.ORIGIN, group="signed-in")
def signed_in_as_the_author(facts: Facts) -> Observation | None:
    """Somebody signed in with the sender's account to send it."""
    account = signed_in_as(facts)
    if not account or account == "*":
        return None
    same = account.lower() == facts.message.author.address.lower()
    domain = account.rpartition("@")[2]
    if not same and not ("@" in account and is_authors(facts, domain)):
        return None
    return Observation(
        f"The server wrote that {account} signed in to send it.", strength=_trusted(facts) * (1.0 if same else 0.7)
    )


@rule(question=Question.ORIGIN, group="signed-in")
def signed_in_as_somebody_else(facts: Facts) -> Observation | None:
    """Another account than the sender's signed in to send it."""
    account = signed_in_as(facts)
    domain = account.rpartition("@")[2]
    if "@" not in account or not facts.author.domain or is_authors(facts, domain):
        return None
    return Observation(f"{account} signed in to send it, not {facts.message.author.address}.")


@rule(question=Question.ORIGIN, group="submission")
def submitted_by_sign_in(facts: Facts) -> Observation | None:
    """It was submitted to the sending server by somebody who signed in there."""
    signed = submission(facts)
    if signed is None:
        return None
    return Observation(f"{signed.by} took it from somebody who had signed in ({signed.protocol or 'signed in'}).")


@rule(question=Question.ORIGIN, group="script")
def sent_by_a_script(facts: Facts) -> Observation | None:
    """A program on a web server sent it."""
    script = next((o for o in facts.message.originations if o.account.startswith("script:")), None)
    if script is None:
        return None
    return Observation(f"It was made by a web server's script ({script.account.removeprefix('script:')[:60]}).")


@rule(question=Question.ORIGIN, group="envelope")
def bounces_go_to_the_author(facts: Facts) -> Observation | None:
    """Bounces would go to the sender's own organisation."""
    path = facts.message.return_path
    if not path or not is_authors(facts, path.rpartition("@")[2]):
        return None
    return Observation(f"The return path is {path[:80]}.")


@rule(question=Question.ORIGIN, group="envelope")
def bounces_go_elsewhere(facts: Facts) -> Observation | None:
    """Bounces would go to another organisation than the sender's."""
    path = facts.message.return_path
    if not path or handed_on(facts) or is_authors(facts, path.rpartition("@")[2]):
        return None
    return Observation(f"The return path is {path[:80]}, not at {_author(facts)}.")


@rule(question=Question.ORIGIN, group="message-id")
def message_id_is_the_authors(facts: Facts) -> Observation | None:
    """The message's number was given by the sender's system."""
    right = facts.message.message_id.rpartition("@")[2].strip("<> ").lower()
    if not right or not is_authors(facts, right):
        return None
    return Observation(f"The Message-ID ends in {right[:80]}.")


@rule(question=Question.ORIGIN, group="to-self")
def sent_to_itself_from_outside(facts: Facts) -> Observation | None:
    """It claims to come from the very mailbox that it was delivered to."""
    address = facts.message.author.address.lower()
    delivered = {hop.recipient.lower() for hop in facts.message.hops if hop.zone in (Zone.INSIDE, Zone.BORDER)}
    outside = facts.judged.passage is Passage.DIRECT and facts.server_relation is not Relation.SAME_DOMAIN
    if not address or address not in delivered or not outside:
        return None
    return Observation(f"It claims to come from {address}, the mailbox that it was delivered to.")


@rule(question=Question.ORIGIN, group="list")
def list_took_it_in(facts: Facts) -> Observation | None:
    """A mailing list that we know took it in, as lists do from their members."""
    if not by_known_list(facts) or rewritten_by_list(facts):
        return None
    return Observation(f"It came through the list {facts.message.traits.list_id[:80] or 'server'}.")


@rule(question=Question.ORIGIN, group="list")
def list_wrote_its_own_address(facts: Facts) -> Observation | None:
    """A mailing list sent it under its own address, in a member's name."""
    if not rewritten_by_list(facts):
        return None
    return Observation(f"The list {facts.message.author.address} put its own address into From.")


@rule(question=Question.ORIGIN, group="internal")
def never_left_the_house(facts: Facts) -> Observation | None:
    """It never left the receiver's own mail system."""
    if facts.judged.passage is not Passage.INTERNAL:
        return None
    return Observation("All servers that handled it are the receiver's own.")


@rule(question=Question.ORIGIN, group="thread")
def answers_a_known_mail(facts: Facts) -> Observation | None:
    """It answers an earlier mail, as its references show."""
    if not facts.message.references and not facts.message.in_reply_to:
        return None
    return Observation("It carries the references of a conversation.")


@rule(question=Question.ORIGIN, group="local-hop")
def handed_over_by_a_nameless_machine(facts: Facts) -> Observation | None:
    """The sending server has no name, or calls itself something that can't be one."""
    hop = facts.judged.hop
    if hop is None or hop.zone is Zone.OUTSIDE or handed_on(facts) or facts.author.cls is DomainClass.OURS:
        return None
    server = facts.server()
    if server.network.kind is not IpKind.PUBLIC or (hop.host and hop.host != "unknown") or "." in hop.helo:
        return None
    return Observation(f"The server {server.ip} has no name (it says “{hop.helo[:60]}”).")


def _bears_another_name(facts: Facts) -> Observation:
    """A check passed, so it isn't called a stranger's: many rent their server. The stamp may be forged, though."""
    return Observation(f"{_capital(in_words(facts))} bears no name of {_author(facts)}.", strength=0.5)


def _author(facts: Facts) -> str:
    return facts.author.organisational or facts.message.author.domain or "the sender"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:] if sentence.startswith("the ") else sentence


def _trusted(facts: Facts) -> float:
    """What a server says of its own users counts in full only where it is the author's: a forger's says anything."""
    own = facts.server_relation in (Relation.SAME_DOMAIN, Relation.ITS_PROVIDER)
    return 1.0 if own or vouched(facts) or facts.judged.passage is Passage.INTERNAL else 0.5
