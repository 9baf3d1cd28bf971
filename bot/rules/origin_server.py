"""origin, by the server, the chain, today's DNS, history and what people say.

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
from bot.rules.reading import handed_on, is_authors, rewritten_by_list, signed_in_as, some, vouched, within
from bot.ruling import Observation, rule

ENOUGH_MAILS = 3.0
"""Decayed mails that history needs before an unusual value says anything."""


@rule(question=Question.ORIGIN, group="server")
def server_is_the_domains_own(facts: Facts) -> Observation | None:
    """The sending server carries the name of the sender's domain."""
    if facts.server_relation is not Relation.SAME_DOMAIN:
        return None
    return Observation(f"It was handed over by {_server(facts)}, a server named in {facts.author.organisational}.")


@rule(question=Question.ORIGIN, group="server")
def server_is_its_providers(facts: Facts) -> Observation | None:
    """The sending server is one of the mail provider that the address belongs to."""
    if facts.server_relation is not Relation.ITS_PROVIDER:
        return None
    return Observation(f"{_capital(_server(facts))} is a server of the provider that {facts.author.domain} uses.")


@rule(question=Question.ORIGIN, group="server")
def server_is_a_rented_machine(facts: Facts) -> Observation | None:
    """The sending server is a rented machine without a name of the sender's."""
    if facts.server_relation is not Relation.GENERIC_HOSTING or handed_on(facts) or vouched(facts):
        return None
    return Observation(f"{_capital(_server(facts))} is a rented machine, not a mail server of {_author(facts)}.")


@rule(question=Question.ORIGIN, group="server")
def server_is_a_strangers(facts: Facts) -> Observation | None:
    """The sending server has nothing to do with the sender's domain."""
    if facts.server_relation is not Relation.UNRELATED or handed_on(facts) or vouched(facts):
        return None
    if facts.judged.passage is Passage.INTERNAL or rewritten_by_list(facts):
        return None
    return Observation(f"{_capital(_server(facts))} has nothing to do with {_author(facts)}.")


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
    return Observation(f"The server wrote that {account} signed in to send it.", strength=1.0 if same else 0.7)


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
    hop = facts.judged.hop
    later = [h for h in facts.message.hops if hop is not None and h.index > hop.index]
    signed = next((h for h in later if h.protocol.upper().endswith("A") or h.authenticated), None)
    if signed is None:
        return None
    written_by_author = is_authors(facts, signed.by) and signed.zone is not Zone.OUTSIDE
    if not written_by_author and facts.server_relation is not Relation.SAME_DOMAIN:
        return None  # anybody can put such a line below the border
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
    """A mailing list took it in, as lists do from their members."""
    if facts.judged.passage is not Passage.LIST or rewritten_by_list(facts):
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


@rule(question=Question.ORIGIN, group="usual-server")
def sent_by_a_usual_server(facts: Facts) -> Observation | None:
    """It came from a server that this sender's genuine mail comes from."""
    usual, server = facts.usual(), facts.server()
    known = next((name for name, _ in usual.servers if within(server.host, name)), None)
    network = server.network.organisation
    if known is None and not (network and network in {name for name, _ in usual.networks}):
        return None
    return Observation(f"Earlier genuine mail of {usual.subject} came from {known or network} too.")


@rule(question=Question.ORIGIN, group="usual-server")
def sent_by_an_unusual_server(facts: Facts) -> Observation | None:
    """It came from a server that this sender's genuine mail never came from."""
    usual, server = facts.usual(), facts.server()
    if usual.mails < ENOUGH_MAILS or not usual.servers:
        return None
    if any(within(server.host, name) for name, _ in usual.servers):
        return None
    if server.network.organisation and server.network.organisation in {name for name, _ in usual.networks}:
        return None
    names = ", ".join(name for name, _ in usual.servers[:2])
    return Observation(f"{usual.subject} usually sends through {names}; this came from {_server(facts)}.")


@rule(question=Question.ORIGIN, group="usual-country")
def server_in_an_unusual_country(facts: Facts) -> Observation | None:
    """The sending server stands in a country that this sender's mail never came from."""
    usual, server = facts.usual(), facts.server()
    countries = {name for name, _ in usual.countries}
    country = server.network.country
    if usual.mails < ENOUGH_MAILS or not country or not countries or country in countries:
        return None
    return Observation(f"The server stands in {country}; {usual.subject} usually sends from {some(countries)}.")


