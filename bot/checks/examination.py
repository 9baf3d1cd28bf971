"""A mail and what can be asked about it, in; facts, out. The only stage that waits for the network."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.checks import comparison, history, origin, then_and_now
from bot.checks.claims import claims
from bot.checks.domains import classify, organisational
from bot.checks.language import language
from bot.checks.links import judge_links
from bot.checks.lookalike import known_domains, lookalikes
from bot.checks.mailers import id_domain, mailer_family
from bot.checks.names import organisation_like
from bot.checks.passage import judge
from bot.checks.simulation import ours
from bot.checks.twins import without_namesakes
from bot.checks.wants import wants
from bot.errors import NotChecked
from bot.handbook.forwarders import Forwarders
from bot.handbook.linklists import LinkLists
from bot.handbook.lists import Lists
from bot.handbook.phrases import PhraseBook
from bot.handbook.servers import Servers
from bot.model import DomainFacts, Facts, Judged, Message, Precedent, Told, Trust
from bot.ports import Atlas, Casebook, Clock, Directory, Resolver

if TYPE_CHECKING:
    from bot.checks.network import LookUps

MAX_DOMAINS = 20
"""Other domains of a mail that are classified."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """What a check looks with: lists, and ports; without a resolver nothing is asked of the network."""

    lists: Lists
    phrases: PhraseBook
    servers: Servers
    forwarders: Forwarders
    link_lists: LinkLists
    trust: Trust
    atlas: Atlas
    directory: Directory
    clock: Clock
    casebook: Casebook | None = None
    resolver: Resolver | None = None
    deadline_s: float = 2.0
    """Seconds that all look-ups of one mail may take together."""
    reveal_local_part: bool = False
    """Whether the local part of MAIL FROM may be sent to the sender's DNS, where its SPF record asks for it."""


async def examine(
    message: Message, told: Told, instruments: Instruments, *, known_good: Message | None = None
) -> Facts:
    """Everything that can be known of a mail; what can't be is unknown in its fact, with the cause.

    Raises nothing for any mail; it ends within `deadline_s` and the time that reading takes.
    """
    judged = judge(message, instruments.trust, instruments.forwarders)
    author = _classify(_author_domain(message, judged), instruments)
    look_ups = _start(message, judged, author, instruments)
    waiting = look_ups is not None and not await look_ups.set_off()
    try:
        facts = await _known_here(message, told, judged, author, instruments, known_good, waiting=waiting)
        whole = facts if look_ups is None else await _with_network(facts, look_ups, instruments.deadline_s)
        return without_namesakes(whole)
    finally:
        if look_ups is not None:
            look_ups.cancel()


def _author_domain(message: Message, judged: Judged) -> str:
    """The domain that is judged: From's; without any address the envelope's, or the server's (DESIGN.md, 1)."""
    if message.author.address:
        return message.author.domain
    envelope = (message.return_path or "").rpartition("@")[2].lower()
    hop = judged.hop
    return envelope or (organisational((hop.host or hop.helo).lower()) if hop is not None else "")


async def _known_here(
    message: Message,
    told: Told,
    judged: Judged,
    author: DomainFacts,
    tools: Instruments,
    known_good: Message | None,
    *,
    waiting: bool,
) -> Facts:
    """What needs no network: the mail itself and the lists, then the casebook."""
    if waiting:
        # In a thread, so that answers are read and the next questions asked meanwhile.
        facts = await asyncio.to_thread(_read_off, message, told, judged, author, tools, known_good)
    else:
        facts = _read_off(message, told, judged, author, tools, known_good)
    usual, earlier = await history.known(message, author, tools.casebook)
    return replace(
        facts,
        usual=usual,
        earlier=earlier,
        precedents=await _precedents(message, tools.casebook),
    )


def _read_off(
    message: Message,
    told: Told,
    judged: Judged,
    author: DomainFacts,
    tools: Instruments,
    known_good: Message | None,
) -> Facts:
    lists, trust = tools.lists, tools.trust
    known = known_domains(lists, trust, tools.directory)
    facts = Facts(
        message=message,
        told=told,
        author=author,
        judged=judged,
        claims=claims(message, told, lists, tools.directory, trust),
        lookalikes=lookalikes(message, known),
        domains=tuple(_classify(domain, tools) for domain in _other_domains(message)),
        phrases=wants(message, tools.phrases),
        links=judge_links(message, author.organisational, lists, tools.link_lists, known),
        language=language(message.text),
        services=_services(message, tools.servers),
        mailer_family=mailer_family(message.mailer),
        id_domain=id_domain(message.message_id),
        name_is_organisation=organisation_like(message.author.name, lists) >= 0.3,
        our_simulation=ours(message, judged, lists, trust.our_relays),
        our_service=origin.our_service(author, judged, trust.sending_services),
        comparison=() if known_good is None else comparison.compare(known_good, message, tools.atlas),
        server_relation=origin.relate(author, judged, tools.servers, lists.platform),
        server=origin.server_of(judged, tools.atlas),
        client=origin.client_network(message, judged, tools.atlas),
    )
    return _with_then_and_now(facts)


def _start(message: Message, judged: Judged, author: DomainFacts, tools: Instruments) -> "LookUps | None":
    if tools.resolver is None:
        return None
    # Loaded here: pyspf, dkimpy and DNS cost a tenth of a second, and offline nobody needs them.
    from bot.checks.network import LookUps, Subject

    subject = Subject(message, judged, author, origin.server_of(judged, tools.atlas))
    return LookUps(subject, tools.resolver, reveal_local_part=tools.reveal_local_part)


async def _with_network(facts: Facts, look_ups: "LookUps", deadline_s: float) -> Facts:
    found = await look_ups.finish(deadline_s)
    return _with_then_and_now(
        replace(
            facts,
            spf_now=found.spf,
            dkim_now=found.dkim,
            dmarc_now=found.dmarc,
            arc_now=found.arc,
            relation=found.relation,
            domain_exists=found.exists,
        )
    )


def _with_then_and_now(facts: Facts) -> Facts:
    both = then_and_now.compare(
        facts.judged, spf=facts.spf_now, dkim=facts.dkim_now, dmarc=facts.dmarc_now, arc=facts.arc_now
    )
    return replace(facts, then_and_now=both)


def _classify(domain: str, tools: Instruments) -> DomainFacts:
    return classify(domain, tools.lists, tools.trust, tools.directory)


def _other_domains(message: Message) -> tuple[str, ...]:
    """Reply-To, Sender, Return-Path and signatures; each once, the author's aside."""
    found = dict.fromkeys(domain.lower() for domain in _mentioned(message) if domain)
    found.pop(message.author.domain, None)
    return tuple(found)[:MAX_DOMAINS]


def _mentioned(message: Message) -> Iterator[str]:
    yield from (box.domain for box in message.senders)
    yield from (box.domain for box in message.reply_to)
    if message.sender is not None:
        yield message.sender.domain
    yield (message.return_path or "").rpartition("@")[2]
    yield from (signature.domain for signature in message.signatures)


def _services(message: Message, servers: Servers) -> tuple[str, ...]:
    boxes = [box.domain for box in message.reply_to] + [(message.return_path or "").rpartition("@")[2].lower()]
    return tuple(domain for domain in dict.fromkeys(boxes) if domain and servers.service(domain) is not None)


async def _precedents(message: Message, casebook: Casebook | None) -> tuple[Precedent, ...]:
    if casebook is None:
        return ()
    try:
        return await casebook.precedents(message)
    except NotChecked:
        return ()  # the store is away: the sender's history, from the same store, says so