@rule(question=Question.ORIGIN, group="usual-signature")
def lacks_the_usual_signature(facts: Facts) -> Observation | None:
    """This sender's genuine mail is signed; this one isn't signed by any of the usual domains."""
    usual = facts.usual()
    signed = {signature.domain for signature in facts.message.signatures}
    names = [name for name, _ in usual.dkim_domains]
    if usual.mails < ENOUGH_MAILS or not names or signed & set(names) or not facts.message.headers:
        return None
    return Observation(f"Genuine mail of {usual.subject} is signed by {names[0]}; this one isn't.")


@rule(question=Question.ORIGIN, group="habits")
def unlike_the_known_good_mail(facts: Facts) -> Observation | None:
    """It differs from the genuine mail that it was set beside."""
    told = [point for point in facts.comparison if point.same is not None]
    differing = [point for point in told if point.same is False]
    if len(told) < 3 or len(differing) * 2 < len(told):
        return None
    first = differing[0]
    return Observation(
        f"{len(differing)} of {len(told)} points differ, such as {first.point}: "
        f"{first.good[:60]} there, {first.this[:60]} here.",
        strength=len(differing) / len(told),
    )


@rule(question=Question.ORIGIN, group="habits")
def like_the_known_good_mail(facts: Facts) -> Observation | None:
    """It agrees with the genuine mail that it was set beside."""
    told = [point for point in facts.comparison if point.same is not None]
    same = [point for point in told if point.same]
    if len(told) < 3 or len(same) * 4 < len(told) * 3:
        return None
    return Observation(f"{len(same)} of {len(told)} points are the same.", strength=len(same) / len(told))


@rule(question=Question.ORIGIN, group="habits")
def unusual_time_zone(facts: Facts) -> Observation | None:
    """Its clock is set to a time zone that this sender never used."""
    usual = facts.usual()
    date = facts.message.date
    known = {name for name, _ in usual.offsets}
    if date is None or usual.mails < ENOUGH_MAILS or not known:
        return None
    offset = date.strftime("%z")
    return None if offset in known else Observation(f"Date says {offset}; {usual.subject} uses {some(known)}.")


@rule(question=Question.ORIGIN, group="sent-items")
def found_in_sent_items(facts: Facts) -> Observation | None:
    """The sender's Sent Items hold the mail."""
    return Observation("The mail lies in the sender's Sent Items.") if facts.told.in_sent_items else None


@rule(question=Question.ORIGIN, group="sent-items")
def not_in_sent_items(facts: Facts) -> Observation | None:
    """The sender's Sent Items don't hold it, which says little: intruders delete."""
    if facts.told.in_sent_items is not False:
        return None
    return Observation("The mail isn't in the sender's Sent Items; an intruder may have deleted it.")


@rule(question=Question.ORIGIN, group="bounces")
def bounces_of_mail_never_sent(facts: Facts) -> Observation | None:
    """Bounces come back for mail that the owner never sent."""
    return Observation("Bounces arrive for mail that the owner never sent.") if facts.told.bounces else None


@rule(question=Question.ORIGIN, group="others")
def own_contacts_got_it(facts: Facts) -> Observation | None:
    """People whom the owner knows got it at the same time."""
    return Observation("Others who know the sender got it too.") if facts.told.others_got_it else None


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


def _server(facts: Facts) -> str:
    """The sending server in words; a name that is only its own word (HELO) is said to be that."""
    server, hop = facts.server.maybe(), facts.judged.hop
    if server is None:
        return "the server"
    country = f", {server.network.country}" if server.network.country else ""
    if hop is not None and hop.host not in ("", "unknown"):
        return f"{hop.host[:100]} ({server.ip}{country})"
    named = f", which calls itself {server.helo[:100]}" if server.helo else ""
    return f"the server {server.ip}{country}{named}"


def _author(facts: Facts) -> str:
    return facts.author.organisational or facts.message.author.domain or "the sender"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:] if sentence.startswith("the ") else sentence
